"""Where a value breaks the published JSON Schema, by jsonschema, in a time that is linear in the size of the value.

jsonschema on its own compares the items of a list two by two where they cannot be sorted, looks types up in a
persistent map, and makes a validator for each value that it descends into. Seven keywords are replaced here by leaner
ones, through its own `extend`, which descend into what is not valid alone. The verdicts stay the same: a test compares
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from service.registry.check.validation import KEYWORDS, Schema, is_valid


@dataclass(slots=True, eq=False)
class Break:
    """A value that a keyword of the schema refuses: what is used of a ValidationError, at a tenth of its size.

    `path` leads to the value; `missing` is the field that `required` asks for, `condition` the keyword under which a
    part of the schema applies to some entries only.
    """

    keyword: str
    value: Any
    schema: Schema
    path: tuple[Any, ...]
    missing: str
    condition: str


def breaks(schema: Schema, value: Any) -> Iterator[Break]:
    """Every break of the schema, which has no $ref, as it is found: each costs more than to look at a good value."""
    for error in _validator(schema).iter_errors(value):
        missing = error.message if error.validator == "required" else ""
        where = error.schema_path
        condition = "dependentSchemas" if "dependentSchemas" in where else "if" if "then" in where else ""
        yield Break(str(error.validator), error.instance, error.schema, tuple(error.path), missing, condition)


#: The validator of each schema, by its id. It keeps the schema, so that no other gets the same.
_validators: dict[int, Validator] = {}


def _validator(schema: Schema) -> Validator:
    if id(schema) not in _validators:
        _validators[id(schema)] = _Lean(schema)
    return _validators[id(schema)]


Errors = Iterable[ValidationError]


def _errors(schema: Schema, value: Any) -> Errors:
    return () if is_valid(schema, value) else _validator(schema).iter_errors(value)


def _type(_: Validator, names: str | Sequence[str], value: Any, schema: Schema) -> Errors:
    if not KEYWORDS["type"](names, value, schema):
        yield ValidationError("another type is expected")


def _unique(_: Validator, wanted: bool, value: Any, schema: Schema) -> Errors:
    if not KEYWORDS["uniqueItems"](wanted, value, schema):
        yield ValidationError("an item is repeated")


def _properties(_: Validator, properties: Mapping[str, Schema], value: Any, __: Schema) -> Errors:
    if isinstance(value, dict):
        for name, item in value.items():
            if name in properties:
                for error in _errors(properties[name], item):
                    error.path.appendleft(name)
                    yield error


def _items(_: Validator, items: Schema, value: Any, __: Schema) -> Errors:
    if isinstance(value, list):
        for number, item in enumerate(value):
            for error in _errors(items, item):
                error.path.appendleft(number)
                yield error


def _required(_: Validator, names: Sequence[str], value: Any, __: Schema) -> Errors:
    if isinstance(value, dict):
        for name in names:
            if name not in value:
                yield ValidationError(name)  # the message is the name, which `breaks` hands on


def _if(_: Validator, condition: Schema, value: Any, schema: Schema) -> Errors:
    if is_valid(condition, value):
        yield from _under("then", schema["then"], value)


def _dependent(_: Validator, parts: Mapping[str, Schema], value: Any, __: Schema) -> Errors:
    if isinstance(value, dict):
        for name, part in parts.items():
            if name in value:
                yield from _under(name, part, value)


def _under(keyword: str, part: Schema, value: Any) -> Errors:
    for error in _errors(part, value):
        error.schema_path.appendleft(keyword)
        yield error


_Lean = extend(
    Draft202012Validator,
    {
        "type": _type,
        "uniqueItems": _unique,
        "properties": _properties,
        "items": _items,
        "required": _required,
        "if": _if,
        "dependentSchemas": _dependent,
    },
)
