"""What the JSON Schema refuses of a document, at its nodes, and the words for it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from service.problems import Diagnostic
from service.registry.lint.catalogue import rules
from service.registry.lint.characters import describe_stranger
from service.registry.lint.document import IN_LANGUAGES, locate_key, name_entry
from service.registry.lint.nodes import MAX_MISTAKES, UNKNOWN, ImplicitScalar, Node, Path, fields, items
from service.registry.model import STATE_FLAGS
from service.registry.schema import errors, inlined, is_blank, is_valid
from service.wording import joined, quoted, shortened

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_TYPES = {"string": "text", "boolean": "a boolean", "array": "a list", "object": "a mapping"}
_RULES = {"enum": "enum", "maxLength": "too-long", "maxItems": "too-long", "type": "type"}
#: The rules of a module's state, in the order in which one of them is told, with the field that each is about.
_STATE_RULES = {
    "stage-state": "stage",
    "endpoint-needed": "api_endpoint",
    "endpoint-forbidden": "api_endpoint",
    "multi-proxy-state": "multi_proxy",
}
_LISTS = (("modules",), ("removed",))
#: What stands behind a value that is a comment, though it begins like a value.
_COMMENT = re.compile(r"[ \t]+(#[^\s#][^\r\n]*)")
#: Quotes of text processors with those that may close them, and signs that look like quotes.
_QUOTES = {"“": "”", "„": "“”", "”": "”“", "«": "»", "»": "«»", "‘": "’", "‚": "‘’", "’": "’‘", "‹": "›", "›": "‹›"}
_QUOTES |= {"″": "″", "′": "′", "＂": "＂", "＇": "＇", "〝": "〞"}
#: A value that stands for one that was to be filled in, as shells, templates, build tools and documentation write them.
_PLACEHOLDER = re.compile(
    r"\$\{[^{}]*\}|\$\([^()]*\)|\$[A-Za-z_]\w*|#?\{\{?[^{}]+\}\}?|<[^<>@]+>|%[A-Za-z_]\w*%|@[A-Za-z_]\w*@"
    r"|(?<!\w)__[A-Za-z]\w*?__(?!\w)|\b(?i:your)[ _-]\w+"
)


@dataclass(slots=True)
class Refused(Diagnostic):
    """A diagnostic of a value that the JSON Schema refuses, or asks for in vain, with what the schema says of it."""

    keyword: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """The part of the schema that has the keyword."""
    lacks: str = ""
    """The field that is asked for, and is not there."""


def about(diagnostic: Diagnostic) -> tuple[object, ...]:
    """What a diagnostic is about, also after edits that have moved its place."""
    return diagnostic.rule, diagnostic.path, diagnostic.lacks if isinstance(diagnostic, Refused) else ""


def refused(root: Node) -> Iterator[Refused]:
    """Every break of the schema by a document, without words; of a module's state, one at most."""
    if is_valid(inlined(), root.value):
        return
    states: dict[Path, set[str]] = defaultdict(set)
    for error in islice(errors(inlined(), root.value), MAX_MISTAKES + 1):
        path: Path = tuple(error.path)
        if error.instance is UNKNOWN:
            continue
        if "if" in error.schema_path or "dependentSchemas" in error.schema_path:
            states[path[:2]].add(_state_rule(error, path))
        else:
            yield from _of_error(error, path, root.at(path))
    for path, broken in states.items():
        yield from _of_state(root.at(path), path, broken)


def _of_error(error: ValidationError, path: Path, node: Node) -> Iterator[Refused]:
    made = partial(Refused, keyword=str(error.validator), schema=error.schema)
    if error.validator == "required":
        if not node.is_open and (told := _where_lacking(error, path)) is not None:
            yield made("missing-field", node.place, path=told, lacks=error.message)
    elif error.validator == "additionalProperties":
        for name in filter(lambda name: name not in error.schema["properties"], node.children):
            yield made("unknown-field", locate_key(node, name), path=(*path, name))
    elif error.validator == "uniqueItems":
        first: dict[str, int] = {}
        for number, item in enumerate(node.children):
            if isinstance(item.value, str) and first.setdefault(item.value, number) != number:
                yield made("repeated-item", item.place, path=(*path, number))
    else:
        yield made(_rule_of_value(error, path, node), node.place, path=path)


def _where_lacking(error: ValidationError, path: Path) -> Path | None:
    """All that a mapping lacks is one mistake; in a module that has more than a slug, each field is its own."""
    lacking = [name for name in error.schema["required"] if name not in error.instance]
    is_each = not path or (path[0] == "modules" and len(path) == 2 and error.instance.keys() != {"slug"})
    if is_each or len(lacking) == 1:
        return (*path, error.message)
    return path if error.message == lacking[0] else None


