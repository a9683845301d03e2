"""Votes as they are kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from redis import Redis
from support import OPERATOR, everything

from service.accounts import store as accounts
from service.accounts.sessions import Caller, status_of
from service.accounts.store import Account
from service.interest import maintenance, store
from service.interest.keys import BUCKETS_KEY
from service.problems import AccountNotActive, NotAuthenticated, UnknownFeature
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.token_bucket import TokenBucket

REGISTRY = Registry((), ("funding", "linkedin"))


@pytest.fixture(autouse=True)
def alice(redis: Redis) -> None:
    accounts.add(redis, Account("alice", "active"), by=OPERATOR)


def trend(redis: Redis, feature: str = "linkedin") -> int:
    """A feature's net votes over all days; every day must be a real one."""
    days = redis.hgetall(f"{{votes}}:trend:{feature}")
    assert all(datetime.fromisoformat(day).replace(tzinfo=UTC) for day in days)
    return sum(map(int, days.values()))


@pytest.mark.parametrize("valkey_url", ["embedded", "cluster"], indirect=True)
def test_a_vote_is_a_member_of_a_set_and_the_trend_counts_net_votes_by_day(redis: Redis) -> None:
    accounts.add(redis, Account("bob", "active"), by=OPERATOR)
    for voter in ("alice", "alice", "bob"):
        store.vote(redis, Caller(voter), "linkedin", REGISTRY)
    assert redis.smembers("{votes}:interest:linkedin") == {"alice", "bob"}
    assert trend(redis) == 2
    store.retract(redis, Caller("bob"), "linkedin", REGISTRY)
    store.retract(redis, Caller("bob"), "linkedin", REGISTRY)
    assert trend(redis) == 1
    assert trend(redis, "funding") == 0
    assert "alice" not in str(redis.hgetall("{votes}:trend:linkedin"))


@pytest.mark.parametrize("valkey_url", ["embedded", "cluster"], indirect=True)
def test_what_is_refused_writes_nothing(redis: Redis) -> None:
    accounts.add(redis, Account("pending", "pending"), by=OPERATOR)
    before = everything(redis)
    for account, feature, refusal in (
        ("nobody", "linkedin", NotAuthenticated),
        ("nobody", "nowhere", NotAuthenticated),
        ("pending", "linkedin", AccountNotActive),
        ("pending", "nowhere", AccountNotActive),
        ("alice", "nowhere", UnknownFeature),
    ):
        for act in (store.vote, store.retract):
            with pytest.raises(refusal):
                act(redis, Caller(account), feature, REGISTRY)
    with pytest.raises(NotAuthenticated):
        store.read(redis, Caller("nobody"), REGISTRY)
    assert everything(redis) == before


@pytest.mark.parametrize("valkey_url", ["cluster"], indirect=True)
def test_whoever_is_removed_meanwhile_leaves_no_vote(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Cluster the account is in another slot than the votes: it is read before, and looked at again."""

    def read_and_remove(client: Client, caller: Caller) -> str | None:
        found = status_of(client, caller)
        accounts.remove(client, caller.id, by=OPERATOR)
        return found

    monkeypatch.setattr(store, "status_of", read_and_remove)
    with pytest.raises(NotAuthenticated):
        store.vote(redis, Caller("alice"), "linkedin", REGISTRY, limit=TokenBucket.of(5, 0.001))
    assert trend(redis) == 0
    assert not redis.exists(BUCKETS_KEY) and maintenance.stored_features(redis) == []


def test_reading_says_what_one_wants_and_counts_everyone(redis: Redis) -> None:
    redis.sadd("{votes}:interest:linkedin", "alice", "bob")
    redis.sadd("{votes}:interest:funding", "bob")
    assert store.read(redis, Caller("alice"), REGISTRY) == store.Interest(["linkedin"], {"funding": 1, "linkedin": 2})
    assert store.read(redis, Caller("alice"), Registry(())) == store.Interest([], {})


def test_withdrawing_reaches_every_feature_allowed_or_not(redis: Redis) -> None:
    for feature in ("linkedin", "long_forgotten", "odd*[name]"):
        redis.sadd(f"{{votes}}:interest:{feature}", "alice", "bob")
    redis.sadd("{votes}:interest:funding", "bob")
    assert maintenance.withdraw_all(redis, "alice") == 3
    assert maintenance.withdraw_all(redis, "alice") == 0
    assert {key: redis.smembers(key) for key in redis.scan_iter("{votes}:interest:*")} == {
        f"{{votes}}:interest:{feature}": {"bob"} for feature in ("linkedin", "long_forgotten", "odd*[name]", "funding")
    }
    assert (trend(redis), trend(redis, "funding")) == (-1, 0)


def test_every_feature_with_votes_is_found_once(redis: Redis) -> None:
    features = {f"feature_{number}" for number in range(600)}
    for feature in features:
        redis.sadd(f"{{votes}}:interest:{feature}", "alice")
    found = maintenance.stored_features(redis)
    assert len(found) == len(features)
    assert set(found) == features
