"""What one entry can get wrong: the JSON Schema's verdicts, in words for the person who edits the file.

A misspelled field is reported once and then read under its right name, so that nothing else is reported because of it.
A field with a problem is remembered as doubtful, and rules that depend on it stay silent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from service.registry.source import UNKNOWN, Finding, Misread, Node, Source, pointer
from service.resources import read_schema

STATES = ("is_on_demand", "coming_soon", "alpha_unavailable", "is_meta")

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


@dataclass(slots=True)
class Entry:
    """A mapping of the file, under the right names of its fields."""

    node: Node
    path: tuple[str | int, ...]
    fields: dict[str, Node]
    doubtful: set[str]
    misspelled: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """How messages call it: by slug where there is a usable one, else by its number, counted from 1."""
        slug = self.fields.get("slug")
        if slug is not None and isinstance(slug.value, str) and slug.value:
            return shown(slug.value).strip('"')
        return f"module {int(self.path[-1]) + 1}"

    def names(self, field_name: str) -> list[Node]:
        """The items of a list of names that can be relied on; text on its own counts as a list of one."""
        node = self.fields.get(field_name)
        if node is None:
            return []
        items = node.children if isinstance(node.value, list) else [node]
        return [item for item in items if isinstance(item.value, str) and _name_pattern().is_valid(item.value)]

    def flag(self, field_name: str) -> bool:
        node = self.fields.get(field_name)
        return node is not None and node.value is True

    def at(self, field_name: str) -> int:
        """The offset of a field's key, or of the entry where the field is absent or misspelled."""
        return self.node.keys.get(field_name, self.node.offset)


@dataclass(slots=True)
class Shaped:
    """The file's entries, and what is wrong with each on its own."""

    findings: list[Finding] = field(default_factory=list)
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
def _validator() -> Any:
    return Draft202012Validator(_inlined(schema()))


def _inlined(part: Any) -> Any:
    """The schema with every $ref replaced by what it points to: following one costs the validator more than a check."""
    if isinstance(part, list):
        return [_inlined(item) for item in part]
    if not isinstance(part, dict):
        return part
    own = {name: _inlined(value) for name, value in part.items() if name not in ("$ref", "$defs")}
    return _inlined(schema()["$defs"][part["$ref"].removeprefix("#/$defs/")]) | own if "$ref" in part else own


@cache
def _name_pattern() -> Any:
    return Draft202012Validator(schema()["$defs"]["name"])


def shown(value: str) -> str:
    """Text as messages show it: quoted on one line, and shortened."""
    return json.dumps(value if len(value) <= 60 else value[:57] + "...", ensure_ascii=False)


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.75) -> str:
    """`did you mean ...?` for the closest known word, or nothing."""
    close = closest(word, known, cutoff)
    return f"did you mean {close}?" if close else ""


def closest(word: str, known: Iterable[str], cutoff: float = 0.75) -> str | None:
    """The known word that `word` most resembles once case and separators are evened out."""
    return next(iter(get_close_matches(evened(word), sorted(known), n=1, cutoff=cutoff)), None)


def evened(word: str) -> str:
    """A word as a name is written: lowercase, with underscores."""
    return word.strip().lower().replace("-", "_").replace(" ", "_")


def check(source: Source, root: Node) -> Shaped:
    """Everything that is wrong with the document and each entry, and the entries for the rules across them."""
    result = Shaped()
    top = _named(root, (), schema()["properties"], result)
    if top is None:
        hint = "write modules: and legacy_features: at the left margin"
        rule = "empty" if root.value is None and not root.text else "not-a-mapping"
        message = "the file has no content" if rule == "empty" else f"the file is {_kind(root)}, not a mapping"
        if root.value is not UNKNOWN:
            result.findings.append(Finding(root.offset, rule, message, hint))
        return result
    modules = top.fields.get("modules")
    document = {name: node.value for name, node in top.fields.items()}
    if modules is not None and isinstance(modules.value, list):
        document["modules"] = []
        for number, node in enumerate(modules.children):
            entry = _named(node, ("modules", number), schema()["$defs"]["module"]["properties"], result)
            document["modules"].append(_repaired(entry, result) if entry else node.value)
            if entry:
                result.entries.append(entry)
            elif node.value is not None:
                result.unreadable = True
    legacy = top.fields.get("legacy_features")
    if legacy is not None and isinstance(legacy.value, list):
        result.legacy = [item for item in legacy.children if isinstance(item.value, str)]
    _translate(document, top, result, source)
    return result


def _named(node: Node, path: tuple[str | int, ...], known: dict[str, Any], result: Shaped) -> Entry | None:
    """A mapping's fields under their right names, with a finding for each unknown one; None if it is no mapping."""
    if not isinstance(node.value, dict):
        return None
    entry = Entry(node, path, {}, set(node.repeated))
    unknown = [name for name in node.children if name not in known]
    entry.fields = {name: child for name, child in node.children.items() if name in known}
    for name in unknown:
        close = closest(name, (field for field in known if field not in node.children))
        if close and close not in entry.fields:
            entry.fields[close] = node.children[name]
            entry.misspelled.add(close)
        where = f"{entry.name}: " if path[:1] == ("modules",) and path[-1] != "label" else ""
        what = "language" if path[-1:] == ("label",) else "field"
        hint = did_you_mean(name, known) or f"known are {', '.join(known)}"
        message = f"{where}unknown {what} {shown(name)}"
        result.findings.append(Finding(node.keys[name], "unknown-field", message, hint, pointer(*path, name)))
    return entry


