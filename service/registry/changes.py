"""Two registries -> what a pull request changes, and which of it breaks clients."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Any

from service.registry.breaking import breaking
from service.registry.differences import Breaking, Edit, Leaving, Rename, Value
from service.registry.links import Link, links_changed
from service.registry.loss import Loss, loss
from service.registry.model import TRANSLATED, Module, Registry, Removed

#: Fields of a module that are compared as they are; the others have meanings of their own.
_PLAIN = (
    "api_endpoint",
    "feature_page",
    "category",
    "needs",
    "produces",
    "pipelinable",
    "multi_proxy",
    "keywords",
    "documentation",
    "owner",
    "stage",
)
#: What is said of the end of a module, of one that will go and of one that is gone.
_DEPRECATED = tuple(f"deprecated.{name}" for name in ("since", "removed_after", "use", "because.fr", "because.en"))
_REMOVED = tuple(f"removed.{name}" for name in ("date", "use", "because.fr", "because.en"))
_TRANSLATED = tuple(f"{name}.{language}" for name in TRANSLATED for language in ("fr", "en"))
#: Text for people, which is compared language by language.
TEXTS = (*_TRANSLATED, *(name for name in (*_DEPRECATED, *_REMOVED) if "because" in name))
#: What an Edit may be about, beside the allow-list: the order in which reports list them.
FIELDS = ("bucket", *_TRANSLATED, *_PLAIN, "formerly", *_DEPRECATED, *_REMOVED)


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
    breaking: tuple[Breaking, ...] = field(default=(), compare=False)
    """What of all this breaks clients."""
    links: tuple[Link, ...] = field(default=(), compare=False)
    """What the needs/produces graph loses and gains by all this."""
    loss: Loss | None = field(default=None, compare=False)
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
    moved = {rename.old for rename in renamed}
    origins = {slug: slug for slug in head.by_slug if slug in base.by_slug}
    origins |= {rename.new: rename.old for rename in renamed if not rename.joins}
    goes_on = set(origins.values())
    edits = [
        edit
        for module in head.modules
        if module.slug in origins
        for edit in _edits(base.by_slug[origins[module.slug]], module, moved)
    ]
    gone_before, gone = {each.slug: each for each in base.removed}, {each.slug: each for each in head.removed}
    edits += [
        Edit(slug, field, was, becomes)
        for slug, each in gone.items()
        for field in _REMOVED
        if slug in gone_before
        and (was := _at(gone_before[slug], field.removeprefix("removed.")))
        != (becomes := _at(each, field.removeprefix("removed.")))
    ]
    allowed_before, accepted = set(base.allowed_features), _accepted(head)
    # What a module leaves behind is gone, unless another module serves it.
    served = {module.api_endpoint for module in head.modules}
    edits += [
        Edit(module.slug, "api_endpoint", module.api_endpoint, None)
        for module in base.modules
        if module.slug not in goes_on and module.api_endpoint is not None and module.api_endpoint not in served
    ]
    return Changes(
        added=tuple(module for module in head.modules if module.slug not in origins),
        removed=tuple(m for m in base.modules if m.slug not in head.by_slug and m.slug not in moved),
        renamed=renamed,
        edits=tuple(edits),
        reordered=[origins[m.slug] for m in head.modules if m.slug in origins]
        != [m.slug for m in base.modules if m.slug in goes_on],
        entering=tuple(feature for feature in head.allowed_features if feature not in allowed_before),
        leaving=tuple(_leaving(base, head, accepted)),
        vote_renames=tuple(
            Rename(old, new) for old, new in head.feature_renames.items() if base.feature_renames.get(old) != new
        ),
        forgotten=tuple(Rename(old, new) for old, new in base.feature_renames.items() if old not in accepted),
        tombstones=tuple(each for slug, each in gone.items() if slug not in gone_before),
        tombstones_gone=tuple(each for slug, each in gone_before.items() if slug not in gone),
        breaking=tuple(breaking(base, head, renamed, edits, today)),
        links=tuple(links_changed(base, head, {each.old: each.new for each in renamed if not each.joins})),
        loss=loss(base, head),
    )


def _accepted(registry: Registry) -> Set[str]:
    """The ids that a vote may name."""
    return {*registry.allowed_features, *registry.feature_renames}


def _renames(base: Registry, head: Registry) -> Iterator[Rename]:
    """Each slug that is gone and that a module of `head` says it had. The first that says so has it."""
    found = set()
    for module in head.modules:
        joins = module.slug in base.by_slug
        for old in module.formerly:
            if old in base.by_slug and old not in head.by_slug and old not in found:
                found.add(old)
                yield Rename(old, module.slug, joins)
                joins = True


def _edits(before: Module, after: Module, moved: Set[str]) -> Iterator[Edit]:
    if before == after:  # of many modules, most are the same
        return
    pairs: dict[str, tuple[Value, Value]] = {
        "bucket": (before.state.bucket, after.state.bucket),
        **{field: (_at(before, field), _at(after, field)) for field in (*_TRANSLATED, *_DEPRECATED)},
        **{name: (getattr(before, name), getattr(after, name)) for name in _PLAIN},
        # A former slug that stands for a rename of this edit is said there.
        "formerly": (tuple(sorted(before.formerly)), tuple(sorted({*after.formerly} - moved))),
    }
    for name, (was, becomes) in sorted(pairs.items(), key=lambda pair: FIELDS.index(pair[0])):
        if _in_order(was) != _in_order(becomes):
            yield Edit(after.slug, name, was, becomes)


def _in_order(value: Value) -> Value:
    """A list in an order of its own: that in which it is written means nothing."""
    return tuple(sorted(value)) if isinstance(value, tuple) else value


def _at(value: Module | Removed, field: str) -> str | None:
    """A part of a field that has several, such as label.fr; None where the whole is None."""
    part: Any = value
    for name in field.split("."):
        part = getattr(part, name, None)
    text: str | None = part
    return text


def _leaving(base: Registry, head: Registry, accepted: Set[str]) -> Iterator[Leaving]:
    successors = {old: module.slug for module in head.modules for old in module.formerly}
    for feature in base.allowed_features:
        if feature not in accepted:
            yield Leaving(feature, successors.get(feature), feature in head.by_slug or feature in head.tombstones)
