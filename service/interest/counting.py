"""What people ask before they decide: how many votes an account has, and how those of a feature have changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from service.interest.keys import interest_key, trend_key
from service.interest.maintenance import canonical, stored_features
from service.interest.store import today
from service.problems import StorageUnavailable
from service.registry.model import Registry
from service.storage.client import Client


def votes_of(client: Client, account_id: str) -> int:
    """How many features an account wants, whether they can be voted for or not. Raises StorageUnavailable."""
    return sum(client.command("SISMEMBER", interest_key(id), account_id) for id in stored_features(client))


def net_changes(client: Client, features: Sequence[str], registry: Registry, days: int) -> dict[str, int]:
    """By how much the votes of each feature have changed in the last `days` days (UTC), of which today is one.

    Votes under former ids count as well; those of people who voted under two of them twice, until the first request
    after the rename has moved them. Raises StorageUnavailable.
    """
    last = date.fromisoformat(today())
    names = [(last - timedelta(days=number)).isoformat() for number in range(days)]
    changes = {}
    for feature in features:
        ids = {id for id, _ in canonical(client, [feature, *registry.former(feature)])}
        changes[feature] = sum(_net(client, trend_key(id), names) for id in ids)
    return changes


def _net(client: Client, key: str, days: Sequence[str]) -> int:
    try:
        return sum(int(net or 0) for net in client.command("HMGET", key, *days))
    except ValueError:
        raise StorageUnavailable(f"{key} holds what is no number") from None
