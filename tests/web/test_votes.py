"""Reading counts and voting, with the caller's account read anew at each request."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import FEATURES, counts, signed_in, state
from contract import Client, kind, platform_cookie
from flask import Flask
from redis import Redis
from support import OPERATOR, everything

from service.accounts import store as accounts
from service.accounts.store import Account, Status

SignIn = Callable[..., Client]
VOTE = "/api/features/linkedin/interest"


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


def test_counts_are_everyones_and_voted_is_ones_own_and_sorted(sign_in: SignIn) -> None:
    alice, bob = sign_in("alice"), sign_in("bob")
    assert state(alice) == {"voted": [], "counts": counts()}, "zero included"
    for feature in ("scrap", "company", "linkedin", "hiring"):  # scrap is active: a legacy feature
        response = alice.post(f"/api/features/{feature}/interest")
        assert (response.status_code, response.data) == (204, b"")
    bob.post(VOTE)
    assert state(alice) == {"voted": FEATURES, "counts": counts(scrap=1, company=1, linkedin=2, hiring=1)}
    assert state(bob)["voted"] == ["linkedin"]


def test_a_vote_for_what_is_no_longer_allowed_is_not_shown(alice: Client, redis: Redis) -> None:
    redis.sadd("{votes}:interest:forgotten", "alice")
    assert state(alice) == {"voted": [], "counts": counts()}


def test_a_second_vote_changes_nothing(alice: Client, redis: Redis) -> None:
    alice.post(VOTE)
    before = everything(redis)
    assert alice.post(VOTE).status_code == 204
    assert everything(redis) == before


def test_a_vote_can_be_taken_back(alice: Client) -> None:
    alice.post(VOTE)
    assert alice.delete(VOTE).status_code == 204
    assert state(alice) == {"voted": [], "counts": counts()}


def test_taking_back_no_vote_changes_nothing(alice: Client, redis: Redis) -> None:
    before = everything(redis)
    assert alice.delete(VOTE).status_code == 204
    assert everything(redis) == before


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_caller_wants_is_never_cached(alice: Client, method: str) -> None:
    response = alice.open("/api/features", method=method)
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


@pytest.mark.parametrize(
    ("who", "feature", "status", "problem"),
    [
        (None, "linkedin", 401, "not-authenticated"),
        (None, "nowhere", 401, "not-authenticated"),
        ("suspended", "linkedin", 401, "not-authenticated"),
        ("suspended", "nowhere", 401, "not-authenticated"),
        ("pending", "linkedin", 403, "account-not-active"),
        ("pending", "nowhere", 403, "account-not-active"),
        ("active", "nowhere", 404, "unknown-feature"),
        ("active", "import", 404, "unknown-feature"),
        ("active", "%FF%00", 404, "unknown-feature"),
    ],
)
def test_refusals_come_in_order_and_write_nothing(
    app: Flask, redis: Redis, who: str | None, feature: str, status: int, problem: str
) -> None:
    redis.sadd("{votes}:interest:linkedin", "alice")
    if who:
        accounts.add(redis, Account("alice", who), by=OPERATOR)
    before = everything(redis)
    for method in ("POST", "DELETE"):
        response = signed_in(app, "alice").open(f"/api/features/{feature}/interest", method=method)
        assert (response.status_code, kind(response)) == (status, problem)
        assert everything(redis) == before


def test_who_may_read(app: Flask, redis: Redis) -> None:
    alice = signed_in(app, "alice")
    assert kind(alice.get("/api/features")) == "not-authenticated"
    for status, answer in (("active", 200), ("pending", 200), ("suspended", 401), ("odd", 401)):
        redis.hset("account:alice", mapping={"status": status})
        assert alice.get("/api/features").status_code == answer, status


def test_a_pending_account_sees_its_earlier_votes(sign_in: SignIn, redis: Redis) -> None:
    alice = sign_in()
    alice.post(VOTE)
    accounts.set_status(redis, "alice", Status.PENDING, by=OPERATOR)
    assert state(alice)["voted"] == ["linkedin"]


@pytest.mark.parametrize(
    "out",
    [lambda r: accounts.set_status(r, "alice", Status.SUSPENDED, by=OPERATOR), lambda r: r.delete("account:alice")],
)
def test_a_suspended_or_removed_account_is_out_at_once(
    alice: Client, redis: Redis, out: Callable[[Redis], None]
) -> None:
    alice.post(VOTE)
    out(redis)
    before = everything(redis)
    assert [alice.get("/api/features").status_code, alice.post(VOTE).status_code, alice.delete(VOTE).status_code] == [
        401
    ] * 3
    assert everything(redis) == before


def test_a_session_that_names_nobody_is_401(alice: Client, app: Flask) -> None:
    for user_id in ({}, {"_user_id": None}, {"_user_id": ""}, {"_user_id": ["alice"]}, {"_user_id": "\ud800"}):
        alice.set_cookie("session", platform_cookie(app, user="alice", **user_id))
        assert alice.get("/api/features").status_code == 401
