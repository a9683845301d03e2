"""Where the cursor stands in a file that is being typed, and hardly ever is valid YAML at that moment.

Only the entry around the cursor is read, up to it. A mark stands for what will be typed, and YAML's parser comes to it
before it fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from service.registry.schema import schema

#: Stands for what will be typed: a character for private use, which YAML allows in text.
_MARK = "\ue000"

#: A longer entry is none that somebody types, in characters: YAML's parser could take seconds for it.
_LONGEST_ENTRY = 64 * 1024

_ENTRY = re.compile(r" *- +(?:[&*]\S+ +)?(?:\{|[\w<]+ *:)")
_ITEM = re.compile(r" *-(?: |$)", re.M)
_LAST_WORD = re.compile(r"\S*$")
_WORD = re.compile(r"\w*")
_COLON = re.compile(r"\w*[ \t]*:")
_NEXT_FIELD = re.compile(r"( *)([\w<]+) *:[ \t]*(\w*)|( *)\S|\s*$")
_FLOW_FIELD = re.compile(r"[,{\s](\w+) *:[ \t]*(\w*)")


@dataclass(slots=True)
class Context:
    """Where the cursor is: `path` leads to the mapping of a name, or to the value, from the root of the document.

    The numbers in it are not those of the file, since only a part was read.
    """

    path: tuple[str | int, ...]
    is_key: bool
    """In the name of a field; else in a value, or in an item that may become a mapping."""
    typed: str
    """What of the word stands before the cursor."""
    start: int
    """The offset at which the word begins."""
    end: int
    """The offset at which it ends, behind the cursor."""
    given: dict[str, str | None] = field(default_factory=dict)
    """The fields of the mapping around, with the text of those that are scalars."""
    listed: list[str | None] = field(default_factory=list)
    """The items of the list around, before the cursor."""
    entry: dict[str, str | None] = field(default_factory=dict)
    """The fields of the module around, before the cursor."""
    in_flow: bool = False
    """Between brackets or braces."""
    own_line: bool = False
    """A value that stands on another line than the name of its field."""
    has_colon: bool = False
    """The word is followed by a colon already."""


@dataclass(slots=True)
class _Level:
    """A mapping or list that is open at some point of the text."""

    is_mapping: bool
    in_flow: bool
    values: dict[str, str | None] = field(default_factory=dict)
    key: str | None = None
    key_line: int = -1
    items: list[str | None] = field(default_factory=list)

    @property
    def segments(self) -> list[str | int]:
        if not self.is_mapping:
            return [len(self.items)]
        return [] if self.key is None else [self.key]

    def took(self, text: str | None, line: int) -> None:
        """A value, or the name of a field, was read."""
        if not self.is_mapping:
            self.items.append(text)
        elif self.key is None:
            self.key, self.key_line = text or "", line
        else:
            self.values[self.key] = text
            self.key = None


def context(text: str, offset: int) -> Context | None:
    """Where the cursor at an offset is; None where nothing can be said, such as in a comment or between quotes."""
    line = text.rfind("\n", 0, offset) + 1
    for before in _readings(text, offset, line):
        if len(before) > _LONGEST_ENTRY:
            continue
        # As a value or an item first: with a colon, an item would seem to be the name of a field.
        for probe in (before + _MARK, before + _MARK + ":"):
            if found := _read(probe, offset):
                found.end = offset + len(_WORD.match(text, offset).group())  # type: ignore[union-attr]
                found.has_colon = bool(_COLON.match(text, offset))
                if found.is_key:
                    after = _flow_fields_after if found.in_flow else _fields_after
                    found.given = {**dict(after(text, found.start, line)), **found.given}
                return found
    return None


def _readings(text: str, offset: int, line: int) -> Iterator[str]:
    """Beginnings to read: the entry around, the item around, the whole section, the more likely ones first."""
    section, name = max((_section(text, name, offset), name) for name in schema()["properties"])
    if section < 0:
        yield text[:offset]
        return
    item, at = None, line
    while at > section and offset - at <= _LONGEST_ENTRY:
        if _ENTRY.match(text, at, offset):
            yield f"{name}:\n{text[at:offset]}"
            break
        if item is None and _ITEM.match(text, at, offset):
            item = at
        at = text.rfind("\n", 0, at - 1) + 1
    if item is not None:
        yield f"{name}:\n{text[item:offset]}"
    yield text[section:offset]


def _section(text: str, name: str, offset: int) -> int:
    """Where a section begins that the cursor may be in; negative where it does not."""
    found = text.rfind(f"\n{name}:", 0, offset)
    return found + 1 if found >= 0 else 0 if text.startswith(f"{name}:") and offset > len(name) else -1


def _read(probe: str, offset: int) -> Context | None:
    """What the parser says of the mark."""
    levels: list[_Level] = []
    with suppress(yaml.YAMLError):
        events: Iterator[Any] = yaml.parse(probe, Loader=yaml.CSafeLoader)
        for event in events:
            line = event.end_mark.line
            if isinstance(event, yaml.CollectionStartEvent):
                levels.append(_Level(isinstance(event, yaml.MappingStartEvent), bool(event.flow_style)))
            elif isinstance(event, yaml.CollectionEndEvent):
                levels.pop()
                if levels:
                    levels[-1].took(None, line)
            elif isinstance(event, yaml.ScalarEvent) and event.value.endswith(_MARK):
                return _at_mark(event, levels, offset)
            elif isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)) and levels:
                text = event.value if isinstance(event, yaml.ScalarEvent) else None
                levels[-1].took(text, line)
    return None


def _at_mark(event: Any, levels: list[_Level], offset: int) -> Context | None:
    if event.start_mark.line != event.end_mark.line:
        return None  # text of several lines
    typed = _LAST_WORD.search(event.value.removesuffix(_MARK)).group()  # type: ignore[union-attr]
    path = tuple(segment for level in levels for segment in level.segments)
    place = Context(path, False, typed, offset - len(typed), offset)
    if levels:
        level = levels[-1]
        place.is_key = level.is_mapping and level.key is None
        place.in_flow = level.in_flow
        place.given, place.listed = level.values, level.items
        place.entry = levels[2].values if len(levels) > 2 else {}
        place.own_line = level.is_mapping and level.key is not None and level.key_line != event.start_mark.line
    return place


def _fields_after(text: str, start: int, line: int) -> Iterator[tuple[str, str]]:
    """The fields of a mapping in block style below the line of the cursor, whose name begins at `start`.

    Of their values, the first word.
    """
    column = start - line
    at = text.find("\n", start) + 1
    while at and (found := _NEXT_FIELD.match(text, at)):
        margin, name, said, other = found.groups()
        if len(margin or other or "") < column and (margin is not None or other is not None):
            return
        if name and len(margin) == column:
            yield name, said
        at = text.find("\n", at) + 1


def _flow_fields_after(text: str, start: int, _: int) -> list[tuple[str, str]]:
    """The same of a mapping between braces, as far as its line goes."""
    line_end = text.find("\n", start)
    rest = text[start : line_end if line_end >= 0 else len(text)].partition("}")[0]
    return _FLOW_FIELD.findall(rest)
