"""Two registries -> what happened to each module, of the same comparison as `module-registry changes`.

The former one is in the compact form in which it was stored. A later version of the service, whose linter may be
stricter, reads that as well: what events are made of is checked, and nothing else.
"""

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from service.history.model import Change, Check, Kind, Value, is_label, is_text, or_nothing
from service.registry.changes import compare
from service.registry.lint.linter import MAX_BYTES
from service.registry.model import STATE_FLAGS, Module, ModuleState, Registry, check_exhaustive
from service.registry.schema import is_name
from service.storage.entries import is_day

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

#: Fields whose changes have a kind of their own.
_FIELDS = {
    "label": Kind.RELABELLED,
    "api_endpoint": Kind.ENDPOINT_CHANGED,
    "feature_page": Kind.PAGE_CHANGED,
    "stage": Kind.STAGE_CHANGED,
}


def changes_between(base: Registry, head: Registry) -> list[Change]:
    """What happened to modules from one registry to another, in the order in which it is recorded.

    `base` is one that was restored from its compact form, or another.
    """
    changes = compare(_reduced(base), _reduced(head))  # of the fields that events are made of
    told: list[Change] = []
    for gone in changes.removed:
        removed = head.tombstones.get(gone.slug)
        told.append(Change(Kind.REMOVED, gone.slug, gone.label, gone.state.bucket, removed.use if removed else None))
    for rename in changes.renamed:
        kind = Kind.MERGED if rename.joins else Kind.RENAMED
        told.append(Change(kind, rename.new, head.by_slug[rename.new].label, rename.old, rename.new))
    for new in changes.added:
        told.append(Change(Kind.ADDED, new.slug, new.label, None, new.state.bucket))

    # What changed of modules that both have, module by module, in the order of the new registry.
    origins = {rename.new: rename.old for rename in changes.renamed if not rename.joins}
    for slug in dict.fromkeys(edit.slug for edit in changes.edits if edit.slug in head.by_slug):
        told += _of_module(base.by_slug[origins.get(slug, slug)], head.by_slug[slug])
    return told


def _of_module(before: Module, after: Module) -> Iterator[Change]:
    def change(kind: Kind, was: Value, becomes: Value) -> Change:
        return Change(kind, after.slug, after.label, was, becomes)

    state, becomes = before.state, after.state
    if state is not becomes:
        yield change(_move(state, becomes), state.bucket, becomes.bucket)
    ended, ends = (each.deprecated.removed_after if each.deprecated else None for each in (before, after))
    if ended != ends:
        yield change(Kind.DEPRECATED if ends else Kind.UNDEPRECATED, ended, ends)
    for field, kind in _FIELDS.items():
        values = getattr(before, field), getattr(after, field)
        # What comes or goes with a state, as the endpoint of a module that is released, is no change of its own.
        if values[0] != values[1] and (state is becomes or None not in values):
            yield change(kind, *values)


def _move(before: ModuleState, after: ModuleState) -> Kind:
    """Return the kind of event that a move from one state to another is."""
    match after:
        case ModuleState.ALPHA_UNAVAILABLE:
            return Kind.FROZEN
        case ModuleState.ACTIVE:
            from_state = {ModuleState.COMING_SOON: Kind.RELEASED, ModuleState.ALPHA_UNAVAILABLE: Kind.THAWED}
            return from_state.get(before, Kind.MOVED)
        case ModuleState.ON_DEMAND | ModuleState.META | ModuleState.COMING_SOON:
            pass
        case unknown:
            check_exhaustive(unknown)
    return Kind.MOVED


def compact(registry: Registry) -> str:
    """A registry as text: of 10,000 modules some hundred kilobytes."""
    entries = [
        {name: value for name, value in _told_of(module).items() if value != _DEFAULTS[name]}
        for module in registry.modules
    ]
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


def _reduced(registry: Registry) -> Registry:
    """A registry as it is restored from its compact form."""
    return Registry(tuple(Module(category="", **_told_of(module)) for module in registry.modules))


def _told_of(module: Module) -> dict[str, Any]:
    """What events are made of."""
    return {name: getattr(module, name) for name in _KEPT}


def _module(entry: dict[str, Any]) -> Module:
    known = {name: value for name, value in entry.items() if name in _KEPT}
    if wrong := [name for name, value in known.items() if not _KEPT[name](value)]:
        raise TypeError(f"a module's {wrong[0]} cannot be {known[wrong[0]]!r:.100}")
    return Module.from_entry({**known, "category": ""})
