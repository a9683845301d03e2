"""How often an account votes and writes, over HTTP and by the pages: 429, and what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_in
from contract import Client, kind
from flask import Flask
from werkzeug.test import TestResponse

VOTE = "/api/features/linkedin/interest"
ASK = {"module": "sms_campaign", "message": "Please"}

#: A token comes after 1,000 s.
SETTINGS = {"vote_burst": 2, "vote_rate": 0.001, "feedback_burst": 2, "feedback_rate": 0.001}
ORIGIN = "https://app.example.com"


@pytest.fixture
def app(make_once: Callable[..., Flask]) -> Flask:
    return make_once(cors_origins=(ORIGIN,), **SETTINGS)


def check(response: TestResponse, policy: str) -> None:
    """That it says what there was too much of, and when to go on."""
    assert response.status_code == 429
    wait = int(response.headers["Retry-After"])
    assert 990 < wait <= 1000
    assert response.headers["RateLimit-Policy"] == f'"{policy}";q=2;w=2000'
    assert response.headers["RateLimit"] == f'"{policy}";r=0;t={wait}'
    assert response.headers["Cache-Control"] == "no-store"


def limits(response: TestResponse) -> set[str]:
    """The headers that tell of limits."""
    return {"Retry-After", "RateLimit", "RateLimit-Policy"} & set(response.headers.keys())


def test_votes_and_retractions_share_a_limit(alice: Client) -> None:
    for done in (alice.post(VOTE), alice.delete(VOTE)):
        assert (done.status_code, limits(done)) == (204, set())
    for refused in (alice.post(VOTE), alice.delete(VOTE)):
        check(refused, "votes")
        assert kind(refused) == "rate-limited"
    assert alice.get("/api/features").json["voted"] == []  # type: ignore[index]
    seen = alice.post(VOTE, headers={"Origin": ORIGIN})  # by the page of another origin
    exposed = set(seen.headers["Access-Control-Expose-Headers"].split(", "))
    assert limits(seen) == {"Retry-After", "RateLimit", "RateLimit-Policy"} <= exposed
    # What else is wrong is said first.
    assert alice.post("/api/features/nowhere/interest").status_code == 404
    assert alice.post(VOTE, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_one_limit_holds_for_all_apps_on_a_store(make_app: Callable[..., Flask], alice: Client) -> None:
    other = signed_in(make_app(**SETTINGS), "alice")
    assert [client.post(VOTE).status_code for client in (alice, other, alice)] == [204, 204, 429]
    asked = [client.post("/api/feedback", json=ASK).status_code for client in (alice, other, alice, other)]
    assert asked == [201, 200, 429, 429]


def test_messages_have_a_limit_and_one_that_is_repeated_counts(alice: Client) -> None:
    opened = alice.post("/api/feedback", json=ASK)
    assert (opened.status_code, alice.post("/api/feedback", json=ASK).status_code) == (201, 200)
    messages = f"{opened.headers['Location']}/messages"
    for refused in (alice.post(messages, json={"message": "Now"}), alice.post("/api/feedback", json=ASK)):
        check(refused, "messages")
        assert kind(refused) == "rate-limited"
    assert len(alice.get(opened.headers["Location"]).json["messages"]) == 1  # type: ignore[index]
    assert alice.post(f"{opened.headers['Location']}/read").status_code == 204
    assert alice.post(VOTE).status_code == 204


def test_what_admins_answer_others_has_no_limit(alice: Client, sign_in: Callable[..., Client]) -> None:
    boss = sign_in("boss", role="admin")
    messages = f"{alice.post('/api/feedback', json=ASK).headers['Location']}/messages"
    assert {boss.post(messages, json={"message": f"{number}"}).status_code for number in range(4)} == {201}
    own = f"{boss.post('/api/feedback', json=ASK).headers['Location']}/messages"
    answers = [boss.post(own, json={"message": f"{number}"}).status_code for number in range(2)]
    assert answers == [201, 429]


@pytest.mark.parametrize("rates", [{"vote_rate": 0.0}, {"feedback_rate": 0.0}])
def test_a_rate_of_0_is_no_limit_and_each_has_its_own(
    make_once: Callable[..., Flask], alice: Client, rates: dict[str, float]
) -> None:
    alice = signed_in(make_once(**SETTINGS | rates), "alice")
    votes = {alice.post(VOTE).status_code for _ in range(4)}
    messages = {alice.post("/api/feedback", json=ASK).status_code for _ in range(4)}
    assert (votes, messages) == (({204}, {201, 200, 429}) if "vote_rate" in rates else ({204, 429}, {201, 200}))
