"""What editing and mending the largest files costs: a few looks at them, however much there is to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

import pytest
from costly import SHAPES, module, modules

from service.garbage_collection import paused
from service.registry.edit.adding import add
from service.registry.edit.ending import release, remove
from service.registry.edit.mending import mended
from service.registry.edit.opening import Opened
from service.registry.edit.renaming import rename
from service.registry.loading import examine
from service.registry.model import Label
from service.registry.text.source import MAX_BYTES


def entry(number: int, soon: str = "coming_soon") -> str:
    """An entry of some lines, in which a field may be misspelled."""
    label = f"label: {{ fr: {'A' * 20}, en: {'B' * 20} }}\n    keywords: [one, another]"
    return f"  - slug: m{number}\n    category: tools\n    {label}\n    {soon}: true\n"


def anagram(seed: int) -> str:
    """A name of fifty letters that are those of all others, so that to compare two takes long."""
    return "".join(Random(seed).sample("abcdefghijklmnopqrstuvwxy" * 2, 50))


def processor(act: Callable[[], object]) -> float:
    """Seconds of the processor that it takes."""
    with paused():
        start = time.process_time()
        act()
        return time.process_time() - start


@pytest.mark.long
@pytest.mark.parametrize(
    "edit",
    [
        lambda opened: add(
            opened, {"slug": "z", "category": "tools", "label": {"fr": "A", "en": "B"}, "is_meta": True}
        ),
        lambda opened: rename(opened, "m9000", "z"),
        lambda opened: release(opened, "m9000", "/api/z"),
        lambda opened: remove(opened, "m9000", "2026-01-01", None, Label("A", "B")),
    ],
)
def test_an_edit_takes_as_long_as_a_few_checks(edit: Callable[[Opened], object]) -> None:
    data = modules(entry, 17_500).encode()
    assert len(data) > MAX_BYTES / 2
    check = processor(lambda: examine(data, "registry.yaml"))
    assert processor(lambda: edit(Opened.of(data, "registry.yaml"))) < 5 * check


#: How many problems are mended, in the shapes in which any can be: of a large file, those that are tried at once.
MENDED = {"misspelled fields": 10_000, "merge keys of what is repeated": 1, "entries under their slugs": 10_000}


@pytest.mark.long
@pytest.mark.parametrize("shape", [*SHAPES, "misspelled fields"])
def test_mending_reads_as_much_as_two_of_the_largest_files(shape: str) -> None:
    text = SHAPES[shape][0]() if shape in SHAPES else modules(lambda number: entry(number, "comingsoon"), 17_500)
    data = text.encode()
    recovery = examine(data, "registry.yaml").source.recovery
    looks = max(2, 2 / recovery.size) if recovery else 2
    check = processor(lambda: examine(data, "registry.yaml", 10_000))
    after, number = mended(data)
    again = processor(lambda: mended(data))
    assert again < 2 * looks * check + 0.5
    assert shape not in MENDED or number == MENDED[shape]
    assert len(after) <= len(data) + 20_000


@pytest.mark.long
def test_problems_are_put_into_words_for_what_is_mended_and_not_for_each_look() -> None:
    """A fix that brings another problem to light is tried in many groups, and never made."""
    made, needed = (", ".join(map(anagram, range(start, start + 110))) for start in (0, 1_000))
    head = "modules:\n" + module(0, f", produces: [{made}]") + module(1, f", needs: [{needed}]")
    data = modules(lambda n: module(n + 2).replace("category: tools", f"category=Bad{n}"), 30, head).encode()
    check = processor(lambda: examine(data, "registry.yaml"))
    assert processor(lambda: mended(data)) < 10 * check
