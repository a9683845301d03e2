"""The entries of a file under the right names of their fields, and the published schema they are read by."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from service.registry.nodes import Findings, Node
from service.resources import read_schema
from service.wording import normalized, quoted

#: What is longer is no slug, and may be megabytes of blanks, in characters.
_LONGEST_SLUG = 64


def module_name(slug: object, number: int) -> str:
    """How messages call the module at index `number`: by slug where there is a usable one, else counted from 1."""
    if isinstance(slug, str) and slug[:_LONGEST_SLUG].strip():
        return quoted(slug)[1:-1]
    return f"module {number + 1}"


@dataclass(slots=True, eq=False)
class Entry:
    """A mapping of the file, under the right names of its fields."""

    node: Node
    path: tuple[str | int, ...]
    fields: dict[str, Node]
    doubtful: set[str]
    """Fields with a problem: rules that depend on them stay silent."""
    misspelled: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """How messages call it."""
        slug = self.fields.get("slug")
        return module_name(slug.value if slug else None, int(self.path[-1]))

    def names(self, field_name: str) -> list[tuple[tuple[str | int, ...], Node]]:
        """The items of a list of names that can be relied on, each with its path from the entry.

        Text on its own counts as a list of one.
        """
        node = self.fields.get(field_name)
        if node is None:
            return []
        if not isinstance(node.value, list):
            return [((field_name,), node)] if is_name(node.value) else []
        return [((field_name, number), item) for number, item in enumerate(node.children) if is_name(item.value)]

    def produced(self) -> tuple[set[str], bool]:
        """The artifacts it produces, malformed names as they were meant, and whether there may be others."""
        node = self.fields.get("produces")
        items = [] if node is None else node.children if isinstance(node.value, list) else [node]
        meant = {normalized(item.value) for item in items if isinstance(item.value, str)}
        names = {name for name in meant if is_name(name)}
        uncertain = "produces" in self.node.repeated or len(self.node.repeated) > 1
        return names, uncertain or names != meant or not all(isinstance(item.value, str) for item in items)

    def flag(self, field_name: str) -> bool:
        node = self.fields.get(field_name)
        return node is not None and node.value is True

    def at(self, field_name: str) -> int:
        """The offset of a field's key, or of the entry where the field is absent or misspelled."""
        return self.node.keys.get(field_name, self.node.offset)


@dataclass(slots=True)
class Shaped:
    """The file's entries, and what is wrong with each on its own."""

    findings: Findings
    entries: list[Entry] = field(default_factory=list)
    legacy: list[Node] = field(default_factory=list)
    unreadable: bool = False
    """Something that should be a module is not a mapping, so what it would produce is not known."""


@cache
def schema() -> dict[str, Any]:
    """The published JSON Schema of registry.yaml."""
    loaded: dict[str, Any] = json.loads(read_schema("registry.schema.json"))
    return loaded


@cache
def inlined() -> dict[str, Any]:
    """The schema with every $ref replaced by what it points to: following one costs the validator more than a check."""
    whole: dict[str, Any] = _inlined(schema())
    return whole


def _inlined(part: Any) -> Any:
    if isinstance(part, list):
        return [_inlined(item) for item in part]
    if not isinstance(part, dict):
        return part
    own = {name: _inlined(value) for name, value in part.items() if name not in ("$ref", "$defs")}
    return _inlined(schema()["$defs"][part["$ref"].removeprefix("#/$defs/")]) | own if "$ref" in part else own


def module_fields() -> dict[str, Any]:
    """What the schema says about each field of a module."""
    fields: dict[str, Any] = inlined()["properties"]["modules"]["items"]["properties"]
    return fields


def is_name(value: object) -> bool:
    """Whether it is a well-formed slug or artifact name: asked so often that the validator would cost seconds."""
    return isinstance(value, str) and _name().search(value) is not None


@cache
def _name() -> re.Pattern[str]:
    return re.compile(schema()["$defs"]["name"]["pattern"])
