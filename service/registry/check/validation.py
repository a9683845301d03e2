"""Whether a value keeps to a part of the published JSON Schema, asked often, and of almost every value with success.

Sound files are told from others here, by a plain function for each keyword that the schema has. What is refused,
`breaks` puts to jsonschema, which says where and why. It takes longer to import than to look at the shipped file, and a
test compares the verdicts with its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

Schema = Mapping[str, Any]
#: Whether a value keeps to a keyword of a schema: what the keyword is given, the value, and the schema around it.
Keyword = Callable[[Any, Any, Schema], bool]


def is_valid(schema: Schema, value: Any) -> bool:
    """Whether the value keeps to the schema, which has no $ref, in a time that is linear in the size of the value."""
    for name, given in schema.items():
        keyword = KEYWORDS.get(name)
        if keyword is not None and not keyword(given, value, schema):
            return False
    return True


_TYPES: dict[str, type] = {"string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}


def _type(names: str | Sequence[str], value: Any, _: Schema) -> bool:
    return isinstance(value, _TYPES[names] if isinstance(names, str) else tuple(_TYPES[name] for name in names))


def _const(wanted: bool | None, value: Any, _: Schema) -> bool:
    assert wanted is None or isinstance(wanted, bool), "these are equal to nothing but themselves in JSON"
    return value is wanted


def _enum(words: Sequence[str | None], value: Any, _: Schema) -> bool:
    return value in words


def _not(part: Schema, value: Any, _: Schema) -> bool:
    return not is_valid(part, value)


def _pattern(pattern: str, value: Any, _: Schema) -> bool:
    return not isinstance(value, str) or _compiled(pattern).search(value) is not None


#: Each pattern of the schema as it searches: `re` looks its own up by more than the text.
_compiled = cache(re.compile)


def _max_length(most: int, value: Any, _: Schema) -> bool:
    return not isinstance(value, str) or len(value) <= most


def _max_items(most: int, value: Any, _: Schema) -> bool:
    return not isinstance(value, list) or len(value) <= most


def _unique(_: bool, value: Any, schema: Schema) -> bool:
    assert schema["items"]["type"] == "string", "an item that is no text is refused as such, and not compared"
    texts = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    return len(set(texts)) == len(texts)


def _no_others(_: bool, value: Any, schema: Schema) -> bool:
    return not isinstance(value, dict) or value.keys() <= schema["properties"].keys()


def _required(names: Sequence[str], value: Any, _: Schema) -> bool:
    return not isinstance(value, dict) or all(name in value for name in names)


def _properties(properties: Mapping[str, Schema], value: Any, _: Schema) -> bool:
    return not isinstance(value, dict) or all(
        is_valid(properties[name], inner) for name, inner in value.items() if name in properties
    )


def _items(items: Schema, value: Any, _: Schema) -> bool:
    return not isinstance(value, list) or all(is_valid(items, item) for item in value)


def _if(condition: Schema, value: Any, schema: Schema) -> bool:
    return not is_valid(condition, value) or is_valid(schema["then"], value)


def _dependent(parts: Mapping[str, Schema], value: Any, _: Schema) -> bool:
    return not isinstance(value, dict) or all(is_valid(part, value) for name, part in parts.items() if name in value)


#: Every keyword that the schema has, but `format`, which says less than the pattern beside it.
KEYWORDS: dict[str, Keyword] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "not": _not,
    "pattern": _pattern,
    "maxLength": _max_length,
    "maxItems": _max_items,
    "uniqueItems": _unique,
    "additionalProperties": _no_others,
    "required": _required,
    "properties": _properties,
    "items": _items,
    "if": _if,
    "dependentSchemas": _dependent,
}
