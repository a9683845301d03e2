"""Places in a text as editors count them: lines, and characters in the units of UTF-8, UTF-16 or UTF-32."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from service.registry.text.nodes import line_starts

#: The codec of each encoding that a client may choose, and the bytes of one of its units.
_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Place(NamedTuple):
    """A line and a character in it, both counted from 0, in the units of the encoding."""

    line: int
    character: int


class Positions:
    """The places of one text: offsets are characters, as Python counts them.

    Line breaks are those of the protocol (LSP 3.17, "Text Documents"): the ones that the linter counts, too.
    """

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text
        self._starts = line_starts(text)
        self._codec, self._width = _CODECS[encoding]

    def place(self, offset: int) -> Place:
        """Where an offset is."""
        line = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[line] : offset]
        return Place(line, len(before.encode(self._codec, "surrogatepass")) // self._width)

    def offset(self, place: Place) -> int:
        """The offset of a place. Beyond the end of its line it is that end, as the protocol says."""
        if place.line >= len(self._starts):
            return len(self.text)
        line = self.line(place.line)
        units = line.encode(self._codec, "surrogatepass")[: place.character * self._width]
        return self._starts[place.line] + len(units.decode(self._codec, "ignore"))

    def line(self, number: int) -> str:
        """The text of a line, counted from 0, without its break; empty where there is none."""
        if number >= len(self._starts):
            return ""
        after = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        return self.text[self._starts[number] : after].rstrip("\r\n")

    def start_of_line(self, number: int) -> int:
        """The offset at which a line begins, counted from 0; the end of the text where there is none."""
        return self._starts[number] if number < len(self._starts) else len(self.text)
