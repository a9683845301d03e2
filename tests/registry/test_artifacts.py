"""What a module needs must come from somewhere, and waiting must end."""

import re

import pytest
from checking import problems
from hypothesis import given
from hypothesis import strategies as st
from support import table

from service.problems import Diagnostic

TABLE = table(__file__, "artifacts.yaml")

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


def told(modules: Modules) -> list[Diagnostic]:
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
    problems = told(modules)
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


@pytest.mark.parametrize("case", TABLE)
def test_what_is_said_of_what_is_missing_or_waits(case: str) -> None:
    row = TABLE[case]
    problems = told({slug: (*parts, slug in row.get("soon", ())) for slug, parts in row["modules"].items()})
    for problem, said in zip(problems, row["problems"], strict=True):
        assert {name: getattr(problem, name) for name in said} == said


def test_a_message_has_at_most_two_thousand_characters() -> None:
    names = [[f"a{module}{'x' * 60}{number}" for number in range(10)] for module in range(10)]
    modules: Modules = {f"m{'y' * 60}{n}": (names[n], names[(n + 1) % 10], False) for n in range(10)}
    (problem,) = told(modules)
    assert problem.rule == "waiting-knot"
    assert len(problem.message) == 2_000


def test_what_a_lost_list_of_modules_would_produce_is_not_called_missing() -> None:
    lost = registry({"x": (["leads"], [], False)}) + "\n" + registry({"scrap": ([], ["leads"], False)})
    assert [problem.rule for problem in problems(lost)] == ["duplicate-key"]
