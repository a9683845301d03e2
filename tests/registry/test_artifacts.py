"""What a module needs must come from somewhere, and waiting must end."""

from __future__ import annotations

import re

from checking import problems
from hypothesis import given
from hypothesis import strategies as st

from service.problems import Problem
from service.registry.artifacts import by_artifact, knots
from service.registry.reach import Reach

#: slug -> needs, produces, and whether it is coming soon.
Modules = dict[str, tuple[list[str], list[str], bool]]


def registry(modules: Modules) -> str:
    lines = ["modules:"]
    for slug, (needs, produces, soon) in modules.items():
        state = "coming_soon: true" if soon else f"api_endpoint: /api/{slug}"
        lines += [
            f"  - {{slug: {slug}, category: tools, label: {{fr: F, en: E}}, {state},",
            f"     needs: [{', '.join(needs)}], produces: [{', '.join(produces)}]}}",
        ]
    return "\n".join(lines if modules else ["modules: []"])


def found(modules: Modules) -> list[Problem]:
    return problems(registry(modules))


#: What is said of an artifact whose producers all need it: nobody begins with it.
PASSED_ON = " themselves"

ARTIFACTS = st.lists(st.sampled_from("abcde"), max_size=3, unique=True)


@st.composite
def several(draw: st.DrawFn) -> Modules:
    slugs = [f"m{number}" for number in range(draw(st.integers(0, 7)))]
    return {slug: (draw(ARTIFACTS), draw(ARTIFACTS), draw(st.integers(0, 5)) == 0) for slug in slugs}


def reached(modules: Modules) -> set[str]:
    """From modules that need nothing, by definition: whatever needs only what those before it produce."""
    done: set[str] = set()
    while True:
        have = {artifact for slug in done for artifact in modules[slug][1]}
        more = {slug for slug, (needs, _, soon) in modules.items() if not soon and set(needs) <= have} - done
        if not more:
            return done
        done |= more


def unmet(modules: Modules) -> set[str]:
    made = {artifact for _, produces, soon in modules.values() if not soon for artifact in produces}
    return {artifact for needs, _, _ in modules.values() for artifact in needs} - made


@given(several())
def test_each_artifact_that_is_missing_is_named_once_and_nobody_who_is_reached_is_in_a_knot(modules: Modules) -> None:
    problems = found(modules)
    running = {slug for slug, (_, _, soon) in modules.items() if not soon}
    assert bool(problems) == bool(unmet(modules) or reached(modules) != running)
    passed_on = [problem for problem in problems if PASSED_ON in problem.message]
    missing = [each for each in problems if each.rule == "artifact-missing" and each not in passed_on]
    named = [re.findall(r'"(\w)"', problem.message) for problem in missing]
    assert sorted(artifact for artifacts in named for artifact in artifacts) == sorted(unmet(modules))
    soon = [set(produces) for _, produces, coming_soon in modules.values() if coming_soon]
    for problem, artifacts in zip(missing, named, strict=True):
        assert len(artifacts) == 1 or any(set(artifacts) <= produces for produces in soon), "of one that is coming soon"
        _, _, module, _, position = problem.pointer.split("/")
        assert list(modules.values())[int(module)][0][int(position)] == artifacts[0]
    for problem in problems:
        if problem.rule == "waiting-knot":
            members = problem.message.partition(" wait for")[0].replace(" and ", ", ").split(", ")
            assert len(members) > 1 and not set(members) & reached(modules)
    for problem in passed_on:
        for artifact in re.findall(r'"(\w)"', problem.message):
            makers = [needs for needs, produces, soon in modules.values() if artifact in produces and not soon]
            assert len(makers) > 1 and all(artifact in needs for needs in makers)


def test_one_module_that_is_not_there_yet_is_one_problem() -> None:
    modules: Modules = {"soon": ([], ["a", "b"], True), "x": (["a"], [], False), "y": (["b"], [], False)}
    (problem,) = found(modules)
    assert problem.message == 'x and y: need "a" and "b", which only soon produces, and that is coming soon'


def test_a_knot_is_one_problem_that_names_every_member_and_what_each_waits_for() -> None:
    (problem,) = found(
        {"one": (["a"], ["b"], False), "two": (["b"], ["c"], False), "three": (["c"], ["a"], False)},
    )
    assert problem.rule == "waiting-knot"
    assert problem.message == "one, two and three wait for each other: one needs a; two needs b; three needs c"


#: Modules that wait for each other.
ONE_AND_TWO: Modules = {"one": (["a"], ["b"], False), "two": (["b"], ["a"], False)}


