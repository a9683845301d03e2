"""A file that is mended step by step, and the diagnostics that are reported on the way."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from service.problems import Diagnostic, Edit
from service.registry.lint.limits import Diagnostics
from service.registry.lint.nodes import Node, Patch, SourceMap
from service.registry.lint.repairs.lines import Style, detect_style

#: Characters that may be read to try repairs of one file, and the cost of any try in addition to its text.
_MOST_READ, _ANY_TRY = 2_000_000, 500
#: The same mistake on the next line is the same diagnostic. Blanks between the two, in characters.
_MOST_BLANKS = 200


class Parsed(NamedTuple):
    """A file that could be read: its root, its anchors, and diagnostics of the reader."""

    root: Node
    anchors: Mapping[str, Node]
    unsafe: list[Diagnostic]


class Draft:
    """A file as it is mended so far (`text`), and its diagnostics.

    Offsets in diagnostics are those of the file on disk. `stopped` is the offset of the rest that cannot be read, and
    `values` is the number of values that were read.
    """

    def __init__(self, text: str) -> None:
        self.patch, self.source_map, self.diagnostics = Patch(text), SourceMap(text), Diagnostics()
        self.stopped: int | None = None
        self.values = 0
        self.budget = _MOST_READ
        self._repaired: list[tuple[int, int, Diagnostic]] = []
        """The diagnostics with repairs: each with the beginning and the end of the text that its repair changes."""

    @property
    def text(self) -> str:
        """The file as it is mended so far."""
        return self.patch.text

    @cached_property
    def style(self) -> Style:
        """The columns of most entries."""
        return detect_style(self.source_map.text)

    def line(self, offset: int) -> int:
        """Return the line in the file on disk of an offset of the mended text."""
        return self.source_map.position(self.patch.place(offset))[0]

    def may_read(self, text: str) -> bool:
        """Whether a text may be read to try a repair. Reduces the budget."""
        self.budget -= len(text) + _ANY_TRY
        return self.budget >= 0

    def report(self, diagnostic: Diagnostic, edits: Iterable[Edit] = (), until: int = 0, begin: int = -1) -> None:
        """Report a diagnostic of the mended text, and the edits that mend it.

        The repair changes the text from `begin`, or the place of the diagnostic, to `until`. If the place is inside the
        repair of an earlier diagnostic, the edits are added to that diagnostic.
        """
        place, end, edits = self.patch.place(diagnostic.place), self.patch.place(until), self.to_file(edits)
        reported = self._find_repair(diagnostic.message, place)
        if reported is None:
            reported = replace(diagnostic, place=place, edits=edits)
            self.diagnostics.add(reported)
        else:
            both = sorted((*reported.edits, *edits)) if edits and reported.edits else []
            is_apart = all(edit.end < other.start for edit, other in pairwise(both))
            reported.edits = tuple(both) if is_apart else ()
        if end > place:
            start = place if begin < 0 else self.patch.place(begin)
            insort(self._repaired, (start, end, reported), key=itemgetter(0, 1))

    def _find_repair(self, message: str, place: int) -> Diagnostic | None:
        """Return the diagnostic whose repair changes a place of the file, or the same one on the line above."""
        number = bisect_right(self._repaired, place, key=itemgetter(0))
        for _, end, diagnostic in self._repaired[max(0, number - 2) : number]:
            is_next = place - end < _MOST_BLANKS and not self.source_map.text[end:place].strip()
            if place < end or (diagnostic.message == message and is_next):
                return diagnostic
        return None

    def to_file(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Return edits of the mended text as edits of the file on disk; none if earlier edits touch them."""
        own = tuple(Edit(self.patch.place(edit.start), self.patch.place(edit.end), edit.new) for edit in edits)
        return () if any(map(self.patch.meets, own)) else own
