"""Votes as they are kept, also while features become one, and how often an account votes."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import OPERATOR, AnyClient, add_accounts, everything
from votes_model import revision

from service.accounts.sessions import Caller
from service.interest import consistency, maintenance, own, store
from service.interest.keys import BUCKETS_KEY, interest_key, trend_key
from service.problems import RateLimited, StorageUnavailable
from service.registry.model import Registry
from service.settings.durability import Durability
from service.settings.redis_url import RedisUrl
from service.settings.token_bucket import TokenBucket
from service.storage.client import Client

REGISTRY = Registry((), ("funding", "linkedin"))
ALICE = Caller("alice")
#: So that a token comes after a quarter of an hour, which no test lasts.
SLOW = 0.001


@pytest.fixture(autouse=True)
def people(redis: AnyClient) -> None:
    add_accounts(redis, "alice", "bob")


def test_why_is_found_by_each_name_of_what_was_merged_and_counts_are_not_looked_into(redis: AnyClient) -> None:
    store.vote(redis, ALICE, "funding", REGISTRY)
    store.explain(redis, ALICE, "funding", "For 300 clients.", REGISTRY)
    maintenance.merge(redis, "funding", "linkedin", by=OPERATOR)
    assert {own.reason(redis, ALICE, name, REGISTRY) for name in ("funding", "linkedin")} == {"For 300 clients."}
    apart = revision(linkedin=["network"])
    redis.sadd("{registry}:interest:network", "alice", "bob")
    before = everything(redis)
    assert maintenance.counts(redis, apart) == {"linkedin": 3}, "alice stands under both names"
    assert maintenance.tally(redis, ["linkedin"], apart) == {"linkedin": 2}
    assert everything(redis) == before, "what no request has moved yet stays where it is"


@pytest.mark.parametrize("valkey_url", ["cluster"], indirect=True)
def test_withdrawing_reaches_every_feature_allowed_or_not(redis: AnyClient) -> None:
    for feature in ("linkedin", "long_forgotten", "odd*[name]"):
        redis.sadd(f"{{registry}}:interest:{feature}", "alice", "bob")
    redis.sadd("{registry}:interest:funding", "bob")
    assert maintenance.withdraw_all(redis, "alice") == 3
    assert maintenance.withdraw_all(redis, "alice") == 0
    left = ("linkedin", "long_forgotten", "odd*[name]", "funding")
    found = {key: redis.smembers(key) for key in redis.scan_iter(interest_key("*"))}
    assert found == {interest_key(feature): {"bob"} for feature in left}
    assert redis.hgetall(trend_key("linkedin")) == {store.today(): "-1"}
    assert not redis.exists(trend_key("funding"))
    for number in range(600):
        redis.sadd(f"{{registry}}:interest:feature_{number}", "alice")
    assert maintenance.withdraw_all(redis, "alice") == 600, "however many have votes"


@pytest.mark.parametrize("durability", Durability)
def test_a_vote_is_possible_where_what_it_takes_is_permitted(
    redis: AnyClient, valkey_url: str, durability: Durability
) -> None:
    """By SET something is written whose confirmation is waited for, where there is any."""
    redis.execute_command("ACL", "SETUSER", "voter", "reset", "on", ">secret", "~*", "+@all", "-set")
    url = RedisUrl.parse(f"unix://voter:secret@{valkey_url.removeprefix('unix://')}")
    with closing(Client(url, 5.0, durability)) as client:
        assert (consistency.refusal(client, TokenBucket.of(1, SLOW)) is None) == (durability is Durability.SERVER)
    redis.execute_command("ACL", "DELUSER", "voter")


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
    if redis.zscore(BUCKETS_KEY, "alice") is not None:
        redis.zincrby(BUCKETS_KEY, -microseconds, "alice")


@given(st.integers(1, 5), st.lists(st.one_of(st.just("vote"), st.integers(1, 16)), max_size=20))
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


def test_each_account_has_a_bucket_and_what_changes_nothing_takes_from_it(redis: AnyClient) -> None:
    limit = TokenBucket.of(3, SLOW)
    for _ in range(3):
        store.vote(redis, ALICE, "linkedin", REGISTRY, limit=limit)
    for act in (store.vote, store.retract):
        with pytest.raises(RateLimited, match=r"too many votes by this account: try again in (999|1,000) s"):
            act(redis, ALICE, "linkedin", REGISTRY, limit=limit)
    assert redis.smembers("{registry}:interest:linkedin") == {"alice"}
    assert [*redis.hgetall(trend_key("linkedin")).values()] == ["1"], "what changes nothing takes from it, too"
    later(redis, 3 * limit.interval)
    assert times(redis, limit, 4, Caller("bob")) == 3
    assert redis.zrange(BUCKETS_KEY, 0, -1) == ["bob"]
    assert times(redis, limit, 4) == 3


def test_a_bucket_is_never_emptier_than_empty_and_fills_from_now_on(redis: AnyClient) -> None:
    """Where the server's clock steps back, or the burst is less than before, and after a clock that was ahead."""
    redis.zadd(BUCKETS_KEY, {"alice": 10**16})
    with pytest.raises(RateLimited) as refused:
        store.vote(redis, ALICE, "linkedin", REGISTRY, limit=TokenBucket.of(5, 0.1))
    assert refused.value.retry_after == 10
    limit = TokenBucket.of(2, SLOW)
    redis.zadd(BUCKETS_KEY, {"alice": (time.time() + 31_536_000) * 1_000_000})
    assert times(redis, limit, 1) == 0
    later(redis, limit.interval)
    assert times(redis, limit, 2) == 1


BOTH, RENAMED = revision(old=(), new=()), revision(new=["old"])


@pytest.mark.long
@pytest.mark.parametrize("by_hand", [False, True])
def test_voting_while_a_rename_comes_into_force_loses_and_doubles_nothing(redis: AnyClient, by_hand: bool) -> None:
    """Many accounts vote at once, through workers with either registry, while the votes move."""
    after = BOTH if by_hand else RENAMED
    add_accounts(redis, *(f"v{number}" for number in range(200)))

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


@pytest.mark.parametrize(
    ("name", "day", "count"),
    [
        *(("old", "2026-01-01", count) for count in ("007", "-0", "x", "9223372036854775807", "99999999999999999999")),
        *(("new", day, "x") for day in ("2026-01-01", str(datetime.now(UTC).date()))),
    ],
)
def test_a_trend_that_cannot_be_added_to_stops_a_rename_before_it_writes(
    redis: AnyClient, name: str, day: str, count: str
) -> None:
    for voted in ("old", "new"):
        store.vote(redis, ALICE, voted, BOTH)
        redis.delete(trend_key(voted))
    redis.hset(trend_key("old"), "2026-01-01", "1")
    redis.hset(trend_key(name), day, count)
    before = everything(redis)
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            store.read(redis, ALICE, RENAMED)
    assert everything(redis) == before
