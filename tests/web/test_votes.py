"""Reading counts and voting, with the caller's account read anew at each request; and who is refused what."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from application import counts, signed_in, signed_out, state, table
from contract import Client, kind, platform_cookie, problem
from flask import Flask
from redis import Redis
from support import OPERATOR, everything

from service.accounts import store as accounts
from service.accounts.store import Status, account_key
from service.interest.keys import interest_key

SignIn = Callable[..., Client]
VOTE = "/api/features/linkedin/interest"


def test_a_second_vote_and_taking_back_none_change_nothing(alice: Client, redis: Redis) -> None:
    redis.sadd("{registry}:interest:forgotten", "alice")  # which is no longer allowed, and not shown
    for method, voted in (("POST", ["linkedin"]), ("DELETE", [])):
        assert alice.open(VOTE, method=method).status_code == 204
        assert state(alice) == {"voted": voted, "counts": counts(linkedin=len(voted))}
        before = everything(redis)
        assert alice.open(VOTE, method=method).status_code == 204
        assert everything(redis) == before


def test_one_hundred_simultaneous_votes_of_one_account_count_one(app: Flask, alice: Client) -> None:
    with ThreadPoolExecutor(100) as pool:
        votes = pool.map(lambda _: signed_in(app, "alice").post(VOTE).status_code, range(100))
        assert list(votes) == [204] * 100
    assert state(alice) == {"voted": ["linkedin"], "counts": counts(linkedin=1)}
    assert alice.delete(VOTE).status_code == 204
    assert state(alice) == {"voted": [], "counts": counts()}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_caller_wants_is_never_cached(alice: Client, method: str) -> None:
    response = alice.open("/api/features", method=method)
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


#: Who is refused something, by what they are named: status and role.
ACCOUNTS = {name: (name, "member") for name in ("suspended", "odd", "pending")} | {
    "member": ("active", "member"),
    "other": ("active", "member"),
    "admin": ("active", "admin"),
    "pending-admin": ("pending", "admin"),
    "suspended-admin": ("suspended", "admin"),
}


@pytest.mark.parametrize("row", table("refused.yaml"), ids=str)
def test_refusals_come_in_order_and_write_nothing(app: Flask, redis: Redis, row: list[Any]) -> None:
    callers, methods, paths, sent, *answer = row
    for name, (status, role) in ACCOUNTS.items():
        redis.hset(account_key(name), mapping={"status": status, "role": role})
        redis.sadd(interest_key("linkedin"), name)
    asked = {"module": "sms_campaign", "message": "Please"}
    thread = signed_in(app, "member").post("/api/feedback", json=asked).headers["Location"]
    before = everything(redis)
    for caller, method, path in itertools.product(callers.split(), methods.split(), paths.split()):
        client = signed_out(app) if caller == "nobody" else signed_in(app, caller)
        path = path.replace("{thread}", thread)
        response = client.open(path, method=method, json=sent, headers={"If-Match": '"1-own-sms_campaign"'})
        field = problem(response).get("field")
        assert [response.status_code, kind(response), *[field] * bool(field)] == answer, (caller, method, path)
        assert not field or problem(response)["detail"].startswith(field)
    assert everything(redis) == before


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
