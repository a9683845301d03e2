"""What one entry of `modules` says: its fields under their right names, whichever way the file spells them.

The passes that follow read a file through these classes, and never see a misspelled name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from service.registry.check.guesses import has_words, is_nothing
from service.registry.schema import is_name
from service.registry.text.nodes import Findings, ImplicitScalar, Node
from service.wording import Spelling, normalized, quoted

#: What is longer is no slug, and may be megabytes of blanks, in characters.
_LONGEST_SLUG = 64


def module_name(slug: object, number: int) -> str:
    """How messages call the module at index `number`: by slug where there is a usable one, else counted from 1."""
    if is_name(slug):
        return str(slug)
    if isinstance(slug, str) and slug[:_LONGEST_SLUG].strip():
        return quoted(slug)[1:-1]
    return f"module {number + 1}"


def name_of(node: Node, path: tuple[str | int, ...]) -> str:
    """How messages call what is to become the entry at a path."""
    name = module_name(node.value.get("slug"), int(path[1]))
    return f"removed {name}" if path[0] == "removed" else name


@dataclass(slots=True, eq=False)
class Entry:
    """A mapping of the file: a module, or the whole document.

    `node` is the mapping as it stands in the file, and `path` leads to it from the root of the document. `fields` has
    the values under the right names of their fields, unknown ones left out.
    """

    node: Node
    path: tuple[str | int, ...]
    fields: dict[str, Node]
    doubtful: set[str]
    """Fields with a finding of their own, or whose value may change when another finding is mended.

    Rules that depend on one of them stay silent; see the package's docstring.
    """
    misspelled: set[str] = field(default_factory=set)
    """Fields that the file spells differently: `fields` has them under the name that was meant."""

    @property
    def name(self) -> str:
        """How messages call it."""
        slug = self.fields.get("slug")
        name = module_name(slug.value if slug else None, int(self.path[-1]))
        return f"removed {name}" if self.path[0] == "removed" else name

    def names(self, field_name: str) -> Iterator[tuple[int | None, Node]]:
        """The well-formed names in a list such as `needs`, each with its number in the list.

        Text on its own counts as a list of one, and has no number.
        """
        node = self.fields.get(field_name)
        if node is not None and isinstance(node.value, list):
            yield from ((number, item) for number, item in enumerate(node.children) if is_name(item.value))
        elif node is not None and is_name(node.value) and not is_nothing(node.value):
            yield None, node

    def named(self, field_name: str, number: int | None) -> tuple[tuple[str | int, ...], Node]:
        """One of `names` by its number, with the path that leads to it from the root of the document."""
        node = self.fields[field_name]
        if number is None:
            return (*self.path, field_name), node
        return (*self.path, field_name, number), node.children[number]

    def produced(self) -> tuple[set[str], bool]:
        """The artifacts it produces, malformed names as they were meant, and whether there may be others."""
        node = self.fields.get("produces")
        items = [] if node is None else node.children if isinstance(node.value, list) else [node]
        if node is not None and (node.value is False or (isinstance(node.value, str) and is_nothing(node.value))):
            return set(), True
        uncertain = "produces" in self.node.repeated or len(self.node.repeated) > 1 or self.node.incomplete
        names = {item.value for item in items if is_name(item.value)}
        odd = [item.value for item in items if not is_name(item.value)]
        if odd:
            meant = {normalized(value) for value in odd if isinstance(value, str)}
            names |= {name for name in meant if is_name(name)}
            uncertain |= not meant <= names or any(not isinstance(value, str) or has_words(value) for value in odd)
        return names, uncertain

    def flag(self, field_name: str) -> bool:
        """Whether a boolean field is there and true."""
        node = self.fields.get(field_name)
        return node is not None and node.value is True

    def at(self, field_name: str) -> int:
        """The offset of a field's key in this entry, or of the entry where the field is absent or misspelled.

        The key of a field that the entry merges is that of the merge.
        """
        if self.node.used_at is not None:
            return self.node.used_at
        return self.node.merged.get(field_name, self.node.keys.get(field_name, self.node.offset))

    def place(self, field_name: str) -> int:
        """The offset of a field's value in this entry: where it says `<<` or an alias, if it has the value by that."""
        if self.node.used_at is not None or field_name in self.node.merged:
            return self.at(field_name)
        return self.fields[field_name].place

    def place_of(self, field_name: str, item: Node) -> int:
        """The offset of an item of a field's list: that of the field's value, if `<<` or an alias has it."""
        place = self.place(field_name)
        return item.place if place == self.fields[field_name].offset else place


@dataclass(slots=True)
class CheckedDocument:
    """A file whose entries were checked one by one: what the rules across them look at."""

    findings: Findings
    """What was found so far."""
    text: str = ""
    """The file."""
    entries: list[Entry] = field(default_factory=list)
    """Everything under `modules` that is a mapping."""
    removed: list[Entry] = field(default_factory=list)
    """Everything under `removed` that is a mapping."""
    legacy: list[Node] = field(default_factory=list)
    """The items of `legacy_features` that are text."""
    top: Entry = field(default_factory=lambda: Entry(Node(0), (), {}, set()))
    """The file itself, as an entry."""
    known: Any = None
    """What `known` of the file that has its name keeps for advice, once somebody has asked."""
    unreadable: bool = False
    """Something that should be a module is not a mapping, so what it would produce is not known."""


class Form:
    """The fields that a mapping may have, and which of them a misspelled one is meant for."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.known = known
        self.days = {name for name, part in known.items() if part.get("format") == "date"}
        self.parts = {name: Form(part["properties"]) for name, part in known.items() if "properties" in part}
        self.what = "language" if known.keys() == {"fr", "en"} else "field"
        self.spelling = Spelling(known)
        self.hint = f"known are {', '.join(known)}"


def day(node: Node) -> Node:
    """A day as text: one that is written without quotes is a date to YAML 1.1, and right where a day is asked for."""
    if isinstance(node.value, ImplicitScalar) and node.value.kind == "a date":
        return replace(node, value=node.text)
    return node
