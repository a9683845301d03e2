"""Aliases that stand for nothing: what they are meant for, by the anchors of the file."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property, partial

from service.problems import Edit
from service.registry.text.nodes import Finding, Node, SourceMap, Words
from service.registry.text.patch import Patch
from service.wording import is_one_slip, joined, shortened

ANCHOR = re.compile(r"&([^\s,\[\]{}]+)")
#: Aliases that are compared, with so many anchors, and how long their names may be, in characters.
_MOST, _LONGEST = 100, 60

#: So many anchors are named where one is missing.
_FEW = 5


class Aliases:
    """The aliases of one file that have no anchor before them. `anchors` are those that there are, while it is read."""

    def __init__(self, patch: Patch, source_map: SourceMap, anchors: Mapping[str, Node]) -> None:
        self._patch, self._map, self._known = patch, source_map, anchors
        self._similar: dict[str, list[str]] = {}

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where in the file each anchor stands."""
        found: dict[str, list[int]] = {}
        for one in ANCHOR.finditer(self._patch.original):
            found.setdefault(one[1], []).append(one.start())
        return found

    def no_anchor(self, name: str, offset: int, is_text: bool, path: Sequence[str | int]) -> Finding:
        """An alias that stands for nothing, or for what comes after it."""
        is_merge = list(path[-1:]) == ["<<"]
        words = partial(self._words, name, offset, is_text, is_merge)
        fix = partial(self._respelled, name, offset)
        return Finding(offset, "alias", words, tuple(path), fix)

    def _words(self, name: str, offset: int, is_text: bool, is_merge: bool) -> Words:
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
        elif is_merge:
            few = self._known if len(self._known) <= _FEW else {}
            above = [f"&{shortened(one)}" for one, node in few.items() if node.offset < offset]
            there = f"; above it there {'is' if len(above) == 1 else 'are'} {joined(above)}" if above else ""
            hint = f"write &{shown} at the mapping that is merged{there}"
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
