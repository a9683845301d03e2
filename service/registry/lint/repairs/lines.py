"""The lines of a text that may be no YAML: their keys, their columns, and edits of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import takewhile
from typing import NamedTuple

from service.problems import Edit
from service.registry.lint.characters import BLANKS, INVISIBLE
from service.registry.lint.nodes import LINE_BREAK, Edits
from service.registry.schema import inlined, module_fields, removal_fields

_KEY = re.compile(r"[ \t-]*(?P<quote>[\"']?)(?P<key>[A-Za-z_][\w-]*)(?P=quote) *:(?=\s|$)")
_BLANK = re.compile(rf"[\s{BLANKS}{INVISIBLE}]*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'')


class Style(NamedTuple):
    """The columns of the dash and the fields in most entries of a file, counted from 0, and the ends of its lines."""

    dash: int
    field: int
    eol: str

    @property
    def margin(self) -> str:
        """The beginning of an entry, up to its first field."""
        return f"{' ' * self.dash}-{' ' * (self.field - self.dash - 1)}"


_ENTRY = re.compile(r"^( *)-( +)(?:\{ *)?[\"']?slug[\"']? *:", re.MULTILINE)


def detect_style(text: str) -> Style:
    """Return the style of most of the first entries."""
    columns = Counter((len(dash[1]), len(dash[1]) + 1 + len(dash[2])) for dash in _ENTRY.finditer(text, 0, 100_000))
    return Style(*(columns.most_common(1)[0][0] if columns else (2, 4)), (LINE_BREAK.search(text) or ["\n"])[0])


@cache
def list_field_names() -> tuple[str, ...]:
    """Return every key that a registry may have, the longest first."""
    parts = [inlined()["properties"], module_fields(), removal_fields()]
    for fields in parts:
        parts += [part["properties"] for part in fields.values() if "properties" in part]
    return tuple(sorted({name for part in parts for name in part}, key=lambda name: (-len(name), name)))


@dataclass(eq=False)
class Line:
    """A line of a text without its break: its number, counted from 0, and its offset."""

    number: int
    start: int
    text: str
    style: Style

    @property
    def end(self) -> int:
        """The offset of the end, before the break."""
        return self.start + len(self.text)

    @cached_property
    def indent(self) -> int:
        """The number of blanks, of any kind, at the beginning."""
        return next(_BLANK.finditer(self.text)).end()

    @property
    def place(self) -> int:
        """The offset of the content."""
        return self.start + self.indent

    @cached_property
    def key(self) -> str:
        """The key at the beginning, or after the dash; empty if there is no key."""
        match = _KEY.match(self.text)
        return match["key"] if match else ""

    @property
    def bare(self) -> str:
        """The line with x in place of each character of a text in quotes."""
        return _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), self.text)

    @property
    def is_blank(self) -> bool:
        """Whether the line is empty or a comment."""
        return self.text[self.indent :][:1] in ("", "#")

    @property
    def is_item(self) -> bool:
        """Whether the line begins with a dash."""
        return self.text[self.indent :].startswith("-")

    @cached_property
    def is_entry(self) -> bool:
        """Whether an entry begins on the line."""
        has_dash = self.text.startswith(" " * self.style.dash + "- ") and self.key in list_field_names()
        return has_dash or re.match(r"\W{0,12}slug\W", self.text) is not None

    @property
    def is_top(self) -> bool:
        """Whether a field at the left margin begins on the line."""
        return self.text[:1].isalpha() and self.key in inlined()["properties"]

    @property
    def begins(self) -> bool:
        """Whether an entry, or a field at the left margin, begins on the line."""
        return self.is_entry or self.is_top

    def edit(self, start: int, end: int, new: str) -> Edit:
        """Return an edit from one column to another, counted from 0."""
        return Edit(self.start + start, self.start + end, new)


class Lines(list[Line]):
    """The lines of a text from one offset to another."""

    def __init__(self, text: str, style: Style, start: int = 0, end: int | None = None) -> None:
        self.end = len(text) if end is None else min(end, len(text))
        breaks = [*LINE_BREAK.finditer(text, start, self.end)]
        starts = [start, *(match.end() for match in breaks)]
        ends = [*(match.start() for match in breaks), self.end]
        super().__init__(Line(n, a, text[a:b], style) for n, (a, b) in enumerate(zip(starts, ends, strict=True)))

    def at(self, offset: int) -> Line:
        """Return the line of an offset."""
        return next(line for line in reversed(self) if line.start <= offset)

    def opening(self, line: Line) -> int:
        """Return the number of the first line of an entry: in JSON, the line with the brace, above the first field."""
        return line.number - (line.number > 0 and self[line.number - 1].text.strip() in ("{", "- {", "[{"))

    def after(self, line: Line) -> int:
        """Return the offset of the next line."""
        return self[line.number + 1].start if line.number + 1 < len(self) else self.end

    def below(self, line: Line) -> Iterator[Line]:
        """Yield the lines below a line that have content."""
        return (lower for lower in self[line.number + 1 :] if not lower.is_blank)

    def above(self, line: Line) -> Iterator[Line]:
        """Yield the lines above a line, the nearest first."""
        return (self[number] for number in range(line.number - 1, -1, -1))

    def block(self, line: Line, is_deeper: bool) -> list[Line]:
        """Return the lines below a line, up to the next entry, or up to a line that is not deeper."""
        least = line.indent if is_deeper else 0
        return [*takewhile(lambda lower: lower.indent > least and not lower.is_entry, self.below(line))]

    def replace_line(self, line: Line, new: str | None) -> Edits:
        """Return the smallest edits that replace a line; None removes the line with its break."""
        if new is None:
            return (Edit(line.start, self.after(line), ""),)
        old = line.text
        new = new.replace("\n", line.style.eol)
        head = _count_common(old, new)
        tail = _count_common(old[head:][::-1], new[head:][::-1])
        return (line.edit(head, len(old) - tail, new[head : len(new) - tail]),) if old != new else ()

    def remove_lines(self, lines: Iterable[Line]) -> Edits:
        """Return the edits that remove lines."""
        return tuple(edit for line in lines for edit in self.replace_line(line, None))


def _count_common(text: str, other: str) -> int:
    """Return the number of characters at the beginning that two texts have in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))


class Repair(NamedTuple):
    """Edits to try, and the diagnosis if they help: the cheapest repair that leaves the fewest mistakes.

    Offsets are those of the text before the repair. A guess (`is_guess`) is a suggestion, which nothing applies without
    a look. The diagnostic is at `place`, and mistakes before `until` are part of it. `words` fill the message and the
    hint of the row in repairs.yaml. `find_all` returns the same edits on all lines of a file, if they are one mistake.
    """

    cost: float
    edits: Edits
    message: str = ""
    hint: str = ""
    rule: str = "syntax"
    is_guess: bool = False
    place: int = -1
    until: int = -1
    words: Mapping[str, object] = {}
    find_all: Callable[[Lines], Edits] | None = None


Repairs = Iterator[Repair]
