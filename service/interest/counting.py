"""What people ask before they decide: how the votes of a feature have changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from service.interest.keys import trend_key
from service.interest.maintenance import canonical
from service.interest.store import today
from service.problems import StorageUnavailable
from service.registry.model import Registry
from service.storage.client import Client


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
