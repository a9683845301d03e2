"""Aliases that stand for nothing: what they are meant for, by the anchors of the file."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property, partial

from service.problems import Edit
from service.registry.text.nodes import Finding, Node, SourceMap, Words
from service.registry.text.patch import Patch
from service.wording import is_one_slip, shortened

_ANCHOR = re.compile(r"&([^\s,\[\]{}]+)")
#: Aliases that are compared, with so many anchors, and how long their names may be, in characters.
_MOST, _LONGEST = 100, 60


class Aliases:
    """The aliases of one file that have no anchor before them. `anchors` are those that there are, while it is read."""

    def __init__(self, patch: Patch, source_map: SourceMap, anchors: Mapping[str, Node]) -> None:
        self._patch, self._map, self._known = patch, source_map, anchors
        self._similar: dict[str, list[str]] = {}

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where in the file each anchor stands."""
        found: dict[str, list[int]] = {}
        for one in _ANCHOR.finditer(self._patch.original):
            found.setdefault(one[1], []).append(one.start())
        return found

    def no_anchor(self, name: str, offset: int, is_text: bool, path: Sequence[str | int]) -> Finding:
        """An alias that stands for nothing, or for what comes after it."""
        words, fix = partial(self._words, name, offset, is_text), partial(self._respelled, name, offset)
        return Finding(offset, "alias", words, tuple(path), fix)

    def _words(self, name: str, offset: int, is_text: bool) -> Words:
        shown = shortened(name)
        places = self._places.get(name, [])
        later = bisect_left(places, offset)
        if later < len(places):
            line = self._map.position(places[later])[0]
            message = f"the alias *{shown} stands before its anchor &{shown}, on line {line}"
            return message, "write the value here, with the anchor, and the alias there"
        hint = f'write "*{shown}" in quotes if it is text'
        if not is_text and (close := self._close(name, offset)):
            hint = f"did you mean *{close[0]}?"
        elif not is_text:
            hint = f"remove the * if {shown} itself is meant, or write &{shown} at the value it stands for"
        return f"the alias *{shown} has no anchor", hint

    def _close(self, name: str, offset: int) -> list[str]:
        """Anchors before an alias whose names are but one slip from its own: where there is one, that is meant."""
        if name not in self._similar:
            is_much = max(len(self._known), len(self._similar)) >= _MOST or not 2 < len(name) <= _LONGEST
            is_odd = is_much or name in self._places
            self._similar[name] = [] if is_odd else [one for one in self._known if is_one_slip(name, one)]
        return [one for one in self._similar[name] if self._known[one].offset < offset]

    def _respelled(self, name: str, offset: int) -> list[Edit]:
        close = self._close(name, offset)
        return [Edit(offset + 1, offset + 1 + len(name), close[0])] if len(close) == 1 else []
