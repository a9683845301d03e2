"""A text in which what cannot be read was mended or taken out, and where each place of it is in the file."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from service.problems import Edit

#: Stands for a value that could not be read, in a text of which every other mistake is looked for.
UNREAD = "!<unread>"


class Pasted(NamedTuple):
    """Something that does not belong into a registry.

    `edits` take it out of the text so that the rest can be read, and `is_mended` says whether they certainly mend it.
    Without edits, nothing can be read. All offsets count in the text that was looked at.
    """

    offset: int
    rule: str
    message: str
    hint: str
    edits: tuple[Edit, ...] = ()
    is_mended: bool = False


class Patch:
    """`text` is `original` with `edits`, which are in its order and do not overlap. Offsets are in characters."""

    def __init__(self, original: str) -> None:
        self.original = self.text = original
        self.edits: list[Edit] = []
        self._places: list[tuple[int, int]] = []
        """Where the text of each edit ends, and where it ends in the original."""

    def apply(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Apply edits of `text`; those that were made before inside of one are undone. Returns them for `original`."""
        applied = tuple(Edit(self.place(edit.start), self.place(edit.end), edit.new) for edit in edits)
        self.edits = list(_merged(self.edits, applied))
        parts: list[str] = []
        self._places, done, length = [], 0, 0
        for edit in self.edits:
            parts += self.original[done : edit.start], edit.new
            length += max(0, edit.start - done) + len(edit.new)
            done = max(done, edit.end)
            self._places.append((length, done))
        self.text = "".join([*parts, self.original[done:]])
        return applied

    def place(self, offset: int) -> int:
        """The offset in the original: where an edit begins for what it has put there."""
        number = bisect_right(self._places, (offset, len(self.original)))
        ended, done = self._places[number - 1] if number else (0, 0)
        there = done + offset - ended
        return min(there, self.edits[number].start) if number < len(self.edits) else there

    def end(self, offset: int) -> int:
        """The offset in the original of the end of something: before what was taken out behind it."""
        number = bisect_left(self._places, (offset,))
        if number < len(self.edits) and self._places[number][0] == offset and not self.edits[number].new:
            return self.edits[number].start
        return self.place(offset)

    def meets(self, start: int, end: int) -> bool:
        """Whether an edit touches what begins and ends at these offsets in the original."""
        number = bisect_left(self.edits, start, key=attrgetter("end"))
        return number < len(self.edits) and self.edits[number].start <= end


def _order(edit: tuple[Edit, bool]) -> tuple[int, bool, int]:
    """By the place, those that may cover others first."""
    return edit[0].start, not edit[1], edit[0].end


def _merged(earlier: Sequence[Edit], later: Sequence[Edit]) -> Iterator[Edit]:
    """All edits in their order, without the earlier ones that a later one covers."""
    covering = -1  # where the last of the later ones ends
    both = heapq.merge(((one, False) for one in earlier), ((one, True) for one in later), key=_order)
    for edit, is_later in both:
        if is_later:
            covering = max(covering, edit.end)
        elif edit.end <= covering:
            continue
        yield edit
