"""Which changes break clients: names that die or come to mean something else, and what can no longer be called or used.

A module that is frozen is not among them: its endpoint stays, and answers 503 for a time. Nor is one that is removed as
it was declared: it is deprecated, its `removed_after` has passed, and `removed` has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from service.registry.differences import Breaking, Edit, Kind, Rename
from service.registry.model import Module, ModuleState, Registry


def breaking(
    base: Registry, head: Registry, renamed: Sequence[Rename], edits: Sequence[Edit], today: str
) -> Iterator[Breaking]:
    """What breaks clients of `base`. `today` is an ISO day; without one, no module is due to be removed."""
    moved = {rename.old: rename for rename in renamed}
    removed = [module for module in base.modules if module.slug not in head.by_slug and module.slug not in moved]
    gone = {edit.slug: edit.before for edit in edits if edit.field == "api_endpoint" and edit.slug not in head.by_slug}
    endpoints = {slug: endpoint for slug, endpoint in gone.items() if isinstance(endpoint, str)}
    unsaid = _likely_renames(removed, [each for each in head.modules if each.slug not in base.by_slug])
    removals = [*_removals(removed, head, unsaid, endpoints, today)]
    yield from removals
    for rename in renamed:
        kind: Kind = "slug-merged" if rename.joins else "slug-renamed"
        yield Breaking(kind, rename.old, rename.old, rename.new, endpoints.get(rename.old))
    yield from _former_slugs(base, head, {each.slug for each in removals})
    yield from _tombstones(base, head)
    origins = {rename.new: rename.old for rename in renamed if not rename.joins}
    for edit in edits:
        if edit.slug in head.by_slug:
            yield from _withdrawn(edit, base.by_slug.get(origins.get(edit.slug, edit.slug)))


def _removals(
    removed: Iterable[Module], head: Registry, unsaid: Mapping[str, str], endpoints: Mapping[str, str], today: str
) -> Iterator[Breaking]:
    for module in removed:
        slug, end = module.slug, module.deprecated
        endpoint = endpoints.get(slug)
        if slug not in head.tombstones:
            yield Breaking("slug-removed", slug, slug, unsaid.get(slug), endpoint)
        elif end is None or today <= end.removed_after:
            yield Breaking("slug-removed-early", slug, slug, end.removed_after if end else None, endpoint)


def _likely_renames(removed: Iterable[Module], added: Iterable[Module]) -> dict[str, str]:
    """Of each module that goes, the one that comes with the same endpoint or else the same labels, if there is one."""
    found: dict[str, str] = {}
    left = {module.slug: module for module in added}
    for same in (_same_endpoint, _same_labels):
        for module in removed:
            new = next((other.slug for other in left.values() if same(module, other)), None)
            if new is not None and module.slug not in found:
                found[module.slug] = left.pop(new).slug
    return found


def _same_endpoint(one: Module, other: Module) -> bool:
    return one.api_endpoint is not None and one.api_endpoint == other.api_endpoint


def _same_labels(one: Module, other: Module) -> bool:
    return one.label == other.label


def _former_slugs(base: Registry, head: Registry, removed: set[str]) -> Iterator[Breaking]:
    """Former slugs that no longer lead to their module. Where that is said to be gone, they are no further change."""
    for old, owner in base.renames.items():
        leads_to, module = head.find(old), head.find(owner)
        if owner in removed or (module is not None and leads_to is module):
            continue
        if old in head.by_slug:
            yield Breaking("name-reused", old, owner, old)
        elif module is not None or old not in head.tombstones:
            yield Breaking("former-slug-dropped", owner, old, leads_to.slug if leads_to else None)


def _tombstones(base: Registry, head: Registry) -> Iterator[Breaking]:
    """Modules that were said to be gone, and no longer are."""
    for slug in base.tombstones:
        if slug not in head.tombstones:
            module = head.find(slug)
            kind: Kind = "name-reused" if module else "tombstone-dropped"
            yield Breaking(kind, slug, slug, module.slug if module else None)


def _withdrawn(edit: Edit, before: Module | None) -> Iterator[Breaking]:
    """What a module that stays can no longer be used for."""
    if edit.field == "api_endpoint" and isinstance(edit.before, str):
        after = edit.after if isinstance(edit.after, str) else None
        yield Breaking("endpoint-changed" if after else "endpoint-vanished", edit.slug, edit.before, after)
    elif edit.field == "pipelinable" and edit.before is True:
        yield Breaking("pipelinable-withdrawn", edit.slug, "true", "false")
    elif edit.field == "produces" and before is not None and before.state is not ModuleState.COMING_SOON:
        after_produces = edit.after if isinstance(edit.after, tuple) else ()
        for artifact in before.produces:
            if artifact not in after_produces:
                yield Breaking("artifact-withdrawn", edit.slug, artifact, None)
