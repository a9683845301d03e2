"""Who is signed in, and what is new for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from application import signed_in
from contract import Client, kind
from flask import Flask
from redis import Redis

from service.history.store import RELEASED_KEY
from service.interest.maintenance import add_voters
from service.interest.shipped import Candidates

CHOICE = "/api/me/locale"
ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def app(shared_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The shared one, without what it remembers of another test's votes."""
    here = shared_app.extensions["module_registry"]
    monkeypatch.setitem(shared_app.extensions, "module_registry", replace(here, candidates=Candidates()))
    return shared_app


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"status": "active", "role": "member", "name": "Alice Petit"}, {}),
        ({"status": "pending", "role": "admin", "name": "Alice Petit"}, {"status": "pending", "role": "admin"}),
        ({"status": "active"}, {"name": ""}),
        # What the platform wrote is short and printable.
        (
            {"status": "active", "role": b"\xff", "name": "\x1b[31m" + "x" * 5000},
            {"name": "\\x1b[31m" + "x" * 89 + "..."},
        ),
    ],
)
def test_it_says_who_one_is(app: Flask, redis: Redis, stored: dict[str, Any], said: dict[str, str]) -> None:
    redis.hset("{registry}:account:alice", mapping=stored)
    expected = {"id": "alice", "name": "Alice Petit", "role": "member", "status": "active", "locale": None} | said
    assert signed_in(app, "alice").get("/api/me").json == expected | {"unread": 0, "shipped": []}


def test_nobody_is_401(client: Client, sign_in: Callable[..., Client]) -> None:
    for caller in (client, sign_in(status="suspended")):
        response = caller.get("/api/me")
        assert (response.status_code, kind(response)) == (401, "not-authenticated")


def test_it_tells_what_has_shipped_until_that_is_dismissed(alice: Client, redis: Redis) -> None:
    for feature in ("import", "linkedin", "scrap"):  # active, coming soon, and active but a legacy id
        add_voters(redis, feature, ["alice"])
    redis.hset(RELEASED_KEY, "import", 1_764_146_400_123)
    shipped = {"slug": "import", "label": {"fr": "Import", "en": "Import"}, "released": "2025-11-26T08:40:00+00:00"}
    assert (alice.get("/api/me").json or {})["shipped"] == [shipped]
    assert kind(alice.delete("/api/me/shipped/import", headers=ELSEWHERE)) == "cross-site-request"
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
        redis.hset("{registry}:account:alice", "locale", tag)
        assert (alice.get("/api/me").json or {})["locale"] == locale, tag


def test_what_one_chooses_is_remembered(sign_in: Callable[..., Client], redis: Redis) -> None:
    caller = sign_in("pia", "pending")
    for locale in ("fr", "en", "en"):
        response = caller.put(CHOICE, json={"locale": locale})
        assert (response.status_code, response.headers["Cache-Control"]) == (204, "no-store")
        assert redis.hget("{registry}:account:pia", "locale") == locale == (caller.get("/api/me").json or {})["locale"]


def test_what_cannot_be_chosen(
    app: Flask, alice: Client, client: Client, sign_in: Callable[..., Client], redis: Redis
) -> None:
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
    assert not redis.exists("{registry}:account:nobody")
    assert alice.put(CHOICE, json={"locale": "fr", "x": "x" * 1024}).status_code == 413
    choice = alice.put(CHOICE, json={"locale": "fr"}, headers=ELSEWHERE)
    assert (kind(choice), redis.hget("{registry}:account:alice", "locale")) == ("cross-site-request", None)
