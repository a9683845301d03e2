"""What an edit of the registry changes, and which of it breaks clients."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.registry.changes import FIELDS, Breaking, Changes, Edit, Leaving, Rename, compare
from service.registry.model import STATE_FLAGS, Deprecation, Label, Module, Registry, Removed


def module(slug: str, **fields: Any) -> Module:
    return Module(slug=slug, category="tools", label=Label(slug, slug), **fields)


SCRAP = module("scrap", api_endpoint="/api/scrap")
EMAILS = module("emails", api_endpoint="/api/emails")
LINKEDIN = module("linkedin", coming_soon=True)


def changed(before: Module, after: Module) -> Changes:
    return compare(Registry((before,)), Registry((after,)))


def test_an_added_module_breaks_nobody() -> None:
    changes = compare(Registry((SCRAP,)), Registry((EMAILS, SCRAP)))
    assert changes == Changes(added=(EMAILS,))
    assert changes.breaking == ()


def test_a_removed_module_breaks_those_who_hold_its_slug_and_those_who_call_its_endpoint() -> None:
    changes = compare(Registry((SCRAP, EMAILS)), Registry((EMAILS,)))
    assert changes == Changes(removed=(SCRAP,), edits=(Edit("scrap", "api_endpoint", "/api/scrap", None),))
    assert changes.breaking == (
        Breaking("slug-removed", "scrap", "scrap", None),
        Breaking("endpoint-vanished", "scrap", "/api/scrap", None),
    )


def test_an_endpoint_that_another_module_takes_over_has_not_vanished() -> None:
    changes = changed(SCRAP, module("scraper", api_endpoint="/api/scrap"))
    assert changes.edits == ()
    assert [change.kind for change in changes.breaking] == ["slug-removed"]


def test_a_former_slug_makes_a_rename_of_what_would_be_a_removal_and_an_addition() -> None:
    changes = changed(SCRAP, replace(SCRAP, slug="scraper", formerly=("scrap",)))
    assert changes == Changes(renamed=(Rename("scrap", "scraper"),))
    assert changes.breaking == (Breaking("slug-renamed", "scrap", "scrap", "scraper"),)


def test_a_renamed_module_is_compared_with_what_it_was() -> None:
    changes = changed(SCRAP, module("scraper", api_endpoint="/api/scraper", formerly=("scrap",)))
    assert changes.edits_of("api_endpoint") == (Edit("scraper", "api_endpoint", "/api/scrap", "/api/scraper"),)
    assert [change.kind for change in changes.breaking] == ["slug-renamed", "endpoint-changed"]


def test_a_module_that_joins_another_is_gone_with_its_endpoint() -> None:
    changes = compare(Registry((SCRAP, EMAILS)), Registry((replace(EMAILS, formerly=("scrap",)),)))
    assert changes.renamed == (Rename("scrap", "emails", joins=True),)
    assert changes.added == changes.removed == ()
    assert [change.kind for change in changes.breaking] == ["slug-merged", "endpoint-vanished"]


def test_of_two_predecessors_the_first_is_the_one_that_goes_on() -> None:
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
    ("fields", "edit"),
    [
        ({"label": Label("Neuf", "scrap")}, Edit("scrap", "label.fr", "scrap", "Neuf")),
        ({"label": Label("scrap", "New")}, Edit("scrap", "label.en", "scrap", "New")),
        ({"feature_page": "page"}, Edit("scrap", "feature_page", None, "page")),
        ({"category": "enrich"}, Edit("scrap", "category", "tools", "enrich")),
        ({"needs": ("leads",)}, Edit("scrap", "needs", (), ("leads",))),
        ({"produces": ("leads",)}, Edit("scrap", "produces", (), ("leads",))),
        ({"pipelinable": True}, Edit("scrap", "pipelinable", False, True)),
        ({"multi_proxy": True}, Edit("scrap", "multi_proxy", False, True)),
        ({"formerly": ("old",)}, Edit("scrap", "formerly", (), ("old",))),
        ({"keywords": ("maps",)}, Edit("scrap", "keywords", (), ("maps",))),
        ({"documentation": "/docs/scrap"}, Edit("scrap", "documentation", None, "/docs/scrap")),
        ({"owner": "team-sources"}, Edit("scrap", "owner", None, "team-sources")),
        ({"stage": "planned"}, Edit("scrap", "stage", None, "planned")),
    ],
)
def test_a_field_of_a_module_changes(fields: dict[str, Any], edit: Edit) -> None:
    assert changed(SCRAP, replace(SCRAP, **fields)) == Changes(edits=(edit,))
    assert changed(SCRAP, replace(SCRAP, **fields)).breaking == ()


def test_a_description_is_compared_language_by_language() -> None:
    described = replace(SCRAP, description=Label("Récupère", "Collects"))
    assert changed(SCRAP, described).edits == (
        Edit("scrap", "description.fr", None, "Récupère"),
        Edit("scrap", "description.en", None, "Collects"),
    )
    assert changed(described, replace(described, description=Label("Récupère", "Finds"))) == Changes(
        edits=(Edit("scrap", "description.en", "Collects", "Finds"),)
    )
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
    assert compare(Registry((), removed=(maps, towns)), Registry((), removed=(towns, later))) == Changes(
        edits=(
            Edit("maps", "removed.date", "2026-03-01", "2026-03-02"),
            Edit("maps", "removed.because.en", "E", "New"),
        )
    )


def test_an_endpoint_is_added_or_changed() -> None:
    meta = module("pipeline", is_meta=True)
    assert changed(meta, replace(meta, api_endpoint="/api/pipeline")).breaking == ()
    moved = changed(SCRAP, replace(SCRAP, api_endpoint="/api/scraper"))
    assert moved.breaking == (Breaking("endpoint-changed", "scrap", "/api/scrap", "/api/scraper"),)


def test_another_order_is_a_change_since_clients_list_modules_in_it() -> None:
    assert compare(Registry((SCRAP, EMAILS)), Registry((EMAILS, SCRAP))) == Changes(reordered=True)
    assert not compare(Registry((SCRAP, EMAILS)), Registry((LINKEDIN, SCRAP, EMAILS))).reordered


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
    shipped = replace(renamed, coming_soon=False, api_endpoint="/api/network")
    changes = changed(LINKEDIN, shipped)
    assert (changes.leaving, changes.vote_renames) == ((Leaving("linkedin", "network"),), ())
    changes = compare(Registry((LINKEDIN,)), Registry((shipped,), ("network",)))
    assert (changes.leaving, changes.vote_renames) == ((), (Rename("linkedin", "network"),))


def test_a_former_id_that_is_dropped_no_longer_works_in_votes() -> None:
    renamed = replace(LINKEDIN, slug="network", formerly=("linkedin",))
    assert changed(renamed, replace(renamed, formerly=())).forgotten == (Rename("linkedin", "network"),)


STATES = ({}, {"coming_soon": True}, {"is_on_demand": True}, {"alpha_unavailable": True}, {"is_meta": True})
SLUGS = [f"slug_{number}" for number in range(8)]


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    """Small ones over few slugs, so that two of them have much in common."""
    modules = []
    free = set(SLUGS)
    for slug in draw(st.lists(st.sampled_from(SLUGS), unique=True)):
        free.discard(slug)
        modules.append(
            module(
                slug,
                **draw(st.sampled_from(STATES)),
                api_endpoint=draw(st.sampled_from([None, f"/api/{slug}", f"/api/other/{slug}"])),
                needs=tuple(draw(st.lists(st.sampled_from(["leads", "emails"]), unique=True))),
                multi_proxy=draw(st.booleans()),
            )
        )
    named = []
    for each in modules:
        former = tuple(sorted(free)[: draw(st.integers(0, 2))])
        free -= {*former}
        named.append(replace(each, formerly=former))
    return Registry(tuple(named), tuple(draw(st.lists(st.sampled_from(sorted(free) or ["legacy"]), unique=True))))


@given(registries())
def test_nothing_changes_between_a_registry_and_itself(registry: Registry) -> None:
    changes = compare(registry, registry)
    assert changes == Changes()
    assert not changes
    assert changes.breaking == ()


@given(registries(), registries())
def test_every_slug_that_comes_or_goes_is_named_once(base: Registry, head: Registry) -> None:
    changes = compare(base, head)
    gone = [removed.slug for removed in changes.removed] + [rename.old for rename in changes.renamed]
    new = [added.slug for added in changes.added] + [rename.new for rename in changes.renamed if not rename.joins]
    assert sorted(gone) == sorted(base.by_slug.keys() - head.by_slug.keys())
    assert sorted(new) == sorted(head.by_slug.keys() - base.by_slug.keys())
    assert sorted(each.slug for each in changes.breaking if each.kind.startswith("slug")) == sorted(gone)
    lost = {leaving.feature for leaving in changes.leaving} | (head.feature_renames.keys() & {*base.allowed_features})
    assert lost == {*base.allowed_features} - {*head.allowed_features}


@given(registries(), registries())
def test_an_endpoint_that_nobody_serves_any_more_is_a_breaking_change(base: Registry, head: Registry) -> None:
    served = {each.api_endpoint for each in head.modules}
    gone = {each.api_endpoint for each in base.modules} - served - {None}
    assert gone <= {change.before for change in compare(base, head).breaking}
