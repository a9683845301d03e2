"""Votes, as requests see them. Each request is one script, so one round trip and one atomic step.

The caller's account is looked at inside the same step as what it permits: one that was suspended or removed, or whose
sessions were ended, is out at once, and no vote can slip in between a check and a write. So are the renames of the
registry in force: the first step that knows of one moves the stored votes, and later steps find them moved.

On a Redis Cluster, where a script cannot reach account and votes at once, the account comes right before the votes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import redis

from service.accounts.sessions import Caller, check_may_read, check_may_vote, status_of
from service.accounts.store import account_key
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


def read(client: redis.Redis, caller: Caller, registry: Registry) -> Interest:
    """The caller's votes and the count of every allowed feature, both in the order of the allow-list, which is sorted.

    Raises NotAuthenticated for an account that may not read, StorageUnavailable.
    """
    allowed = registry.allowed_features
    if isinstance(client, ClusterClient):
        check_may_read(status_of(client, caller))
        counts, voted = cluster.figures(client, caller.id, registry, today())
    else:
        renames = [feature for rename in registry.feature_renames.items() for feature in rename]
        args = [caller.id, caller.generation, today(), str(len(allowed)), *allowed, *renames]
        status, counts, voted = run_script(client, READ, [account_key(caller.id)], args)
        check_may_read(status)
    return Interest(voted, dict(zip(allowed, counts, strict=True)))


def vote(client: redis.Redis, caller: Caller, feature_id: str, registry: Registry) -> None:
    """Record that the caller wants a feature, by its current or a former id. Idempotent.

    Raises, in this order: NotAuthenticated, AccountNotActive, UnknownFeature; and StorageUnavailable. Nothing is
    written in any of these cases.
    """
    _change(client, caller, feature_id, registry, "SADD")


def retract(client: redis.Redis, caller: Caller, feature_id: str, registry: Registry) -> None:
    """Take a vote back. Idempotent. Raises as `vote` does."""
    _change(client, caller, feature_id, registry, "SREM")


def _change(client: redis.Redis, caller: Caller, feature_id: str, registry: Registry, command: str) -> None:
    current = registry.feature_renames.get(feature_id, feature_id)
    allowed = registry.allowed_features
    if current not in allowed:
        check_may_vote(status_of(client, caller))
        raise UnknownFeature(f"{feature_id!r} is not a feature that can be voted for.")
    if isinstance(client, ClusterClient):
        _change_on_cluster(client, caller, current, registry, command)
        return
    former = registry.former(current)
    others = allowed if former else ()  # which a rename must leave alone
    args = [caller.id, caller.generation, today(), command, current, str(len(others)), *others, *former]
    check_may_vote(run_script(client, VOTE, [account_key(caller.id)], args))


def _change_on_cluster(
    client: ClusterClient, caller: Caller, feature_id: str, registry: Registry, command: str
) -> None:
    check_may_vote(status_of(client, caller))
    changed = cluster.change(client, command, feature_id, [caller.id], today(), registry)
    # An account that was removed in between has had its votes withdrawn: this one must not stay behind.
    if changed and command == "SADD" and (status := status_of(client, caller)) is None:
        cluster.change(client, "SREM", feature_id, [caller.id], today(), registry)
        check_may_vote(status)
