"""Whether a value keeps to the published JSON Schema, and where it breaks it, in a time that is linear in its size.

There is a plain function for each keyword that the schema has. Errors are looked for in what is not valid alone. A test
compares the verdicts with jsonschema's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from service.registry.lint.nodes import Path

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Schema = Mapping[str, Any]
#: Whether a value keeps to a keyword of a schema: what the keyword is given, the value, and the schema around it.
Keyword = Callable[[Any, Any, Schema], bool]


def is_valid(schema: Schema, value: Any) -> bool:
    """Whether the value keeps to the schema, which has no $ref, in a time that is linear in the size of the value."""
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


def _const(wanted: bool | None, value: Any, _: Schema) -> bool:
    assert wanted is None or isinstance(wanted, bool), "these are equal to nothing but themselves in JSON"
    return value is wanted


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
PARTS: dict[str, Callable[[Any, Any, Schema], list[tuple[Schema, Any, Path]]]] = {
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
    "const": _const,
    "enum": lambda words, value, _: value in words,
    "not": lambda part, value, _: not is_valid(part, value),
    "pattern": _of(str, lambda pattern, value, _: _compiled(pattern).search(value) is not None),
    "maxLength": _of(str, lambda most, value, _: len(value) <= most),
    "maxItems": _of(list, lambda most, value, _: len(value) <= most),
    "uniqueItems": _of(list, _unique),
    "additionalProperties": lambda _, value, schema: _fields(value).keys() <= schema["properties"].keys(),
    "required": _of(dict, lambda names, value, _: value.keys() >= {*names}),
}


def errors(schema: Schema, value: Any, path: Path = (), above: tuple[str, ...] = ()) -> Iterator[ValidationError]:
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
            for message in [one for one in given if one not in value] if name == "required" else [name]:
                yield ValidationError(message, name, path, instance=value, schema=schema, schema_path=where)
