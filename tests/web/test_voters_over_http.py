"""Whom to tell that a feature shipped, over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_in
from contract import Client, kind, problem
from flask import Flask
from redis import Redis
from support import OPERATOR

from service.accounts import store as accounts
from service.accounts.store import Account
from service.interest.maintenance import add_voters

VOTERS = "/api/features/linkedin/voters"


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


def test_an_admin_reads_them_page_by_page(app: Flask, redis: Redis) -> None:
    accounts.add(redis, Account("ana", "active", "admin", "Ana", "ana@example.com", "fr"), by=OPERATOR)
    admin = signed_in(app, "ana")
    add_voters(redis, "linkedin", ["ana", "bob", "élise"])
    first = admin.get(VOTERS, query_string={"limit": 2}).json or {}
    unknown = {"name": "", "email": "", "locale": ""}
    ana = {"id": "ana", "name": "Ana", "email": "ana@example.com", "locale": "fr"}
    assert first["voters"] == [ana, {"id": "bob"} | unknown]
    last = admin.get(VOTERS, query_string={"limit": 2, "cursor": first["next"]})
    assert last.json == {"voters": [{"id": "élise"} | unknown], "next": None}
    assert last.headers["Cache-Control"] == "no-store"
    response = admin.get("/api/features/linkdin/voters")
    assert (response.status_code, kind(response)) == (404, "unknown-feature")
    assert problem(response)["suggestions"] == {"linkdin": "linkedin"}
    assert problem(admin.get("/api/features/%ff%00/voters"))["suggestions"] == {"\ufffd\0": None}
    for query, field in (("limit=101", "limit"), ("cursor=%ff", "cursor")):
        response = admin.get(f"{VOTERS}?{query}")
        assert (response.status_code, problem(response)["field"]) == (422, field)


def test_it_is_for_admins(client: Client, sign_in: Callable[..., Client]) -> None:
    expected = [(401, "not-authenticated"), (403, "account-not-active"), (403, "not-an-admin")]
    callers = [client, sign_in("pia", "pending"), sign_in("mia")]
    for caller, (status, why) in zip(callers, expected, strict=True):
        response = caller.get(f"{VOTERS}?limit=0")
        assert (response.status_code, kind(response)) == (status, why)
