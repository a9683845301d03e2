"""Values that the JSON Schema refuses, and helpers to describe them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from service.problems import Diagnostic
from service.registry.lint.catalogue import rules
from service.registry.lint.characters import describe_stranger
from service.registry.lint.document import locate_key, name_entry
from service.registry.lint.nodes import Node, Path, fields
from service.registry.model import STATE_FLAGS
from service.wording import joined, quoted, shortened

#: Words for true and false that YAML reads as text: those in quotes, and those in French.
BOOLEANS = dict.fromkeys(("yes", "true", "on", "y", "oui", "vrai"), True)
BOOLEANS |= dict.fromkeys(("no", "false", "off", "n", "non", "faux"), False)
#: A placeholder, as shells, templates, build tools and documentation write it.
_PLACEHOLDER = re.compile(
    r"\$\{[^{}]*\}|\$\([^()]*\)|\$[A-Za-z_]\w*|#?\{\{?[^{}]+\}\}?|<[^<>@]+>|%[A-Za-z_]\w*%|@[A-Za-z_]\w*@"
    r"|(?<!\w)__[A-Za-z]\w*?__(?!\w)|\b(?i:your)[ _-]\w+"
)
#: A longer text is not searched for a placeholder, in characters.
_LONGEST = 200


@dataclass(slots=True)
class Refused(Diagnostic):
    """A diagnostic of a value that the JSON Schema refuses, or of a field that it requires.

    `schema` is the part of the schema that has the `keyword`. `lacks` is the missing field.
    """

    keyword: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    lacks: str = ""


Refusals = Iterator[Refused]


def identify(diagnostic: Diagnostic) -> tuple[object, ...]:
    """Return the subject of a diagnostic, which stays the same when edits move its place."""
    return diagnostic.rule, diagnostic.path, diagnostic.lacks if isinstance(diagnostic, Refused) else ""


def expected_type(schema: Mapping[str, Any]) -> str:
    """Return the type that a part of the schema requires, other than null."""
    types = schema.get("type", "string")
    return str(types if isinstance(types, str) else types[0])


def list_states(entry: Node) -> list[str]:
    """Return the states that are true in an entry, in the order of its fields."""
    own = fields(entry)
    states = [flag for flag in STATE_FLAGS if flag in own and own[flag].value is True]
    return sorted(states, key=lambda flag: locate_key(entry, flag))


def find_placeholder(text: str) -> str:
    """Return the placeholder that is left in a name or a path; empty if there is none."""
    match = _PLACEHOLDER.search(text) if len(text) <= _LONGEST else None
    return match[0] if match else ""


def describe_oddity(value: object) -> str:
    """Return the end of a message: the placeholder or the look-alike in a text, if there is one."""
    if not isinstance(value, str):
        return ""
    if placeholder := find_placeholder(value):
        return f": it has {placeholder}, a placeholder that was not filled in"
    stranger = describe_stranger(value)
    return stranger and f": {stranger}"


_TYPES = {"string": "text", "boolean": "a boolean", "array": "a list", "object": "a mapping"}
_LISTS = (("modules",), ("removed",))
#: A comment after a field without a value, which begins like a value.
_COMMENT = re.compile(r"[ \t]+(#[^\s#][^\r\n]*)")


def describe_refusal(diagnostic: Diagnostic, root: Node, text: str, first: int) -> tuple[str, str]:
    """Return the message of a diagnostic, and how to mend it if no repair is known.

    `first` is the number in the file of the first entry of the document.
    """
    case = Case(diagnostic, root, text, first)
    rule = rules()[diagnostic.rule]
    return diagnostic.message or rule.says.format_map(case), diagnostic.hint or rule.hint.format_map(case)


class Case:
    """A refused value with its diagnostic. As a mapping, it has the words for the templates of the catalogue."""

    def __init__(self, diagnostic: Diagnostic, root: Node, text: str, first: int = 0) -> None:
        self.root, self.text, self._first, self.path = root, text, first, diagnostic.path
        self.schema, self.lacks = (diagnostic.schema, diagnostic.lacks) if isinstance(diagnostic, Refused) else ({}, "")
        self.is_missing = bool(self.lacks) and self.path[-1:] == (self.lacks,)
        self.own_path = self.path[:-1] if self.is_missing else self.path

    @cached_property
    def node(self) -> Node:
        """The value, or the mapping that lacks a field. Raises LookupError if there is none."""
        return self.root.at(self.own_path)

    @cached_property
    def entry(self) -> Node:
        """The entry around the value."""
        return self.root.at(self.path[:2])

    @cached_property
    def states(self) -> list[str]:
        """The states that are true in the entry."""
        return list_states(self.entry)

    def __getitem__(self, name: str) -> object:
        return _WORDS[name](self)

    def name_value(self, path: Path) -> str:
        """Return the name of the value at a path: its entry and its field."""
        is_inside = len(path) > 1 and path[:1] in _LISTS
        entry = [name_entry(self.entry, (path[0], int(path[1]) + self._first))] if is_inside else []
        name = ".".join(part for part in path[2 * is_inside :] if isinstance(part, str))
        return ": ".join(filter(None, [*entry, name])) or "the file"

    def name_item(self) -> str:
        """Return the name of the value, or of the list that has it as an item."""
        entry, colon, name = self.name_value(self.own_path).rpartition(": ")
        is_item = isinstance(self.path[-1], int) and self.path[:-1] not in _LISTS
        return f"{entry}{colon}{'an item of ' * is_item}{name}"

    def quote(self) -> str:
        """Return the text in quotes, or the kind of the value."""
        return quoted(self.node.value) if isinstance(self.node.value, str) else self.node.kind

    def compare_types(self) -> str:
        """Return the predicate of a message about a value of another type."""
        if self.node.value is None and not self.node.text:
            return "has no value" + ", since # begins a comment" * bool(_COMMENT.match(self.text, self.node.offset))
        return f"is {self.quote()}, not {_TYPES[expected_type(self.schema)]}{describe_oddity(self.node.value)}"

    def explain_form(self) -> str:
        """Return the reason why a text is not well formed, if there is an obvious one."""
        value = self.node.value
        if "format" in self.schema and re.match(r"\d{4}-\d\d-\d\d$", value):
            return ": it is no day of the calendar"
        return ": it has a line break" if "\n" in str(value) else describe_oddity(value)

    def name_unknown(self) -> str:
        """Return the name of an unknown field, and of the mapping around it."""
        above = ".".join(map(str, self.path[2:-1]))
        name = str(self.path[-1])
        return f"unknown field {quoted(name)}{f' of {above}' if above else ''}{describe_oddity(name)}"

    def describe_form(self) -> str:
        """Return how to write the value, or the missing field, by the schema."""
        schema = self.schema["properties"][self.lacks] if self.is_missing else self.schema
        if "enum" in schema:
            return f"use one of {', '.join(filter(None, schema['enum']))}"
        usual = "write true or false" if expected_type(schema) == "boolean" else "write a value"
        return str(schema.get("x-example") or schema.get("x-form") or usual)


#: The words for the names in the templates of the catalogue.
_WORDS: dict[str, Callable[[Case], object]] = {
    "entry": lambda case: case.name_value(case.path[:2]),
    "above": lambda case: f"{case.name_value(case.path[:2])}: " if len(case.path) > 2 else "",
    "subject": lambda case: case.name_value(case.own_path),
    "item": Case.name_item,
    "value": Case.quote,
    "value_of_item": lambda case: (
        f"{case.name_item()} {case.quote()}"
        if isinstance(case.node.value, str)
        else f"{case.name_item()} is {case.quote()}, which"
    ),
    "kind": lambda case: case.node.kind,
    "asked": lambda case: _TYPES[expected_type(case.schema)],
    "written": lambda case: case.quote() if isinstance(case.node.value, str) else shortened(case.node.text),
    "comparison": Case.compare_types,
    "oddity": Case.explain_form,
    "unknown": Case.name_unknown,
    "known": lambda case: ", ".join(case.schema["properties"]),
    "lacking": lambda case: " and no ".join(
        [case.lacks] if case.is_missing else [name for name in case.schema["required"] if name not in fields(case.node)]
    ),
    "size": lambda case: f"{len(case.node.value):,} {'characters' if isinstance(case.node.value, str) else 'items'}",
    "most": lambda case: case.schema.get("maxItems") or case.schema["maxLength"],
    "states": lambda case: joined(case.states),
    "both": lambda case: "both" if len(case.states) == 2 else "all",
    "active": lambda case: f"{case.states[0]} is true, so it" if case.states else "an active module",
    "form": Case.describe_form,
}
