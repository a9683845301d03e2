"""What an edit of the registry would do to the votes that are stored."""

from __future__ import annotations

from service.interest.maintenance import canonical
from service.registry.changes import Changes
from service.registry.model import Registry
from service.storage.client import Client


def votes_at_stake(client: Client, base: Registry, head: Registry, changes: Changes) -> dict[str, int]:
    """The votes that a leaving feature would lose, a new rename would move, and an entering feature would bring back.

    By the feature's id, or the former id of a rename; only those with votes. Nothing is written. Raises
    StorageUnavailable.
    """
    leaving = [leaving.feature for leaving in changes.leaving]
    counted_before = [*base.allowed_features, *base.feature_renames]
    counted_after = [*head.allowed_features, *head.feature_renames]
    features = sorted({*leaving, *changes.entering, *counted_before, *counted_after})
    kept = dict(zip(features, canonical(client, features), strict=True))
    id_of = {feature: found[0] for feature, found in kept.items()}
    votes = {feature: found[1] for feature, found in kept.items()}

    # Votes that were merged into another feature are there already: they are not lost, moved or brought back with this.
    before, after = {id_of[f] for f in counted_before}, {id_of[f] for f in counted_after}
    concerned = [feature for feature in leaving if id_of[feature] not in after]
    others = {id_of[feature]: feature for feature in head.allowed_features}
    concerned += [r.old for r in changes.vote_renames if id_of[r.old] != id_of[r.new] and id_of[r.old] not in others]
    concerned += [feature for feature in changes.entering if id_of[feature] not in before]
    return {feature: votes[feature] for feature in concerned if votes[feature]}


def votes_shared(client: Client, head: Registry, changes: Changes) -> dict[str, tuple[str, int]]:
    """The slugs that are used anew for another feature, with the one that had it and the votes that both would have.

    An id that was renamed or merged means what it became, for good: votes for a new feature of that id would count for
    the old one. Nothing is written. Raises StorageUnavailable.
    """
    reused = {each.slug: each.before for each in changes.breaking if each.kind == "name-reused"}
    new = sorted({*changes.entering, *(module.slug for module in changes.added), *reused})
    former = sorted({old for slug in new for old in head.former(slug)})
    ids = [*new, *former]
    kept = dict(zip(ids, canonical(client, ids), strict=True)) if ids else {}
    shared = {}
    for slug in new:
        found, votes = kept[slug]
        own = {slug, *(kept[old][0] for old in head.former(slug))}
        if found not in own and (votes or head.find(found) or found in head.allowed_features):
            shared[slug] = found, votes
        elif slug in reused and votes:
            shared[slug] = reused[slug], votes
    return shared
