"""Two registries -> what a pull request changes, and which of it breaks clients.

What breaks them are names that die or come to mean something else, and what can no longer be called or used. A module
that is frozen does not: its endpoint stays, and answers 503 for a time. Nor does one that is removed as it was
declared: it is deprecated, its `removed_after` has passed, and `removed` has it.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from itertools import starmap
from typing import Any, NamedTuple, TypeVar

from service.problems import Diagnostic
from service.registry.graph import by_artifact
from service.registry.loss import loss
from service.registry.model import STATE_FLAGS, Module, ModuleState, Registry, Removed
from service.registry.schema import leaves, module_fields, removal_fields

T = TypeVar("T")

Value = str | bool | tuple[str, ...] | None


class Edit(NamedTuple):
    """One field of a module that both registries have, by its slug in the new one. `field` is one of `FIELDS`.

    Those that begin with `removed.` are of an entry in `removed` that both have.
    """

    slug: str
    field: str
    before: Value
    after: Value


class Rename(NamedTuple):
    """A slug that a module of the new registry names in `formerly`.

    `joins`: the successor is there already, or has another predecessor, so that two modules become one.
    """

    old: str
    new: str
    joins: bool = False


class Leaving(NamedTuple):
    """A feature that leaves the vote allow-list, whose votes no rename takes along.

    `successor` is the module that names it in `formerly` and is not on the list itself; `stays` says that the slug
    is still a module's, or listed as removed, so that no other may name it.
    """

    feature: str
    successor: str | None = None
    stays: bool = False


class Breaking(NamedTuple):
    """A change that clients notice: they hold slugs as stable identifiers, call endpoints, and chain modules.

    `kind` is one that `cli/changes_words.py` has a sentence for. What `before` and `after` are depends on it: of
    `slug-removed`, `after` is a module that it may have been renamed to; of `slug-removed-early`, the day after which
    it may go. `endpoint` is one that goes with the slug.
    """

    kind: str
    slug: str
    before: str
    after: str | None
    endpoint: str | None = None


class Link(NamedTuple):
    """An artifact that each of `producers` hands on to each of `consumers`, which an edit has taken away or added.

    Slugs are those of the new registry where it still has the module.
    """

    is_gained: bool
    artifact: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]


#: The fields that an Edit of a module may be about, and of a removed module: the bucket in place of the flags.
_OF_MODULE = ("bucket", *(name for name in leaves(module_fields()) if name not in ("slug", *STATE_FLAGS)))
_REMOVED = tuple(f"removed.{name}" for name in leaves(removal_fields()) if name != "slug")
#: All of them, in the order in which reports list them.
FIELDS = (*_OF_MODULE, *_REMOVED)


@dataclass(frozen=True)
class Changes:
    """Everything that clients, people and voters can see of an edit; an edit of comments or layout is empty.

    A slug that is gone stands either in `removed` or as the `old` of one in `renamed`.
    """

    added: tuple[Module, ...] = ()
    removed: tuple[Module, ...] = ()
    renamed: tuple[Rename, ...] = ()
    edits: tuple[Edit, ...] = ()
    reordered: bool = False
    """Whether modules that both have stand in another order, which is the order of /api/modules."""
    entering: tuple[str, ...] = ()
    """Features that enter the vote allow-list."""
    leaving: tuple[Leaving, ...] = ()
    vote_renames: tuple[Rename, ...] = ()
    """Ids whose votes count for another feature from now on."""
    forgotten: tuple[Rename, ...] = ()
    """Former ids that went on working in votes, and no longer do."""
    tombstones: tuple[Removed, ...] = ()
    """Entries that are new in the list of removed modules."""
    tombstones_gone: tuple[Removed, ...] = ()
    """Entries that are no longer in it."""
    breaking: tuple[Breaking, ...] = ()
    """What of all this breaks clients."""
    given_up: tuple[str, ...] = ()
    """The names that clients were to give up, and that lead nowhere any more or are used anew."""
    links: tuple[Link, ...] = ()
    """What the needs/produces graph loses and gains by all this."""
    loss: Diagnostic | None = None
    """What a running service would not believe."""

    def __bool__(self) -> bool:
        return self != Changes()

    def edits_of(self, *fields: str) -> tuple[Edit, ...]:
        """The edits of these fields, in the order of the new registry."""
        return tuple(edit for edit in self.edits if edit.field in fields)


def compare(base: Registry, head: Registry, today: str = "") -> Changes:
    """What changes from `base` to `head`, in the order of `head` where there is one.

    `today` is the ISO day by which a module may be due to be removed; without one, none is.
    """
    renamed = tuple(_renames(base, head))
    moved = {each.old for each in renamed}
    predecessors = {each.new: each.old for each in renamed if not each.joins}
    before = {slug: was for slug in head.by_slug if (was := base.by_slug.get(predecessors.get(slug, slug)))}
    goes_on = {was.slug: slug for slug, was in before.items()}
    accepted = {*head.allowed_features, *head.feature_renames}
    dropped, forgotten = _without(base.allowed_features, accepted), _without(base.feature_renames, accepted)
    known = head.by_slug.keys() | head.tombstones
    new_votes = _without(head.feature_renames.items(), base.feature_renames.items())
    changes = Changes(
        added=_only(head.by_slug, before),
        removed=_only(base.by_slug, {*head.by_slug, *moved}),
        renamed=renamed,
        edits=tuple(_edits(base, head, before, moved)),
        reordered=[*goes_on] != [slug for slug in base.by_slug if slug in goes_on],
        entering=_without(head.allowed_features, base.allowed_features),
        leaving=tuple(Leaving(feature, head.renames.get(feature), feature in known) for feature in dropped),
        vote_renames=tuple(starmap(Rename, new_votes)),
        forgotten=tuple(Rename(old, base.feature_renames[old]) for old in forgotten),
        tombstones=_only(head.tombstones, base.tombstones),
        tombstones_gone=_only(base.tombstones, head.tombstones),
        links=tuple(_links_changed(base, head, goes_on)),
        loss=loss(base, head),
    )
    breaking = tuple(_breaking(base, head, changes, before, today))
    return replace(changes, breaking=breaking, given_up=tuple(sorted(_given_up(base, head, breaking))))


def _without(several: Iterable[T], others: Iterable[T]) -> tuple[T, ...]:
    known = {*others}
    return tuple(each for each in several if each not in known)


def _only(several: Mapping[str, T], others: Iterable[str]) -> tuple[T, ...]:
    """What has a slug that is not among others."""
    return tuple(several[slug] for slug in _without(several, others))


def _renames(base: Registry, head: Registry) -> Iterator[Rename]:
    """Each slug that is gone and that a module of `head` says it had. The first that says so has it."""
    gone = base.by_slug.keys() - head.by_slug.keys()
    for module in head.modules:
        joins = module.slug in base.by_slug
        for old in module.formerly:
            if old in gone:
                gone.remove(old)
                yield Rename(old, module.slug, joins)
                joins = True


def _edits(base: Registry, head: Registry, before: Mapping[str, Module], moved: Set[str]) -> Iterator[Edit]:
    modules = ((slug, was, head.by_slug[slug], _OF_MODULE) for slug, was in before.items())
    gone = ((slug, base.tombstones.get(slug, each), each, _REMOVED) for slug, each in head.tombstones.items())
    for slug, old, new, fields in (*modules, *gone):
        for name in fields if old != new else ():  # of many modules, most are the same
            was, becomes = _at(old, name, moved), _at(new, name, moved)
            # The order in which a list is written means nothing.
            is_same = sorted(was) == sorted(becomes) if isinstance(was, tuple) else was == becomes
            if not is_same:
                yield Edit(slug, name, was, becomes)
    # What modules leave behind is gone, unless another module serves it.
    served = {None, *(module.api_endpoint for module in head.modules)}
    for module in _only(base.by_slug, (was.slug for was in before.values())):
        if module.api_endpoint not in served:
            yield Edit(module.slug, "api_endpoint", module.api_endpoint, None)


def _at(value: Any, field: str, moved: Set[str]) -> Any:
    """A field of a module or of a removed one, or a part of it, such as label.fr; None where the whole is None."""
    for name in field.replace("bucket", "state.bucket").removeprefix("removed.").split("."):
        value = getattr(value, name, None)
    # A former slug that stands for a rename of this edit is said there.
    return tuple(sorted({*value} - moved)) if field == "formerly" else value


def _breaking(
    base: Registry, head: Registry, changes: Changes, before: Mapping[str, Module], today: str
) -> Iterator[Breaking]:
    """What breaks clients of `base`."""
    endpoints = {each.slug: str(each.before) for each in changes.edits_of("api_endpoint")}
    removals = [*_removals(base, head, changes.removed, today)]
    moves = (Breaking("slug-merged" if joins else "slug-renamed", old, old, new) for old, new, joins in changes.renamed)
    for each in (*removals, *moves):
        yield each._replace(endpoint=endpoints.get(each.slug))
    yield from _former_slugs(base, head, {each.slug for each in removals})
    for slug in (each.slug for each in changes.tombstones_gone):
        module = head.find(slug)
        yield Breaking("name-reused" if module else "tombstone-dropped", slug, slug, module.slug if module else None)
    for edit in changes.edits:
        if edit.slug in head.by_slug:
            yield from _withdrawn(edit, before.get(edit.slug))


def _removals(base: Registry, head: Registry, removed: tuple[Module, ...], today: str) -> Iterator[Breaking]:
    unsaid = _likely_renames(removed, _only(head.by_slug, base.by_slug))
    for module in removed:
        slug, end = module.slug, module.deprecated
        if slug not in head.tombstones:
            yield Breaking("slug-removed", slug, slug, unsaid.get(slug))
        elif end is None or today <= end.removed_after:
            yield Breaking("slug-removed-early", slug, slug, end.removed_after if end else None)


def _likely_renames(removed: tuple[Module, ...], added: tuple[Module, ...]) -> dict[str, str]:
    """Of each module that goes, the one that comes with the same endpoint or else the same labels, if there is one."""
    renames: dict[str, str] = {}
    left = [*added]
    for name in ("api_endpoint", "label"):
        for module in removed:
            same = (each for each in left if getattr(each, name) == getattr(module, name) is not None)
            if module.slug not in renames and (new := next(same, None)):
                left.remove(new)
                renames[module.slug] = new.slug
    return renames


def _former_slugs(base: Registry, head: Registry, removed: set[str]) -> Iterator[Breaking]:
    """Former slugs that no longer lead to their module. Where that is said to be gone, they are no further change."""
    for old, owner in base.renames.items():
        leads_to, module = head.find(old), head.find(owner)
        if owner in removed or (module and leads_to is module):
            continue
        if old in head.by_slug:
            yield Breaking("name-reused", old, owner, old)
        elif module or old not in head.tombstones:
            yield Breaking("former-slug-dropped", owner, old, leads_to.slug if leads_to else None)


def _withdrawn(edit: Edit, before: Module | None) -> Iterator[Breaking]:
    """What a module that stays can no longer be used for."""
    match edit:
        case Edit(slug, "api_endpoint", str(was), str() | None as becomes):
            yield Breaking("endpoint-changed" if becomes else "endpoint-vanished", slug, was, becomes)
        case Edit(slug, "pipelinable", True):
            yield Breaking("pipelinable-withdrawn", slug, "true", "false")
        case Edit(slug, "produces", tuple(were), tuple(are)) if before and before.state is not ModuleState.COMING_SOON:
            yield from (Breaking("artifact-withdrawn", slug, name, None) for name in were if name not in are)


def _links_changed(base: Registry, head: Registry, renamed: Mapping[str, str]) -> Iterator[Link]:
    """What the graph loses, and then what it gains, by artifact. Modules that are coming soon are not in it yet.

    `renamed` has the new slug of each module that has another. Groups are said rather than pairs, of which there may
    be many millions: those who are gone or new, with all on the other side; then those who stay, with who is.
    """
    before, after = _ends(base, renamed), _ends(head, {})
    for is_gained, side, other in ((False, before, after), (True, after, before)):
        for artifact, (producers, consumers) in sorted(side.items()):
            still_produce, still_need = other.get(artifact, ((), ()))
            gone = _without(producers, still_produce)
            stay, come = _without(producers, gone), _without(consumers, still_need)
            for makers, takers in ((gone, tuple(consumers)), (stay, come)):
                # There is no link where nobody is in it but a module that gets what it makes.
                if makers and takers and (makers != takers or len(makers) > 1):
                    yield Link(is_gained, artifact, makers, takers)


def _ends(registry: Registry, renamed: Mapping[str, str]) -> dict[str, tuple[list[str], list[str]]]:
    """Each artifact that goes from some module to some module: who produces it, and who needs it."""
    running = [module for module in registry.modules if module.state is not ModuleState.COMING_SOON]
    producing, needing = (
        by_artifact({renamed.get(module.slug, module.slug): getattr(module, field) for module in running})
        for field in ("produces", "needs")
    )
    return {name: (producing[name], needing[name]) for name in producing if name in needing}


def _given_up(base: Registry, head: Registry, breaking: Iterable[Breaking]) -> Set[str]:
    gone = {name for name in base.ending_names if head.find(name) is None} - (base.tombstones.keys() & head.tombstones)
    return gone | (base.ending_names & {each.slug for each in breaking if each.kind == "name-reused"})
