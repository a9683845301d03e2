"""Votes, as requests see them. Each request is one script, so one round trip and one atomic step.

The caller's account status is read inside the same step as what it permits: a suspended or removed account is out at
once, and no vote can slip in between a check and a write. So are the renames of the registry in force: the first step
that knows of one moves the stored votes, and later steps find them moved.

On a Redis Cluster, where a script cannot reach account and votes at once, the status is read right before the votes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import redis

from service.accounts.store import account_key, may_read, may_vote, status_of
from service.interest import cluster
from service.interest.scripts import READ, VOTE
from service.problems import UnknownFeature
from service.registry.model import Registry
from service.storage.client import run_script
from service.storage.cluster import ClusterClient


@dataclass(frozen=True, slots=True)
class Interest:
    """What one caller wants, and how many want each feature."""

    voted: list[str]
    counts: dict[str, int]


def today() -> str:
    """The ISO day (UTC) that a change is entered under in a trend."""
    return datetime.now(UTC).date().isoformat()


def read(client: redis.Redis, account_id: str, registry: Registry) -> Interest:
    """The caller's votes and the count of every allowed feature, both in the order of the allow-list, which is sorted.

    Raises NotAuthenticated for an account that may not read, StorageUnavailable.
    """
    allowed = registry.allowed_features
    if isinstance(client, ClusterClient):
        may_read(status_of(client, account_id))
        counts, voted = cluster.figures(client, account_id, registry, today())
    else:
        renames = [feature for rename in registry.feature_renames.items() for feature in rename]
        args = [account_id, today(), str(len(allowed)), *allowed, *renames]
        status, counts, voted = run_script(client, READ, [account_key(account_id)], args)
        may_read(status)
    return Interest(voted, dict(zip(allowed, counts, strict=True)))


def vote(client: redis.Redis, account_id: str, feature_id: str, registry: Registry) -> None:
    """Record that an account wants a feature, by its current or a former id. Idempotent.

    Raises, in this order: NotAuthenticated, AccountNotActive, UnknownFeature; and StorageUnavailable. Nothing is
    written in any of these cases.
    """
    _change(client, account_id, feature_id, registry, "SADD")


def retract(client: redis.Redis, account_id: str, feature_id: str, registry: Registry) -> None:
    """Take a vote back. Idempotent. Raises as `vote` does."""
    _change(client, account_id, feature_id, registry, "SREM")


def _change(client: redis.Redis, account_id: str, feature_id: str, registry: Registry, command: str) -> None:
    current = registry.feature_renames.get(feature_id, feature_id)
    allowed = registry.allowed_features
    if current not in allowed:
        may_vote(status_of(client, account_id))
        raise UnknownFeature(f"{feature_id!r} is not a feature that can be voted for.")
    if isinstance(client, ClusterClient):
        _change_on_cluster(client, account_id, current, registry, command)
        return
    former = registry.former(current)
    others = allowed if former else ()  # which a rename must leave alone
    args = [account_id, today(), command, current, str(len(others)), *others, *former]
    may_vote(run_script(client, VOTE, [account_key(account_id)], args))


def _change_on_cluster(
    client: ClusterClient, account_id: str, feature_id: str, registry: Registry, command: str
) -> None:
    may_vote(status_of(client, account_id))
    changed = cluster.change(client, command, feature_id, [account_id], today(), registry)
    # An account that was removed in between has had its votes withdrawn: this one must not stay behind.
    if changed and command == "SADD" and (status := status_of(client, account_id)) is None:
        cluster.change(client, "SREM", feature_id, [account_id], today(), registry)
        may_vote(status)
