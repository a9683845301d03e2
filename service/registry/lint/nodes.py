"""A text with places: its values as nodes, its lines and columns, and what becomes of both when it is patched."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from service.problems import Diagnostic, Edit

LINE_BREAK = re.compile("\r\n?|\n")

#: Leads to a value from the root of the document, by names and by numbers in lists.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ImplicitScalar:
    """A plain scalar that YAML 1.1 reads as a number or a date, which no field of a registry takes."""

    text: str
    kind: str


#: Stands for a value that has been reported, and of which nothing more can be said.
UNKNOWN = ImplicitScalar("", "unknown")

#: The tag that puts UNKNOWN into a text, in place of a value.
UNREAD = "!<unread>"

_NO_KEYS: Mapping[str, int] = MappingProxyType({})
_KINDS = {str: "text", list: "a list", dict: "a mapping", type(None): "an empty value"}


@dataclass(slots=True, eq=False)
class Node:
    """A value and where it stands, in characters. `children` mirrors `value` for mappings and lists.

    `end` is behind the value; of a block collection, behind its last value. `text` is a scalar as it is written without
    quotes, and `style` what it is put in: a quote, | or > of a block, { or [ of a collection. `keys` are the offsets of
    a mapping's keys, and `merged` those that came by `<<`, each with the offset of that. A mapping that `is_open` may
    have fields that cannot be read. `size` counts the values that an alias adds, long text for several; `used_at` is
    where that stands, and `offset` is that of its anchor then.
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
        """The offset at which it is used."""
        return self.offset if self.used_at is None else self.used_at

    @property
    def is_plain(self) -> bool:
        """A scalar written without quotes."""
        return not self.style and not isinstance(self.value, (list, dict))

    @property
    def kind(self) -> str:
        """What kind of value it is, in words."""
        if isinstance(self.value, ImplicitScalar):
            return self.value.kind
        return f"the boolean {str(self.value).lower()}" if isinstance(self.value, bool) else _KINDS[type(self.value)]

    def at(self, path: Iterable[str | int]) -> Node:
        """The value that a path leads to. Raises LookupError."""
        node = self
        for part in path:
            node = items(node)[part] if isinstance(part, int) else fields(node)[part]
        return node


def fields(node: Node | None) -> Mapping[str, Node]:
    """The fields of a mapping; none of anything else."""
    return node.children if node is not None and isinstance(node.children, dict) else {}


def items(node: Node | None) -> list[Node]:
    """The items of a list; none of anything else."""
    return node.children if node is not None and isinstance(node.children, list) else []


def text_of(entry: Node, field: str) -> str:
    """A field that is text; empty where it is not."""
    node = fields(entry).get(field)
    return node.value if node is not None and isinstance(node.value, str) else ""


def is_true(entry: Node, field: str) -> bool:
    """Whether a boolean field is there and true."""
    node = fields(entry).get(field)
    return node is not None and node.value is True


def line_start(text: str, offset: int) -> int:
    """Where the line of an offset begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Where the line of an offset ends, before its break."""
    match = LINE_BREAK.search(text, offset)
    return match.start() if match else len(text)


def next_line(text: str, offset: int) -> int:
    """Where the line behind that of an offset begins."""
    match = LINE_BREAK.search(text, offset)
    return match.end() if match else len(text)


class SourceMap:
    """Where the offsets of a text are, as lines and columns.

    Line breaks are those of editors: not U+2028, U+2029 or U+0085, which YAML 1.1 counts as well.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = array("I", [0])  # a list takes nine times the memory for four million lines
        self._starts.extend(match.end() for match in LINE_BREAK.finditer(text))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def start(self, line: int) -> int:
        """Where a line begins, counted from 1; the end of the text where there is none."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)


class Patch:
    """`text` is `original` with `edits`, which are in its order and do not overlap."""

    def __init__(self, original: str) -> None:
        self.original = self.text = original
        self.edits: list[Edit] = []
        self._places: list[tuple[int, int]] = []
        """Where the text of each edit ends, and where it ends in the original."""

    def apply(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Apply edits of `text`; those that were made before inside of one are undone. Returns them for `original`."""
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
        """The offset in the original: where an edit begins for what it has put there."""
        number = bisect_right(self._places, (offset, len(self.original)))
        ended, done = self._places[number - 1] if number else (0, 0)
        there = done + offset - ended
        return min(there, self.edits[number].start) if number < len(self.edits) else there

    def meets(self, edit: Edit) -> bool:
        """Whether something was edited before where an edit of the original is."""
        number = bisect_left(self.edits, edit.start, key=lambda each: each.end)
        return number < len(self.edits) and self.edits[number].start <= edit.end


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made in it, whose offsets are those of the text before any of them.

    Of edits at the same place, the earlier in `edits` comes first. Raises ValueError where two of them overlap, or one
    is outside of the text.
    """
    parts, at = [], 0
    for edit in sorted(edits, key=lambda edit: edit[:2]):
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(f"the edit of {edit.start} to {edit.end} overlaps another one, or leaves the text")
        parts += [text[at : edit.start], edit.new]
        at = edit.end
    return "".join([*parts, text[at:]])


#: Mistakes that are looked for: a file with more is no registry that somebody mistyped.
MAX_MISTAKES = 20_000


class Abandoned(Exception):
    """The file is not looked at any further; the reason is among the diagnostics."""


class Diagnostics(list[Diagnostic]):
    """What is wrong with one file, in the order in which it is found: at most MAX_MISTAKES, and that there are more."""

    def add(self, diagnostic: Diagnostic) -> None:
        """Raises Abandoned where it is one too many."""
        if len(self) >= MAX_MISTAKES:
            message = f"the file breaks the rules more than {MAX_MISTAKES:,} times, and is not checked further"
            self.append(Diagnostic("size", 0, message, "mend what is listed, or begin with the last good file"))
            raise Abandoned
        self.append(diagnostic)


#: So many characters are looked through for the end of a value.
_FARTHEST = 2_000
#: Quoted text, a collection in brackets, one of them that has no end, what begins with a sign of YAML, and such a sign.
_MARKED = (
    r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^']|'')*'" + r'|[\[{](?:"(?:[^"\\]|\\.)*"|[^"\[\]{}])*[\]}]'
    r"|[\"'\[{][^\r\n]*|[&*!|>][^\s,\[\]{}]*|[,\]}#]|[-?:](?!\S)"
)
#: Plain text ends at a comment, at a colon that ends a key, and at the end of the line; in a flow, at what cuts it too.
_BLOCK, _FLOW = (
    re.compile(
        rf"(?!\s)(?:{_MARKED}|(?:[^\s:#{cut}]|:(?![\s{cut}]|$)|(?<!\s)#|[ \t]+(?=[^\s#{cut}]))+(?<![,\]}}]))",
        re.DOTALL | re.MULTILINE,
    )
    for cut in ("", r",\[\]{}")
)


def end_of(text: str, offset: int) -> int:
    """The offset behind the key, plain or quoted text, or flow collection that begins at `offset`.

    It is read off the text, which may be no YAML at all: where nothing of the kind begins, it is `offset` itself.
    """
    line = text[max(0, offset - _FARTHEST) : offset].rpartition("\n")[2]
    in_flow = line.count("{") + line.count("[") > line.count("}") + line.count("]")
    match = (_FLOW if in_flow else _BLOCK).match(text, offset, offset + _FARTHEST)
    return match.end() if match else offset
