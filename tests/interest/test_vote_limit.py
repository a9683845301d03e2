"""How often an account votes: a token bucket in the vote's own step."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import OPERATOR, AnyClient

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.interest import store
from service.interest.keys import BUCKETS_KEY, trend_key
from service.problems import AccountNotActive, RateLimited, UnknownFeature
from service.registry.model import Registry
from service.storage.token_bucket import TokenBucket

REGISTRY = Registry((), ("funding", "linkedin"))
ALICE = Caller("alice")

#: So that a token comes after a quarter of an hour, which no test lasts.
SLOW = 0.001


@pytest.fixture(autouse=True)
def people(redis: AnyClient) -> None:
    for account_id in ("alice", "bob"):
        accounts.add(redis, Account(account_id, "active"), by=OPERATOR)


def times(redis: AnyClient, limit: TokenBucket, most: int, who: Caller = ALICE) -> int:
    """How often somebody can vote, and take it back, of `most` times."""
    for number in range(most):
        act = store.retract if number % 2 else store.vote
        try:
            act(redis, who, "linkedin", REGISTRY, limit=limit)
        except RateLimited:
            return number
    return most


def later(redis: AnyClient, microseconds: int) -> None:
    """Have so much time gone by for Alice's bucket."""
    if in_use(redis):
        redis.zincrby(BUCKETS_KEY, -microseconds, "alice")


def in_use(redis: AnyClient, who: Caller = ALICE) -> bool:
    """Whether somebody's bucket is not full."""
    return redis.zscore(BUCKETS_KEY, who.id) is not None


@given(st.integers(1, 5), st.lists(st.one_of(st.just("vote"), st.integers(1, 16)), max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bucket_is_as_a_plain_model_of_it(redis: AnyClient, burst: int, acts: list[str | int]) -> None:
    """Votes, and between them a time of some quarters of that in which a token comes."""
    redis.delete(BUCKETS_KEY)
    limit, quarters = TokenBucket.of(burst, SLOW), 4 * burst  # of a token, that are in the bucket
    for act in acts:
        if isinstance(act, int):
            later(redis, act * limit.interval // 4)
            quarters = min(quarters + act, 4 * burst)
        elif quarters >= 4:
            store.vote(redis, ALICE, "linkedin", REGISTRY, limit=limit)
            quarters -= 4
        else:
            with pytest.raises(RateLimited) as refused:
                store.vote(redis, ALICE, "linkedin", REGISTRY, limit=limit)
            missing = (4 - quarters) * limit.interval // 4_000_000  # in seconds
            assert missing - 100 <= refused.value.retry_after <= missing


def test_a_bucket_fills_by_itself_and_whoever_comes_next_removes_it(redis: AnyClient) -> None:
    limit = TokenBucket.of(1, SLOW)
    for _ in range(3):
        assert times(redis, limit, 2) == 1
        later(redis, limit.interval)
    assert times(redis, limit, 1, Caller("bob")) == 1
    assert redis.zrange(BUCKETS_KEY, 0, -1) == ["bob"]


def test_each_account_has_a_bucket_and_what_changes_nothing_takes_from_it(redis: AnyClient) -> None:
    limit = TokenBucket.of(3, SLOW)
    for _ in range(3):
        store.vote(redis, ALICE, "linkedin", REGISTRY, limit=limit)
    for act in (store.vote, store.retract):
        with pytest.raises(RateLimited, match=r"too many votes by this account: try again in (999|1,000) s"):
            act(redis, ALICE, "linkedin", REGISTRY, limit=limit)
    assert redis.smembers("{votes}:interest:linkedin") == {"alice"}
    assert [*redis.hgetall(trend_key("linkedin")).values()] == ["1"]
    assert times(redis, limit, 4, Caller("bob")) == 3


def test_what_is_refused_for_another_reason_takes_no_token(redis: AnyClient) -> None:
    limit = TokenBucket.of(1, SLOW)
    with pytest.raises(UnknownFeature):
        store.vote(redis, ALICE, "nowhere", REGISTRY, limit=limit)
    accounts.set_status(redis, "alice", "pending", by=OPERATOR)
    with pytest.raises(AccountNotActive):
        store.vote(redis, ALICE, "linkedin", REGISTRY, limit=limit)
    assert not in_use(redis)


def test_a_rate_of_0_is_no_limit(redis: AnyClient) -> None:
    assert times(redis, TokenBucket.of(1, 0), 20) == 20
    assert not in_use(redis)


def test_a_bucket_is_never_emptier_than_empty(redis: AnyClient) -> None:
    """Where the server's clock steps back, or the burst is less than before."""
    redis.zadd(BUCKETS_KEY, {"alice": 10**16})
    with pytest.raises(RateLimited) as refused:
        store.vote(redis, ALICE, "linkedin", REGISTRY, limit=TokenBucket.of(5, 0.1))
    assert refused.value.retry_after == 10


def test_after_a_clock_that_was_ahead_a_bucket_fills_from_now_on(redis: AnyClient) -> None:
    """Or nobody who voted while it was could vote until that time comes."""
    limit = TokenBucket.of(2, SLOW)
    redis.zadd(BUCKETS_KEY, {"alice": (time.time() + 31_536_000) * 1_000_000})
    assert times(redis, limit, 1) == 0
    later(redis, limit.interval)
    assert times(redis, limit, 2) == 1


@pytest.mark.parametrize("valkey_url", ["embedded"], indirect=True)  # where the file is that of one server
def test_a_repeated_vote_writes_nothing_to_the_append_only_file(redis: AnyClient, valkey_url: str) -> None:
    written = []
    for act in (store.vote, store.vote, store.retract):
        act(redis, ALICE, "linkedin", REGISTRY, limit=TokenBucket.of(5, SLOW))
        written.append(redis.info("persistence")["aof_current_size"])
    assert in_use(redis)
    assert written[0] == written[1] < written[2]
