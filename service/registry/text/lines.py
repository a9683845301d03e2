"""The lines around a place in the text, and how this file indents: what syntax errors are looked for in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

from service.registry.schema import inlined, module_fields, removal_fields
from service.registry.text.characters import INVISIBLE
from service.registry.text.nodes import LINE_BREAK

#: How much is looked at before a place and after it, in characters, how long a line may be, and how many of them.
_BEFORE, _AFTER, LONGEST = 40_000, 20_000, 2_000
_MOST_LINES = 400
#: How many lines are looked at for a field that one belongs to, or for what belongs to it.
_NEAR = 20
#: Where entries are looked for that tell how a file is indented: its first characters.
_BEGINNING = 200_000
#: How often lines are looked at in one file, to find out what is wrong with some of them.
_MOST_LOOKS = 1_000_000

_ENTRY = re.compile(r"^( *)-( +)(?:\{ *)?(?:slug|[\"']slug[\"']) *:", re.MULTILINE)
#: The whole file is in braces, so that its lines may begin anywhere, and end with a comma.
_JSON = re.compile(r"\s*\{")
_INDENT = re.compile(rf"[\s{INVISIBLE}]*")
_DASH = re.compile(r"[\s\u200b\ufeff]*-(?=\s|$)")
KEY = re.compile(r"([\"']?)([A-Za-z_][\w-]*)\1 *:(?=\s|$)")

#: Fields that are texts in each of the languages, and all whose values are text for people.
IN_LANGUAGES = ("label", "description", "because")
TEXTS = ("fr", "en", *IN_LANGUAGES, "keywords")

#: Fields whose values may begin with a bracket, or have one quote around all of the text.
OPENED = {
    "[": ("keywords", "needs", "produces", "formerly", "legacy_features"),
    "{": (*IN_LANGUAGES, "deprecated"),
    '"': ("fr", "en"),
}
#: Keys whose values are lists or mappings.
BLOCKS = frozenset((*OPENED["["], *OPENED["{"], "modules", "removed"))


@cache
def top_keys() -> frozenset[str]:
    """The keys at the left margin."""
    return frozenset(inlined()["properties"])


@cache
def inner_keys() -> frozenset[str]:
    """The keys of the mappings in an entry, such as the languages of a label."""
    fields = [*module_fields().values(), *removal_fields().values()]
    inner = [part["properties"] for part in fields if "properties" in part]
    inner += [part["properties"] for fields in inner for part in fields.values() if "properties" in part]
    return frozenset(name for part in inner for name in part)


@cache
def known_keys() -> frozenset[str]:
    """Every key that a registry may have."""
    return top_keys() | inner_keys() | module_fields().keys() | removal_fields().keys()


class Spent(Exception):
    """Lines were looked at more often than is worth the time."""


class Budget:
    """How often lines may still be looked at. A question about one looks at those around it, which can be thousands."""

    def __init__(self) -> None:
        self.left = _MOST_LOOKS

    def spend(self) -> None:
        """Look at a line once more. Raises Spent where it is once too often."""
        self.left -= 1
        if self.left < 0:
            raise Spent


class Line(NamedTuple):
    """One line, without its break; offsets count from the beginning of the text."""

    start: int
    end: int
    text: str
    budget: Budget

    @property
    def indent(self) -> int:
        """How many blanks of any kind it begins with. Raises Spent."""
        self.budget.spend()
        return len(_INDENT.match(self.text)[0])  # type: ignore[index]  # it matches everything

    @property
    def is_blank(self) -> bool:
        """Whether it has no content, a comment aside."""
        return self.text[self.indent :][:1] in ("", "#")

    @property
    def has_dash(self) -> bool:
        """Whether it begins an item of a list. Raises Spent, as whatever else is asked of a line."""
        self.budget.spend()
        return _DASH.match(self.text) is not None

    @property
    def first(self) -> int:
        """The column of what it says, behind a dash, counted from 0."""
        at = self.indent
        return at + 1 + len(_INDENT.match(self.text[at + 1 :])[0]) if self.has_dash else at  # type: ignore[index]

    @property
    def key(self) -> str:
        """The key it begins with, a dash aside; empty if it has none."""
        found = KEY.match(self.text, self.first)
        return found[2] if found else ""

    @property
    def value(self) -> int:
        """The column where the value of its key begins, counted from 0."""
        found = KEY.match(self.text, self.first)
        at = found.end() if found else self.first
        return at + len(self.text[at:]) - len(self.text[at:].lstrip())


class Style(NamedTuple):
    """How the entries of a file are indented, in blanks: their dashes and their fields."""

    dash: int
    field: int

    @property
    def beginning(self) -> str:
        """How an entry begins, up to its first field."""
        return self.beginning_at(self.field)

    def beginning_at(self, field: int) -> str:
        """The same for an entry whose first field stands in a column."""
        return " " * self.dash + "-" + " " * (field - self.dash - 1)


def style(text: str) -> Style:
    """How most of the first entries are indented."""
    entries = islice(_ENTRY.finditer(text, 0, _BEGINNING), 50)
    found = Counter((len(one[1]), len(one[1]) + 1 + len(one[2])) for one in entries)
    return Style(*(found.most_common(1)[0][0] if found else (2, 4)))


class Window:
    """The lines of the text from somewhat before one place to somewhat after it."""

    def __init__(self, text: str, at: int, until: int, budget: Budget) -> None:
        begin = max(0, at - _BEFORE)
        if begin:
            found = LINE_BREAK.search(text, begin)
            begin = found.end() if found else len(text)
        end = min(len(text), max(at, min(until, at + _BEFORE)) + _AFTER)
        self.text, self.style, self.budget = text, style(text), budget
        self.is_json = _JSON.match(text, 0, _BEGINNING) is not None
        self.lines: list[Line] = []
        start = begin
        for found in LINE_BREAK.finditer(text, begin, end):
            self.lines.append(Line(start, found.start(), text[start : found.start()], budget))
            start = found.end()
        self.lines.append(Line(start, end, text[start:end], budget))
        self._starts = [line.start for line in self.lines]

    def number(self, offset: int) -> int:
        """The index of the line that an offset is in, or of the nearest one."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def begins_entry(self, line: Line) -> bool:
        """Whether a line begins an item of a list of modules."""
        return line.has_dash and (line.key == "slug" or line.indent == self.style.dash)

    def entry(self, number: int) -> int | None:
        """The index of the line above one, or itself, that begins an entry; None outside of all lists."""
        for index in range(number, max(-1, number - _MOST_LINES), -1):
            line = self.lines[index]
            if self.begins_entry(line):
                return index
            if line.indent == 0 and line.key in top_keys():
                return None
        return None

    def entry_end(self, number: int) -> int:
        """The index of the line after the last of the entry that begins at one, without the comments behind it."""
        end = number + 1
        for index in range(number + 1, len(self.lines)):
            line = self.lines[index]
            if self.begins_entry(line) or (line.indent == 0 and line.key in top_keys()):
                break
            if not line.is_blank:
                end = index + 1
        return end

    def field_end(self, number: int) -> int:
        """The index of the line after the last of the field that begins at one: what is indented deeper is its own."""
        line = self.lines[number]
        end = number + 1
        for index in range(number + 1, len(self.lines)):
            other = self.lines[index]
            if other.is_blank:
                continue
            if other.indent <= line.first or self.begins_entry(other):
                break
            end = index + 1
        return end

    def below(self, number: int) -> Iterator[Line]:
        """A line and all those after it, to the end of the text."""
        start = self.lines[number].start
        for found in LINE_BREAK.finditer(self.text, start):
            yield Line(start, found.start(), self.text[start : found.start()], self.budget)
            start = found.end()
        yield Line(start, len(self.text), self.text[start:], self.budget)

    def with_content(self, numbers: range) -> Iterator[tuple[int, Line]]:
        """Those of some lines that have content, with their indexes."""
        return ((number, line) for number in numbers if not (line := self.lines[number]).is_blank)

    def above(self, number: int) -> Line | None:
        """The nearest line with content above one."""
        return next((line for _, line in self.with_content(range(number - 1, -1, -1))), None)

    def following(self, number: int) -> Line | None:
        """The nearest line with content below one."""
        return next((line for _, line in self.with_content(range(number + 1, len(self.lines)))), None)

    def break_at(self, number: int) -> str:
        """How a line ends, or how it would if another followed."""
        line, following = self.lines[number], self.lines[number + 1 : number + 2]
        return self.text[line.end : following[0].start] if following else "\n"

    def parent(self, number: int) -> Line | None:
        """The field that the line of an inner key, such as `fr`, belongs to: the nearest above with no value itself."""
        for index in range(number - 1, max(-1, number - _NEAR), -1):
            line = self.lines[index]
            if line.key and not line.text[line.value :].strip() and line.key not in ("fr", "en"):
                return line
            if line.has_dash:
                return None
        return None

    def _below_field(self, field: Line) -> Iterator[Line]:
        """The lines below a field, up to the next one that is not deeper."""
        begin = self.number(field.start) + 1
        for _, line in self.with_content(range(begin, min(begin + _NEAR, len(self.lines)))):
            if self.begins_entry(line) or (line.indent <= field.first and line.key in known_keys()):
                return
            yield line

    def given(self, field: Line) -> set[str]:
        """The keys of what belongs to a field."""
        return {line.key for line in self._below_field(field)}

    def _indent_below(self, parent: Line) -> int:
        """How many blanks what belongs to a field begins with: two more than that, or as many as its first line."""
        lines = (line for line in self._below_field(parent) if line.key in inner_keys())
        columns = [line.indent for line in lines if line.indent > parent.first]
        usual = parent.first + 2
        return usual if usual in columns or not columns else columns[0]

    def indent_of(self, number: int, key: str) -> int | None:
        """How many blanks a line that begins with a key should begin with, as far as that is certain."""
        parent = self.parent(number) if key in inner_keys() else None
        if parent is not None and key not in ("slug", "label"):
            return self._indent_below(parent)
        if key in module_fields() or key in removal_fields():
            begin = self.entry(number - 1)
            if begin is None:
                return None
            line = self.lines[begin]
            return line.first if line.key else None
        return 0 if key in top_keys() else None
