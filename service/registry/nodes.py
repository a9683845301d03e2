"""The parts of a file: values with their places, and what was found wrong with them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

_LINE_BREAK = re.compile("\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem whose place is still an offset into the text, in characters."""

    offset: int
    rule: str
    message: str
    hint: str = ""
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Misread:
    """A plain scalar that YAML 1.1 reads as a number or a date, which no field of a registry takes."""

    text: str
    kind: str


#: Stands for a value that has been reported and of which nothing more can be said.
UNKNOWN = Misread("", "unknown")


@dataclass(slots=True)
class Node:
    """A value and where it stands. `children` mirrors `value` for mappings and lists."""

    offset: int
    value: Any = None
    text: str = ""
    """A scalar as it is written, without quotes."""
    plain: bool = False
    """A scalar written without quotes."""
    children: Any = ()
    keys: dict[str, int] = field(default_factory=dict)
    """Offsets of a mapping's keys."""
    repeated: set[str] = field(default_factory=set)
    """Keys given more than once: the first value is kept, and none of them can be relied on."""
    size: int = 1
    depth: int = 1


class Places:
    """Offsets of a text as lines and columns. Line breaks are those of editors: not U+2028, U+2029 or U+0085."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in _LINE_BREAK.finditer(text))]

    def of(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def pointer(*segments: str | int) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(segment).replace("~", "~0").replace("/", "~1") for segment in segments)
