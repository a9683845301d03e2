"""Voting without JavaScript: a page with a form, and the way through signing in."""

from __future__ import annotations

from collections.abc import Callable

from application import REGISTRY
from contract import Client
from flask import Flask
from markup import BROWSER, Element, add_account, page_of, sent_to
from markup import shown as page_shown
from redis import Redis
from test_limits import check

from service.interest.keys import interest_key

PAGE = "/fr/modules/linkedin/vote"


def shown(client: Client, path: str = PAGE) -> Element:
    return page_shown(client, path).one("main")


def press(client: Client, path: str = PAGE) -> Element:
    """Press the page's button, and follow where that leads."""
    form = shown(client, path).one("form")
    assert form["method"] == "post"
    assert sent_to(client.post(path + form["action"], headers=BROWSER)) == (303, path)
    return shown(client, path)


def test_a_vote_is_cast_and_taken_back_by_a_form(alice: Client, redis: Redis) -> None:
    assert page_shown(alice, PAGE).one(id="account").links == {"alice": "/fr/account"}
    page = shown(alice)
    assert (page.one("button").text, page.one("b").text) == ("Voter", "0 demande")
    page = press(alice)
    assert (page.one("button").text, page.one("b").text) == ("Retirer mon vote", "1 demande")
    assert page.one(role="status").text == "Votre vote compte."
    assert alice.get("/api/features").json["voted"] == ["linkedin"]  # type: ignore[index]
    assert press(alice).one("b").text == "0 demande"
    for query in ("", "?wanted=", "?wanted=maybe"):
        assert alice.post(PAGE + query, headers=BROWSER).status_code == 400
    redis.sadd(interest_key("linkedin"), *map(str, range(12345)))
    assert shown(alice).one("b").text == "12\N{NARROW NO-BREAK SPACE}345 demandes"
    assert shown(alice, "/en/modules/linkedin/vote").one("b").text == "Needed (12,345)"


def test_there_is_a_page_for_what_may_be_voted_for_and_who_may_not_is_told_why(
    alice: Client, client: Client, redis: Redis, with_registry: Callable[..., Flask]
) -> None:
    page = page_of(client.post(f"{PAGE}?wanted=yes", headers=BROWSER), 401).one("main")
    assert "/fr/sign-in?next=%2Ffr%2Fmodules%2Flinkedin%2Fvote%3Fwanted%3Dyes" in page.links.values()
    page_shown(alice, "/fr/modules/scrap/vote")  # what is legacy may still be voted for
    for path in ("/fr/modules/finance/vote", "/fr/modules/nowhere/vote", "/de/modules/linkedin/vote"):
        assert alice.get(path, headers=BROWSER).status_code == 404
    app = with_registry(REGISTRY.replace("slug: linkedin", "slug: professionals\n    formerly: [linkedin]"))
    assert sent_to(app.test_client().get(PAGE, headers=BROWSER)) == (302, "/fr/modules/professionals/vote")
    redis.hset("{registry}:account:alice", "status", "pending")
    page = shown(alice)
    assert page.all("form") == [] and "activé" in page.text
    assert alice.post(f"{PAGE}?wanted=yes", headers=BROWSER).status_code == 403


def test_who_votes_too_often_is_led_back(limited: Flask, redis: Redis) -> None:
    alice = add_account(limited, redis, "alice")
    for _ in range(2):
        assert alice.post(f"{PAGE}?wanted=yes", headers=BROWSER).status_code == 303
    refused = alice.post(f"{PAGE}?wanted=no", headers=BROWSER)
    check(refused, "votes")
    main = page_of(refused, 429).one("main")
    assert main.one("h1").text == "Un instant"
    assert main.one("a", class_="primary")["href"] == ""
    assert "Retirer mon vote" in alice.get(PAGE, headers=BROWSER).text
