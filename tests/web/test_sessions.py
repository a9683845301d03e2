"""Session cookies of the platform's and of sign-in links."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from application import signed_in, signed_out
from contract import Client, everything, kind, platform_cookie
from flask import Flask
from flask_login.utils import encode_cookie
from itsdangerous import TimestampSigner
from redis import Redis
from support import wait_until

from service.accounts import sign_in as links
from service.accounts import store
from service.accounts.store import Account, Status

MakeApp = Callable[..., Flask]


@pytest.fixture
def link(redis: Redis) -> Callable[..., str]:
    """A sign-in link for a new account."""

    def link(account_id: str = "alice", status: str = "active") -> str:
        store.add(redis, Account(account_id, status))
        return f"/sign-in?token={links.make_token(redis, account_id)}"

    return link


@pytest.mark.parametrize("status", ["active", "pending"])
def test_a_link_signs_its_account_in(client: Client, link: Callable[..., str], status: str) -> None:
    response = client.get(link("alice", status))
    assert response.json == {"account": "alice", "status": status}
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/api/features").status_code == 200


def test_a_link_works_once(client: Client, link: Callable[..., str]) -> None:
    url = link()
    client.get(url)
    response = client.get(url)
    assert (response.status_code, kind(response)) == (410, "sign-in-refused")
    assert "has been used" in response.text


def test_looking_at_a_link_spends_nothing_and_signs_nobody_in(
    client: Client, redis: Redis, link: Callable[..., str]
) -> None:
    url = link()
    before = everything(redis)
    response = client.head(url)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert everything(redis) == before
    assert client.get(url).status_code == 200
    assert client.head(url).status_code == 410


def test_an_expired_link_is_gone(client: Client, redis: Redis, link: Callable[..., str]) -> None:
    url = link()
    [key] = redis.keys("sign-in:*")
    assert 0 < redis.ttl(key) <= 15 * 60
    redis.pexpire(key, 1)
    wait_until(lambda: not redis.exists(key))
    assert client.get(url).status_code == 410


@pytest.mark.parametrize("token", ["forged", "%FF", "%00", "%ED%A0%80", "x" * 5000])
def test_a_forged_link_is_gone(client: Client, token: str) -> None:
    assert client.get(f"/sign-in?token={token}").status_code == 410


@pytest.mark.parametrize("query", ["", "?token", "?token=", "?other=x"])
def test_a_link_without_a_token_makes_no_sense(client: Client, query: str) -> None:
    assert client.get(f"/sign-in{query}").status_code == 400
    assert client.head(f"/sign-in{query}").status_code == 400


def test_a_link_of_an_account_that_was_suspended_since_is_refused(
    client: Client, redis: Redis, link: Callable[..., str]
) -> None:
    url = link()
    store.set_status(redis, "alice", Status.SUSPENDED)
    response = client.get(url)
    assert response.status_code == 410
    assert "suspended" in response.text
    assert "Set-Cookie" not in response.headers


def test_a_link_of_an_account_that_was_removed_since_is_refused(
    client: Client, redis: Redis, link: Callable[..., str]
) -> None:
    url = link()
    store.remove(redis, "alice")
    assert client.get(url).status_code == 410


def test_a_token_is_not_kept_readable(redis: Redis, link: Callable[..., str]) -> None:
    token = link().partition("=")[2]
    assert token not in str(everything(redis))


@pytest.mark.parametrize(("setting", "secure"), [(None, True), (True, True), (False, False)])
def test_cookie_flags(make_app: MakeApp, link: Callable[..., str], setting: bool | None, secure: bool) -> None:
    response = signed_out(make_app(session_cookie_secure=setting)).get(link())
    flags = response.headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Lax"} <= set(flags)
    assert ("Secure" in flags) == secure


@pytest.mark.parametrize("session", [{}, {"_permanent": True}, {"_permanent": True, "_fresh": True, "csrf": "x"}])
def test_signing_out_clears_the_cookie(alice: Client, app: Flask, session: dict[str, Any]) -> None:
    alice.set_cookie("session", platform_cookie(app, _user_id="alice", **session))
    response = alice.post("/sign-out")
    assert response.status_code == 204
    assert response.headers["Set-Cookie"].startswith("session=; Expires=Thu, 01 Jan 1970")
    assert alice.get_cookie("session") is None
    assert alice.get("/api/features").status_code == 401


def test_signing_out_twice_is_fine(alice: Client) -> None:
    assert [alice.post("/sign-out").status_code for _ in range(2)] == [204, 204]


@pytest.mark.parametrize("session", [{}, {"_permanent": True}, {"_permanent": True, "_fresh": True, "_id": "another"}])
def test_a_platform_session_is_not_set_anew_at_each_request(alice: Client, app: Flask, session: dict[str, Any]) -> None:
    alice.set_cookie("session", platform_cookie(app, _user_id="alice", **session))
    for response in (alice.get("/api/features"), alice.post("/api/features/linkedin/interest")):
        assert response.status_code < 300
        assert "Set-Cookie" not in response.headers


def test_a_retired_key_is_accepted_and_never_used_to_sign(
    make_app: MakeApp, sign_in: Callable[..., Client], link: Callable[..., str]
) -> None:
    sign_in("bob")
    old, older = make_app(secret_key="old"), make_app(secret_key="older")
    rotated = make_app(secret_key="new", secret_key_fallbacks=("old", "older"))
    cookies = [platform_cookie(app, _user_id="bob") for app in (old, older)]
    for cookie in cookies:
        client = signed_out(rotated)
        client.set_cookie("session", cookie)
        assert client.get("/api/features").status_code == 200
    client = signed_out(rotated)
    client.get(link("alice"))
    fresh = client.get_cookie("session")
    assert fresh is not None
    for app, status in ((old, 401), (make_app(secret_key="new"), 200)):
        client = signed_out(app)
        client.set_cookie("session", fresh.value)
        assert client.get("/api/features").status_code == status


def test_a_session_ends_after_31_days(alice: Client, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flask's PERMANENT_SESSION_LIFETIME, which the platform has not changed."""
    for days, status in ((30, 200), (32, 401)):
        with monkeypatch.context() as then:
            then.setattr(TimestampSigner, "get_timestamp", lambda self, days=days: int(time.time()) - days * 86400)
            cookie = platform_cookie(app, _user_id="alice")
        alice.set_cookie("session", cookie)
        assert alice.get("/api/features").status_code == status


