"""Two registries -> what happened to each module, of the same comparison as `module-registry changes`."""

from __future__ import annotations

from collections.abc import Iterator

from service.history.form import reduced
from service.history.model import Change, Kind, Value
from service.registry.changes import compare
from service.registry.model import Module, ModuleState, Registry

_FIELDS = {
    "api_endpoint": Kind.ENDPOINT_CHANGED,
    "feature_page": Kind.PAGE_CHANGED,
    "stage": Kind.STAGE_CHANGED,
}
_END = "deprecated.removed_after"


def changes_between(base: Registry, head: Registry) -> list[Change]:
    """What happened to modules from one registry to another, in the order in which it is recorded.

    `base` is one that was restored from its compact form, or another.
    """
    changes = compare(reduced(base), reduced(head))  # without fields that one of them lacks: what is the same is equal
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
    edited: dict[str, set[str]] = {}
    for edit in changes.edits:
        if edit.slug in head.by_slug:
            edited.setdefault(edit.slug, set()).add(edit.field)
    for slug, fields in edited.items():
        told += _of_module(base.by_slug[origins.get(slug, slug)], head.by_slug[slug], fields)
    return told


def _of_module(before: Module, after: Module, fields: set[str]) -> Iterator[Change]:
    def change(kind: Kind, was: Value, becomes: Value) -> Change:
        return Change(kind, after.slug, after.label, was, becomes)

    moved = "bucket" in fields
    if moved:
        yield change(_move(before.state, after.state), before.state.bucket, after.state.bucket)
    if _END in fields:
        ends = after.deprecated.removed_after if after.deprecated else None
        kind = Kind.DEPRECATED if ends else Kind.UNDEPRECATED
        yield change(kind, before.deprecated.removed_after if before.deprecated else None, ends)
    if before.label != after.label:
        yield change(Kind.RELABELLED, before.label, after.label)
    for field, kind in _FIELDS.items():
        was, becomes = getattr(before, field), getattr(after, field)
        # What comes or goes with a state, as the endpoint of a module that is released, is no change of its own.
        if was != becomes and not (moved and None in (was, becomes)):
            yield change(kind, was, becomes)


def _move(before: ModuleState, after: ModuleState) -> Kind:
    if after is ModuleState.ALPHA_UNAVAILABLE:
        return Kind.FROZEN
    if after is ModuleState.ACTIVE and before is ModuleState.COMING_SOON:
        return Kind.RELEASED
    if after is ModuleState.ACTIVE and before is ModuleState.ALPHA_UNAVAILABLE:
        return Kind.THAWED
    return Kind.MOVED