def _repaired(entry: Entry, result: Shaped) -> dict[str, Any]:
    """An entry's plain value under the right names, for the validator."""
    value = {name: node.value for name, node in entry.fields.items()}
    label = entry.fields.get("label")
    if label is not None:
        known = schema()["$defs"]["module"]["properties"]["label"]["properties"]
        named = _named(label, (*entry.path, "label"), known, result)
        if named:
            entry.fields["label"] = Node(label.offset, label.value, children=named.fields, keys=label.keys)
            value["label"] = {name: node.value for name, node in named.fields.items()}
            entry.doubtful |= {f"label.{name}" for name in named.doubtful}
    return value


def _translate(document: dict[str, Any], top: Entry, result: Shaped, source: Source) -> None:
    """The validator's errors as findings; those on fields first, since those on states depend on them."""
    entries = {entry.path[1]: entry for entry in result.entries}
    states: list[tuple[Entry, str]] = []
    for error in _validator().iter_errors(document):
        path = tuple(error.absolute_path)
        owner = entries.get(path[1]) if path[:1] == ("modules",) and len(path) > 1 else top
        state_rule = _state_rule(error)
        if owner is not None and state_rule:
            states.append((owner, state_rule))
            continue
        if path[:1] == ("modules",) and len(path) > 2:
            assert owner is not None  # only mappings have fields
            owner.doubtful.add(str(path[2]))
            if len(path) == 3 and path[2] in owner.misspelled and error.validator == "type":
                continue
        result.findings.extend(_field_findings(error, path, owner or top, top, source))
    for entry, rule in _distinct(states):
        result.findings.extend(_state_findings(entry, rule))


def _distinct(states: list[tuple[Entry, str]]) -> list[tuple[Entry, str]]:
    return list({(id(entry), rule): (entry, rule) for entry, rule in states}.values())


def _state_rule(error: ValidationError) -> str | None:
    """The state rule that an error comes from: those are the conditional parts of the schema."""
    if "then" not in error.absolute_schema_path:
        return None
    if "dependentSchemas" not in error.absolute_schema_path:
        return "endpoint-needed"
    return {"api_endpoint": "endpoint-forbidden", "multi_proxy": "multi-proxy-state"}.get(error.path[-1], "one-state")


def _state_findings(entry: Entry, rule: str) -> Iterator[Finding]:
    states = [state for state in STATES if entry.flag(state)]
    if rule == "one-state" and len(states) > 1:
        listed = " and ".join(", ".join(states).rsplit(", ", 1))
        message = f"{entry.name}: {listed} are {'both' if len(states) == 2 else 'all'} true"
        at = entry.at(states[1])
        yield Finding(at, rule, message, "a module is at most one of them", pointer(*entry.path, states[1]))
        return
    if (
        rule == "one-state"
        or len(states) > 1
        or entry.doubtful & {*STATES, "api_endpoint" if rule != "multi-proxy-state" else "multi_proxy"}
    ):
        return
    if rule == "endpoint-needed":
        kind = "an alpha_unavailable" if states else "an active"
        message = f"{entry.name}: {kind} module needs an api_endpoint"
        null = entry.fields.get("api_endpoint")
        if null is not None:
            message += ", and it is null"
        hint = "write its path" if states else f"write its path, or say which it is: {', '.join(STATES)}"
        yield Finding(entry.at("api_endpoint"), rule, message, hint, pointer(*entry.path))
    elif rule == "endpoint-forbidden":
        path = shown(str(entry.fields["api_endpoint"].value))
        message = f"{entry.name}: {states[0]} is true, so api_endpoint {path} is not allowed"
        yield Finding(
            entry.at("api_endpoint"),
            rule,
            message,
            "remove one of the two",
            pointer(*entry.path, "api_endpoint"),
        )
    else:
        message = f"{entry.name}: multi_proxy and {states[0]} are both true"
        hint = "only active and alpha_unavailable modules share the VPN pool: remove one of the two"
        yield Finding(entry.at("multi_proxy"), rule, message, hint, pointer(*entry.path, "multi_proxy"))


