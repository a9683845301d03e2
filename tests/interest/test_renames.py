"""Renames and merges: no vote is lost, none is counted twice, whoever holds which registry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from support import OPERATOR

from service.accounts.sessions import Caller
from service.accounts.store import Account, Status, account_key, add
from service.interest import maintenance, store
from service.interest.keys import interest_key, trend_key
from service.problems import StorageUnavailable, UnknownFeature
from service.registry.model import Label, Module, Registry

VOTERS = [f"voter{number}" for number in range(5)]


def registry(**features: tuple[str, ...]) -> Registry:
    """A registry of coming-soon features and what they were formerly."""
    modules = (
        Module(slug=slug, category="tools", label=Label("x", "x"), coming_soon=True, formerly=formerly)
        for slug, formerly in features.items()
    )
    return Registry(tuple(modules))


NO_RENAMES = registry()
BEFORE = registry(old=(), other=())
AFTER = registry(new=("old",), other=())


@pytest.fixture
def client(redis: Redis) -> Redis:
    for voter in VOTERS:
        add(redis, Account(voter, Status.ACTIVE), by=OPERATOR)
    return redis


def test_who_voted_for_both_counts_once_and_the_trend_adds_up_to_the_count(client: Redis) -> None:
    both = registry(old=(), new=())
    for voter, feature in [("voter0", "old"), ("voter0", "new"), ("voter1", "old")]:
        store.vote(client, Caller(voter), feature, both)
    assert store.read(client, Caller("voter1"), AFTER) == store.Interest(["new"], {"new": 2, "other": 0})
    assert sum(map(int, client.hvals(trend_key("new")))) == 2
    assert client.exists(interest_key("old"), trend_key("old")) == 0


def test_an_old_id_is_not_on_the_allow_list_where_nothing_succeeds_it(client: Redis) -> None:
    with pytest.raises(UnknownFeature):
        store.vote(client, Caller("voter0"), "older", AFTER)


def test_merging_twice_moves_nothing_more(client: Redis) -> None:
    store.vote(client, Caller("voter0"), "old", BEFORE)
    assert maintenance.merge(client, "old", "other", by=OPERATOR) == (1, 0)
    assert maintenance.merge(client, "old", "other", by=OPERATOR) == (0, 0)


FEATURES = ["a", "b", "c"]
REGISTRIES = [registry(a=(), b=(), c=()), registry(b=("a",), c=()), registry(c=("b", "a")), registry(a=("b",), c=())]
STEPS = st.one_of(
    st.tuples(st.sampled_from(["vote", "retract"]), st.sampled_from(VOTERS), st.sampled_from(FEATURES)),
    st.tuples(st.just("merge"), st.sampled_from(FEATURES), st.sampled_from(FEATURES)),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(REGISTRIES), STEPS), max_size=25))
def test_any_order_of_votes_renames_and_merges_loses_and_doubles_nothing(
    client: Redis, steps: list[tuple[Registry, tuple[str, str, str]]]
) -> None:
    """Against a model in which features that became one share a set of voters."""
    for key in set(client.scan_iter()) - set(map(account_key, VOTERS)):
        client.delete(key)
    voters: dict[str, set[str]] = {feature: set() for feature in FEATURES}

    def unite(old: str, new: str) -> None:
        together = voters[old] | voters[new]
        gone = (id(voters[old]), id(voters[new]))
        for feature in FEATURES:
            if id(voters[feature]) in gone:
                voters[feature] = together

    for held, (action, first, second) in steps:
        if action == "merge":
            maintenance.merge(client, first, second, by=OPERATOR)
            unite(first, second)
            continue
        current = held.feature_renames.get(second, second)
        try:
            (store.vote if action == "vote" else store.retract)(client, Caller(first), second, held)
        except UnknownFeature:
            assert current not in held.allowed_features
            continue
        for old in held.former(current):
            others = (voters[feature] for feature in held.allowed_features if feature != current)
            if not any(voters[old] is other for other in others):
                unite(old, current)
        (voters[current].add if action == "vote" else voters[current].discard)(first)

    for feature, expected in voters.items():
        assert set(maintenance.voters(client, feature, NO_RENAMES)) == expected
    for voter in VOTERS:  # by a registry that renames nothing
        seen = store.read(client, Caller(voter), REGISTRIES[0])
        assert seen.counts == {feature: len(expected) for feature, expected in voters.items()}
        assert seen.voted == [feature for feature in FEATURES if voter in voters[feature]]
    for feature in maintenance.stored_features(client):
        assert sum(map(int, client.hvals(trend_key(feature)))) == client.scard(interest_key(feature))


@pytest.mark.long
@pytest.mark.parametrize("by_hand", [False, True])
def test_voting_while_a_rename_comes_into_force_loses_and_doubles_nothing(redis: Redis, by_hand: bool) -> None:
    """Many accounts vote at once, through workers with either registry, while the votes move."""
    both = registry(old=(), new=())
    after = both if by_hand else registry(new=("old",))
    for number in range(200):
        add(redis, Account(f"v{number}", Status.ACTIVE), by=OPERATOR)

    def act(number: int) -> None:
        held, feature = (both, after)[number // 2 % 2], ("old", "new")[number // 4 % 2]
        store.vote(redis, Caller(f"v{number}"), feature, held)
        if number % 2:
            store.retract(redis, Caller(f"v{number}"), feature, held)
        if number % 10 == 5:
            maintenance.merge(redis, "old", "new", by=OPERATOR) if by_hand else store.read(redis, Caller("v0"), after)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(200)))
    maintenance.merge(redis, "old", "new", by=OPERATOR)
    assert set(maintenance.voters(redis, "new", NO_RENAMES)) == {f"v{number}" for number in range(0, 200, 2)}
    assert store.read(redis, Caller("v0"), after).counts["new"] == 100


@pytest.mark.parametrize("count", ["007", "-0", "x", "9223372036854775807", "99999999999999999999"])
def test_a_trend_that_cannot_be_added_to_stops_a_rename_before_it_writes(client: Redis, count: str) -> None:
    store.vote(client, Caller("voter0"), "old", BEFORE)
    client.hset(trend_key("old"), "2026-01-01", count)
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            store.read(client, Caller("voter0"), AFTER)
    assert client.smembers(interest_key("old")) == {"voter0"}
    assert client.smembers(interest_key("new")) == set()
