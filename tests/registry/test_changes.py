"""What an edit of the registry changes, and which of it breaks clients."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import table

from service.registry.changes import FIELDS, Breaking, Changes, Edit, Leaving, Rename, compare
from service.registry.model import STATE_FLAGS, Deprecation, Label, Module, Registry, Removed

BREAKING = table(__file__, "breaking.yaml")


def module(slug: str, **fields: Any) -> Module:
    return Module(slug=slug, category="tools", label=Label(slug, slug), **fields)


SCRAP = module("scrap", api_endpoint="/api/scrap")
EMAILS = module("emails", api_endpoint="/api/emails")
LINKEDIN = module("linkedin", coming_soon=True)


def changed(before: Module, after: Module) -> Changes:
    return compare(Registry((before,)), Registry((after,)))


def test_a_module_that_is_added_breaks_nobody_and_one_that_is_removed_breaks_clients_once() -> None:
    changes = compare(Registry((SCRAP,)), Registry((EMAILS, SCRAP)))
    assert changes == Changes(added=(EMAILS,))
    assert changes.breaking == ()
    changes = compare(Registry((SCRAP, EMAILS)), Registry((EMAILS,)))
    assert changes == Changes(removed=(SCRAP,), edits=(Edit("scrap", "api_endpoint", "/api/scrap", None),))
    assert changes.breaking == (Breaking("slug-removed", "scrap", "scrap", None, "/api/scrap"),)
    changes = changed(SCRAP, module("scraper", api_endpoint="/api/scrap"))
    assert changes.edits == (), "an endpoint that another module takes over has not vanished"
    assert changes.breaking == (Breaking("slug-removed", "scrap", "scrap", "scraper"),), "which it may be by now"


def test_a_former_slug_makes_a_rename_and_the_module_is_compared_with_what_it_was() -> None:
    changes = changed(SCRAP, replace(SCRAP, slug="scraper", formerly=("scrap",)))
    assert changes == Changes(renamed=(Rename("scrap", "scraper"),))
    assert changes.breaking == (Breaking("slug-renamed", "scrap", "scrap", "scraper"),)
    changes = changed(SCRAP, module("scraper", api_endpoint="/api/scraper", formerly=("scrap",)))
    assert changes.edits_of("api_endpoint") == (Edit("scraper", "api_endpoint", "/api/scrap", "/api/scraper"),)
    assert [change.kind for change in changes.breaking] == ["slug-renamed", "endpoint-changed"]


def test_a_module_that_joins_another_is_gone_with_its_endpoint_and_of_two_the_first_goes_on() -> None:
    changes = compare(Registry((SCRAP, EMAILS)), Registry((replace(EMAILS, formerly=("scrap",)),)))
    assert changes.renamed == (Rename("scrap", "emails", joins=True),)
    assert changes.added == changes.removed == ()
    assert changes.breaking == (Breaking("slug-merged", "scrap", "scrap", "emails", "/api/scrap"),)
    both = replace(SCRAP, slug="both", formerly=("scrap", "emails"))
    changes = compare(Registry((SCRAP, EMAILS)), Registry((both,)))
    assert changes.renamed == (Rename("scrap", "both"), Rename("emails", "both", joins=True))
    assert changes.edits == (Edit("emails", "api_endpoint", "/api/emails", None),)


@pytest.mark.parametrize(
    ("fields", "bucket"),
    [
        ({"alpha_unavailable": True}, "alpha_unavailable"),
        ({"is_on_demand": True, "api_endpoint": None}, "on_demand"),
        ({"is_meta": True}, "meta"),
        ({"coming_soon": True, "api_endpoint": None}, "coming_soon"),
    ],
)
def test_a_module_moves_between_buckets(fields: dict[str, Any], bucket: str) -> None:
    there, back = changed(SCRAP, replace(SCRAP, **fields)), changed(replace(SCRAP, **fields), SCRAP)
    assert there.edits_of("bucket") == (Edit("scrap", "bucket", "active", bucket),)
    assert back.edits_of("bucket") == (Edit("scrap", "bucket", bucket, "active"),)
    # A frozen module keeps its endpoint; one that ceases to run loses it.
    assert [change.kind for change in there.breaking] == ["endpoint-vanished"] * ("api_endpoint" in fields)
    assert back.breaking == ()


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("label.fr", "scrap", "Neuf"),
        ("label.en", "scrap", "New"),
        ("feature_page", None, "page"),
        ("category", "tools", "enrich"),
        ("needs", (), ("leads",)),
        ("produces", (), ("leads",)),
        ("pipelinable", False, True),
        ("multi_proxy", False, True),
        ("formerly", (), ("old",)),
        ("keywords", (), ("maps",)),
        ("documentation", None, "/docs/scrap"),
        ("owner", None, "team-sources"),
        ("stage", None, "planned"),
    ],
)
def test_a_field_of_a_module_changes(field: str, before: object, after: Any) -> None:
    name, _, language = field.partition(".")
    changes = changed(SCRAP, replace(SCRAP, **{name: replace(SCRAP.label, **{language: after}) if language else after}))
    assert changes == Changes(edits=(Edit("scrap", field, before, after),))
    assert changes.breaking == ()


def test_a_description_is_compared_language_by_language() -> None:
    described = replace(SCRAP, description=Label("Récupère", "Collects"))
    edits = [Edit("scrap", "description.fr", None, "Récupère"), Edit("scrap", "description.en", None, "Collects")]
    assert [*changed(SCRAP, described).edits] == edits
    other = changed(described, replace(described, description=Label("Récupère", "Finds")))
    assert other == Changes(edits=(Edit("scrap", "description.en", "Collects", "Finds"),))
    assert changed(described, SCRAP).breaking == ()


def test_every_field_of_a_module_is_compared() -> None:
    compared = {name.split(".")[0] for name in FIELDS} | {"slug", "bucket", *STATE_FLAGS}
    assert compared == {field.name for field in fields(Module)} | {"bucket", "removed"}
    for kind, known in ((Deprecation, "deprecated."), (Removed, "removed.")):
        named = {name.split(".")[1] for name in FIELDS if name.startswith(known)}
        assert named == {field.name for field in fields(kind)} - {"slug"}


def test_the_end_of_a_module_is_compared_part_by_part() -> None:
    end = Deprecation("2026-03-01", "2026-09-01", None, Label("Parce que", "Because"))
    old = replace(SCRAP, deprecated=end)
    assert [(edit.field, edit.before, edit.after) for edit in changed(SCRAP, old).edits] == [
        ("deprecated.since", None, "2026-03-01"),
        ("deprecated.removed_after", None, "2026-09-01"),
        ("deprecated.because.fr", None, "Parce que"),
        ("deprecated.because.en", None, "Because"),
    ]
    later = replace(old, deprecated=replace(end, removed_after="2026-12-01", use="emails"))
    assert changed(old, later).edits == (
        Edit("scrap", "deprecated.removed_after", "2026-09-01", "2026-12-01"),
        Edit("scrap", "deprecated.use", None, "emails"),
    )
    assert changed(old, later).breaking == ()


def test_tombstones_are_compared_by_their_slugs() -> None:
    maps = Removed("maps", "2026-03-01", None, Label("F", "E"))
    towns = replace(maps, slug="towns")
    assert compare(Registry(()), Registry((), removed=(maps,))) == Changes(tombstones=(maps,))
    assert compare(Registry((), removed=(maps,)), Registry(())).tombstones_gone == (maps,)
    later = replace(maps, date="2026-03-02", because=Label("F", "New"))
    dated, told = Edit("maps", "removed.date", "2026-03-01", later.date), Edit("maps", "removed.because.en", "E", "New")
    changes = compare(Registry((), removed=(maps, towns)), Registry((), removed=(towns, later)))
    assert changes == Changes(edits=(dated, told))


def test_another_order_is_a_change_of_modules_since_clients_list_them_in_it_and_of_nothing_else() -> None:
    assert compare(Registry((SCRAP, EMAILS)), Registry((EMAILS, SCRAP))) == Changes(reordered=True)
    assert not compare(Registry((SCRAP, EMAILS)), Registry((LINKEDIN, SCRAP, EMAILS))).reordered
    words = ("a", "b", "c")
    first = replace(SCRAP, needs=words, produces=words, keywords=words, formerly=words)
    other = replace(SCRAP, needs=words[::-1], produces=words[::-1], keywords=words[::-1], formerly=words[::-1])
    gone = [Removed(slug, "2026-09-02", None, Label("F", "E")) for slug in ("maps", "towns")]
    base, head = Registry((first,), words, tuple(gone)), Registry((other,), words[::-1], tuple(gone[::-1]))
    assert not compare(base, head)


def test_the_allow_list_gains_and_loses_features() -> None:
    active = module("linkedin", api_endpoint="/api/linkedin")
    shipped = changed(LINKEDIN, active)
    assert (shipped.entering, shipped.leaving) == ((), (Leaving("linkedin", stays=True),))
    assert changed(active, LINKEDIN).entering == ("linkedin",)
    assert compare(Registry((), ("company",)), Registry(())).leaving == (Leaving("company"),)
    kept = compare(Registry((LINKEDIN,)), Registry((active,), ("linkedin",)))
    assert kept.entering == kept.leaving == ()


def test_a_rename_takes_votes_along_if_its_successor_can_be_voted_for() -> None:
    renamed = replace(LINKEDIN, slug="network", formerly=("linkedin",))
    changes = changed(LINKEDIN, renamed)
    assert (changes.leaving, changes.vote_renames) == ((), (Rename("linkedin", "network"),))
    assert changes.entering == ("network",)
    assert changed(renamed, replace(renamed, formerly=())).forgotten == (Rename("linkedin", "network"),)
    shipped = replace(renamed, coming_soon=False, api_endpoint="/api/network")
    changes = changed(LINKEDIN, shipped)
    assert (changes.leaving, changes.vote_renames) == ((Leaving("linkedin", "network"),), ())
    changes = compare(Registry((LINKEDIN,)), Registry((shipped,), ("network",)))
    assert (changes.leaving, changes.vote_renames) == ((), (Rename("linkedin", "network"),))


def registry(parts: dict[str, Any]) -> Registry:
    """A registry of the table."""
    modules = [
        {"category": "tools"} | {"label": {"fr": entry["slug"], "en": entry["slug"]}} | entry
        for entry in parts.get("modules", [])
    ]
    return Registry.from_document({**parts, "modules": modules})


@pytest.mark.parametrize("behaviour", [name for name in BREAKING if name != "names"])
def test_what_breaks_clients(behaviour: str) -> None:
    for row in BREAKING[behaviour]:
        breaking = compare(registry(row["base"]), registry(row["head"]), row.get("today", "")).breaking
        assert [[each.kind, each.slug, each.before, each.after] for each in breaking] == row["breaks"], row


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
    gone = [removed.slug for removed in changes.removed] + [rename.old for rename in changes.renamed]
    new = [added.slug for added in changes.added] + [rename.new for rename in changes.renamed if not rename.joins]
    assert sorted(gone) == sorted(base.by_slug.keys() - head.by_slug.keys())
    assert sorted(new) == sorted(head.by_slug.keys() - base.by_slug.keys())
    assert sorted(each.slug for each in changes.breaking if each.kind.startswith("slug")) == sorted(gone)
    lost = {leaving.feature for leaving in changes.leaving} | (head.feature_renames.keys() & {*base.allowed_features})
    assert lost == {*base.allowed_features} - {*head.allowed_features}
    endpoints = {each.api_endpoint for each in base.modules} - {each.api_endpoint for each in head.modules} - {None}
    assert endpoints <= {change.before for change in changes.breaking} | {each.endpoint for each in changes.breaking}
