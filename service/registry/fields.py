"""What is wrong with one field, in words: the JSON Schema's verdicts for the person who edits the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from service.registry.entries import Entry, is_name
from service.registry.nodes import UNKNOWN, Finding, Misread, Node, pointer
from service.registry.source import Source
from service.registry.words import did_you_mean, evened, shown

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


def field_findings(
    error: ValidationError, path: tuple[Any, ...], owner: Entry, top: Entry, source: Source
) -> Iterator[Finding]:
    """One error of the validator on a field, an item or an entry."""
    node = locate(top, owner, path)
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
        if name == "label" and len(required) > 1:
            if missing == required[0]:
                hint = "write {fr: ..., en: ...}"
                yield Finding(at, "missing-field", f"{subject} has no {' and no '.join(required)}", hint, where)
            return
        whole = f"{subject} has no {missing}" if subject else f"the file has no {missing}"
        yield Finding(at, "missing-field", whole, _example(error, missing), f"{where}/{missing}")
    elif error.validator == "enum" and isinstance(node.value, str):
        hint = did_you_mean(node.value, error.validator_value, 0.6) or _choices(error.schema)
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
        is_item = bool(path) and isinstance(path[-1], int) and path[:-1] != ("modules",)
        yield _mistyped(error, node, subject, where, is_item)


def _nth(error: ValidationError, missing: list[str]) -> int:
    """Which of the missing fields this error is about: the validator words one error a field."""
    return next(number for number, name in enumerate(missing) if error.message.startswith(f"{name!r} "))


def _example(error: ValidationError, missing: str) -> str:
    known = error.schema["properties"][missing]
    example: str = known.get("x-example", "")
    return (
        _choices(known)
        or example
        or (f"begin it with - {missing}: ..." if missing == "slug" else f"add {missing}: ...")
    )


def _choices(schema: dict[str, Any]) -> str:
    """The hint for a field whose values are listed; empty for others."""
    return f"use one of {', '.join(schema['enum'])}" if "enum" in schema else ""


def _form(error: ValidationError, node: Node) -> str:
    """How to write a malformed value: the value made right where that is plain, else the rule."""
    value, even = node.value.strip(), evened(node.value)
    if even in ("null", "none", "no") and "null" in error.schema["type"]:
        return _NULL
    page = even.removeprefix("/features/").replace("_", "-")
    endpoint = value[max(value.find("/api/"), 0) :].rstrip("/")
    for right in (even, page, endpoint, f"/{endpoint}", f"/api/{even}", f"/api{endpoint}"):
        if Draft202012Validator(error.schema).is_valid(right):
            return f"write {right}"
    form: str = error.schema["x-form"]
    return form


def _mistyped(error: ValidationError, node: Node, subject: str, where: str, is_item: bool) -> Finding:
    """A value of the wrong kind, with a word on how YAML came to read it so."""
    types = error.validator_value if error.validator == "type" else "string"
    expected = types if isinstance(types, str) else types[0]
    at, value, choices = node.offset, node.value, _choices(error.schema)
    if value is None and not node.text:
        hint = error.schema.get("x-example") or error.schema.get("x-form") or "write a value, or leave the field out"
        if choices:
            hint = choices
        elif expected == "boolean":
            hint = "write true or false, or leave the field out"
        return Finding(at, "type", f"{subject} has no value", hint, where)
    if expected == "string" and (node.plain or isinstance(value, bool)) and not isinstance(value, (list, dict)):
        message = f"{subject}: YAML reads {node.text} as {kind(node)}, not as text"
        fits = Draft202012Validator(error.schema).is_valid(node.text)
        hint = f'write "{node.text}" in quotes' if fits else error.schema.get("x-form", "")
        if choices:
            hint = choices
        elif "null" in types and value is False:  # the author wrote no
            hint = _NULL
        return Finding(at, "yaml-misread", message, hint, where)
    if expected == "boolean" and isinstance(value, str):
        meant = _BOOLEAN_WORDS.get(value.lower())
        if meant is not None:
            message = f"{subject}: YAML reads {_quoted(node)} as text, not as a boolean"
            return Finding(at, "yaml-misread", message, f"write {str(meant).lower()} without quotes", where)
        hint = did_you_mean(value, ("true", "false"), 0.6) or "write true or false"
        return Finding(at, "type", f"{subject} {shown(value)} is not a boolean", hint, where)
    if is_item:
        subject = subject.replace(": ", ": an item of ") if ": " in subject else f"an item of {subject}"
    if choices:
        return Finding(at, "type", f"{subject} is {kind(node)}, not text", choices, where)
    what = f"{shown(value)}, not" if isinstance(value, str) else f"{kind(node)}, not"
    hint = error.schema.get("x-example") or error.schema.get("x-form") or ""
    if expected == "boolean":
        hint = "write true or false"
    elif expected == "array" and isinstance(value, str) and is_name(value):
        hint = f"write [{value}]"
    return Finding(at, "type", f"{subject} is {what} {_TYPES[expected]}", hint, where)


def _quoted(node: Node) -> str:
    return node.text if node.plain else f'"{node.text}"'


def kind(node: Node) -> str:
    """What kind of value it is, in words."""
    value = node.value
    if isinstance(value, Misread):
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
