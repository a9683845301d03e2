"""A registry in the compact form in which the next one is compared with it.

A later version of the service, whose linter may be stricter, reads it as well: what events are made of is checked, and
nothing else.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, fields
from typing import Any

from service.history.model import Check, is_label, is_text, or_nothing
from service.registry.lint.linter import MAX_BYTES
from service.registry.model import STATE_FLAGS, Module, Registry
from service.registry.schema import is_name
from service.storage.times import is_day

#: The fields of a module that events are made of, and what each has to be for that.
_KEPT: dict[str, Check] = {
    "slug": is_name,
    "label": is_label,
    **dict.fromkeys(STATE_FLAGS, lambda said: type(said) is bool),
    **dict.fromkeys(("api_endpoint", "feature_page"), or_nothing(is_text)),
    "stage": or_nothing(is_name),
    "formerly": lambda said: isinstance(said, list) and all(map(is_name, said)),
    "deprecated": or_nothing(lambda said: is_day(said["removed_after"])),
}
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
    if wrong := [name for name, value in known.items() if not _KEPT[name](value)]:
        raise TypeError(f"a module's {wrong[0]} cannot be {known[wrong[0]]!r:.100}")
    return Module.from_entry({**known, "category": ""})
