"""What is wrong with one field, in words: the JSON Schema's verdicts for the person who edits the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from service.registry.check.breaks import Break
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.guesses import no_such_day, word
from service.registry.check.known import known
from service.registry.check.other_kind import of_other_kind, parted
from service.registry.check.refused import NULL, Refused
from service.registry.check.validation import is_valid
from service.registry.schema import is_blank
from service.registry.text.characters import stranger, unmasked
from service.registry.text.lines import IN_LANGUAGES
from service.registry.text.nodes import UNKNOWN, Finding, Node, Words
from service.registry.text.placeholders import placeholder
from service.registry.text.rewriting import Edits, item_removed, respelled, rewritten
from service.registry.text.source import Source
from service.wording import quoted, shortened

#: What may be meant as a value, and is a comment: others begin with a blank.
_COMMENT = re.compile(r"[ \t]+(#[^\s#][^\r\n]*)")
#: Text that a module need not have: true is no name there, but says that it has one.
_MAY_BE_NONE = ("feature_page", "documentation", "owner", "api_endpoint")

_TYPES = {"string": "text", "boolean": "a boolean", "array": "a list", "object": "a mapping"}
_BOOLEAN_WORDS = {
    "yes": True,
    "true": True,
    "on": True,
    "y": True,
    "no": False,
    "false": False,
    "oui": True,
    "vrai": True,
    "non": False,
    "faux": False,
    "off": False,
    "n": False,
}


def field_findings(found: Break, owner: Entry, document: CheckedDocument, source: Source) -> Iterator[Finding]:
    """One break of the schema by a field, an item or an entry."""
    path = found.path
    node = locate(document.top, owner, path)
    if node.value is UNKNOWN:
        return
    at, value = node.offset, _Refused(found, node, owner, document, source)
    if found.keyword == "required":
        lacking = [name for name in found.schema["required"] if name not in found.value]
        if len(lacking) > 1 and path[:1] and (path[0] != "modules" or path[2:]):
            if found.missing == lacking[0]:
                yield Finding(at, "missing-field", partial(value.lacks_several, lacking), path)
            return
        yield Finding(at, "missing-field", value.lacks, (*path, found.missing))
    elif found.keyword in ("enum", "pattern", "type") and value.is_unfilled():
        yield _advised(at, found.keyword, value.unfilled, path)
    elif found.keyword == "enum" and isinstance(node.value, str):
        yield _advised(at, "enum", value.not_known, path)
    elif found.keyword == "pattern" and is_blank(node.value):
        yield _advised(at, "blank", value.blank, path)
    elif found.keyword == "pattern":
        yield _advised(at, "pattern", value.malformed, path)
    elif found.keyword in ("maxLength", "maxItems"):
        yield _advised(at, "too-long", value.too_long, path)
    elif found.keyword == "uniqueItems":
        first: dict[str, Node] = {}
        for number, item in enumerate(node.children):
            if isinstance(item.value, str) and first.setdefault(item.value, item) is not item:
                words = partial(value.listed_again, item, first[item.value])
                fix = partial(item_removed, value.text, node.children, number)
                yield Finding(item.place, "repeated-item", words, (*path, number), fix)
    elif _is_misread(found, node):
        yield _advised(at, "yaml-misread", value.misread, path)
    else:
        yield _advised(at, "type", value.mistyped, path)


#: A message, its hint, and the edits that do what it says, where that is certain.
Advice = tuple[str, str, Edits]


def _advised(at: int, rule: str, advice: Callable[[], Advice], path: tuple[Any, ...]) -> Finding:
    once = cache(advice)  # the words and the edits are asked for one after the other
    return Finding(at, rule, lambda: once()[:2], path, lambda: once()[2])


@dataclass(slots=True, eq=False)
class _Refused:
    """A value that the schema refuses, with the words for it."""

    found: Break
    node: Node
    owner: Entry
    document: CheckedDocument
    source: Source

    @property
    def top(self) -> Entry:
        """The document as an entry."""
        return self.document.top

    @property
    def text(self) -> str:
        """The file."""
        return self.source.source_map.text

    @property
    def refused(self) -> Refused:
        """What it may be meant for."""
        return Refused(self.found.schema, self.found.path, self.node, self.owner, known(self.document), self.text)

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

    def is_unfilled(self) -> bool:
        """Whether it is text that somebody was to fill in; in text for people, its signs may be meant."""
        is_text = not {*IN_LANGUAGES, "keywords"}.isdisjoint(self.found.path)
        return isinstance(self.node.value, str) and not is_text and placeholder(self.node.value) != ""

    def unfilled(self) -> Advice:
        what = placeholder(self.node.value)
        message = f"{self.subject} {quoted(self.node.value)} has {what}, a placeholder that was not filled in"
        if what == self.node.value:
            message = f"{self.subject} {quoted(what)} is a placeholder that was not filled in"
        form = _choices(self.schema) or self.schema.get("x-example") or self.schema.get("x-form")
        return message, form or "write true or false", []

    def not_known(self) -> Advice:
        value, words = unmasked(self.node.value), _words(self.schema)
        message = f"{self.subject} {quoted(self.node.value)} is not a known one{_strange(self.node.value)}"
        if guessed := self.refused.state():
            return message, *guessed
        if meant := word(value, words):
            return message, f"did you mean {meant}?", respelled(self.text, self.node, meant)
        several = [part for part in re.split(r"[\s,;/|]+", value) if word(part, words)]
        one = f"a module has one {self.found.path[-1]}: " if len(several) > 1 else ""
        return message, one + _choices(self.schema), []

    @property
    def item(self) -> str:
        """How messages call it where it may be an item of a list."""
        path, subject = self.found.path, self.subject
        if not path or not isinstance(path[-1], int) or path[:-1] in (("modules",), ("removed",)):
            return subject
        return subject.replace(": ", ": an item of ") if ": " in subject else f"an item of {subject}"

    def blank(self) -> Advice:
        return f"{self.item} is empty", *self.refused.nothing()

    def malformed(self) -> Advice:
        message = f"{self.subject} {quoted(self.node.value)} is not well formed{_strange(self.node.value)}"
        if self.schema.get("format") == "date" and (why := no_such_day(self.node.value)):
            message = f"{self.subject} {self.node.value} is no day of the calendar: {why}"
        return message, *self.refused.well_formed()

    def too_long(self) -> Advice:
        value = self.node.value
        if self.found.keyword == "maxItems":
            most = self.schema["maxItems"]
            message = f"{self.subject} has {len(value):,} items, and at most {most} are allowed"
            return message, f"keep the best {most}", []
        most = self.schema["maxLength"]
        message = f"{self.subject} {quoted(value)} has {len(value):,} characters, and at most {most} are allowed"
        apart = parted(self.refused) if isinstance(self.found.path[-1], int) else None
        return message, *(apart or ("shorten it", []))

    def listed_again(self, item: Node, first: Node) -> Words:
        line = self.source.position(first.place)[0]
        return f"{self.subject} lists {quoted(item.value)} again, after line {line}", "keep one of the two"

    def misread(self) -> Advice:
        """What YAML read a value as, and how to write what was meant."""
        refused = self.refused
        if _expected(self.found) == "boolean":
            meant = _boolean(self.node.value)
            hint = f"write {str(meant).lower()} without quotes"
            message = f"{self.subject}: YAML reads {_quoted(self.node)} as text, not as a boolean"
            return message, hint, refused.boolean(meant)
        text = shortened(self.node.text)
        message = f"{self.subject}: YAML reads {text} as {self.node.kind}, not as text"
        if choices := _choices(self.schema):
            return message, choices, []
        if self.node.value is False and refused.may_be_null():
            return message, NULL, rewritten(self.text, self.node, "null")  # the author wrote no
        says = self.node.value is True and self.found.path[-1] in _MAY_BE_NONE  # that there is one
        meant = self.node.value is not None and not says and is_valid(self.schema, self.node.text)  # null is no name
        if meant and refused.fits(self.node.text):
            return message, f'write "{text}" in quotes', rewritten(self.text, self.node, json.dumps(self.node.text))
        return message, self.schema.get("x-form", ""), []

    def mistyped(self) -> Advice:
        """A value of the wrong kind."""
        schema, path, subject = self.schema, self.found.path, self.subject
        expected, value, choices = _expected(self.found), self.node.value, _choices(schema)
        hint = schema.get("x-example") or schema.get("x-form") or ""
        if value is None and not self.node.text:
            if choices:
                hint = choices
            elif expected == "boolean":
                hint = "write true or false, or leave the field out"
            elif expected == "array" and len(path) == 3:
                hint = f"{hint}, or leave the field out"
            hint = hint or "write a value, or leave the field out"
            if comment := _COMMENT.match(self.text, self.node.offset):
                is_text = expected == "string" and is_valid(schema, comment[1])
                hint = f"put it in quotes if it is text: {quoted(comment[1], 120)}" if is_text else hint
                return f"{subject} has no value, since # begins a comment", hint, []
            if self.item != subject:
                return f"{self.item} has no value", "write one, or remove the item", []
            return f"{subject} has no value", hint, []
        if expected == "boolean" and isinstance(value, str):
            message = f"{subject} {quoted(value)} is not a boolean{_strange(value)}"
            return message, *self.refused.misspelled_boolean()
        what, strange = f"{self.node.kind}, not", ""
        if isinstance(value, str):
            what, strange = f"{quoted(value)}, not", _strange(value)
        message = f"{self.item} is {what} {_TYPES[expected]}{strange}"
        if guessed := of_other_kind(self.refused, expected):
            return message, *guessed
        several = isinstance(value, list) and len(value) > 1 and expected == "string" and len(path) == 3
        if several or (isinstance(value, list) and value and choices):
            return message, f"a module has one {path[-1]}: {choices or hint}", []
        return message, choices or ("write true or false" if expected == "boolean" else hint), []


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


def locate(top: Entry, owner: Entry, path: tuple[Any, ...]) -> Node:
    """The node at a path of the repaired document."""
    if owner is not top and len(path) >= 2:
        node, rest, fields = owner.node, path[2:], owner.fields
    else:
        node, rest, fields = top.node, path, top.fields
    for number, part in enumerate(rest):
        node = fields[part] if number == 0 else node.children[part]
    return node
