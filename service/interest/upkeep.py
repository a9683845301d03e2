"""The rest of a feature's life: counting, merging, exporting and withdrawing votes, outside of any request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import redis

from service.interest import cluster
from service.interest.scripts import CHANGE, HOMES, MERGE, interest_key, trend_key
from service.interest.store import today
from service.registry.model import Registry
from service.storage.client import run_script
from service.storage.cluster import ClusterClient

#: Voters that one step adds or removes: a step of this size keeps requests waiting for a millisecond or two.
BATCH = 1000


class Merged(NamedTuple):
    """What a merge did: votes that moved, and how many of those voters had voted for both features."""

    moved: int
    double: int


def merge(client: redis.Redis, old: str, new: str) -> Merged:
    """Make two features one: NEW's votes then include OLD's, each voter once, and both ids mean NEW from then on.

    One atomic step, safe while people vote; a second call moves nothing. On a Redis Cluster it is many steps, and safe,
    too. Raises StorageUnavailable.
    """
    if isinstance(client, ClusterClient):
        return Merged(*cluster.merge(client, old, new, today()))
    return Merged(*run_script(client, MERGE, [], [old, new, today()]))


def homes(client: redis.Redis, features: Sequence[str]) -> list[tuple[str, int]]:
    """The id under which each feature's votes are kept, and their number. Raises StorageUnavailable."""
    if isinstance(client, ClusterClient):
        return cluster.homes(client, features, today())
    reply = run_script(client, HOMES, [], features)
    return list(zip(reply[::2], reply[1::2], strict=True))


def tally(client: redis.Redis, features: Sequence[str], registry: Registry) -> dict[str, int]:
    """The number of votes of each feature, those under its former ids included. Raises StorageUnavailable.

    Votes that no request has moved yet are counted where they are: counting changes nothing.
    """
    counts = {}
    for feature, (_, count) in zip(features, homes(client, features), strict=True):
        ids = [feature, *registry.former(feature)]
        together = len({home for home, _ in homes(client, ids)}) == 1
        counts[feature] = count if together else sum(1 for _ in voters(client, feature, registry))
    return counts


def stored_features(client: redis.Redis) -> list[str]:
    """The id under which each set of votes is kept, allowed or not, sorted. Raises StorageUnavailable."""
    prefix, suffix = interest_key("*").split("*")
    keys = set(client.scan_iter(match=interest_key("*"), count=1000))
    return sorted(key.removeprefix(prefix).removesuffix(suffix) for key in keys)


def orphans(client: redis.Redis, registry: Registry) -> dict[str, int]:
    """The votes that no allowed feature and no module's former slug stands for, by the id they are kept under."""
    ids = [*registry.allowed_features, *(old for module in registry.modules for old in module.formerly)]
    kept = {home for home, _ in homes(client, ids)}
    left = homes(client, [feature for feature in stored_features(client) if feature not in kept])
    return {home: count for home, count in left if home not in kept}  # what has been merged meanwhile is no orphan


def voters(client: redis.Redis, feature: str, registry: Registry) -> Iterator[str]:
    """The ids of the accounts that want a feature, by whichever of its ids, each once, in no order.

    Read in small steps, so that people can vote meanwhile; votes of that time may or may not be among them. Votes that
    are moved meanwhile are read where they went. Raises StorageUnavailable.
    """
    ids = [feature, *registry.former(feature)]
    seen: set[str] = set()
    read: set[str] = set()
    while left := {home for home, _ in homes(client, ids)} - read:
        for home in left:
            for voter in client.sscan_iter(interest_key(home), count=BATCH):
                if voter not in seen:
                    seen.add(voter)
                    yield voter
        read |= left


def add_voters(client: redis.Redis, feature: str, ids: Sequence[str]) -> int:
    """Record votes of many accounts for one feature; returns how many are new. At most BATCH of them."""
    return _change(client, "SADD", feature, ids)


def withdraw(client: redis.Redis, account_id: str, features: Iterable[str]) -> int:
    """Take back an account's votes for these features; returns how many there were."""
    return sum(_change(client, "SREM", feature, [account_id]) for feature in features)


def _change(client: redis.Redis, command: str, feature: str, voters: Sequence[str]) -> int:
    if isinstance(client, ClusterClient):
        return cluster.change(client, command, feature, voters, today())
    changed: int = run_script(client, CHANGE, [], [command, feature, today(), *voters])
    return changed


def withdraw_all(client: redis.Redis, account_id: str) -> int:
    """Take back every vote of an account, on features that are allowed or not; returns how many there were.

    The account is removed first, so that it casts no further vote. A merge may carry one of its votes past this
    search, so the search ends with a round that finds none.
    """
    withdrawn = 0
    while found := withdraw(client, account_id, stored_features(client)):
        withdrawn += found
    return withdrawn


def discard(client: redis.Redis, feature: str) -> None:
    """Delete a feature's votes and trend for good. Raises StorageUnavailable."""
    client.delete(interest_key(feature), trend_key(feature))