def test_two_knots_are_two_problems_and_what_waits_for_them_is_not_reported() -> None:
    knots: Modules = ONE_AND_TWO | {
        "red": (["x"], ["y"], False),
        "blue": (["y"], ["x"], False),
        "after": (["a", "x"], ["z"], False),
        "later": (["z"], [], False),
    }
    assert [p.message.partition(" wait")[0] for p in found(knots)] == ["one and two", "red and blue"]


def test_a_knot_behind_a_knot_is_a_problem_of_its_own() -> None:
    modules: Modules = {"late_a": (["p", "a"], ["q"], False), "late_b": (["q"], ["p"], False), **ONE_AND_TWO}
    assert [p.message.partition(" wait")[0] for p in found(modules)] == ["late_a and late_b", "one and two"]


def test_a_module_may_consume_what_it_produces_if_another_produces_it() -> None:
    assert found({"scrap": ([], ["a"], False), "filter": (["a"], ["a"], False)}) == []
    (problem,) = found({"filter": (["a"], ["a"], False)})
    assert problem.message == 'filter: needs "a", which only filter itself produces'
    (problem,) = found({"filter": (["a"], ["a"], False), "scrap": ([], ["a"], True)})
    assert problem.message == 'filter: needs "a", which only filter itself produces, and scrap, which is coming soon'
    assert problem.hint == "let a module that is not coming soon produce it, or remove it from needs"


def test_once_the_only_producers_are_gone_that_is_the_problem_and_not_who_waits_for_whom() -> None:
    modules: Modules = {"emails": (["a"], [], False)} | {slug: (["a"], ["a"], False) for slug in ("filter", "sort")}
    (problem,) = found(modules)
    assert (problem.rule, problem.pointer) == ("artifact-missing", "/modules/0/needs/0")
    assert problem.text == (
        'emails, filter and sort: need "a", which only filter and sort produce, and they need it themselves; '
        "let a module that does not need it produce it"
    )
    (problem,) = found(modules | {"later": ([], ["a"], True)})
    assert problem.hint == "let a module that does not need it produce it: later is coming soon"
    passing: Modules = {slug: (["leads"], ["leads"], False) for slug in ("filter", "sort")}
    (problem,) = found(passing | {"scrap": ([], ["leeds"], False)})
    assert problem.hint == "let a module that does not need it produce it: scrap produces leeds, which nobody needs"


def test_a_message_has_at_most_two_thousand_characters() -> None:
    names = [[f"a{module}{'x' * 60}{number}" for number in range(10)] for module in range(10)]
    modules: Modules = {f"m{'y' * 60}{n}": (names[n], names[(n + 1) % 10], False) for n in range(10)}
    (problem,) = found(modules)
    assert problem.rule == "waiting-knot"
    assert len(problem.message) == 2_000


def test_a_coming_soon_module_needs_something_that_exists_but_is_in_no_knot() -> None:
    assert found({"scrap": ([], ["a"], False), "later": (["a", "b"], ["b"], True)})[0].rule == "artifact-missing"
    assert found({"scrap": ([], ["a", "b"], False), "later": (["a", "b"], ["b"], True)}) == []


def test_what_a_lost_list_of_modules_would_produce_is_not_called_missing() -> None:
    lost = registry({"x": (["leads"], [], False)}) + "\n" + registry({"scrap": ([], ["leads"], False)})
    assert [problem.rule for problem in problems(lost)] == ["duplicate-key"]


def test_all_who_need_a_missing_artifact_are_named_in_one_problem() -> None:
    (problem,) = found({"scrap": ([], ["leads"], False), "x": (["lead"], [], False), "y": (["lead"], [], False)})
    assert problem.message == 'x and y: need "lead", which no module produces'
    assert problem.hint == "scrap produces leads, which nobody needs: write lead there, or leads here"


def test_producers_and_knots_are_found_without_a_file() -> None:
    needs = {1: ["a"], 2: ["b"], 3: ["a"], 4: []}
    produces: dict[int, set[str]] = {1: {"b"}, 2: {"a"}, 3: {"c"}, 4: {"c"}}
    assert by_artifact(produces) == {"a": [2], "b": [1], "c": [3, 4]}
    assert list(knots(needs, produces)) == [{1: {"a"}, 2: {"b"}}], "3 only waits for the knot, 4 waits for nothing"


def test_a_walk_goes_on_by_what_is_given_and_says_what_is_lacking() -> None:
    walk = Reach(
        {"emails": ["leads"], "verify": ["emails", "rules"], "scrap": []},
        {"emails": ["emails"], "verify": [], "scrap": ["leads"]},
    )
    walk.start()
    assert (walk.turn, walk.there) == ({"scrap": 0, "emails": 1}, {"leads": 0, "emails": 1})
    assert walk.waits["verify"] == {"rules"}
    walk.give(["rules"])
    assert walk.turn["verify"] > walk.turn["emails"]
