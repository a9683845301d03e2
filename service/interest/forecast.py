"""What an edit of the registry would do to the votes that are stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.interest.maintenance import canonical
from service.registry.changes import Changes
from service.registry.model import Registry
from service.storage.client import Client


def votes_at_stake(client: Client, base: Registry, head: Registry, changes: Changes) -> dict[str, int]:
    """The votes that a leaving feature would lose, a new rename would move, and an entering feature would bring back.

    By the feature's id, or the former id of a rename; only those with votes. Nothing is written. Raises
    StorageUnavailable.
    """
    before, after = [*base.allowed_features, *base.feature_renames], [*head.allowed_features, *head.feature_renames]
    leaving, kept = [each.feature for each in changes.leaving], canonical(client, [*before, *after])

    # Votes that were merged into another feature are there already: they are not lost, moved or brought back with this.
    at_stake = [
        *(name for name in leaving if kept[name][0] not in _ids(kept, after)),
        *(
            each.old
            for each in changes.vote_renames
            if len(_ids(kept, (each.old, each.new))) > 1 and kept[each.old][0] not in _ids(kept, head.allowed_features)
        ),
        *(name for name in changes.entering if kept[name][0] not in _ids(kept, before)),
    ]
    return {name: kept[name][1] for name in at_stake if kept[name][1]}


def votes_shared(client: Client, head: Registry, changes: Changes) -> dict[str, tuple[str, int]]:
    """The slugs that are used anew for another feature, with the one that had it and the votes that both would have.

    An id that was renamed or merged means what it became, for good: votes for a new feature of that id would count for
    the old one. Nothing is written. Raises StorageUnavailable.
    """
    reused = {each.slug: each.before for each in changes.breaking if each.kind == "name-reused"}
    new = sorted({*changes.entering, *(module.slug for module in changes.added), *reused})
    ids = [name for slug in new for name in (slug, *head.former(slug))]
    kept = canonical(client, ids)
    known, shared = {*head.allowed_features, *head.by_slug, *head.renames}, {}
    for slug in new:
        id, votes = kept[slug]
        if id not in {slug, *_ids(kept, head.former(slug))} and (votes or id in known):
            shared[slug] = id, votes
        elif slug in reused and votes:
            shared[slug] = reused[slug], votes
    return shared


def _ids(kept: Mapping[str, tuple[str, int]], names: Iterable[str]) -> set[str]:
    """The ids that votes of these names are kept under."""
    return {kept[name][0] for name in names}
