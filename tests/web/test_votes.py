"""Reading counts and voting, with the caller's account read anew at each request."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from application import FEATURES, counts, signed_in, state
from contract import Client, kind, platform_cookie
from flask import Flask
from redis import Redis
from support import OPERATOR, everything

from service.accounts import store as accounts
from service.accounts.store import Status

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


def test_a_second_vote_and_taking_back_none_change_nothing(alice: Client, redis: Redis) -> None:
    redis.sadd("{registry}:interest:forgotten", "alice")  # which is no longer allowed, and not shown
    for method, voted in (("POST", ["linkedin"]), ("DELETE", [])):
        assert alice.open(VOTE, method=method).status_code == 204
        assert state(alice) == {"voted": voted, "counts": counts(linkedin=len(voted))}
        before = everything(redis)
        assert alice.open(VOTE, method=method).status_code == 204
        assert everything(redis) == before


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_caller_wants_is_never_cached(alice: Client, method: str) -> None:
    response = alice.open("/api/features", method=method)
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


@pytest.mark.parametrize(
    ("who", "features", "status", "problem"),
    [
        (None, ["linkedin", "nowhere"], 401, "not-authenticated"),
        ("suspended", ["linkedin", "nowhere"], 401, "not-authenticated"),
        ("odd", ["linkedin", "nowhere"], 401, "not-authenticated"),
        ("pending", ["linkedin", "nowhere"], 403, "account-not-active"),
        ("active", ["nowhere", "import", "%FF%00"], 404, "unknown-feature"),
    ],
)
def test_refusals_come_in_order_and_write_nothing(
    app: Flask, redis: Redis, who: str | None, features: list[str], status: int, problem: str
) -> None:
    redis.sadd("{registry}:interest:linkedin", "alice")
    if who:
        redis.hset("{registry}:account:alice", "status", who)
    alice, before = signed_in(app, "alice"), everything(redis)
    for feature, method in itertools.product(features, ("POST", "DELETE")):
        response = alice.open(f"/api/features/{feature}/interest", method=method)
        assert (response.status_code, kind(response)) == (status, problem)
        assert everything(redis) == before
    if status == 401:
        assert kind(alice.get("/api/features")) == "not-authenticated"
    else:
        assert state(alice)["voted"] == ["linkedin"], "also of who waits"


@pytest.mark.parametrize("out", ["suspended", "removed"])
def test_a_suspended_or_removed_account_is_out_at_once(alice: Client, redis: Redis, out: str) -> None:
    alice.post(VOTE)
    if out == "suspended":
        accounts.set_status(redis, "alice", Status.SUSPENDED, by=OPERATOR)
    else:
        redis.delete("{registry}:account:alice")
    before = everything(redis)
    for method, path in (("GET", "/api/features"), ("POST", VOTE), ("DELETE", VOTE)):
        assert alice.open(path, method=method).status_code == 401
    assert everything(redis) == before


def test_a_session_that_names_nobody_is_401(alice: Client, app: Flask) -> None:
    for user_id in ({}, {"_user_id": None}, {"_user_id": ""}, {"_user_id": ["alice"]}, {"_user_id": "\ud800"}):
        alice.set_cookie("session", platform_cookie(app, user="alice", **user_id))
        assert alice.get("/api/features").status_code == 401
