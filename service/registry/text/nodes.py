"""What the passes hand on: the values of a file with their places, and findings, which say what is wrong with them."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

from service.problems import Edit

LINE_BREAK = re.compile("\r\n?|\n")


#: A message and its hint.
Words = tuple[str, str]

#: Leads to a value from the root of the document, by names and by numbers in lists.
Path = Sequence[str | int]


@dataclass(slots=True, eq=False)
class Finding:
    """Something wrong at `offset` of the text, in characters. `path` leads to the value, from the root of the document.

    `words` makes the message and the hint when it is called: a file can have hundreds of thousands of problems, and
    people read the first few, so only these get their sentences. `fix` likewise makes the edits that mend it, where one
    way to do so is certain.
    """

    offset: int
    rule: str
    words: Callable[[], Words]
    path: tuple[str | int, ...] = ()
    fix: Callable[[], Sequence[Edit]] = tuple


def said(message: str, hint: str) -> Callable[[], Words]:
    """The words of a finding whose message and hint are known already."""
    return lambda: (message, hint)


#: Values that a file may have, the keys among them.
MAX_VALUES = 300_000

#: Mistakes that are looked for: a file with more is no registry that somebody mistyped.
MAX_MISTAKES = 20_000

_TOO_MANY_MISTAKES = said(
    f"the file breaks the rules more than {MAX_MISTAKES:,} times, and is not checked further",
    "mend what is listed, or begin with the last good file",
)


class Abandoned(Exception):
    """The file is not looked at any further; the reason is among the findings."""


class Findings(list[Finding]):
    """What is wrong with one file, in the order in which it is found: at most MAX_MISTAKES, and that there are more."""

    def add(self, finding: Finding) -> None:
        """Raises Abandoned where it is one too many."""
        if len(self) >= MAX_MISTAKES:
            self.too_many()
        self.append(finding)

    def too_many(self) -> NoReturn:
        """Raises Abandoned, once it has said why."""
        self.append(Finding(0, "size", _TOO_MANY_MISTAKES))
        raise Abandoned


@dataclass(frozen=True, slots=True)
class ImplicitScalar:
    """A plain scalar that YAML 1.1 reads as a number or a date, which no field of a registry takes."""

    text: str
    kind: str


_NO_KEYS: Mapping[str, int] = MappingProxyType({})
_NONE: Set[str] = frozenset()

#: Stands for a value that has been reported and of which nothing more can be said.
UNKNOWN = ImplicitScalar("", "unknown")


@dataclass(slots=True, eq=False)
class Node:
    """A value and where it stands. `children` mirrors `value` for mappings and lists."""

    offset: int
    value: Any = None
    end: int = 0
    """Behind the value, in characters. Of a block collection, behind its last value."""
    text: str = ""
    """A scalar as it is written, without quotes."""
    plain: bool = False
    """A scalar written without quotes."""
    children: Any = ()
    keys: Mapping[str, int] = field(default_factory=lambda: _NO_KEYS)
    """Offsets of a mapping's keys."""
    merged: Mapping[str, int] = field(default_factory=lambda: _NO_KEYS)
    """Keys that came by `<<`, each with the offset of that."""
    incomplete: bool = False
    """A mapping that may have other fields: those of a merge that cannot be read."""
    cut: bool = False
    """A mapping of which a part cannot be read, so that what it lacks may stand there."""
    repeated: Set[str] = _NONE
    """Keys given more than once: the first value is kept, and none of them can be relied on."""
    size: int = 1
    """Values that an alias of this one adds; long text counts for several."""
    depth: int = 1
    used_at: int | None = None
    """Where an alias stands that repeats it; `offset` is that of its anchor."""

    @property
    def place(self) -> int:
        """The offset at which it is used."""
        return self.offset if self.used_at is None else self.used_at

    @property
    def kind(self) -> str:
        """What kind of value it is, in words."""
        if isinstance(self.value, ImplicitScalar):
            return self.value.kind
        if isinstance(self.value, bool):
            return f"the boolean {str(self.value).lower()}"
        kinds = {str: "text", list: "a list", dict: "a mapping", type(None): "an empty value"}
        return kinds[type(self.value)]


def line_starts(text: str) -> array[int]:
    """The offset of each line: not in a list, which takes nine times the memory for four million lines."""
    starts = array("I", [0])
    starts.extend(found.end() for found in LINE_BREAK.finditer(text))
    return starts


class SourceMap:
    """Where the offsets of a text are, as lines and columns.

    Line breaks are those of editors: not U+2028, U+2029 or U+0085, which YAML 1.1 counts as well.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = line_starts(text)

    def __len__(self) -> int:
        """The number of lines."""
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """Where the line of one offset begins, and that of another ends, before or in its break."""
        first, last = bisect_right(self._starts, start), bisect_right(self._starts, end)
        return self._starts[first - 1], self._starts[last] - 1 if last < len(self._starts) else len(self.text)


#: No value of a registry is that deep in, in characters: a pointer ends before, rather than carry absurd names along.
_LONGEST_POINTER = 300


def pointer(segments: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901) of a value, or of the nearest one around it that a pointer of sane length leads to."""
    whole = ""
    for segment in map(str, segments):
        if len(whole) + len(segment) > _LONGEST_POINTER:
            break
        whole += "/" + segment.replace("~", "~0").replace("/", "~1")
    return whole
