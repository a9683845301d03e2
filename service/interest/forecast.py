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
