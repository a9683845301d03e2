"""Renames and merges while people vote, and where the store is damaged; test_exhaustive.py has their meaning."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from support import OPERATOR

from service.accounts.sessions import Caller
from service.accounts.store import Account, Status, add
from service.interest import maintenance, store
from service.interest.keys import interest_key, trend_key
from service.problems import StorageUnavailable
from service.registry.model import Label, Module, Registry


def registry(**features: tuple[str, ...]) -> Registry:
    """A registry of coming-soon features and what they were formerly."""
    modules = (
        Module(slug=slug, category="tools", label=Label("x", "x"), coming_soon=True, formerly=formerly)
        for slug, formerly in features.items()
    )
    return Registry(tuple(modules))


BOTH, RENAMED = registry(old=(), new=()), registry(new=("old",))


@pytest.mark.long
@pytest.mark.parametrize("by_hand", [False, True])
def test_voting_while_a_rename_comes_into_force_loses_and_doubles_nothing(redis: Redis, by_hand: bool) -> None:
    """Many accounts vote at once, through workers with either registry, while the votes move."""
    after = BOTH if by_hand else RENAMED
    for number in range(200):
        add(redis, Account(f"v{number}", Status.ACTIVE), by=OPERATOR)

    def act(number: int) -> None:
        held, feature = (BOTH, after)[number // 2 % 2], ("old", "new")[number // 4 % 2]
        store.vote(redis, Caller(f"v{number}"), feature, held)
        if number % 2:
            store.retract(redis, Caller(f"v{number}"), feature, held)
        if number % 10 == 5:
            maintenance.merge(redis, "old", "new", by=OPERATOR) if by_hand else store.read(redis, Caller("v0"), after)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(200)))
    maintenance.merge(redis, "old", "new", by=OPERATOR)
    assert set(maintenance.voters(redis, "new", BOTH)) == {f"v{number}" for number in range(0, 200, 2)}
    assert store.read(redis, Caller("v0"), after).counts["new"] == 100


@pytest.mark.parametrize("count", ["007", "-0", "x", "9223372036854775807", "99999999999999999999"])
def test_a_trend_that_cannot_be_added_to_stops_a_rename_before_it_writes(redis: Redis, count: str) -> None:
    add(redis, Account("voter", Status.ACTIVE), by=OPERATOR)
    store.vote(redis, Caller("voter"), "old", BOTH)
    redis.hset(trend_key("old"), "2026-01-01", count)
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            store.read(redis, Caller("voter"), RENAMED)
    assert redis.smembers(interest_key("old")) == {"voter"}
    assert redis.smembers(interest_key("new")) == set()
