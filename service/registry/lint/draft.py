"""A file that is mended step by step, and the diagnostics that are reported on the way."""

import re
from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import yaml

from service.problems import Diagnostic, Edit
from service.registry.lint.nodes import Abandoned, Diagnostics, Edits, Node, Patch, Path, SourceMap, applied
from service.registry.lint.reading import Reader
from service.registry.lint.repairs.lines import Style, detect_style
from service.registry.lint.shape import check_schema, check_texts

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
        place = self.patch.place(diagnostic.place)
        end = self.patch.place(until)
        edits = self.to_file(edits)
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

    def to_file(self, edits: Iterable[Edit]) -> Edits:
        """Return edits of the mended text as edits of the file on disk; none if earlier edits touch them."""
        own = tuple(Edit(self.patch.place(edit.start), self.patch.place(edit.end), edit.new) for edit in edits)
        return () if any(map(self.patch.meets, own)) else own


#: The section and the number of a diagnostic that belongs to no entry.
WHOLE_FILE = ("", -1)
#: The cost of each mistake that is left after a repair, in addition to the cost of the repair.
COST_OF_MISTAKE = 2.0


@dataclass(slots=True)
class Reading:
    """The root of a text with its diagnostics, or the offset at which it is no YAML (`failed`)."""

    root: Node | None
    wrong: list[Diagnostic]
    failed: int | None = None


@dataclass(slots=True)
class Part:
    """A part of a file: `head` and `tail` make a document of it.

    `start` is its offset in the file, and `number` the number of its first entry in the file.
    """

    text: str
    start: int
    head: str = ""
    tail: str = ""
    number: int = 0
    anchors: Mapping[str, Node] = field(default_factory=dict)
    patch: Patch = field(init=False)

    def __post_init__(self) -> None:
        self.patch = Patch(self.head + self.text + self.tail)

    def locate(self, offset: int) -> int:
        """Return the offset in the file of an offset in the part as it is mended so far."""
        inside = self.patch.place(offset) - len(self.head)
        return self.start + min(max(0, inside), len(self.text))

    def to_file(self, edits: Iterable[Edit]) -> Edits:
        """Return edits of the part as edits of the file."""
        by = self.start - len(self.head)
        return tuple(Edit(edit.start + by, edit.end + by, edit.new) for edit in edits)

    def find_path(self, diagnostic: Diagnostic) -> Path:
        """Return the path in the file of a diagnostic of the part."""
        path = diagnostic.path
        is_inside = len(path) > 1 and isinstance(path[1], int)
        return (path[0], int(path[1]) + self.number, *path[2:]) if is_inside else path


def find_entry(diagnostic: Diagnostic) -> tuple[str, int]:
    """Return the section and the number of the entry that a diagnostic belongs to."""
    path = diagnostic.path
    if path[:1] in (("modules",), ("removed",)) and len(path) > 1 and isinstance(path[1], int):
        return str(path[0]), path[1]
    return WHOLE_FILE


def read_edited(draft: Draft, part: Part, edits: Iterable[Edit] = ()) -> Reading | None:
    """Return the reading of a part after edits; None if they overlap, or the budget of the file is spent."""
    with suppress(ValueError):
        text = applied(part.patch.text, edits)
        return read_part(draft, part, text) if draft.may_read(text) else None
    return None


def read_part(draft: Draft, part: Part, text: str) -> Reading:
    """Return the reading of a part with another text."""
    reader = Reader(text, lambda offset: draft.line(part.locate(offset)), part.anchors)
    wrong: list[Diagnostic] = reader.diagnostics
    try:
        root = reader.read()
    except Abandoned:
        return Reading(None, wrong)
    except yaml.MarkedYAMLError as error:
        return Reading(None, [], find_marks(error)[0])
    if root is not None:
        section = part.head.partition(":")[0]
        refusals = check_schema(root)
        wrong += [refusal for refusal in refusals if not section or refusal.path[:1] in ((), (section,))]
        wrong += check_texts(root, text)
    if not part.head and len(part.text) == len(draft.text):
        wrong = [diagnostic for diagnostic in wrong if find_entry(diagnostic) == WHOLE_FILE]
    return Reading(root, wrong)


def find_marks(error: Any) -> tuple[int, int, bool]:
    """Return the offset of a syntax error, the offset where its value began, and whether that is quoted or a flow."""
    at = error.problem_mark.index if error.problem_mark else 0
    began = error.context_mark.index if error.context_mark else at
    return at, began, re.search("quoted|flow", error.context or "") is not None