def _rule_of_value(error: ValidationError, path: Path, node: Node) -> str:
    if error.validator == "pattern" and is_blank(node.value):
        return "blank"
    if error.validator != "type":
        return _RULES.get(str(error.validator), "pattern")
    asked, value = expected(error.schema), node.value
    is_word = asked == "boolean" and isinstance(value, str) and value.lower() in BOOLEANS
    is_written = asked == "string" and (isinstance(value, (bool, ImplicitScalar)) or (value is None and node.text))
    if is_word or is_written:
        return "yaml-misread"  # which its author meant as something else
    return "type" if path else "not-a-mapping"


def expected(schema: Mapping[str, Any]) -> str:
    """The type that a part of the schema asks for, but for null."""
    types = schema.get("type", "string")
    return str(types if isinstance(types, str) else types[0])


#: Words for true and false, which YAML reads as text in quotes, or in French.
BOOLEANS = dict.fromkeys(("yes", "true", "on", "y", "oui", "vrai"), True)
BOOLEANS |= dict.fromkeys(("no", "false", "off", "n", "non", "faux"), False)


def _state_rule(error: ValidationError, path: Path) -> str:
    if "dependentSchemas" not in error.schema_path:
        return "endpoint-needed"
    if error.validator == "required" or error.schema.get("const") is True:
        return "stage-state"  # no other condition asks for something: they forbid
    return {"api_endpoint": "endpoint-forbidden", "multi_proxy": "multi-proxy-state"}.get(str(path[-1]), "one-state")


def states_of(entry: Node) -> list[str]:
    """The states that an entry says to be in, in the order in which it says so."""
    said = [flag for flag in STATE_FLAGS if flag in fields(entry) and fields(entry)[flag].value is True]
    return sorted(said, key=lambda flag: locate_key(entry, flag))


def _of_state(entry: Node, path: Path, rules: set[str]) -> Iterator[Refused]:
    """What is wrong with one entry's state: one mistake, since whatever mends it may end by mending the others."""
    states, own = states_of(entry), fields(entry)
    if own.keys() <= {"slug"} or any(own[flag].value is UNKNOWN for flag in own.keys() & {*STATE_FLAGS}):
        return
    first = next((rule for rule in _STATE_RULES if rule in rules), "")  # none beside a state that is no boolean
    rule = "one-state" if len(states) > 1 else first
    if not rule or (entry.is_open and rule in ("endpoint-needed", "stage-state")):
        return
    is_state = len(states) > 1 or {"endpoint-forbidden", "multi-proxy-state"} <= rules
    name = states[-1] if is_state else _STATE_RULES[rule]
    yield Refused(rule, locate_key(entry, name), path=(*path, name), lacks="" if name in own else name)


def misread(root: Node, text: str) -> Iterator[Refused]:
    """What the schema takes, and nobody means: quotes that are none to YAML, and an item that goes on below."""
    for number, entry in enumerate(items(fields(root).get("modules"))):
        for name, value in fields(entry).items():
            for key, node in (*fields(value).items(), *enumerate(items(value))):
                if node.is_plain and isinstance(node.value, str) and node.used_at is None:
                    yield from _misread_text(node, ("modules", number, name, key), text)


def _misread_text(node: Node, path: tuple[Any, ...], text: str) -> Iterator[Refused]:
    if path[2] in (*IN_LANGUAGES, "keywords"):
        if not node.text.isascii() and _is_in_quotes(node.text):
            yield Refused("look-alike", node.place, path=path)
        elif node.text.count('"') == 1 and re.search(r'[^\W\d][.!?…]?"$', node.text):
            message = f"{quoted(node.text)} ends with a quote that was never opened"
            yield Refused("yaml-misread", node.place, message, "write the other quote, or none", path=path)
    below = re.compile(r"\n\s*(?=\S)").search(text, node.offset, node.end)
    if below and isinstance(path[-1], int) and " " in node.text:
        message = f"an item of {path[2]} goes on over several lines, {quoted(node.text)}"
        hint = "begin each item with a dash and a space, or write it on one line"
        yield Refused("yaml-misread", below.end(), message, hint, path=path)


def _is_in_quotes(text: str) -> bool:
    """Whether text begins and ends with quotes which belong together, and are none to YAML."""
    closing = _QUOTES.get(text[:1], "")
    if len(text) < 2 or text[-1] not in closing:
        return False
    return text[0] in "‘’" or not set(text[1:-1]) & {*closing, text[0]}  # the first two may be apostrophes inside


def placeholder(text: str) -> str:
    """The part of a name or a path that was not filled in; empty where there is none."""
    match = _PLACEHOLDER.search(text) if len(text) <= 200 else None
    return match[0] if match else ""


def words(diagnostic: Diagnostic, root: Node, text: str, number: int) -> tuple[str, str]:
    """What is wrong, naming the field and the value, and how to mend it where no repair is known.

    `number` is that of the document's first entry in the whole file.
    """
    case, rule = Case(diagnostic, root, text, number), rules()[diagnostic.rule]
    return diagnostic.message or rule.says.format_map(case), diagnostic.hint or rule.hint.format_map(case)


