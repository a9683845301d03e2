"""Values as a file writes them: with its quotes, its brackets, its margins, and its order of fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import yaml
from yaml.resolver import Resolver

from service.registry.edit.pieces import Piece, content, dash, line_start
from service.registry.schema import module_fields, removal_fields
from service.wording import json_text

_RESOLVER: Any = Resolver()
#: Text that is what it says without quotes, also between brackets; what YAML may read otherwise is told apart later.
_PLAIN = re.compile(r"[^\W_](?:[\w./@+’'&()-]|[ \xa0\u202f](?=[^\W_]|\())*|(?:https:/)?/[\w./-]+")
_DAY = "tag:yaml.org,2002:timestamp"

#: Entries that are looked at for what is usual in a file.
_MOST_ENTRIES = 200


def scalar(value: str | bool, like: Piece | None = None, field: str = "") -> str:
    """A scalar, in the quotes of another one or none where it needs none."""
    if isinstance(value, bool):
        return str(value).lower()
    quote = like.quote if like and like.kind == "scalar" else ""
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if quote != '"' and _PLAIN.fullmatch(value):
        tag = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))
        if tag == "tag:yaml.org,2002:str" or (tag == _DAY and field in ("date", "since", "removed_after")):
            return value
    return json_text(value)


@dataclass(frozen=True, slots=True)
class Style:
    """How entries of one list are written: in braces (`flow`) or not; `entries` has examples, the best one first."""

    text: str
    flow: bool
    entries: Sequence[Piece]

    @classmethod
    def of(cls, text: str, in_brackets: bool, entries: Sequence[Piece]) -> Style:
        """The style of a list, which may be in brackets: that of its entry to be like, and others for what it lacks."""
        mappings = [entry for entry in islice(entries, _MOST_ENTRIES) if entry.kind == "map" and entry.fields]
        return cls(text, in_brackets or bool(mappings and mappings[0].flow), mappings)

    def items(self, added: Sequence[Mapping[str, Any]], in_brackets: bool) -> list[list[str]]:
        """New entries of the same fields as items of a list, without the margin of that: each a line, or several."""
        names: list[str] = []
        for name in added[0]:
            names.insert(place(names, name, self.entries) + 1, name)
        return [self._item(names, fields, in_brackets) for fields in added]

    def _item(self, names: Sequence[str], fields: Mapping[str, Any], in_brackets: bool) -> list[str]:
        if self.flow:
            braced = self._braced([self.line(name, fields[name]) for name in names])
            return [braced if in_brackets else f"- {braced}"]
        first, *others = (line for name in names for line in self.field(name, fields[name]))
        inner = self._inner
        return [f"-{' ' * (len(inner) - 1)}{first}", *(inner + line for line in others)]

    def field(self, name: str, value: Any) -> list[str]:
        """A field without its margin, on a line or several."""
        like = self.like(name)
        if isinstance(value, Mapping) and like and not like.flow and like.kind == "map":
            step = " " * max(2, self._column(like.fields[0][0]) - self._column(self._key_of(like)))
            return [
                f"{self.key(name)}:",
                *(f"{step}{key}: {self.inline(name, text, key)}" for key, text in value.items()),
            ]
        if isinstance(value, (list, tuple)) and value and like and not like.flow and like.kind == "list":
            first = dash(self.text, like, 0)
            step = " " * (first - line_start(self.text, first) - self._column(self._key_of(like)))
            return [f"{self.key(name)}:", *(f"{step}- {scalar(item, like.items[0])}" for item in value)]
        return [self.line(name, value)]

    def line(self, name: str, value: Any) -> str:
        """A field on one line."""
        return f"{self.key(name)}: {self.inline(name, value)}"

    def inline(self, name: str, value: Any, part: str = "") -> str:
        """A value on one line."""
        like = self.like(name)
        usual = self.entries[0].fields[0][1] if self.entries else None  # most likely the slug
        if part and like is not None:
            like = like.get(part) or (like.fields[0][1] if like.fields else None)
        if isinstance(value, Mapping):
            return self._braced([f"{self.key(key)}: {self.inline(name, text, key)}" for key, text in value.items()])
        if isinstance(value, (list, tuple)):
            pad = " " if like and like.flow and like.kind == "list" and self._is_padded(like) else ""
            item = like.items[0] if like and like.items else usual
            return f"[{pad}{', '.join(scalar(each, item) for each in value)}{pad}]"
        return scalar(value, like or usual, name)

    def like(self, name: str) -> Piece | None:
        """How the same field is written elsewhere, or else one that is like it."""
        for field in (name, *_ALIKE.get(name, ())):
            for entry in self.entries:
                found = entry.get(field)
                if found is not None and found.kind != "alias" and (field == name or found.items or found.fields):
                    return found
        return None

    def key(self, name: str) -> str:
        """A key in the quotes of others, as JSON has them."""
        return scalar(name, self.entries[0].fields[0][0] if self.entries else None)

    def _key_of(self, value: Piece) -> Piece:
        return next(key for entry in self.entries for key, each in entry.fields if each is value)

    def _column(self, piece: Piece) -> int:
        return piece.start - line_start(self.text, piece.start)

    @property
    def _inner(self) -> str:
        """The margin of an entry's fields, from its dash on."""
        if self.entries and not self.entries[0].flow:
            key = self.entries[0].fields[0][0].start
            line = self.text[line_start(self.text, key) : key]
            if "-" in line:
                return " " * (len(line) - line.index("-"))
        return "  "

    def _braced(self, parts: Sequence[str]) -> str:
        pieces = (piece for entry in self.entries for piece in (entry, *(value for _, value in entry.fields)))
        like = next((piece for piece in pieces if piece.flow and piece.fields), None)
        pad = " " if like is None or self._is_padded(like) else ""
        return f"{{{pad}{', '.join(parts)}{pad}}}"

    def _is_padded(self, piece: Piece) -> bool:
        return self.text[content(self.text, piece) + 1] == " "


#: Fields that are written alike, where a file has no other example.
_ALIKE = {
    "description": ("label",),
    "because": ("label", "description"),
    "needs": ("produces", "keywords", "formerly"),
    "produces": ("needs", "keywords", "formerly"),
    "keywords": ("needs", "produces", "formerly"),
    "formerly": ("needs", "produces", "keywords"),
}


def place(names: Sequence[str], new: str, entries: Sequence[Piece]) -> int:
    """Behind which of an entry's fields a new one goes: the index of that, or -1.

    As in most entries that have both; where none has, by the order of the schema.
    """
    order = [*dict.fromkeys((*module_fields(), *removal_fields()))]
    with_new = [entry.names for entry in entries[:_MOST_ENTRIES] if new in entry.names]

    def comes_first(name: str) -> bool:
        both = [others.index(name) < others.index(new) for others in with_new if name in others]
        if both:
            return 2 * sum(both) > len(both)
        return name not in order or order.index(name) < order.index(new)

    return max((number for number, name in enumerate(names) if comes_first(name)), default=-1)
