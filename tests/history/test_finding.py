"""What happens to modules in an edit, as events tell it."""

import base64
import json
import zlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pytest
from support import table

from service.history.finding import changes_between, compact, restored
from service.registry.model import Module, Registry, Removed


def modules(entries: Iterable[dict[str, Any]]) -> tuple[Module, ...]:
    def label(slug: str) -> dict[str, str]:
        return {"fr": f"{slug} (fr)", "en": f"{slug} (en)"}

    return tuple(Module.from_entry({"category": "tools", "label": label(each["slug"])} | each) for each in entries)


@pytest.mark.parametrize("row", table(__file__, "edits.yaml"), ids=lambda row: row["edit"])
def test_what_is_edited_is_told_by_kind_also_of_the_compact_form(row: dict[str, Any]) -> None:
    before = Registry(modules(row["before"]))
    after = Registry(modules(row["after"]), removed=tuple(map(Removed.from_entry, row.get("removed", ()))))
    changes = changes_between(restored(compact(before)), after)
    told = [[each.kind, each.slug, each.before, each.after] for each in changes]
    assert json.loads(json.dumps(told, default=asdict)) == row["told"]
    assert [each.labels for each in changes] == [(before.by_slug | after.by_slug)[each.slug].label for each in changes]
    assert changes_between(before, after) == changes
    assert changes_between(restored(compact(after)), after) == []


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


CUT = compact(Registry(modules([SOUND])))[:-8]


@pytest.mark.parametrize("text", ["", "x", "é", "eJw=", "eJyrVkrLz1eyUkpKLFKqBQAdegQ0", CUT, BOMB, *map(_written, ODD)])
def test_a_form_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError):
        restored(text)


def test_a_form_of_another_version_is_read_as_far_as_it_is_known() -> None:
    text = _written(SOUND | {"invented": [1], "category": "gone"})
    assert restored(text) == Registry(modules([SOUND | {"category": ""}]))
