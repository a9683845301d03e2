"""A text with places: its values as nodes, its lines and columns, and its edits."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from service.problems import Diagnostic, Edit

LINE_BREAK = re.compile("\r\n?|\n")

#: Edits that mend one mistake, in the order of the text.
Edits = tuple[Edit, ...]
Findings = Iterator[Diagnostic]
#: The way to a value from the root of the document: names of fields, and numbers of items.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ImplicitScalar:
    """A plain scalar that YAML 1.1 reads as a number or a date, which no field of a registry takes."""

    text: str
    kind: str


#: The value of a node that was reported, so that no rule reports it again.
UNKNOWN = ImplicitScalar("", "unknown")

#: The tag that makes UNKNOWN of a value in a text.
UNREAD = "!<unread>"

_NO_KEYS: Mapping[str, int] = MappingProxyType({})
_KINDS = {str: "text", list: "a list", dict: "a mapping", type(None): "an empty value"}


@dataclass(slots=True, eq=False)
class Node:
    """A value and its offset, in characters. `children` mirrors `value` for mappings and lists.

    - `end` is the offset after the value, or after the last value of a block collection.
    - `text` is a scalar without its quotes. `style` is its quote, | or > of a block, or { or [ of a collection.
    - `keys` are the offsets of a mapping's keys. `merged` maps each key that a merge adds to the offset of its `<<`.
    - `is_open` means that the mapping may have fields that could not be read.
    - `size` is the number of values that an alias of this node adds. Long text counts as several values.
    - `used_at` is the offset of an alias. Then `offset` is that of the anchor.
    """

    offset: int
    value: Any = None
    end: int = 0
    text: str = ""
    style: str = ""
    children: Any = ()
    keys: Mapping[str, int] = field(default_factory=lambda: _NO_KEYS)
    merged: Mapping[str, int] = field(default_factory=lambda: _NO_KEYS)
    is_open: bool = False
    size: int = 1
    depth: int = 1
    used_at: int | None = None

    @property
    def place(self) -> int:
        """The offset of the value, or of the alias."""
        return self.offset if self.used_at is None else self.used_at

    @property
    def is_plain(self) -> bool:
        """Whether the value is a scalar without quotes."""
        return not self.style and not isinstance(self.value, (list, dict))

    @property
    def kind(self) -> str:
        """The kind of the value, in words."""
        if isinstance(self.value, ImplicitScalar):
            return self.value.kind
        return f"the boolean {str(self.value).lower()}" if isinstance(self.value, bool) else _KINDS[type(self.value)]

    def at(self, path: Iterable[str | int]) -> Node:
        """Return the value at a path. Raises LookupError if there is none."""
        node = self
        for part in path:
            node = items(node)[part] if isinstance(part, int) else fields(node)[part]
        return node


def fields(node: Node | None) -> Mapping[str, Node]:
    """Return the fields of a mapping; any other value has none."""
    return node.children if node is not None and isinstance(node.children, dict) else {}


def items(node: Node | None) -> list[Node]:
    """Return the items of a list; any other value has none."""
    return node.children if node is not None and isinstance(node.children, list) else []


def text_of(entry: Node, field: str) -> str:
    """Return the text of a field; empty if the field is no text."""
    node = fields(entry).get(field)
    return node.value if node is not None and isinstance(node.value, str) else ""


def is_true(entry: Node, field: str) -> bool:
    """Whether a boolean field is true."""
    node = fields(entry).get(field)
    return node is not None and node.value is True


def line_start(text: str, offset: int) -> int:
    """Return the offset at which the line of an offset begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Return the offset at which the line of an offset ends, before its break."""
    match = LINE_BREAK.search(text, offset)
    return match.start() if match else len(text)


def next_line(text: str, offset: int) -> int:
    """Return the offset at which the next line begins."""
    match = LINE_BREAK.search(text, offset)
    return match.end() if match else len(text)


class SourceMap:
    """The lines and columns of the offsets of a text.

    Lines end as in editors. U+2028, U+2029 and U+0085 end no line, as they do in YAML 1.1.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = array("I", [0])  # a list takes nine times the memory for four million lines
        self._starts.extend(match.end() for match in LINE_BREAK.finditer(text))

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset, counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def start(self, line: int) -> int:
        """Return the offset of a line, counted from 1; the end of the text if there is no such line."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)


class Patch:
    """A text with edits: `text` is `original` after `edits`, which are sorted and do not overlap."""

    def __init__(self, original: str) -> None:
        self.original = self.text = original
        self.edits: list[Edit] = []
        self._places: list[tuple[int, int]] = []
        """The end of each edit in `text`, and its end in the original."""

    def apply(self, edits: Iterable[Edit]) -> Edits:
        """Apply edits of `text`, and return them as edits of `original`. Earlier edits inside of them are undone."""
        applied = tuple(Edit(self.place(edit.start), self.place(edit.end), edit.new) for edit in edits)
        kept = [
            edit
            for edit in self.edits
            if not any(other.start <= edit.start and edit.end <= other.end and other != edit for other in applied)
        ]
        self.edits = sorted({*kept, *applied}, key=lambda edit: edit[:2])
        self._places, parts, done, length = [], [""], 0, 0
        for edit in self.edits:
            parts += self.original[done : edit.start], edit.new
            length += max(0, edit.start - done) + len(edit.new)
            done = max(done, edit.end)
            self._places.append((length, done))
        self.text = "".join([*parts, self.original[done:]])
        return applied

    def place(self, offset: int) -> int:
        """Return the offset in the original; for text that an edit has added, the beginning of the edit."""
        number = bisect_right(self._places, (offset, len(self.original)))
        ended, done = self._places[number - 1] if number else (0, 0)
        there = done + offset - ended
        return min(there, self.edits[number].start) if number < len(self.edits) else there

    def meets(self, edit: Edit) -> bool:
        """Whether an earlier edit touches an edit of the original."""
        number = bisect_left(self.edits, edit.start, key=lambda each: each.end)
        return number < len(self.edits) and self.edits[number].start <= edit.end


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return the text after edits, whose offsets are those of the text before all of them.

    Of edits at the same place, the first in `edits` comes first. Raises ValueError if two edits overlap, or an edit is
    outside of the text.
    """
    parts = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit[:2]):
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(f"the edit of {edit.start} to {edit.end} overlaps another one, or leaves the text")
        parts += [text[at : edit.start], edit.new]
        at = edit.end
    return "".join([*parts, text[at:]])


#: The most mistakes of a file that are listed: a file with more of them is not a mistyped registry.
MAX_MISTAKES = 20_000


class Abandoned(Exception):
    """The check of a file ends early. The reason is among the diagnostics."""


MAX_BYTES = 4 * 1024 * 1024
#: Directives, and the characters of each. libyaml compares directives with each other, and inserts the text of a
#: directive into every tag that uses it.
MAX_DIRECTIVES, MAX_DIRECTIVE = 100, 200
#: Items of one list (such as modules); values, including keys; values that aliases and merge keys may add; and levels
#: of nested values.
MAX_ITEMS, MAX_VALUES, MAX_ALIASED, MAX_DEPTH = 20_000, 400_000, 200_000, 32


def size(problem: str, hint: str = "remove what does not belong", place: int = 0) -> Diagnostic:
    """Return the diagnostic of a file with too many bytes, directives, values, items or mistakes."""
    return Diagnostic("size", place, problem, hint)


class Diagnostics(list[Diagnostic]):
    """The diagnostics of one file, in the order of the search: at most MAX_MISTAKES, and one that the list is full."""

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic. Raises Abandoned if the list is full."""
        if len(self) >= MAX_MISTAKES:
            self.append(
                size(
                    f"the file breaks the rules more than {MAX_MISTAKES:,} times, and is not checked further",
                    "mend what is listed, or begin with the last good file",
                )
            )
            raise Abandoned
        self.append(diagnostic)


#: The characters that are searched for the end of a value.
_FARTHEST = 2_000
#: Quoted text, a collection in brackets, either without its end, text after a sign of YAML, and such a sign.
_MARKED = (
    r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^']|'')*'" + r'|[\[{](?:"(?:[^"\\]|\\.)*"|[^"\[\]{}])*[\]}]'
    r"|[\"'\[{][^\r\n]*|[&*!|>][^\s,\[\]{}]*|[,\]}#]|[-?:](?!\S)"
)
#: Plain text ends at a comment, at the colon after a key, and at the end of the line. In brackets, it also ends at
#: commas and brackets.
_BLOCK, _FLOW = (
    re.compile(
        rf"(?!\s)(?:{_MARKED}|(?:[^\s:#{cut}]|:(?![\s{cut}]|$)|(?<!\s)#|[ \t]+(?=[^\s#{cut}]))+(?<![,\]}}]))",
        re.DOTALL | re.MULTILINE,
    )
    for cut in ("", r",\[\]{}")
)


def end_of(text: str, offset: int) -> int:
    """Return the offset after the key, the plain or quoted text, or the flow collection that begins at `offset`.

    The text may be no YAML. If no value begins at `offset`, the result is `offset` itself.
    """
    line = text[max(0, offset - _FARTHEST) : offset].rpartition("\n")[2]
    in_flow = line.count("{") + line.count("[") > line.count("}") + line.count("]")
    match = (_FLOW if in_flow else _BLOCK).match(text, offset, offset + _FARTHEST)
    return match.end() if match else offset
