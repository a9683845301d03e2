"""Which modules can run together, and how: held against every order in which a few modules can run at all."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain, combinations, pairwise, permutations
from typing import Any

import pytest
from graphs import REGISTRY
from hypothesis import given
from hypothesis import strategies as st
from support import table

from service.problems import UnknownModules
from service.registry.model import Label, Module, Registry
from service.registry.plan import MOST_MODULES, plan

TABLE = table(__file__, "plan.yaml")


def module(slug: str, needs: Iterable[str] = "", produces: Iterable[str] = "", **fields: Any) -> Module:
    """A module that can be in a pipeline; each letter is an artifact."""
    fields = {"pipelinable": True, "needs": tuple(needs), "produces": tuple(produces), **fields}
    return Module(slug=slug, category="tools", label=Label("F", "E"), **fields)


# By hand


@pytest.mark.parametrize("case", TABLE)
def test_what_can_run_together(case: str) -> None:
    row = dict(TABLE[case])
    modules = [module(slug, *parts[:2], **dict(*parts[2:])) for slug, parts in row.pop("modules", {}).items()]
    registry = Registry(tuple(modules)) if modules else REGISTRY
    planned = asdict(plan(registry, row.pop("named", [each.slug for each in modules])))
    assert json.loads(json.dumps({name: planned[name] for name in row})) == row


def test_of_very_many_modules_only_the_first_unknown_names_are_compared() -> None:
    registry = Registry(tuple(module(f"m{number}") for number in range(4_000)))
    with pytest.raises(UnknownModules) as refused:
        plan(registry, ["M1", "M2", "M3"])
    assert refused.value.suggestions == {"M1": "m1", "M2": "m2", "M3": None}


# Against every order

LETTERS = st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map("".join)


@st.composite
def registries(draw: st.DrawFn) -> tuple[Registry, list[str]]:
    """A few modules that need and produce anything, and some of them."""
    modules = []
    for number in range(draw(st.integers(1, 7))):
        fields = {"pipelinable": draw(st.integers(0, 5)) > 0, "coming_soon": draw(st.integers(0, 5)) == 0}
        modules.append(module(f"m{number}", draw(LETTERS), draw(LETTERS), **fields, multi_proxy=draw(st.booleans())))
    slugs = [each.slug for each in modules]
    return Registry(tuple(modules)), draw(st.lists(st.sampled_from(slugs), min_size=1, max_size=5, unique=True))


def runnable(registry: Registry, slugs: list[str]) -> list[Module]:
    modules = [registry.by_slug[slug] for slug in slugs]
    return [each for each in modules if each.pipelinable and not each.coming_soon]


def lacking(order: tuple[Module, ...]) -> frozenset[str]:
    """What has to come from elsewhere for modules to run in an order."""
    there, missing = set[str](), set[str]()
    for each in order:
        missing |= set(each.needs) - there
        there |= set(each.produces)
    return frozenset(missing)


def feed_each_other(module: Module, other: Module) -> bool:
    return bool(set(module.produces) & set(other.needs) or set(other.produces) & set(module.needs))


def fed_by(modules: list[Module]) -> set[tuple[str, str]]:
    """Each pair of which the first feeds the second, maybe through others."""
    pairs = {(a.slug, b.slug) for a in modules for b in modules if a is not b and set(a.produces) & set(b.needs)}
    while more := {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs:
        pairs |= more
    return pairs


@given(registries())
def test_a_plan_has_what_can_run_as_soon_as_it_can_and_is_the_same_in_whatever_order_it_is_asked_for(
    drawn: tuple[Registry, list[str]],
) -> None:
    registry, slugs = drawn
    planned, modules = plan(registry, slugs), runnable(registry, slugs)
    assert planned == plan(registry, slugs[::-1]) == plan(registry, [*slugs, *slugs])
    assert sorted(planned.order) == sorted(each.slug for each in modules)
    assert {each.slug for each in planned.excluded} == set(slugs) - set(planned.order)
    assert tuple(chain(*planned.parallel)) == planned.order
    assert planned.queued == tuple(slug for slug in planned.order if registry.by_slug[slug].multi_proxy)

    pairs = fed_by(modules)
    for earlier, later in combinations(planned.order, 2):
        too_late = set(registry.by_slug[later].produces) & set(registry.by_slug[earlier].needs)
        assert not too_late or (earlier, later) in pairs, "every producer comes first but in a cycle"
    steps = [[registry.by_slug[slug] for slug in step] for step in planned.parallel]
    for step in steps:
        assert not any(feed_each_other(*pair) for pair in combinations(step, 2))
    for before, step in pairwise(steps):
        assert all(any(feed_each_other(each, other) for other in before) for each in step), "it could be sooner"


@given(registries())
def test_nothing_more_is_missing_than_must_be_and_not_with_a_supplier(drawn: tuple[Registry, list[str]]) -> None:
    """But what the supplier itself needs may be."""
    registry, slugs = drawn
    planned, modules = plan(registry, slugs), runnable(registry, slugs)
    possible = {lacking(order) for order in permutations(modules)}
    missing = frozenset(each.artifact for each in planned.missing)
    assert missing == lacking(tuple(registry.by_slug[slug] for slug in planned.order))
    assert not any(other < missing for other in possible)
    assert (not missing) == (frozenset() in possible)
    for each in planned.missing:
        assert each.needed_by == tuple(m.slug for m in registry.modules if m in modules and each.artifact in m.needs)
        can = {m.slug for m in runnable(registry, list(registry.by_slug)) if each.artifact in m.produces}
        needing = {m.slug for m in registry.modules if each.artifact in m.needs}
        assert set(each.supplied_by) == can - needing - set(slugs)
        for slug in each.supplied_by:
            if not registry.by_slug[slug].needs:
                assert each.artifact not in {still.artifact for still in plan(registry, [*slugs, slug]).missing}


def test_fifty_modules_in_one_cycle_are_planned() -> None:
    """Each needs what the next one produces, and one that is not named starts them."""
    numbers = [(number * 7 + 3) % MOST_MODULES for number in range(MOST_MODULES)]
    ring = [module(f"m{number}", (f"a{number}",), (f"a{(number + 1) % MOST_MODULES}",)) for number in numbers]
    planned = plan(Registry((*ring, module("source", (), ("a30",)))), [each.slug for each in ring])
    assert [(each.artifact, each.supplied_by) for each in planned.missing] == [("a30", ("source",))]
    assert planned.order == tuple(f"m{(30 + number) % MOST_MODULES}" for number in range(MOST_MODULES))
