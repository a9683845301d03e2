"""Sign-in links: what they show, and what redeems them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from application import signed_in, signed_out, token_of
from contract import Client, kind
from flask import Flask
from redis import Redis
from support import OPERATOR, everything, wait_until

from service.accounts import store
from service.accounts.store import Account, Status

Link = Callable[..., str]

#: What Firefox sends.
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
USED = {"account": "alice", "status": "active"}


@pytest.mark.parametrize("status", ["active", "pending"])
def test_a_link_signs_its_account_in(client: Client, link: Link, status: str) -> None:
    response = client.post(link("alice", status))
    assert response.json == {"account": "alice", "status": status}
    assert client.get("/api/features").status_code == 200


def test_a_link_works_once(client: Client, link: Link) -> None:
    url = link()
    client.post(url)
    for method in ("POST", "GET"):
        response = client.open(url, method=method)
        assert (response.status_code, kind(response)) == (410, "sign-in-refused")
        assert "has been used" in response.text
        assert "accounts sign-in-link" in response.text
    assert client.head(url).status_code == 410


def test_a_lost_answer_does_not_cost_the_link(app: Flask, redis: Redis, link: Link) -> None:
    url = f"{link()}&nonce=mine"
    assert [signed_out(app).post(url).json for _ in range(3)] == [USED] * 3
    for other in ("nonce=other", "nonce=", ""):
        assert signed_out(app).post(url.replace("nonce=mine", other)).status_code == 410
    [key] = redis.keys("sign-in-token:*")
    assert 0 < redis.ttl(key) <= 60
    redis.pexpire(key, 1)
    wait_until(lambda: not redis.exists(key))
    assert signed_out(app).post(url).status_code == 410


def test_looking_at_a_link_spends_nothing_and_signs_nobody_in(client: Client, redis: Redis, link: Link) -> None:
    url = link()
    before = everything(redis)
    for method, headers in (("GET", {}), ("GET", BROWSER), ("HEAD", {}), ("HEAD", BROWSER)):
        response = client.open(url, method=method, headers=headers)
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
    assert everything(redis) == before
    assert client.get("/api/features").status_code == 401
    assert client.post(url).status_code == 200


def test_a_program_is_told_the_account_and_until_when(client: Client, link: Link) -> None:
    shown = client.get(link(), headers={"Accept": "*/*"}).json
    assert shown is not None
    assert shown["account"] == "alice"
    left = datetime.fromisoformat(shown["expires"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("image/png", "application/json"),
        (BROWSER["Accept"], "text/html"),
        ("text/html", "text/html"),
    ],
)
def test_a_browser_is_shown_a_page(client: Client, link: Link, accept: str | None, mimetype: str) -> None:
    response = client.get(link(), headers={"Accept": accept} if accept else {})
    assert response.mimetype == mimetype
    assert "Accept" in response.vary


class Page(HTMLParser):
    """Where the forms of a page lead, what it says, and all of its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.actions: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.actions += [value or "" for name, value in attrs if name == "action"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_button_of_the_page_signs_in_without_a_body(app: Flask, link: Link) -> None:
    url = link()
    response = signed_out(app).get(url, headers=BROWSER)
    assert "form-action 'self'" in response.headers["Content-Security-Policy"]
    # The origin alone; with no-referrer a browser would say `Origin: null` below, and be refused.
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert response.headers["Cache-Control"] == "no-store"
    [action] = Page(response.text).actions
    browser = {**BROWSER, "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    answers = [signed_out(app).post(action, headers=browser) for _ in range(2)]  # since one was lost
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(303, "/en/")] * 2
    assert signed_out(app).post(action).json == USED
    assert Page(signed_out(app).get(link(), headers=BROWSER).text).actions != [action]


@pytest.mark.parametrize("account_id", ["<script>alert(1)</script>", "\"'&amp;", "a\u202eb", "</bdi><form>"])
def test_an_account_id_is_text_on_the_page(client: Client, redis: Redis, link: Link, account_id: str) -> None:
    redis.hset(f"account:{account_id}", mapping={"status": "active"})
    page = Page(client.get(link(account_id), headers=BROWSER).text)
    # One form signs in, and one closes the palette.
    assert (page.tags.count("form"), page.tags.count("bdi"), page.tags.count("script")) == (2, 1, 2)
    assert account_id.replace("\u202e", "\\u202e") in page.text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_the_page_of_another_site_signs_nobody_in(
    app: Flask, redis: Redis, link: Link, headers: dict[str, str]
) -> None:
    """Login CSRF: neither a link that it opens, nor a form that it sends."""
    url = link("mallory")
    store.add(redis, Account("alice", "active"), by=OPERATOR)
    before = everything(redis)
    alice = signed_in(app, "alice")
    assert alice.get(url, headers=headers | BROWSER).status_code == 200
    bodies: list[dict[str, Any]] = [{}, {"data": {"token": token_of(url)}}, {"json": {"token": token_of(url)}}]
    for body in bodies:
        response = alice.post(url if not body else "/sign-in", headers=headers, **body)
        assert (response.status_code, kind(response)) == (403, "cross-site-request")
        assert "Set-Cookie" not in response.headers
    assert everything(redis) == before


def test_an_expired_link_is_gone(client: Client, redis: Redis, link: Link) -> None:
    url = link()
    [key] = redis.keys("sign-in-token:*")
    assert 0 < redis.ttl(key) <= 15 * 60
    redis.pexpire(key, 1)
    wait_until(lambda: not redis.exists(key))
    assert statuses(client, url) == [410] * 3


def statuses(client: Client, url: str) -> list[int]:
    return [client.open(url, method=method).status_code for method in ("GET", "HEAD", "POST")]


@pytest.mark.parametrize("token", ["forged", "%FF", "%00", "%ED%A0%80", "x" * 5000])
def test_a_forged_link_is_gone(client: Client, token: str) -> None:
    assert statuses(client, f"/sign-in?token={token}") == [410] * 3


@pytest.mark.parametrize("query", ["", "?token", "?token=", "?other=x"])
def test_a_link_without_a_token_makes_no_sense(client: Client, query: str) -> None:
    assert statuses(client, f"/sign-in{query}") == [400] * 3


def test_a_link_of_an_account_that_was_suspended_since_is_refused(client: Client, redis: Redis, link: Link) -> None:
    url = link()
    store.set_status(redis, "alice", Status.SUSPENDED, by=OPERATOR)
    for method in ("GET", "POST"):
        response = client.open(url, method=method)
        assert response.status_code == 410
        assert "suspended" in response.text
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("status", ["suspended", "banned by the platform", ""])
def test_a_link_that_signs_nobody_in_is_not_spent(client: Client, redis: Redis, link: Link, status: str) -> None:
    url = link()
    redis.hset("account:alice", "status", status)
    before = everything(redis)
    assert statuses(client, url) == [410] * 3
    assert statuses(client, f"{url}&nonce=mine") == [410] * 3
    assert everything(redis) == before
    store.set_status(redis, "alice", Status.ACTIVE, by=OPERATOR)
    assert client.post(url).json == USED


def test_a_link_of_an_account_that_was_removed_since_is_refused(client: Client, redis: Redis, link: Link) -> None:
    url = link()
    store.remove(redis, "alice", by=OPERATOR)
    assert statuses(client, url) == [410] * 3


def test_a_link_of_a_removed_account_does_not_sign_in_another_of_its_id(
    client: Client, redis: Redis, link: Link
) -> None:
    url = link()
    store.remove(redis, "alice", by=OPERATOR)
    store.add(redis, Account("alice", "active"), by=OPERATOR)
    assert statuses(client, url) == [410] * 3
    assert client.get("/api/features").status_code == 401


def test_a_link_ends_with_the_sessions(client: Client, redis: Redis, link: Link) -> None:
    url = link()
    store.renew_generation(redis, "alice", by=OPERATOR)
    assert statuses(client, url) == [410] * 3


def test_a_token_is_not_kept_readable(client: Client, redis: Redis, link: Link) -> None:
    url = f"{link()}&nonce=random-number"
    client.post(url)
    assert token_of(url) not in str(everything(redis))
    assert "random-number" not in str(everything(redis))


def test_an_answer_keeps_the_address_to_itself(client: Client, link: Link) -> None:
    url = link()
    answers = [client.get(url), client.post(url), client.post(url), client.get(url), client.get("/sign-in")]
    assert {(answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) for answer in answers} == {
        ("no-referrer", "no-store")
    }


def test_a_browser_that_is_signed_in_may_follow_another_link(app: Flask, redis: Redis, link: Link) -> None:
    store.add(redis, Account("bob", "active"), by=OPERATOR)
    client = signed_in(app, "bob")
    client.post(link("alice"))
    client.post("/api/features/linkedin/interest")
    assert redis.smembers("{votes}:interest:linkedin") == {"alice"}