def test_an_answer_for_a_session_varies_by_cookie(alice: Client) -> None:
    for response in (alice.get("/api/features"), alice.post("/api/features/linkedin/interest")):
        assert "Cookie" in response.vary


def test_a_cookie_of_another_key_signs_nobody_in(alice: Client, make_app: MakeApp) -> None:
    alice.set_cookie("session", platform_cookie(make_app(secret_key="forged"), _user_id="alice"))
    assert alice.get("/api/features").status_code == 401


def test_a_cookie_of_another_application_does_not_end_the_session(app: Flask, alice: Client) -> None:
    cookie = f"name=Caf\xe9; session={platform_cookie(app, _user_id='alice')}"  # a byte that is not UTF-8
    client = app.test_client(use_cookies=False)
    assert client.get("/api/features", environ_overrides={"HTTP_COOKIE": cookie}).status_code == 200


def test_only_the_session_signs_in(alice: Client, app: Flask) -> None:
    """flask-login's remember token never expires with a key, and nothing here revokes it."""
    with app.app_context():
        token = encode_cookie("alice")
    client = signed_out(app)
    client.set_cookie("remember_token", token)
    assert client.get("/api/features").status_code == 401


def test_a_browser_that_is_signed_in_may_follow_another_link(
    app: Flask, redis: Redis, link: Callable[..., str]
) -> None:
    store.add(redis, Account("bob", "active"))
    client = signed_in(app, "bob")
    client.get(link("alice"))
    client.post("/api/features/linkedin/interest")
    assert redis.smembers("interest:{linkedin}") == {"alice"}
