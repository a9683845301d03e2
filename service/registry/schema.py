"""The published JSON Schema of registry.yaml, schemas/registry.schema.json, and what other code asks of it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from service.resources import read_schema


@cache
def schema() -> dict[str, Any]:
    """The schema as it is published."""
    loaded: dict[str, Any] = json.loads(read_schema("registry.schema.json"))
    return loaded


@cache
def inlined() -> dict[str, Any]:
    """The schema with every $ref replaced by what it points to: following one costs the validator more than a check."""
    whole: dict[str, Any] = _inlined(schema())
    return whole


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