def _field_findings(
    error: ValidationError, path: tuple[Any, ...], owner: Entry, top: Entry, source: Source
) -> Iterator[Finding]:
    """One error of the validator on a field, an item or an entry."""
    node = _locate(top, owner, path)
    if node.value is UNKNOWN:
        return
    in_module = path[:1] == ("modules",) and len(path) > 2
    field_path = path[2:] if in_module else path
    name = ".".join(part for part in field_path if isinstance(part, str))
    subject = f"{owner.name}: {name}" if in_module else name
    if path[:1] == ("modules",) and len(path) == 2:
        subject = owner.name if owner is not top else f"module {path[1] + 1}"
    at, where = node.offset, pointer(*path)

    if error.validator == "required":
        required = [missing for missing in error.validator_value if missing not in error.instance]
        missing = required[_nth(error, required)]
        whole = f"{subject} has no {missing}" if subject else f"the file has no {missing}"
        yield Finding(at, "missing-field", whole, _example(error, missing), where)
    elif error.validator == "enum" and isinstance(node.value, str):
        hint = did_you_mean(node.value, error.validator_value, 0.6) or f"use one of {', '.join(error.validator_value)}"
        yield Finding(at, "enum", f"{subject} {shown(node.value)} is not a known one", hint, where)
    elif error.validator == "pattern":
        if not node.value.strip():
            yield Finding(at, "blank", f"{subject} is empty", error.schema["x-form"], where)
        else:
            yield Finding(at, "pattern", f"{subject} {shown(node.value)} is not well formed", _form(error, node), where)
    elif error.validator == "uniqueItems":
        first: dict[str, Node] = {}
        for number, item in enumerate(node.children):
            if isinstance(item.value, str) and first.setdefault(item.value, item) is not item:
                line = source.place(first[item.value].offset)[0]
                message = f"{subject} lists {shown(item.value)} again, after line {line}"
                yield Finding(item.offset, "repeated-item", message, "keep one of the two", pointer(*path, number))
    else:
        yield _mistyped(error, node, subject, where)


def _nth(error: ValidationError, missing: list[str]) -> int:
    """Which of the missing fields this error is about: the validator words one error a field."""
    return next(number for number, name in enumerate(missing) if error.message.startswith(f"{name!r} "))


def _example(error: ValidationError, missing: str) -> str:
    known = error.schema["properties"][missing]
    example: str = known.get("x-example", "")
    if "enum" in known:
        return f"use one of {', '.join(known['enum'])}"
    return example or f"add {missing}: ..."


def _form(error: ValidationError, node: Node) -> str:
    """How to write a malformed value: the value made right where that is plain, else the rule."""
    even = evened(node.value)
    if error.validator_value == schema()["$defs"]["name"]["pattern"] and _name_pattern().is_valid(even):
        return f"write {even}"
    form: str = error.schema["x-form"]
    return form


def _mistyped(error: ValidationError, node: Node, subject: str, where: str) -> Finding:
    """A value of the wrong kind, with a word on how YAML came to read it so."""
    types = error.validator_value if error.validator == "type" else "string"
    expected = types if isinstance(types, str) else types[0]
    at, value = node.offset, node.value
    if value is None and not node.text:
        hint = error.schema.get("x-example") or error.schema.get("x-form") or "write a value, or leave the field out"
        if expected == "boolean":
            hint = "write true or false, or leave the field out"
        return Finding(at, "type", f"{subject} has no value", hint, where)
    if expected == "string" and (node.plain or isinstance(value, bool)) and not isinstance(value, (list, dict)):
        message = f"{subject}: YAML reads {node.text} as {_kind(node)}, not as text"
        fits = Draft202012Validator(error.schema).is_valid(node.text)
        hint = f'write "{node.text}" in quotes' if fits else error.schema.get("x-form", "")
        if "enum" in error.schema:
            hint = f"use one of {', '.join(error.schema['enum'])}"
        return Finding(at, "yaml-misread", message, hint, where)
    if expected == "boolean" and isinstance(value, str):
        meant = _BOOLEAN_WORDS.get(value.lower())
        if meant is not None:
            message = f"{subject}: YAML reads {_quoted(node)} as text, not as a boolean"
            return Finding(at, "yaml-misread", message, f"write {str(meant).lower()} without quotes", where)
        hint = did_you_mean(value, ("true", "false"), 0.6) or "write true or false"
        return Finding(at, "type", f"{subject} {shown(value)} is not a boolean", hint, where)
    what = f"{shown(value)}, not" if isinstance(value, str) else f"{_kind(node)}, not"
    hint = error.schema.get("x-example") or error.schema.get("x-form") or ""
    if expected == "boolean":
        hint = "write true or false"
    elif expected == "array" and isinstance(value, str) and _name_pattern().is_valid(value):
        hint = f"write [{value}]"
    return Finding(at, "type", f"{subject} is {what} {_TYPES[expected]}", hint, where)


def _quoted(node: Node) -> str:
    return node.text if node.plain else f'"{node.text}"'


def _kind(node: Node) -> str:
    value = node.value
    if isinstance(value, Misread):
        return value.kind
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    kinds = {str: "text", list: "a list", dict: "a mapping", type(None): "an empty value"}
    return kinds[type(value)]


def _locate(top: Entry, owner: Entry, path: tuple[Any, ...]) -> Node:
    """The node at a path of the repaired document."""
    if owner is not top and len(path) >= 2:
        node, rest, fields = owner.node, path[2:], owner.fields
    else:
        node, rest, fields = top.node, path, top.fields
    for number, part in enumerate(rest):
        node = fields[part] if number == 0 else node.children[part]
    return node
