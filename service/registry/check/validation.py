"""Checks a value against the published JSON Schema, in a time that is linear in the size of the value.

Only the keywords that this schema uses are known, as JSON Schema 2020-12 defines them; one that is not known is refused
when the schema is read. jsonschema is what they are held to: a test compares the verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(slots=True, eq=False)
class Break:
    """A value that a keyword of the schema refuses.

    `path` leads to the value; `missing` is the field that `required` asks for, `condition` the keyword under which a
    part of the schema applies to some entries only.
    """

    keyword: str
    value: Any
    schema: Schema
    path: tuple[Any, ...] = ()
    missing: str = ""
    condition: str = ""


#: What a keyword finds wrong with a value.
Look = Callable[[Any], Iterator[Break]]


def breaks(schema: Schema, value: Any) -> Iterator[Break]:
    """Every break of the schema, which has no $ref, as it is found: each costs more than to look at a good value."""
    for look in _looks(schema):
        yield from look(value)


def is_valid(schema: Schema, value: Any) -> bool:
    """Whether the value keeps to the schema, which has no $ref."""
    return next(breaks(schema, value), None) is None


#: What the keywords of each schema ask, by its id; and the schema, so that no other gets the same.
_known: dict[int, tuple[Schema, list[Look]]] = {}


def _looks(schema: Schema) -> list[Look]:
    if id(schema) not in _known:
        looks = [_look(name, schema) for name in schema if name not in _SAYS_NOTHING and not name.startswith("x-")]
        _known[id(schema)] = schema, looks
    return _known[id(schema)][1]


def _look(name: str, schema: Schema) -> Look:
    if name in _APPLIED:
        return _APPLIED[name](schema)
    keeps = _ASSERTED[name](schema[name], schema)

    def look(value: Any) -> Iterator[Break]:
        if not keeps(value):
            yield Break(name, value, schema)

    return look


#: Keywords for people and editors, `then`, which `if` looks at, and `format`, which 2020-12 leaves unasserted.
_SAYS_NOTHING = {
    *("$schema", "$id", "$comment", "title", "description", "default", "examples", "format", "then"),
    *("defaultSnippets", "doNotSuggest", "enumDescriptions", "errorMessage", "patternErrorMessage"),
}

_TYPES: dict[str, type] = {"string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}

#: Whether a value keeps to a keyword.
Keeps = Callable[[Any], bool]


def _type(names: str | list[str], _: Schema) -> Keeps:
    types = tuple(_TYPES[name] for name in ([names] if isinstance(names, str) else names))
    return lambda value: isinstance(value, types)


def _pattern(pattern: str, _: Schema) -> Keeps:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _unique(_: bool, schema: Schema) -> Keeps:
    assert schema["items"]["type"] == "string", "an item that is no text is refused as such, and not compared"

    def keeps(value: Any) -> bool:
        texts = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
        return len(set(texts)) == len(texts)

    return keeps


def _no_other(others: bool, schema: Schema) -> Keeps:
    assert others is False
    return lambda value: not isinstance(value, dict) or value.keys() <= schema["properties"].keys()


def _is(value: Any, constant: Any) -> bool:
    """Whether they are equal in JSON, where true is not 1."""
    return isinstance(value, bool) is isinstance(constant, bool) and bool(value == constant)


#: For each keyword that refuses a value as a whole: what it asks, by its argument and the schema around it.
_ASSERTED: dict[str, Callable[[Any, Schema], Keeps]] = {
    "type": _type,
    "const": lambda constant, _: lambda value: _is(value, constant),
    "enum": lambda constants, _: lambda value: any(_is(value, one) for one in constants),
    "pattern": _pattern,
    "maxLength": lambda most, _: lambda value: not isinstance(value, str) or len(value) <= most,
    "maxItems": lambda most, _: lambda value: not isinstance(value, list) or len(value) <= most,
    "uniqueItems": _unique,
    "additionalProperties": _no_other,
    "not": lambda part, _: lambda value: not is_valid(part, value),
}


def _properties(schema: Schema) -> Look:
    properties: Mapping[str, Schema] = schema["properties"]

    def look(value: Any) -> Iterator[Break]:
        if isinstance(value, dict):
            for name, part in properties.items():
                if name in value:
                    yield from _inside(name, breaks(part, value[name]))

    return look


def _items(schema: Schema) -> Look:
    part: Schema = schema["items"]

    def look(value: Any) -> Iterator[Break]:
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from _inside(number, breaks(part, item))

    return look


def _inside(step: str | int, found: Iterator[Break]) -> Iterator[Break]:
    for one in found:
        one.path = step, *one.path
        yield one


def _required(schema: Schema) -> Look:
    names: list[str] = schema["required"]

    def look(value: Any) -> Iterator[Break]:
        if isinstance(value, dict):
            for name in names:
                if name not in value:
                    yield Break("required", value, schema, missing=name)

    return look


def _if(schema: Schema) -> Look:
    def look(value: Any) -> Iterator[Break]:
        if is_valid(schema["if"], value):
            for one in breaks(schema["then"], value):
                one.condition = one.condition or "if"
                yield one

    return look


def _dependent(schema: Schema) -> Look:
    parts: Mapping[str, Schema] = schema["dependentSchemas"]

    def look(value: Any) -> Iterator[Break]:
        if isinstance(value, dict):
            for name, part in parts.items():
                if name in value:
                    for one in breaks(part, value):
                        one.condition = "dependentSchemas"
                        yield one

    return look


#: For each keyword with schemas for parts of a value, or for some values only: what they find, by the schema around it.
_APPLIED: dict[str, Callable[[Schema], Look]] = {
    "properties": _properties,
    "items": _items,
    "required": _required,
    "if": _if,
    "dependentSchemas": _dependent,
}
