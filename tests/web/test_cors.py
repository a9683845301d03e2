"""Pages of other origins: those that CORS_ORIGINS lists may vote and read the answers, and no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_in
from contract import Client, kind
from flask import Flask
from redis import Redis
from support import everything

from service.interest.keys import interest_key

VOTE = "/api/features/linkedin/interest"
LISTED = {"Origin": "https://app.example.com", "Sec-Fetch-Site": "same-site"}


@pytest.fixture
def app(make_once: Callable[..., Flask]) -> Flask:
    """A service that lists two origins."""
    return make_once(cors_origins=("https://app.example.com", "https://beta.example.com"))


def test_a_listed_origin_votes_with_credentials_and_reads_the_answer(alice: Client, redis: Redis) -> None:
    for response in (alice.post(VOTE, headers=LISTED), alice.get("/api/features", headers=LISTED)):
        assert response.status_code in (200, 204)
        assert response.headers["Access-Control-Allow-Origin"] == LISTED["Origin"]
        assert response.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in response.vary
    assert redis.smembers(interest_key("linkedin")) == {"alice"}
    assert kind(alice.post(VOTE, headers={**LISTED, "Sec-Fetch-Site": "cross-site"})) == "cross-site-request"
    error = alice.post("/api/features/nowhere/interest", headers=LISTED)
    assert (kind(error), error.headers["Access-Control-Allow-Origin"]) == ("unknown-feature", LISTED["Origin"])


@pytest.mark.parametrize(
    ("path", "method"),
    [(VOTE, "POST"), (VOTE, "DELETE"), ("/api/me/locale", "PUT"), ("/api/feedback/0123456789abcdef", "PATCH")],
)
def test_its_preflights_are_answered(alice: Client, path: str, method: str) -> None:
    asked = {"Access-Control-Request-Headers": "authorization, content-type, if-match"}
    response = alice.options(path, headers=LISTED | asked | {"Access-Control-Request-Method": method})
    assert response.headers["Access-Control-Allow-Headers"].lower().split(", ") == ["content-type", "if-match"]
    assert response.headers["Access-Control-Allow-Origin"] == LISTED["Origin"]
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert method in response.headers["Access-Control-Allow-Methods"].split(", ")
    assert response.headers["Access-Control-Max-Age"] == "7200"  # two hours: Chrome keeps none for longer


def test_a_listed_origin_asks_for_an_activation_and_reads_where_it_is(alice: Client) -> None:
    asked = alice.post("/api/feedback", json={"module": "sms_campaign", "message": "Please"}, headers=LISTED)
    thread = asked.headers["Location"]
    said = alice.post(f"{thread}/messages", json={"message": "Soon"}, headers=LISTED)
    paths = ("/api/feedback", "/api/admin/feedback", "/api/features/linkedin/voters", "/api/me", thread)
    lists = [alice.get(path, headers=LISTED) for path in paths]
    assert [response.status_code for response in (asked, said, *lists)] == [201, 201, 200, 403, 403, 200, 200]
    read = alice.post(f"{thread}/read", headers=LISTED)
    for response in (asked, said, *lists, read):
        assert response.headers["Access-Control-Allow-Origin"] == LISTED["Origin"]
        assert response.headers["Access-Control-Allow-Credentials"] == "true"
        assert {"ETag", "Location"} <= set(response.headers["Access-Control-Expose-Headers"].split(", "))


def test_an_ipv6_address_is_no_pattern_and_without_a_list_no_other_origin_reads_votes(
    make_once: Callable[..., Flask], shared_app: Flask, alice: Client
) -> None:
    listing = make_once(cors_origins=("http://[::1]:3000",))
    for app, origin, allowed in (
        (listing, "http://[::1]:3000", "http://[::1]:3000"),
        (listing, "http://1:3000", None),
        (shared_app, LISTED["Origin"], None),
    ):
        response = signed_in(app, "alice").get("/api/features", headers={"Origin": origin})
        assert (response.status_code, response.headers.get("Access-Control-Allow-Origin")) == (200, allowed)
        if app is shared_app:
            assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


OTHERS = ["https://app.example.org", "http://app.example.com", "https://app.example.com:8443", "null"]
OTHERS += ["https://app.example.com.evil.example", "https://appxexample.com"]


@pytest.mark.parametrize("origin", OTHERS)
def test_an_origin_that_is_not_listed_neither_changes_nor_reads(alice: Client, redis: Redis, origin: str) -> None:
    headers, before = {"Origin": origin}, everything(redis)
    sent = {"module": "sms_campaign", "message": "Please"}
    refused = [alice.post(VOTE, headers=headers), alice.post("/api/feedback", json=sent, headers=headers)]
    assert [(each.status_code, kind(each)) for each in refused] == [(403, "cross-site-request")] * 2
    assert everything(redis) == before
    preflight = alice.options(VOTE, headers=headers | {"Access-Control-Request-Method": "POST"})
    read = [alice.get(path, headers=headers) for path in ("/api/features", "/api/me", "/api/admin/feedback")]
    for answer in (*refused, preflight, *read):
        assert "Access-Control-Allow-Origin" not in answer.headers
