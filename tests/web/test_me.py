"""Who is signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_in
from contract import Client, kind
from flask import Flask
from redis import Redis
from support import on_every_kind

from service.accounts import store as accounts
from service.accounts.store import Account

__all__ = ["on_every_kind"]


@pytest.mark.parametrize("status", ["active", "pending"])
@pytest.mark.parametrize("role", ["member", "admin"])
def test_it_says_who_one_is(app: Flask, redis: Redis, role: str, status: str) -> None:
    accounts.add(redis, Account("alice", status, role, "Alice Petit"))
    response = signed_in(app, "alice").get("/api/me")
    assert response.json == {"id": "alice", "name": "Alice Petit", "role": role, "status": status, "unread": 0}


def test_nobody_is_401(client: Client, sign_in: Callable[..., Client]) -> None:
    for caller in (client, sign_in(status="suspended")):
        response = caller.get("/api/me")
        assert (response.status_code, kind(response)) == (401, "not-authenticated")


def test_what_the_platform_wrote_is_short_and_printable(app: Flask, redis: Redis) -> None:
    redis.hset("account:alice", mapping={"status": "active", "role": b"\xff", "name": "\x1b[31m" + "x" * 5000})
    found = signed_in(app, "alice").get("/api/me").json or {}
    assert (found["role"], len(found["name"])) == ("member", 100)
    assert found["name"].isprintable()


def test_an_account_that_says_no_more_than_its_status_is_a_members(app: Flask, redis: Redis) -> None:
    redis.hset("account:alice", mapping={"status": "active"})
    expected = {"id": "alice", "name": "", "role": "member", "status": "active", "unread": 0}
    assert signed_in(app, "alice").get("/api/me").json == expected
