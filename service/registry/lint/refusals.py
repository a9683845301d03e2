"""Values that the JSON Schema refuses, and helpers to describe them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.problems import Diagnostic
from service.registry.lint.characters import describe_stranger
from service.registry.lint.document import locate_key
from service.registry.lint.nodes import Node, fields
from service.registry.model import STATE_FLAGS

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
