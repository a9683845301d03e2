"""What an edit of the registry would do to the votes that are stored."""

from __future__ import annotations

import redis

from service.interest.scripts import HOMES
from service.registry.changes import Changes
from service.registry.model import Registry
from service.storage.client import run_script


def votes_at_stake(client: redis.Redis, base: Registry, head: Registry, changes: Changes) -> dict[str, int]:
    """The votes that a leaving feature would lose, a new rename would move, and an entering feature would bring back.

    By the feature's id, or the former id of a rename; only those with votes. Nothing is written. Raises
    StorageUnavailable.
    """
    leaving = [leaving.feature for leaving in changes.leaving]
    counted_before = [*base.allowed_features, *base.feature_renames]
    counted_after = [*head.allowed_features, *head.feature_renames]
    features = sorted({*leaving, *changes.entering, *counted_before, *counted_after})
    reply = run_script(client, HOMES, [], features)
    home = dict(zip(features, reply[::2], strict=True))
    votes = dict(zip(features, reply[1::2], strict=True))

    # Votes that were merged into another feature are there already: they are not lost, moved or brought back with this.
    before, after = {home[f] for f in counted_before}, {home[f] for f in counted_after}
    concerned = [feature for feature in leaving if home[feature] not in after]
    concerned += [rename.old for rename in changes.vote_renames if home[rename.old] != home[rename.new]]
    concerned += [feature for feature in changes.entering if home[feature] not in before]
    return {feature: votes[feature] for feature in concerned if votes[feature]}
