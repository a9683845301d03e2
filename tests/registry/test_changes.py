"""What an edit of the registry changes, and which of it breaks clients."""

import json
from dataclasses import fields
from itertools import permutations, product
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import table

from service.registry.changes import FIELDS, Changes, compare
from service.registry.model import STATE_FLAGS, Deprecation, Label, Module, Registry, Removed

TABLE = table(__file__, "changes.yaml")


def module(slug: str, **fields: Any) -> Module:
    return Module(slug=slug, category="tools", label=Label(slug, slug), **fields)


def test_every_field_of_a_module_is_compared() -> None:
    compared = {name.split(".")[0] for name in FIELDS} | {"slug", "bucket", *STATE_FLAGS}
    assert compared == {field.name for field in fields(Module)} | {"bucket", "removed"}
    for kind, known in ((Deprecation, "deprecated."), (Removed, "removed.")):
        named = {name.split(".")[1] for name in FIELDS if name.startswith(known)}
        assert named == {field.name for field in fields(kind)} - {"slug"}


def registry(parts: dict[str, Any]) -> Registry:
    """A registry of the table."""
    modules = [
        {"category": "tools"} | {"label": {"fr": entry["slug"], "en": entry["slug"]}} | entry
        for entry in parts.get("modules", [])
    ]
    return Registry.from_document({**parts, "modules": modules})


#: What follows from the rest, and is tested apart.
FOLLOWING = ("breaking", "given_up", "links", "loss")


def said_of(changes: Changes) -> dict[str, Any]:
    """All that changes, but for what does not: modules by their slugs, as the table has it."""
    said = {each.name: getattr(changes, each.name) for each in fields(Changes) if each.name not in FOLLOWING}
    return json.loads(json.dumps({name: value for name, value in said.items() if value}, default=attrgetter("slug")))


@pytest.mark.parametrize("behaviour", [name for name in TABLE if name != "names"])
def test_what_an_edit_changes_and_what_of_it_breaks_clients(behaviour: str) -> None:
    for row in TABLE[behaviour]:
        changes = compare(registry(row["base"]), registry(row["head"]), row.get("today", ""))
        breaking = [[*each] if each.endpoint else [*each[:-1]] for each in changes.breaking]
        assert breaking == row.get("breaks", breaking), row
        assert said_of(changes) == row.get("changes", said_of(changes)), row
        assert bool(changes) is bool(said_of(changes))


STATES = ({}, {"coming_soon": True}, {"is_on_demand": True}, {"alpha_unavailable": True}, {"is_meta": True})
SLUGS = [f"slug_{number}" for number in range(8)]
PARTS = st.fixed_dictionaries(
    {
        "state": st.sampled_from(STATES),
        "path": st.sampled_from([None, "/api/{}", "/api/other/{}"]),
        "needs": st.lists(st.sampled_from(["leads", "emails"]), unique=True),
        "multi_proxy": st.booleans(),
        "former": st.integers(0, 2),
    }
)


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    """Small ones over few slugs, so that two of them have much in common."""
    slugs = draw(st.lists(st.sampled_from(SLUGS), unique=True))
    modules, free = [], sorted({*SLUGS} - {*slugs})
    for slug in slugs:
        part = draw(PARTS)
        former, free = tuple(free[: part["former"]]), free[part["former"] :]
        fields = part["state"] | {"needs": tuple(part["needs"]), "multi_proxy": part["multi_proxy"], "formerly": former}
        modules.append(module(slug, api_endpoint=part["path"] and part["path"].format(slug), **fields))
    return Registry(tuple(modules), tuple(draw(st.lists(st.sampled_from(free or ["legacy"]), unique=True))))


@given(registries(), registries())
def test_every_slug_that_comes_or_goes_is_named_once_and_every_endpoint_that_goes(
    base: Registry, head: Registry
) -> None:
    assert compare(base, base) == Changes()
    changes = compare(base, head)
    assert bool(changes) is bool(said_of(changes))
    gone = [removed.slug for removed in changes.removed] + [rename.old for rename in changes.renamed]
    new = [added.slug for added in changes.added] + [rename.new for rename in changes.renamed if not rename.joins]
    assert sorted(gone) == sorted(base.by_slug.keys() - head.by_slug.keys())
    assert sorted(new) == sorted(head.by_slug.keys() - base.by_slug.keys())
    assert sorted(each.slug for each in changes.breaking if each.kind.startswith("slug")) == sorted(gone)
    lost = {leaving.feature for leaving in changes.leaving} | (head.feature_renames.keys() & {*base.allowed_features})
    assert lost == {*base.allowed_features} - {*head.allowed_features}
    endpoints = {each.api_endpoint for each in base.modules} - {each.api_endpoint for each in head.modules} - {None}
    assert endpoints <= {change.before for change in changes.breaking} | {each.endpoint for each in changes.breaking}


