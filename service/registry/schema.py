"""The published JSON Schema of registry.yaml, schemas/registry.schema.json: what it says, and what keeps to it.

Whether a value does is asked of a plain function for each keyword that the schema has, in a time that is linear in the
size of the value. Where it breaks it is looked for in what is not valid alone. A test compares the verdicts with
jsonschema's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from service import schema_path

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


@cache
def schema() -> dict[str, Any]:
    """The schema as it is published."""
    return dict(json.loads(schema_path("registry.schema.json").read_bytes()))


@cache
def inlined() -> dict[str, Any]:
    """The schema with every $ref replaced by what it points to: following one costs the validator more than a check."""
    return dict(_inlined(schema()))


def _inlined(part: Any) -> Any:
    if isinstance(part, list):
        return [_inlined(item) for item in part]
    if not isinstance(part, dict):
        return part
    own = {name: _inlined(value) for name, value in part.items() if name not in ("$ref", "$defs")}
    return _inlined(schema()["$defs"][part["$ref"].removeprefix("#/$defs/")]) | own if "$ref" in part else own


def module_fields() -> dict[str, Any]:
    """What the schema says about each field of a module."""
    fields: dict[str, Any] = inlined()["properties"]["modules"]["items"]["properties"]
    return fields


def removal_fields() -> dict[str, Any]:
    """What the schema says about each field of a module that is gone."""
    fields: dict[str, Any] = inlined()["properties"]["removed"]["items"]["properties"]
    return fields


class FieldType(NamedTuple):
    """What a field holds: "string", "boolean", "Label", or what its x-type names; a list of these, or null."""

    name: str
    choices: tuple[str, ...]
    is_list: bool
    is_nullable: bool


def type_of(field: Mapping[str, Any]) -> FieldType:
    """Return the type of a field from what the schema says about it."""
    value = field.get("items", field)
    types = value.get("type", "string")
    choices = value.get("enum", ())
    basic = "Label" if "properties" in value else "boolean" if types == "boolean" else "string"
    return FieldType(
        field.get("x-type", basic),
        tuple(filter(None, choices)),
        "items" in field,
        "null" in types or None in choices,
    )


def translated_fields() -> tuple[str, ...]:
    """Return the names of the fields that are texts in both languages, of modules and of removed modules."""
    return tuple(name for name, field in all_fields().items() if type_of(field).name == "Label")


def all_fields() -> dict[str, Any]:
    """Return what the schema says about each field of a module, and of a removed module."""
    return module_fields() | removal_fields()


def example() -> dict[str, Any]:
    """Return a whole entry of an active module, of the first example of each field that `new` can set."""
    module = inlined()["properties"]["modules"]["items"]
    conditions = {"dependentSchemas": module["dependentSchemas"]}
    entry = {}
    for name, field in module_fields().items():
        is_set = name in module["required"] or "x-option" in field
        if is_set and is_valid(conditions, {name: field["examples"][0]}):
            entry[name] = field["examples"][0]
    return entry


def leaves(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield the path of each field that has no fields of its own, such as `label.fr`, in the order of the schema."""
    for name, field in fields.items():
        inner = field.get("properties")
        yield from (f"{name}.{leaf}" for leaf in leaves(inner)) if inner else [name]


def is_name(value: object) -> bool:
    """Whether it is a well-formed slug or artifact name.

    The linter asks this of every name several times, so it applies the schema's pattern without the validator.
    """
    return isinstance(value, str) and _pattern("name").search(value) is not None


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen, by the schema's pattern of text."""
    return _pattern("text").search(text) is None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(schema()["$defs"][name]["pattern"])


Schema = Mapping[str, Any]
_Path = tuple[str | int, ...]
#: Whether a value keeps to a keyword of a schema: what the keyword is given, the value, and the schema around it.
Keyword = Callable[[Any, Any, Schema], bool]


def is_valid(schema: Schema, value: Any) -> bool:
    """Whether the value keeps to the schema, which has no $ref."""
    for name, given in schema.items():
        if name in PARTS:
            if not all(is_valid(part, inner) for part, inner, _ in PARTS[name](given, value, schema)):
                return False
        elif name in KEYWORDS and not KEYWORDS[name](given, value, schema):
            return False
    return True


_TYPES: dict[str, type] = {"string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}

#: Each pattern of the schema as it searches: `re` looks its own up by more than the text.
_compiled = cache(re.compile)


def _type(names: str | list[str], value: Any, _: Schema) -> bool:
    return isinstance(value, _TYPES[names] if isinstance(names, str) else tuple(_TYPES[name] for name in names))


def _unique(_: bool, value: Any, schema: Schema) -> bool:
    assert schema["items"]["type"] == "string", "an item that is no text is refused as such, and not compared"
    texts = [item for item in value if isinstance(item, str)]
    return len(set(texts)) == len(texts)


def _of(kind: type, keyword: Keyword) -> Keyword:
    """A keyword that holds for whatever is not of this kind."""
    return lambda given, value, schema: not isinstance(value, kind) or keyword(given, value, schema)


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


#: The keywords that have schemas in them: each with what it applies to, and the way there.
PARTS: dict[str, Callable[[Any, Any, Schema], list[tuple[Schema, Any, _Path]]]] = {
    "properties": lambda given, value, _: [
        (given[name], inner, (name,)) for name, inner in _fields(value).items() if name in given
    ],
    "items": lambda given, value, _: [
        (given, item, (number,)) for number, item in enumerate(value if isinstance(value, list) else ())
    ],
    "if": lambda given, value, schema: [(schema["then"], value, ())] if is_valid(given, value) else [],
    "dependentSchemas": lambda given, value, _: [
        (part, value, ()) for name, part in given.items() if name in _fields(value)
    ],
}

#: Every other keyword that the schema has, but `format`, which says less than the pattern beside it.
KEYWORDS: dict[str, Keyword] = {
    "type": _type,
    "const": lambda wanted, value, _: type(value) is type(wanted) and value == wanted,
    "enum": lambda words, value, _: value in words,
    "not": lambda part, value, _: not is_valid(part, value),
    "pattern": _of(str, lambda pattern, value, _: _compiled(pattern).search(value) is not None),
    "maxLength": _of(str, lambda most, value, _: len(value) <= most),
    "maxItems": _of(list, lambda most, value, _: len(value) <= most),
    "uniqueItems": _of(list, _unique),
    "additionalProperties": lambda _, value, schema: _fields(value).keys() <= schema["properties"].keys(),
    "required": _of(dict, lambda names, value, _: value.keys() >= {*names}),
}


def errors(schema: Schema, value: Any, path: _Path = (), above: tuple[str, ...] = ()) -> Iterator[ValidationError]:
    """Every break of the schema, which has no $ref, as jsonschema tells it; of `required`, the message is the field.

    What a condition asks for has its keyword, `if` or `dependentSchemas`, in `schema_path`.
    """
    from jsonschema.exceptions import ValidationError  # which takes longer to import than a check

    for name, given in schema.items():
        where = (*above, name)
        for part, inner, step in PARTS[name](given, value, schema) if name in PARTS else ():
            if not is_valid(part, inner):
                yield from errors(part, inner, (*path, *step), where)
        if name in KEYWORDS and not KEYWORDS[name](given, value, schema):
            for message in [each for each in given if each not in value] if name == "required" else [name]:
                yield ValidationError(message, name, path, instance=value, schema=schema, schema_path=where)
