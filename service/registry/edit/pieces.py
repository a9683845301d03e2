"""Where each value of a sound file stands in its text, from the first character to the last.

The linter's nodes (`service.registry.text.nodes`) know where a value begins, and what merges and aliases make of it.
To edit a text it takes its end as well, and what really is written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from service.registry.text.nodes import LINE_BREAK

_DASH = re.compile(r"[\r\n] *-")
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*(?:[&!]\S*$)?")


@dataclass(slots=True, eq=False)
class Piece:
    """A value as it is written: `start` is its first character, that of an anchor or tag if it has one.

    `end` is behind its last one, without the line break and comments that follow.
    """

    kind: str
    """scalar, list, map or alias."""
    start: int
    end: int
    text: str = ""
    """What a scalar says, without quotes."""
    quote: str = ""
    """What a scalar is put in: ' or ", nothing, or | and > for blocks of lines."""
    flow: bool = False
    """Lists and mappings in brackets and braces."""
    items: list[Piece] = field(default_factory=list)
    """Those of a list."""
    fields: list[tuple[Piece, Piece]] = field(default_factory=list)
    """Keys and values of a mapping, as they are written: a merge is a key <<."""

    def get(self, name: str) -> Piece | None:
        """The value of a field that is written here; None where there is none, or a merge or an alias has it."""
        return next((value for key, value in self.fields if key.text == name and key.kind == "scalar"), None)

    @property
    def names(self) -> list[str]:
        """The keys of a mapping."""
        return [key.text for key, _ in self.fields]


def pieces(text: str) -> Piece:
    """The root of a file that the linter has found sound, which is no deeper than it allows."""
    events = yaml.parse(text, Loader=yaml.CSafeLoader)
    next(events), next(events)  # the starts of stream and document
    return _piece(next(events), events, text)


def _piece(event: Any, events: Iterator[Any], text: str) -> Piece:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, yaml.AliasEvent):
        return Piece("alias", start, end)
    if isinstance(event, yaml.ScalarEvent):
        quote = event.style or ""
        if quote in ("|", ">"):
            end = start + len(text[start:end].rstrip())  # the parser counts the line breaks behind it
        return Piece("scalar", start, end, event.value, quote)
    if isinstance(event, yaml.MappingStartEvent):
        found = Piece("map", start, end, flow=bool(event.flow_style))
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            found.fields.append((_piece(event, events, text), _piece(next(events), events, text)))
        last = [piece for pair in found.fields[-1:] for piece in pair]
    else:
        found = Piece("list", start, end, flow=bool(event.flow_style))
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.items.append(_piece(event, events, text))
        last = found.items[-1:]
    # Without brackets, the parser sees the end of a collection where something else begins.
    found.end = event.end_mark.index if found.flow else max([found.start, *(piece.end for piece in last)])
    return found


def content(text: str, piece: Piece) -> int:
    """The first character of a value behind its anchor and tag."""
    found = _PROPERTIES.match(text, piece.start, piece.end)
    return found.end() if found else piece.start


def line_start(text: str, offset: int) -> int:
    """Where the line of an offset begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Where the line of an offset ends, before its break."""
    found = LINE_BREAK.search(text, offset)
    return found.start() if found else len(text)


def next_line(text: str, offset: int) -> int:
    """Where the line after that of an offset begins; the end of the text where there is none."""
    found = LINE_BREAK.search(text, offset)
    return found.end() if found else len(text)


def line_break(text: str) -> str:
    """How the lines of a text end: as the first does."""
    found = LINE_BREAK.search(text)
    return found.group() if found else "\n"


def dash(text: str, listed: Piece, number: int) -> int:
    """Where the - of an item stands, in a list without brackets."""
    at = listed.items[number - 1].end if number else listed.start
    if not number and text.startswith("-", at):
        return at
    found = _DASH.search(text, at, listed.items[number].start)  # all that is before it, beside blanks, is comments
    assert found, "an item of a list without brackets has a dash"
    return found.end() - 1