#: What a slug is in a registry: that of a module, of one that is due to go, or of one that is gone, a former one of the
#: module with some slug, if there is one, or nothing.
NAMED = st.sampled_from(["a module", "due", "due", "gone", "nothing", *SLUGS[:2]])
DUE = Deprecation("2026-01-01", "2026-02-01", None, Label("F", "E"))


def registry_of(parts: dict[str, str]) -> Registry:
    modules = [
        module(slug, formerly=tuple(old for old, new in parts.items() if new == slug), deprecated=due)
        for slug, part in parts.items()
        for due in {"a module": [None], "due": [DUE]}.get(part, [])
    ]
    gone = tuple(Removed(slug, "2026-03-01", None, Label("F", "E")) for slug, part in parts.items() if part == "gone")
    return Registry(tuple(modules), removed=gone)


@settings(max_examples=300)
@given(st.tuples(*[NAMED] * len(SLUGS)), st.dictionaries(st.sampled_from(SLUGS[:4]), NAMED, max_size=2))
@example(("due", "slug_0", *["nothing"] * 6), {"slug_0": "gone", "slug_1": "nothing"})
def test_an_edit_after_which_a_name_is_not_served_breaks_clients(named: tuple[str, ...], edits: dict[str, str]) -> None:
    """By a rename none is lost. So whatever is edited without that, every name that was ever served is."""
    parts = dict(zip(SLUGS, named, strict=True))
    base, head = registry_of(parts), registry_of(parts | edits)
    before, after = ({*each.by_slug, *each.renames, *each.tombstones} for each in (base, head))
    breaking = {each.kind for each in compare(base, head, "2026-03-01").breaking}
    assert before <= after or breaking - {"slug-renamed", "slug-merged"}


NAMES = st.lists(st.sampled_from(["leads", "emails"]), unique=True).map(tuple)
GRAPH = st.fixed_dictionaries({"needs": NAMES, "produces": NAMES, "coming_soon": st.booleans()})
GRAPHS = st.dictionaries(st.sampled_from("abcd"), GRAPH).map(
    lambda parts: Registry(tuple(module(slug, **part) for slug, part in parts.items()))
)


def pairs(registry: Registry) -> set[tuple[str, str, str]]:
    """Each module that feeds another, with what."""
    running = [each for each in registry.modules if not each.coming_soon]
    both = permutations(running, 2)
    return {(one.slug, name, other.slug) for one, other in both for name in {*one.produces} & {*other.needs}}


@given(GRAPHS, GRAPHS)
@example(Registry(()), Registry((module("a", needs=("leads",), produces=("leads",)),)))
def test_the_links_of_both_registries_that_differ_are_said_once(before: Registry, after: Registry) -> None:
    links = compare(before, after).links
    for is_gained, expected in ((False, pairs(before) - pairs(after)), (True, pairs(after) - pairs(before))):
        chosen = [each for each in links if each.is_gained is is_gained]
        said = [(*pair, each.artifact) for each in chosen for pair in product(each.producers, each.consumers)]
        assert len(said) == len({*said})
        assert {(one, name, other) for one, other, name in said if one != other} == expected
    assert all({*each.producers} != {*each.consumers} or len(each.producers) > 1 for each in links), (
        "feeds itself alone"
    )


def test_links_of_a_module_with_a_new_slug_are_the_same() -> None:
    old, new, renamed = (
        Registry((module(slug, produces=("leads",), formerly=formerly), module("b", needs=("leads",))))
        for slug, formerly in (("old", ()), ("new", ()), ("new", ("old",)))
    )
    assert compare(old, renamed).links == ()
    assert [link.is_gained for link in compare(old, new).links] == [False, True]
