"""The entries of a file, as the rules see them: modules, removed modules, and how messages name them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from service.problems import Diagnostic
from service.registry.lint.names import Names, names_in
from service.registry.lint.nodes import UNKNOWN, Edits, Node, Path, fields, items, text_of
from service.registry.schema import translated_fields
from service.wording import quoted

#: Fields that are texts in both languages.
IN_LANGUAGES = translated_fields()
#: A longer text is no slug. It may be megabytes of blanks. In characters.
_LONGEST_SLUG = 64


def name_entry(entry: Node, path: Path) -> str:
    """Return the name of an entry in messages: its slug if it has a usable slug, else its number, counted from 1."""
    slug = text_of(entry, "slug")
    name = quoted(slug)[1:-1] if slug[:_LONGEST_SLUG].strip() else f"module {int(path[1]) + 1}"
    return f"removed {name}" if path[0] == "removed" else name


def locate_key(node: Node, name: str) -> int:
    """Return the offset of a field's key, of the merge that adds the field, or of a mapping that lacks the field."""
    if node.used_at is not None:
        return node.used_at
    return node.merged.get(name, node.keys.get(name, node.offset))


@dataclass(frozen=True, eq=False)
class Entry:
    """An entry of a file, and the path to it."""

    node: Node
    path: Path

    @cached_property
    def name(self) -> str:
        """The name of the entry in messages."""
        return name_entry(self.node, self.path)

    @cached_property
    def slug(self) -> str:
        """The slug; empty if it is unknown."""
        return text_of(self.node, "slug")

    @cached_property
    def needs(self) -> dict[str, int]:
        """The artifacts that the module needs, with their positions in the list."""
        listed = items(fields(self.node).get("needs"))
        return {node.value: number for number, node in enumerate(listed) if isinstance(node.value, str)}

    @cached_property
    def produces(self) -> frozenset[str]:
        """The artifacts that the module produces."""
        return frozenset(node.value for node in names_in(self.node, "produces"))

    def find(self, field: str) -> Node | None:
        """Return the value of a field, or of a field inside a field, such as `label.fr`; None if it is absent."""
        node: Node | None = self.node
        for name in field.split("."):
            node = fields(node).get(name)
        return node

    def locate(self, field: str) -> int:
        """Return the offset of a field's value, or of the alias or the merge that adds the field."""
        if self.node.used_at is not None or field in self.node.merged:
            return locate_key(self.node, field)
        return fields(self.node)[field].place

    def diagnose(
        self, rule: str, field: str, message: str, hint: str, place: int | None = None, edits: Edits = ()
    ) -> Diagnostic:
        """Return the diagnostic of a field that breaks a rule, at the field's value or at another place."""
        place = (self.find(field) or self.node).offset if place is None else place
        return Diagnostic(rule, place, f"{self.name}: {message}", hint, edits, (*self.path, *field.split(".")))


@dataclass(eq=False)
class Document:
    """A file after all repairs. `line` counts the lines of the file as it is on disk.

    `is_whole` means that all of the file was read, so that an absent name is nowhere in it.
    """

    root: Node
    text: str
    line: Callable[[int], int]
    is_whole: bool = True

    def __post_init__(self) -> None:
        self.modules, self.removed = self._entries("modules"), self._entries("removed")

    def _entries(self, section: str) -> list[Entry]:
        listed = items(fields(self.root).get(section))
        return [Entry(node, (section, number)) for number, node in enumerate(listed) if isinstance(node.value, dict)]

    @cached_property
    def names(self) -> Names:
        """The names of the file."""
        return Names(self.root)

    def is_open(self, field: str) -> bool:
        """Whether a module, or this field of a module, could not be read."""
        modules = fields(self.root).get("modules", self.root)
        lists = [fields(node).get(field, node) for node in items(modules)]
        parts = chain([modules], items(modules), lists, chain.from_iterable(map(items, lists)))
        return not self.is_whole or any(node.value is UNKNOWN or node.is_open for node in parts)
