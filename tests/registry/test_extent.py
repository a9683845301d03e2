"""Where a problem ends: behind the key, the text or the flow collection that begins at it."""

from __future__ import annotations

import time

import pytest
from checking import unmarked
from support import table

from service.registry.lint.nodes import end_of

EXTENTS = table(__file__, "extents.yaml")


@pytest.mark.parametrize("marked", EXTENTS)
def test_what_begins_at_an_offset_ends_where_it_does(marked: str) -> None:
    text, _ = unmarked(marked)
    start, end = marked.index("¦"), marked.rindex("¦") - 1
    assert text[start : end_of(text, start)] == text[start:end]


@pytest.mark.parametrize("character", ['"', "'", "[", "{", "a", "\\", '"\\', " ", "''", "{'", "]", ":", "a #", "-"])
def test_the_end_of_anything_is_found_soon(character: str) -> None:
    text = character * (100_000 // len(character))
    began = time.process_time()
    for offset in range(50):
        assert offset <= end_of(text, offset) <= len(text)
    assert time.process_time() - began < 5  # a step back at each character would take minutes
