"""The fields of a mapping as they are read: keys given twice, merges, and keys that are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from service.problems import Edit
from service.registry.schema import module_fields
from service.registry.text.again import second_copy
from service.registry.text.keys import NO_TEXT, TEMPLATE, given_again, merge, question_mark, read_as
from service.registry.text.lines import BLOCKS, IN_LANGUAGES, OPENED
from service.registry.text.misplaced import Repeated, joined_lists, joined_mappings
from service.registry.text.misreadings import LANGUAGES
from service.registry.text.no_dash import list_without_dashes, with_dashes
from service.registry.text.nodes import UNKNOWN, Node
from service.registry.text.reading import MAX_ITEMS, Reading
from service.registry.text.rewriting import field_removed


@cache
def _field() -> re.Pattern[str]:
    """A field in text that it does not belong to."""
    return re.compile(rf"(?<!\S)(?:{'|'.join(module_fields())}): ")


class Fields:
    """What a mapping has: `take` is called for each field in turn, and `finish` at the end of the mapping."""

    def __init__(self, reading: Reading, node: Node) -> None:
        self._reading, self._node = reading, node
        self._children: dict[str, Node] = {}
        self._keys: dict[str, int] = {}
        self._merged: list[Node] = []
        self._merge_at: int | None = None
        self._repeated: list[Repeated] = []
        self._in_a_row = self._most_in_a_row = 0
        self._is_template = False
        self._end = 0

    def take(self, key: Node, child: Node) -> None:
        """One more field, to which the path leads."""
        name = key.value if isinstance(key.value, str) else None
        is_merge = name == "<<" and key.plain
        if child.plain and child.used_at is None and not child.text:
            meant = self._reading.misreadings.without_colon(key, child, self._reading.path, self._children)
            if meant == "":
                return
            name = meant or name
        else:
            self._misread(key, child, name)
        node = self._node
        node.cut |= _swallows(name, child)
        node.size += child.size + key.size
        node.depth = max(node.depth, child.depth + 1)
        self._end = child.end
        is_again = False
        if name is None:
            self._without_name(key, child)
        elif name in self._children or (is_merge and self._merge_at is not None):
            is_again = True
            self._again(name, key.offset, child, self._merge_at if is_merge else None)
        elif is_merge:
            self._merge_at = key.offset
            self._merged = self._sources(child)
        else:
            self._children[name] = child
            self._keys[name] = key.offset
        self._in_a_row = self._in_a_row + 1 if is_again else 0
        self._most_in_a_row = max(self._most_in_a_row, self._in_a_row)

    def _misread(self, key: Node, child: Node, name: str | None) -> None:
        """Ask for what YAML reads otherwise than it is meant."""
        misreadings, path = self._reading.misreadings, self._reading.path
        if child.plain and child.used_at is None:
            if name in OPENED["["] and misreadings.items_in_text(key, child, path):
                return
            if child.text[-1] in '"]}':
                misreadings.end(child, path)
            elif not child.text.isascii():
                misreadings.quotes.look_at(child, path)
        elif name in BLOCKS and child.text:
            misreadings.text_for_more(key, child, path)

    def _without_name(self, key: Node, child: Node) -> None:
        """A key that is no text."""
        reading, node = self._reading, self._node
        if key.offset == node.offset + 1 and reading.text.startswith("{{", node.offset):
            self._is_template = True
        elif key.children and isinstance(key.value, dict) and self._is_explicit(key):
            self._not_a_key(key, child)
            for name, value in key.children.items():
                is_whole = len(key.children) == 1 and value.value is None
                self._children.setdefault(name, child if is_whole else value)
                self._keys.setdefault(name, key.keys[name])
        else:
            node.cut = True
            if key.value is not UNKNOWN:  # else that is told
                is_scalar = isinstance(key.children, tuple) and bool(key.text)
                reading.found(key.offset, "key-not-text", partial(read_as, key) if is_scalar else NO_TEXT)

    def _is_explicit(self, key: Node) -> bool:
        """Whether a question mark makes what follows it a key."""
        return self._reading.text[max(0, key.offset - 20) : key.offset].rstrip(" ").endswith("?")

    def _not_a_key(self, key: Node, value: Node) -> None:
        """Fields that a question mark turns into the key of another."""
        reading = self._reading
        at = reading.text.rindex("?", 0, key.offset)
        reading.found(at, "key-not-text", partial(question_mark, next(iter(key.children))))
        if value.value is None and not value.text and reading.text[key.offset] not in "{&!":
            edit = Edit(at, key.offset if key.offset - at == 2 else at + 1, "")
            reading.findings[-1].fix = lambda: [edit]

    def _again(self, name: str, offset: int, child: Node, merge_at: int | None) -> None:
        """A key that is there already; `merge_at` is the place of the first if both are merges."""
        kept = self._children.get(name)
        is_same = kept is not None and child.value == kept.value and child.value is not UNKNOWN
        first = self._keys[name] if merge_at is None else merge_at
        self._repeated.append(Repeated(name, offset, first, child.end if is_same else None, child, kept))

    def _sources(self, child: Node) -> list[Node]:
        """What is merged. Where that is nothing, the other fields cannot be known."""
        reading = self._reading
        sources: Iterable[Node] = child.children if isinstance(child.value, list) else [child]
        found = [source for source in sources if isinstance(source.value, dict)]
        if len(found) < len(list(sources)):
            self._node.incomplete = True
            if not any(source.value is UNKNOWN for source in sources):
                name = self._anchor(child)
                aliased = child.text if child.used_at is not None and isinstance(child.value, str) else ""
                reading.found(child.place, "merge", partial(merge, name, aliased))
                reading.findings[-1].fix = lambda: [Edit(child.offset, child.offset, "*")] if name else []
        return found

    def _anchor(self, child: Node) -> str:
        """The anchor above a text that has its name, and lacks its sign; empty where there is none."""
        anchored = self._reading.anchors.get(child.text) if child.plain else None
        return child.text if anchored is not None and isinstance(anchored.value, dict) else ""

    def finish(self, event: Any) -> None:
        """Give the mapping what was read, at the event that ends it."""
        reading, node, children = self._reading, self._node, self._children
        lacking = ""
        if reading.path[-1:] and reading.path[-1] in IN_LANGUAGES and len(children) + len(self._repeated) < 3:
            again_here = [(one.name, one.child) for one in self._repeated]
            if reading.misreadings.languages(node, reading.path, children, again_here):
                node.value = UNKNOWN
                return
            if self._repeated and len(children.keys() & LANGUAGES) == 1:
                [lacking] = LANGUAGES - children.keys()
                node.incomplete = True
        if reading.path in (["modules"], ["removed"]) and "slug" in children:
            fields = replace(node, children=children, keys=self._keys, end=self._end)
            if found := list_without_dashes(reading.text, str(reading.path[0]), fields):
                reading.findings.add(found)
                node.value = UNKNOWN
                return
        self._tell_repeated(lacking)
        again = {one.name for one in self._repeated if self._most_in_a_row > 1 or one.same_until is None}
        came = self._merge(again)
        if self._is_template:
            reading.found(node.offset, "key-not-text", TEMPLATE)
            node.value = UNKNOWN
            return
        node.repeated = again or node.repeated
        node.end = reading.end_of_all(event, self._end)
        node.merged = came or node.merged
        node.children = children
        node.keys = self._keys
        node.value = {name: child.value for name, child in children.items()}

    def _merge(self, again: set[str]) -> dict[str, int]:
        """Take the fields of what is merged that are not here, and say where each came from."""
        reading, node = self._reading, self._node
        came: dict[str, int] = {}
        for other in self._merged:
            # What it adds is in no alias where it stands here itself, and is copied all the same.
            reading.expanded(node.offset, other.size)
            again |= other.repeated
            node.incomplete |= other.incomplete
            node.size += other.size
            for name, child in other.children.items():
                if name not in self._children:
                    self._children[name] = child
                    self._keys[name] = other.keys[name]
                    came[name] = self._merge_at or 0
        return came

    def _tell_repeated(self, lacking: str) -> None:
        """Tell the keys that are given again: those of the file may be a second copy, or a second list.

        `lacking` is the language that one of two texts is meant to be in.
        """
        reading, repeated, children = self._reading, self._repeated, self._children
        if not reading.path:
            if len(repeated) >= len(children) > 0 and self._stands_again():
                return
            joined_lists(children, repeated, reading.patch, reading.source_map, reading.findings, MAX_ITEMS)
        if repeated and self._most_in_a_row > 1:  # most likely one mistake, the lost beginning of the next entry
            self._tell_again(repeated, lacking)
        else:
            for one in repeated:
                self._tell_again([one], lacking)

    def _stands_again(self) -> bool:
        """Whether the keys of the file come again in their order, which is one mistake: it was pasted twice."""
        reading, repeated, names = self._reading, self._repeated, list(self._children)
        if "modules" not in names or [one.name for one in repeated] != names * (len(repeated) // len(names)):
            return False
        is_same = all(one.same_until is not None for one in repeated)
        found = second_copy(reading.patch, reading.source_map, repeated[0].offset, names, is_same)
        if found:
            reading.findings.add(found)
        return found is not None

    def _tell_again(self, group: Sequence[Repeated], lacking: str) -> None:
        reading, one = self._reading, group[0]
        reading.path.append(one.name)
        reading.found(one.offset, "duplicate-key", partial(given_again, reading.source_map, group, lacking))
        if len(group) > 1:
            reading.findings[-1].fix = partial(with_dashes, reading.text, self._node, group)
        elif not lacking and one.same_until is not None:
            reading.findings[-1].fix = partial(field_removed, reading.text, one.offset, one.same_until)
        elif one.has_the_rest():
            reading.findings[-1].fix = partial(joined_mappings, reading.text, one)
        reading.path.pop()


def _swallows(name: str | None, child: Node) -> bool:
    """Whether the value of a field cannot be read, or has other fields in it: no such text is well formed."""
    if child.cut or name not in module_fields() or ": " not in child.text:
        return child.cut
    return _field().search(child.text) is not None
