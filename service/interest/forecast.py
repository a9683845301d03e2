"""What an edit of the registry would do to the votes that are stored."""

from __future__ import annotations

import redis

from service.interest.upkeep import homes
from service.registry.changes import Changes
from service.registry.model import Registry


def votes_at_stake(client: redis.Redis, base: Registry, head: Registry, changes: Changes) -> dict[str, int]:
    """The votes that a leaving feature would lose, a new rename would move, and an entering feature would bring back.

    By the feature's id, or the former id of a rename; only those with votes. Nothing is written. Raises
    StorageUnavailable.
    """
    leaving = [leaving.feature for leaving in changes.leaving]
    counted_before = [*base.allowed_features, *base.feature_renames]
    counted_after = [*head.allowed_features, *head.feature_renames]
    features = sorted({*leaving, *changes.entering, *counted_before, *counted_after})
    kept = dict(zip(features, homes(client, features), strict=True))
    home = {feature: found[0] for feature, found in kept.items()}
    votes = {feature: found[1] for feature, found in kept.items()}

    # Votes that were merged into another feature are there already: they are not lost, moved or brought back with this.
    before, after = {home[f] for f in counted_before}, {home[f] for f in counted_after}
    concerned = [feature for feature in leaving if home[feature] not in after]
    others = {home[feature]: feature for feature in head.allowed_features}
    concerned += [r.old for r in changes.vote_renames if home[r.old] != home[r.new] and home[r.old] not in others]
    concerned += [feature for feature in changes.entering if home[feature] not in before]
    return {feature: votes[feature] for feature in concerned if votes[feature]}
