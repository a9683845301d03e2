"""What happens to modules in an edit, as events tell it."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from registries import active, module, registry

from service.history.finding import changes_between, compact, restored
from service.history.model import Change, Kind
from service.registry.model import Deprecation, Label, Module, Registry, Removed

END = Deprecation("2026-01-01", "2026-06-30", None, Label("Pourquoi", "Why"))
SCRAP = active("scrap", feature_page="scraper")
SOON = module("linkedin", coming_soon=True, stage="building")


def told(before: Module, after: Module) -> list[tuple[Kind, object, object]]:
    changes = changes_between(registry(before), registry(after))
    assert {(each.slug, each.labels) for each in changes} <= {(after.slug, after.label)}
    return [(each.kind, each.before, each.after) for each in changes]


def test_a_module_that_comes_and_one_that_goes_with_what_to_use_instead() -> None:
    assert changes_between(registry(), registry(SOON)) == [
        Change(Kind.ADDED, "linkedin", SOON.label, None, "coming_soon")
    ]
    gone = Removed("scrap", "2026-01-01", "linkedin", Label("x", "x"))
    for removed, use in (((), None), ((gone,), "linkedin")):
        changes = changes_between(registry(SCRAP, SOON), Registry((SOON,), removed=removed))
        assert changes == [Change(Kind.REMOVED, "scrap", SCRAP.label, "active", use)], "its endpoint goes with it"


def test_a_module_that_is_renamed_and_one_that_joins_another() -> None:
    renamed = replace(SCRAP, slug="maps", formerly=("scrap",))
    assert told(SCRAP, renamed) == [(Kind.RENAMED, "scrap", "maps")]
    both = replace(SOON, formerly=("scrap",))
    assert changes_between(registry(SCRAP, SOON), registry(both)) == [
        Change(Kind.MERGED, "linkedin", SOON.label, "scrap", "linkedin")
    ]


ENDS, LATER = (replace(SCRAP, deprecated=replace(END, removed_after=day)) for day in ("2026-06-30", "2027-01-01"))
LINKEDIN = active("linkedin", feature_page="linkedin")
FROZEN = replace(LINKEDIN, alpha_unavailable=True, api_endpoint="/api/new")
NEW = Label("Nouveau", "New")
OTHERWISE = replace(SCRAP, label=NEW, api_endpoint="/api/s", feature_page=None, stage="building")


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (module("it", coming_soon=True), module("it", alpha_unavailable=True), [Kind.FROZEN]),
        (module("it", alpha_unavailable=True), module("it"), [Kind.THAWED]),
        (module("it", is_on_demand=True), module("it"), [Kind.MOVED]),
        (module("it"), module("it", coming_soon=True), [Kind.MOVED]),
        (module("it", alpha_unavailable=True), module("it", is_on_demand=True), [Kind.MOVED]),
        # What comes or goes with a release is told by it.
        (SOON, LINKEDIN, [(Kind.RELEASED, "coming_soon", "active")]),
        (
            LINKEDIN,
            FROZEN,
            [(Kind.FROZEN, "active", "alpha_unavailable"), (Kind.ENDPOINT_CHANGED, "/api/linkedin", "/api/new")],
        ),
        (SCRAP, ENDS, [(Kind.DEPRECATED, None, "2026-06-30")]),
        (ENDS, LATER, [(Kind.DEPRECATED, "2026-06-30", "2027-01-01")]),
        (LATER, SCRAP, [(Kind.UNDEPRECATED, "2027-01-01", None)]),
        (
            SCRAP,
            OTHERWISE,
            [
                (Kind.RELABELLED, SCRAP.label, NEW),
                (Kind.ENDPOINT_CHANGED, "/api/scrap", "/api/s"),
                (Kind.PAGE_CHANGED, "scraper", None),
                (Kind.STAGE_CHANGED, None, "building"),
            ],
        ),
        (SCRAP, replace(SCRAP, owner="ops", keywords=("maps",), category="sources", pipelinable=True), []),
    ],
)
def test_what_is_edited_is_told_by_kind(before: Module, after: Module, changes: list[Any]) -> None:
    moved = before.state.bucket, after.state.bucket
    assert told(before, after) == [(each, *moved) if isinstance(each, Kind) else each for each in changes]


def test_another_order_is_no_change() -> None:
    assert changes_between(registry(SCRAP, SOON), registry(SOON, SCRAP)) == []


REGISTRIES = [
    registry(),
    registry(SCRAP, SOON),
    registry(replace(SCRAP, deprecated=END, label=Label("Nouveau", "New")), replace(SOON, stage="planned")),
    registry(active("maps", formerly=("scrap", "old")), module("linkedin", is_on_demand=True, stage="building")),
    registry(module("scrap", is_meta=True), active("linkedin", alpha_unavailable=True, feature_page="x")),
]


@pytest.mark.parametrize("base", REGISTRIES)
def test_the_compact_form_tells_the_same(base: Registry) -> None:
    assert changes_between(restored(compact(base)), base) == []
    for head in REGISTRIES:
        assert changes_between(restored(compact(base)), head) == changes_between(base, head)
    modules = (active(f"module_{number}", label=Label(f"Étape {number}", f"Step {number}")) for number in range(1000))
    assert len(compact(registry(*modules))) < 30_000, "that of many modules is small"


#: A megabyte for each kilobyte, of which a service would have to look for the end at each start.
BOMB = base64.b64encode(zlib.compress(b"[" + b" " * 9 * 2**20 + b"]")).decode()


def _written(entry: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps([entry]).encode())).decode()


#: What nothing compares: the service would fail at each edit that it is to record.
SOUND = {"slug": "s", "label": {"fr": "s", "en": "s"}}
ODD = [
    SOUND | odd
    for odd in (
        *({"slug": slug} for slug in ([], 5, "A b")),
        *({"label": label} for label in (None, {"fr": [], "en": "s"}, {"fr": "\ud800", "en": "s"})),
        *({"deprecated": {"since": "", "removed_after": day, "because": SOUND["label"]}} for day in (5, "soon")),
        {"is_meta": "yes"},
        {"stage": "a b"},
        {"formerly": "old"},
        {"api_endpoint": 5},
    )
]


@pytest.mark.parametrize(
    "text",
    ["", "x", "é", "eJw=", BOMB, compact(registry(SCRAP))[:-8], "eJyrVkrLz1eyUkpKLFKqBQAdegQ0", *map(_written, ODD)],
)
def test_a_form_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError):
        restored(text)


def test_a_form_of_another_version_is_read_as_far_as_it_is_known() -> None:
    text = _written({"slug": "scrap", "label": {"fr": "s", "en": "s"}, "invented": [1], "category": "gone"})
    assert restored(text) == registry(module("scrap", category="", label=Label("s", "s")))
