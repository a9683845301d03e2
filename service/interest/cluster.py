"""Votes on a Redis Cluster: what `scripts` does in one step, as steps that each touch one slot.

A step on a feature's votes first looks at the mark that says they have gone; where it is set, everything starts again
from `renames`. A rename is decided in the slot of `renames`, and its votes are moved after that: origin marked, voters
copied beside the target, taken over there in one step that happens once, origin deleted, move struck off. Whoever finds
a move that is not struck off carries it out before the step of its own, so that it does not matter where another
stopped, nor how many do it at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Any, TypeVar

from service.interest import cluster_scripts as scripts
from service.interest.scripts import interest_key, trend_key
from service.problems import StorageUnavailable
from service.registry.model import Registry
from service.storage.client import run_script
from service.storage.cluster import ClusterClient

T = TypeVar("T")

#: Voters that are copied in one go. More than that are many.
_PAGE = 1000

#: How long a request waits for votes that another one moves, in seconds, and the pause between two looks.
_PATIENCE, _PAUSE = 1.0, 0.01
#: How long others leave a move of many votes to the one who began it and is not heard of any more, in seconds.
_LEASE = 5
#: How long voters that were copied wait for the next batch, in seconds: longer than a step may take.
_STAGING = 120
#: How often a move may find its copy incomplete, which happens when the origin is deleted meanwhile.
_COPIES = 5


def figures(client: ClusterClient, voter: str, registry: Registry, day: str) -> tuple[list[int], list[str]]:
    """The count of each allowed feature, and those that the voter wants. Raises StorageUnavailable."""
    allowed = registry.allowed_features

    def read(homes: list[str]) -> tuple[list[int], list[str]] | None:
        commands = []
        for home in homes:
            interest = interest_key(home)
            # The mark is read last: where it is not there yet, what was read before it was still the feature's.
            commands += [("SCARD", interest), ("SISMEMBER", interest, voter), ("EXISTS", scripts.mark_key(home))]
        answers = list(map(int, client.read_all(commands)))
        if any(answers[2::3]):
            return None
        return answers[::3], [feature for feature, wanted in zip(allowed, answers[1::3], strict=True) if wanted]

    renames = [feature for rename in registry.feature_renames.items() for feature in rename]
    return _at_home(client, allowed, read, day, allowed, renames)


def change(
    client: ClusterClient,
    command: str,
    feature: str,
    voters: Sequence[str],
    day: str,
    registry: Registry | None = None,
) -> int:
    """SADD or SREM voters; returns how many votes that added or removed.

    With a registry, what it renames to the feature is moved first. Raises StorageUnavailable.
    """
    allowed = registry.allowed_features if registry else ()
    former = registry.former(feature) if registry else ()
    renames = [id for old in former for id in (old, feature)]

    def step(homes: list[str]) -> int | None:
        keys = scripts.feature_keys(homes[0])
        changed: int | None = run_script(client, scripts.CHANGE, keys, [command, day, *voters])
        return changed

    return _at_home(client, [feature], step, day, allowed, renames)


def homes(client: ClusterClient, features: Sequence[str], day: str) -> list[tuple[str, int]]:
    """The id under which each feature's votes are kept, and their number. Raises StorageUnavailable."""

    def count(homes: list[str]) -> list[tuple[str, int]] | None:
        commands = [(command, key(home)) for home in homes for command, key in _COUNTED]
        answers = client.read_all(commands)
        return None if any(answers[1::2]) else list(zip(homes, answers[::2], strict=True))

    return _at_home(client, features, count, day)


#: As in `figures`, the mark comes last.
_COUNTED = (("SCARD", interest_key), ("EXISTS", scripts.mark_key))


def merge(client: ClusterClient, old: str, new: str, day: str) -> tuple[int, int]:
    """Make two features one; returns the votes that moved, and how many of their voters had voted for both.

    Raises StorageUnavailable; if that happens after the decision, the next request that needs the votes moves them.
    """
    homes(client, [old, new], day)  # votes on their way to either count as its own
    decided = run_script(client, scripts.MERGE, scripts.DECIDING_KEYS, [old, new])
    if not decided:
        return 0, 0
    origin, target = decided
    return _move(client, origin, target, day)


def _at_home(
    client: ClusterClient,
    asked: Sequence[str],
    step: Callable[[list[str]], T | None],
    day: str,
    allowed: Sequence[str] = (),
    renames: Sequence[str] = (),
) -> T:
    """What `step` makes of the homes of features; again from the beginning, where it finds one moved and returns None.

    Before it, what the registry with these allowed features renames is decided, and moves that lead to the homes are
    carried out. Raises StorageUnavailable, also where that does not settle within a second.
    """
    args = [str(len(asked)), str(len(allowed)), *asked, *allowed, *renames]
    deadline = time.monotonic() + _PATIENCE
    while True:
        reply = run_script(client, scripts.DECIDE, scripts.DECIDING_KEYS, args)
        moves = reply[len(asked) :]
        if all(_carry_out(client, *move, day) for move in zip(moves[::2], moves[1::2], strict=True)):
            done = step(reply[: len(asked)])
            if done is not None:
                return done
        if time.monotonic() > deadline:
            raise StorageUnavailable("These votes are being moved in Redis to another feature. Try again soon.")
        time.sleep(_PAUSE)


def _carry_out(client: ClusterClient, old: str, new: str, day: str) -> bool:
    """Move a feature's votes, unless there are many and someone else is at it. Returns whether they have moved."""
    if client.scard(interest_key(old)) > _PAGE and not client.set(scripts.lease_key(old), 1, nx=True, ex=_LEASE):
        return False
    _move(client, old, new, day)
    return True


def _move(client: ClusterClient, old: str, new: str, day: str) -> tuple[int, int]:
    """Carry out a move that has been decided, whatever of it has been done already. Returns what it moved in all."""
    client.set(scripts.mark_key(old), new)  # from here on neither the old votes nor the old trend change
    target = new
    for _ in range(_COPIES):
        while isinstance(taken := _take(client, old, target, day), str):
            target = taken  # which has been moved itself
        if taken is not None:
            client.delete(interest_key(old), trend_key(old))
            client.hdel(scripts.MOVING_KEY, old)
            client.delete(scripts.lease_key(old))
            moved, double = map(int, taken[0].split(":"))
            return moved, double
    raise StorageUnavailable(f"The votes of {old} cannot be moved in Redis to {new} at the moment. Try again.")


def _take(client: ClusterClient, old: str, target: str, day: str) -> list[str] | str | None:
    """Copy the votes of `old` to the target's slot, and let the target take them; returns what TAKE does.

    Each copier has a copy of its own, and TAKE compares its size with that of the votes from after the mark: a copy
    that was begun while another copier finished, or that has expired, is not taken.
    """
    staging = scripts.staging_key(target, old, token_hex(8))
    count: Any = client.scard(interest_key(old))
    trend: Any = client.hgetall(trend_key(old))
    cursor = 0
    while count:
        if count > _PAGE:
            client.set(scripts.lease_key(old), 1, ex=_LEASE)
        page: Any = client.sscan(interest_key(old), cursor, count=_PAGE)
        cursor, voters = page
        run_script(client, scripts.STAGE, [staging], [str(_STAGING), *voters])
        if cursor == 0:
            break
    keys = [*scripts.feature_keys(target), scripts.taken_key(target), staging]
    days = [part for item in trend.items() for part in item]
    reply: list[str] | str | None = run_script(client, scripts.TAKE, keys, [old, day, str(count), *days])
    return reply
