"""Voting without JavaScript: a page with a form, and the way through signing in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from application import REGISTRY
from contract import Client
from flask import Flask
from markup import Element, parse
from redis import Redis
from test_pages import BROWSER

from service.interest.keys import interest_key

PAGE = "/fr/modules/linkedin/vote"


def shown(client: Client, path: str = PAGE) -> Element:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    return parse(response.text).one("main")


def press(client: Client, path: str = PAGE) -> Element:
    """Press the page's button, and follow where that leads."""
    form = shown(client, path).one("form")
    assert form.attributes["method"] == "post"
    response = client.post(path + form.attributes["action"], headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (303, path)
    return shown(client, path)


def test_a_tile_leads_to_the_page(client: Client) -> None:
    link = parse(client.get("/fr/").text).one("a", href=PAGE)
    assert link.has("class", "no-js")
    assert link.text == "Voter"


def test_a_vote_is_cast_and_taken_back_by_a_form(alice: Client) -> None:
    page = shown(alice)
    assert (page.one("button").text, page.one("b").text) == ("Voter", "0 demande")
    page = press(alice)
    assert (page.one("button").text, page.one("b").text) == ("Retirer mon vote", "1 demande")
    assert page.one(role="status").text == "Votre vote compte."
    assert alice.get("/api/features").json["voted"] == ["linkedin"]  # type: ignore[index]
    assert press(alice).one("b").text == "0 demande"


def test_numbers_are_written_as_the_language_does(alice: Client, redis: Redis) -> None:
    redis.sadd(interest_key("linkedin"), *map(str, range(12345)))
    assert shown(alice).one("b").text == "12\N{NARROW NO-BREAK SPACE}345 demandes"
    assert shown(alice, "/en/modules/linkedin/vote").one("b").text == "Needed (12,345)"


def test_who_is_signed_out_signs_in_and_comes_back(client: Client, link: Callable[..., str]) -> None:
    response = client.get(PAGE, headers=BROWSER)
    assert response.status_code == 302
    ways_in = response.headers["Location"]
    assert client.get(ways_in, headers=BROWSER).status_code == 200
    response = client.post(link(), headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (303, PAGE)
    assert shown(client).one("button").text == "Voter"


def test_who_is_signed_in_is_named_there(alice: Client) -> None:
    """The only page that somebody without JavaScript may have seen since signing in."""
    account = parse(alice.get(PAGE, headers=BROWSER).text).one(id="account")
    assert account.text == "alice"
    assert account.one("a").attributes["href"] == "/fr/account"


def test_where_the_platform_signs_in_one_goes_there(make_app: Callable[..., Flask]) -> None:
    settings = {"public_url": "https://registry.example.com/tools", "sign_in_url": "https://app.example.com/?to={next}"}
    response = make_app(**settings).test_client().get(PAGE)
    back = "https%3A%2F%2Fregistry.example.com%2Ftools%2Ffr%2Fmodules%2Flinkedin%2Fvote"
    assert (response.status_code, response.headers["Location"]) == (302, f"https://app.example.com/?to={back}")


def test_a_pending_account_is_told_why_not_yet(sign_in: Callable[..., Client]) -> None:
    bob = sign_in("bob", "pending")
    page = shown(bob)
    assert page.all("form") == []
    assert "activé" in page.text
    assert bob.post(f"{PAGE}?wanted=yes", headers=BROWSER).status_code == 403


def test_a_form_of_another_site_does_nothing(alice: Client) -> None:
    response = alice.post(f"{PAGE}?wanted=yes", headers=BROWSER | {"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert shown(alice).one("b").text == "0 demande"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fr/modules/scrap/vote", 200),  # what is legacy may still be voted for
        ("/fr/modules/finance/vote", 404),
        ("/fr/modules/nowhere/vote", 404),
        ("/de/modules/linkedin/vote", 404),
    ],
)
def test_there_is_a_page_for_what_may_be_voted_for(alice: Client, path: str, status: int) -> None:
    assert alice.get(path, headers=BROWSER).status_code == status


def test_a_former_slug_leads_to_the_page(make_app: Callable[..., Flask], redis: Redis, tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY.replace("slug: linkedin", "slug: professionals\n    formerly: [linkedin]"))
    response = make_app(registry_file=file).test_client().get(PAGE, headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (302, "/fr/modules/professionals/vote")


@pytest.mark.parametrize("query", ["", "?wanted=", "?wanted=maybe"])
def test_what_is_wanted_must_be_said(alice: Client, query: str) -> None:
    assert alice.post(PAGE + query, headers=BROWSER).status_code == 400


def test_who_was_signed_out_meanwhile_is_told_how_to_go_on(client: Client) -> None:
    response = client.post(f"{PAGE}?wanted=yes", headers=BROWSER)
    assert response.status_code == 401
    [link] = [each for each in parse(response.text).one("main").all("a") if "sign-in" in each.attributes["href"]]
    assert link.attributes["href"] == "/fr/sign-in?next=%2Ffr%2Fmodules%2Flinkedin%2Fvote"
