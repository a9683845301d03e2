"""A registry in the compact form in which the next one is compared with it.

A later version of the service, whose linter may be stricter, reads it as well: nothing of it is checked.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, fields
from typing import Any

from service.registry.lint.linter import MAX_BYTES
from service.registry.model import STATE_FLAGS, Module, Registry
from service.registry.schema import is_name

#: The fields of a module that events are made of.
_KEPT = ("slug", "label", *STATE_FLAGS, "api_endpoint", "feature_page", "stage", "formerly", "deprecated")
#: The longest text, in bytes: of a file it has less, though perhaps with more quotes, and in another coding.
_LONGEST = 2 * MAX_BYTES
#: How many modules it has at most: an entry of a file has some fifty bytes and more.
_MOST = MAX_BYTES // 50

_DEFAULTS = {field.name: field.default for field in fields(Module)}


def compact(registry: Registry) -> str:
    """A registry as text: of 10,000 modules some hundred kilobytes."""
    entries = [_entry(module) for module in registry.modules]
    text = json.dumps(entries, default=asdict, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def restored(text: str) -> Registry:
    """The registry of a compact form, with what events are made of. Raises ValueError where it cannot be read."""
    try:
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(base64.b64decode(text, validate=True), _LONGEST)
        if not unpacking.eof:
            raise ValueError(f"no compact form of a registry: it was cut, or is longer than {_LONGEST:,} bytes")
        entries = json.loads(plain)
        if len(entries) > _MOST:
            raise ValueError(f"no compact form of a registry: it has more than {_MOST:,} modules")
        return Registry(tuple(_module(entry) for entry in entries))
    except (zlib.error, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError(f"no compact form of a registry: {error}") from error


def reduced(registry: Registry) -> Registry:
    """A registry as it is restored from its compact form."""
    return Registry(
        tuple(Module(category="", **{name: getattr(module, name) for name in _KEPT}) for module in registry.modules)
    )


def _entry(module: Module) -> dict[str, Any]:
    values = {name: getattr(module, name) for name in _KEPT}
    return {name: value for name, value in values.items() if value != _DEFAULTS[name]}


def _module(entry: dict[str, Any]) -> Module:
    known = {name: value for name, value in entry.items() if name in _KEPT}
    module = Module.from_entry({**known, "category": ""})
    if not is_name(module.slug) or hash(module) is None:  # a list or a mapping in it, which nothing compares, has none
        raise TypeError(f"no slug of a module: {module.slug!r:.100}")
    return module
