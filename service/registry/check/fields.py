"""What is wrong with one field, in words: the JSON Schema's verdicts for the person who edits the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from service.registry.check.characters import stranger, unmasked
from service.registry.check.entries import Entry
from service.registry.check.nodes import UNKNOWN, Finding, ImplicitScalar, Node, Words
from service.registry.check.source import Source
from service.registry.check.validation import Break, is_valid
from service.registry.schema import is_name
from service.wording import did_you_mean, normalized, quoted, shortened

_TYPES = {"string": "text", "boolean": "a boolean", "array": "a list", "object": "a mapping"}
_BOOLEAN_WORDS = {
    "yes": True,
    "true": True,
    "on": True,
    "y": True,
    "no": False,
    "false": False,
    "off": False,
    "n": False,
}

#: How to say that there is no endpoint or page.
_NULL = "write null, or leave the field out, where there is none"


def field_findings(found: Break, owner: Entry, top: Entry, source: Source) -> Iterator[Finding]:
    """One break of the schema by a field, an item or an entry."""
    path = found.path
    node = locate(top, owner, path)
    if node.value is UNKNOWN:
        return
    at, value = node.offset, _Refused(found, node, owner, top)
    if found.keyword == "required":
        lacking = [name for name in found.schema["required"] if name not in found.value]
        if len(lacking) > 1 and path[:1] and (path[0] != "modules" or path[2:]):
            if found.missing == lacking[0]:
                yield Finding(at, "missing-field", partial(value.lacks_several, lacking), path)
            return
        yield Finding(at, "missing-field", value.lacks, (*path, found.missing))
    elif found.keyword == "enum" and isinstance(node.value, str):
        yield Finding(at, "enum", value.not_known, path)
    elif found.keyword == "pattern" and (not node.value or node.value.isspace()):
        yield Finding(at, "blank", value.blank, path)
    elif found.keyword == "pattern":
        yield Finding(at, "pattern", value.malformed, path)
    elif found.keyword in ("maxLength", "maxItems"):
        yield Finding(at, "too-long", value.too_long, path)
    elif found.keyword == "uniqueItems":
        first: dict[str, Node] = {}
        for number, item in enumerate(node.children):
            if isinstance(item.value, str) and first.setdefault(item.value, item) is not item:
                words = partial(value.listed_again, source, item, first[item.value])
                yield Finding(item.offset, "repeated-item", words, (*path, number))
    elif _is_misread(found, node):
        yield Finding(at, "yaml-misread", value.misread, path)
    else:
        yield Finding(at, "type", value.mistyped, path)


@dataclass(slots=True, eq=False)
class _Refused:
    """A value that the schema refuses, with the words for it."""

    found: Break
    node: Node
    owner: Entry
    top: Entry

    @property
    def subject(self) -> str:
        """How messages call the value."""
        path, owner = self.found.path, self.owner
        if path[:1] == ("modules",) and len(path) == 2:
            return owner.name if owner is not self.top else f"module {path[1] + 1}"
        if path[:1] == ("removed",) and len(path) == 2:
            return owner.name if owner is not self.top else f"removed module {path[1] + 1}"
        in_entry = owner is not self.top and len(path) > 2
        name = ".".join(part for part in (path[2:] if in_entry else path) if isinstance(part, str))
        return f"{owner.name}: {name}" if in_entry else name

    @property
    def schema(self) -> Mapping[str, Any]:
        """What refuses it."""
        return self.found.schema

    def lacks_several(self, lacking: list[str]) -> Words:
        return f"{self.subject} has no {' and no '.join(lacking)}", self.schema["x-example"]

    def lacks(self) -> Words:
        missing = self.found.missing
        known = self.schema["properties"][missing]
        begin = f"begin it with - {missing}: ..." if missing == "slug" else f"add {missing}: ..."
        return f"{self.subject or 'the file'} has no {missing}", _choices(known) or known.get("x-example", "") or begin

    def not_known(self) -> Words:
        hint = did_you_mean(unmasked(self.node.value), _words(self.schema), 0.6) or _choices(self.schema)
        return f"{self.subject} {quoted(self.node.value)} is not a known one{_strange(self.node.value)}", hint

    def blank(self) -> Words:
        return f"{self.subject} is empty", self.schema["x-form"]

    def malformed(self) -> Words:
        message = f"{self.subject} {quoted(self.node.value)} is not well formed{_strange(self.node.value)}"
        return message, _form(self.schema, self.node)

    def too_long(self) -> Words:
        value = self.node.value
        if self.found.keyword == "maxItems":
            most = self.schema["maxItems"]
            return f"{self.subject} has {len(value):,} items, and at most {most} are allowed", f"keep the best {most}"
        most = self.schema["maxLength"]
        message = f"{self.subject} {quoted(value)} has {len(value):,} characters, and at most {most} are allowed"
        return message, "shorten it"

    def listed_again(self, source: Source, item: Node, first: Node) -> Words:
        line = source.position(first.offset)[0]
        return f"{self.subject} lists {quoted(item.value)} again, after line {line}", "keep one of the two"

    def misread(self) -> Words:
        """What YAML read a value as, and how to write what was meant."""
        if _expected(self.found) == "boolean":
            hint = f"write {str(_boolean(self.node.value)).lower()} without quotes"
            return f"{self.subject}: YAML reads {_quoted(self.node)} as text, not as a boolean", hint
        text = shortened(self.node.text)
        hint = f'write "{text}" in quotes' if is_valid(self.schema, self.node.text) else self.schema.get("x-form", "")
        if choices := _choices(self.schema):
            hint = choices
        elif self.node.value is False and self.found.keyword == "type" and "null" in self.schema["type"]:
            hint = _NULL  # the author wrote no
        return f"{self.subject}: YAML reads {text} as {kind(self.node)}, not as text", hint

    def mistyped(self) -> Words:
        """A value of the wrong kind."""
        schema, path, subject = self.schema, self.found.path, self.subject
        expected, value, choices = _expected(self.found), self.node.value, _choices(schema)
        hint = schema.get("x-example") or schema.get("x-form") or ""
        if value is None and not self.node.text:
            if choices:
                hint = choices
            elif expected == "boolean":
                hint = "write true or false, or leave the field out"
            return f"{subject} has no value", hint or "write a value, or leave the field out"
        if expected == "boolean" and isinstance(value, str):
            hint = did_you_mean(unmasked(value), ("true", "false"), 0.6) or "write true or false"
            return f"{subject} {quoted(value)} is not a boolean{_strange(value)}", hint
        if path and isinstance(path[-1], int) and path[:-1] not in (("modules",), ("removed",)):
            subject = subject.replace(": ", ": an item of ") if ": " in subject else f"an item of {subject}"
        if choices:
            return f"{subject} is {kind(self.node)}, not text", choices
        what = f"{kind(self.node)}, not"
        strange = ""
        if isinstance(value, str):
            what, strange = f"{quoted(value)}, not", _strange(value)
        if expected == "boolean":
            hint = "write true or false"
        elif expected == "array" and isinstance(value, str) and is_name(value):
            hint = f"write [{value}]"
        return f"{subject} is {what} {_TYPES[expected]}{strange}", hint


def _strange(value: str) -> str:
    """How a message goes on where a value has an invisible character, or one that looks like another."""
    found = stranger(value)
    return f": {found}" if found else ""


def _choices(schema: Mapping[str, Any]) -> str:
    """The hint for a field whose values are listed; empty for others."""
    return f"use one of {', '.join(_words(schema))}" if "enum" in schema else ""


def _words(schema: Mapping[str, Any]) -> list[str]:
    """The values of a field that lists them, but for null."""
    return [value for value in schema["enum"] if value is not None]


def _form(schema: Mapping[str, Any], node: Node) -> str:
    """How to write a malformed value: the value made right where that is plain, else the rule."""
    form: str = schema["x-form"]
    if len(node.value) > _LONGEST_GUESS or "format" in schema:
        return form  # nearly everything becomes an address with a / before it
    value = unmasked(node.value).strip().strip("\"'")
    even = normalized(value)
    if even in ("null", "none", "no") and "null" in schema["type"]:
        return _NULL
    page = even.removeprefix("/features/").replace("_", "-")
    endpoint = value[max(value.find("/api/"), 0) :].rstrip("/")
    for right in (value, value.lower(), page, even, endpoint, f"/{endpoint}", f"/api/{even}", f"/api{endpoint}"):
        if is_valid(schema, right):
            return f"write {right}"
    return form


#: What is longer is no name or path that was meant, in characters.
_LONGEST_GUESS = 200


def _is_misread(found: Break, node: Node) -> bool:
    """Whether YAML read a value as something else than its author meant."""
    expected, value = _expected(found), node.value
    if value is None and not node.text:
        return False
    if expected == "string":
        return (node.plain or isinstance(value, bool)) and not isinstance(value, (list, dict))
    return expected == "boolean" and isinstance(value, str) and _boolean(value) is not None


def _expected(found: Break) -> str:
    types = found.schema["type"] if found.keyword == "type" else "string"
    return types if isinstance(types, str) else types[0]


def _boolean(text: str) -> bool | None:
    return _BOOLEAN_WORDS.get(text.lower()) if len(text) <= max(map(len, _BOOLEAN_WORDS)) else None


def _quoted(node: Node) -> str:
    """A word that stands for a boolean, as it is written."""
    return node.text if node.plain else f'"{node.text}"'


def kind(node: Node) -> str:
    """What kind of value it is, in words."""
    value = node.value
    if isinstance(value, ImplicitScalar):
        return value.kind
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    kinds = {str: "text", list: "a list", dict: "a mapping", type(None): "an empty value"}
    return kinds[type(value)]


def locate(top: Entry, owner: Entry, path: tuple[Any, ...]) -> Node:
    """The node at a path of the repaired document."""
    if owner is not top and len(path) >= 2:
        node, rest, fields = owner.node, path[2:], owner.fields
    else:
        node, rest, fields = top.node, path, top.fields
    for number, part in enumerate(rest):
        node = fields[part] if number == 0 else node.children[part]
    return node