class Case:
    """What is wrong with a value, at its node, and the words that the catalogue has for its rule, filled in."""

    def __init__(self, diagnostic: Diagnostic, root: Node, text: str, number: int = 0) -> None:
        self.root, self.text, self._number, self.path = root, text, number, diagnostic.path
        self.schema, self.lacks = (diagnostic.schema, diagnostic.lacks) if isinstance(diagnostic, Refused) else ({}, "")
        self.is_part = bool(self.lacks) and self.path[-1:] == (self.lacks,)
        self.own_path = self.path[:-1] if self.is_part else self.path

    @cached_property
    def node(self) -> Node:
        """The value, or the mapping that lacks it. Raises LookupError where there is none."""
        return self.root.at(self.own_path)

    @cached_property
    def entry(self) -> Node:
        """The entry that it is in."""
        return self.root.at(self.path[:2])

    def __getitem__(self, name: str) -> object:
        return _FILLED[name](self)

    def called(self, path: Path) -> str:
        """How messages call the value at a path."""
        is_inside = len(path) > 1 and path[:1] in _LISTS
        entry = [name_entry(self.entry, (path[0], int(path[1]) + self._number))] if is_inside else []
        name = ".".join(part for part in path[2 * is_inside :] if isinstance(part, str))
        return ": ".join(filter(None, [*entry, name])) or "the file"

    def item(self) -> str:
        """How messages call the value, which may be an item of a list."""
        called, colon, name = self.called(self.own_path).rpartition(": ")
        is_item = isinstance(self.path[-1], int) and self.path[:-1] not in _LISTS
        return f"{called}{colon}{'an item of ' * is_item}{name}"

    def value(self) -> str:
        """The text in quotes, or what kind of value it is."""
        return quoted(self.node.value) if isinstance(self.node.value, str) else self.node.kind

    def is_what(self) -> str:
        """What is said of a value of another kind."""
        if self.node.value is None and not self.node.text:
            return "has no value" + ", since # begins a comment" * bool(_COMMENT.match(self.text, self.node.offset))
        return f"is {self.value()}, not {_TYPES[expected(self.schema)]}{strange(self.node.value)}"

    def oddity(self) -> str:
        """What is said of a value of the right kind that has something in it which was not meant."""
        value = self.node.value
        if "format" in self.schema and re.match(r"\d{4}-\d\d-\d\d$", value):
            return ": it is no day of the calendar"
        return ": it has a line break" if "\n" in str(value) else strange(value)

    def unknown(self) -> str:
        """What an unknown field is called, and in which mapping of the entry."""
        above, name = ".".join(map(str, self.path[2:-1])), str(self.path[-1])
        return f"unknown field {quoted(name)}{f' of {above}' if above else ''}{strange(name)}"

    def form(self) -> str:
        """How the schema says that the value, or the one that is lacking, is written."""
        schema = self.schema["properties"][self.lacks] if self.is_part else self.schema
        if "enum" in schema:
            return f"use one of {', '.join(filter(None, schema['enum']))}"
        usual = "write true or false" if expected(schema) == "boolean" else "write a value"
        return str(schema.get("x-example") or schema.get("x-form") or usual)


#: What the templates of the catalogue name.
_FILLED: dict[str, Callable[[Case], object]] = {
    "entry": lambda case: case.called(case.path[:2]),
    "above": lambda case: f"{case.called(case.path[:2])}: " if len(case.path) > 2 else "",
    "subject": lambda case: case.called(case.own_path),
    "item": Case.item,
    "value": Case.value,
    "told": lambda case: (
        f"{case.item()} {case.value()}"
        if isinstance(case.node.value, str)
        else f"{case.item()} is {case.value()}, which"
    ),
    "kind": lambda case: case.node.kind,
    "asked": lambda case: _TYPES[expected(case.schema)],
    "written": lambda case: case.value() if isinstance(case.node.value, str) else shortened(case.node.text),
    "is_what": Case.is_what,
    "strange": Case.oddity,
    "unknown": Case.unknown,
    "known": lambda case: ", ".join(case.schema["properties"]),
    "lacking": lambda case: " and no ".join(
        [case.lacks] if case.is_part else [name for name in case.schema["required"] if name not in fields(case.node)]
    ),
    "size": lambda case: f"{len(case.node.value):,} {'characters' if isinstance(case.node.value, str) else 'items'}",
    "most": lambda case: case.schema.get("maxItems") or case.schema["maxLength"],
    "states": lambda case: joined(states_of(case.entry)),
    "both": lambda case: "both" if len(states_of(case.entry)) == 2 else "all",
    "active": lambda case: (
        f"{states_of(case.entry)[0]} is true, so it" if states_of(case.entry) else "an active module"
    ),
    "form": Case.form,
}


def strange(value: object) -> str:
    """How a message goes on where a text has something in it that was not meant."""
    if not isinstance(value, str):
        return ""
    if what := placeholder(value):
        return f": it has {what}, a placeholder that was not filled in"
    return f": {what}" if (what := describe_stranger(value)) else ""
