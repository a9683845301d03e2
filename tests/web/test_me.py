"""Who is signed in, and what is new for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from application import signed_in
from contract import Client, kind
from flask import Flask
from redis import Redis
from support import OPERATOR

from service.accounts import store as accounts
from service.accounts.store import Account
from service.history.keys import RELEASED_KEY
from service.interest.maintenance import add_voters
from service.interest.shipped import Candidates

CHOICE = "/api/me/locale"


@pytest.fixture
def app(shared_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The shared one, without what it remembers of another test's votes."""
    here = shared_app.extensions["module_registry"]
    monkeypatch.setitem(shared_app.extensions, "module_registry", replace(here, candidates=Candidates()))
    return shared_app


@pytest.mark.parametrize(("role", "status"), [("member", "active"), ("admin", "pending")])
def test_it_says_who_one_is(app: Flask, redis: Redis, role: str, status: str) -> None:
    accounts.add(redis, Account("alice", status, role, "Alice Petit"), by=OPERATOR)
    said = {"id": "alice", "name": "Alice Petit", "role": role, "status": status, "locale": None}
    assert signed_in(app, "alice").get("/api/me").json == said | {"unread": 0, "shipped": []}


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
    expected = {"id": "alice", "name": "", "role": "member", "status": "active", "unread": 0, "shipped": []}
    assert signed_in(app, "alice").get("/api/me").json == expected | {"locale": None}


def test_it_tells_what_has_shipped_until_that_is_dismissed(alice: Client, redis: Redis) -> None:
    for feature in ("import", "linkedin", "scrap"):  # active, coming soon, and active but a legacy id
        add_voters(redis, feature, ["alice"])
    redis.hset(RELEASED_KEY, "import", 1_764_146_400_123)
    shipped = {"slug": "import", "label": {"fr": "Import", "en": "Import"}, "released": "2025-11-26T08:40:00+00:00"}
    assert (alice.get("/api/me").json or {})["shipped"] == [shipped]
    for _ in range(2):
        response = alice.delete("/api/me/shipped/import")
        assert (response.status_code, response.data, response.headers["Cache-Control"]) == (204, b"", "no-store")
        assert (alice.get("/api/me").json or {})["shipped"] == []


def test_what_cannot_be_dismissed(alice: Client, client: Client, sign_in: Callable[..., Client]) -> None:
    for caller, slug, status, why in (
        (client, "nowhere", 401, "not-authenticated"),
        (sign_in("pia", "pending"), "nowhere", 403, "account-not-active"),
        (alice, "nowhere", 404, "unknown-module"),
        (alice, "company", 404, "unknown-module"),
    ):
        response = caller.delete(f"/api/me/shipped/{slug}")
        assert (response.status_code, kind(response)) == (status, why)


def test_what_others_wrote_is_read_by_its_primary_subtag(alice: Client, redis: Redis) -> None:
    for tag, locale in (("fr-CA", "fr"), ("FR_fr", "fr"), ("en", "en"), ("", None), ("de", None), ("fra", None)):
        redis.hset("account:alice", "locale", tag)
        assert (alice.get("/api/me").json or {})["locale"] == locale, tag


def test_what_one_chooses_is_remembered(sign_in: Callable[..., Client], redis: Redis) -> None:
    caller = sign_in("pia", "pending")
    for locale in ("fr", "en", "en"):
        response = caller.put(CHOICE, json={"locale": locale})
        assert (response.status_code, response.headers["Cache-Control"]) == (204, "no-store")
        assert redis.hget("account:pia", "locale") == locale == (caller.get("/api/me").json or {})["locale"]


def test_what_cannot_be_chosen(app: Flask, alice: Client, client: Client, sign_in: Callable[..., Client]) -> None:
    suspended = sign_in("sam", "suspended")
    for caller, sent, status, why in (
        (client, {"locale": "de"}, 401, "not-authenticated"),
        (suspended, {"locale": "fr"}, 401, "not-authenticated"),
        (suspended, {"locale": "de"}, 401, "not-authenticated"),
        (signed_in(app, "nobody"), {"locale": "fr"}, 401, "not-authenticated"),
        (alice, {"locale": "fr-FR"}, 422, "invalid-field"),
        (alice, {"locale": ["fr"]}, 422, "invalid-field"),
        (alice, {}, 422, "invalid-field"),
    ):
        response = caller.put(CHOICE, json=sent)
        assert (response.status_code, kind(response)) == (status, why), sent
    assert alice.put(CHOICE, json={"locale": "fr", "x": "x" * 1024}).status_code == 413


def test_a_choice_makes_no_account_and_another_site_neither_chooses_nor_dismisses(
    app: Flask, alice: Client, redis: Redis
) -> None:
    signed_in(app, "nobody").put(CHOICE, json={"locale": "fr"})
    assert not redis.exists("account:nobody")
    add_voters(redis, "import", ["alice"])
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    choice = alice.put(CHOICE, json={"locale": "fr"}, headers=elsewhere)
    assert kind(choice) == kind(alice.delete("/api/me/shipped/import", headers=elsewhere)) == "cross-site-request"
    assert redis.hget("account:alice", "locale") is None
    assert len((alice.get("/api/me").json or {})["shipped"]) == 1
