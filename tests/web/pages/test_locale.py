"""The language of an account: used where an address names none, and chosen on the page of the account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_in, signed_out
from contract import Client
from flask import Flask
from markup import BROWSER, parse, shown
from redis import Redis

from service.accounts.store import Locale
from service.web.pages.languages import LANGUAGES

FRENCH = {"Accept-Language": "fr"}


def speaks(redis: Redis, locale: str) -> None:
    redis.hset("account:alice", "locale", locale)


def test_every_language_of_the_pages_can_be_chosen() -> None:
    assert list(LANGUAGES) == list(Locale)


@pytest.mark.parametrize("path", ["/", "/docs/", "/docs/votes"])
def test_an_address_without_a_language_leads_to_the_accounts(alice: Client, redis: Redis, path: str) -> None:
    alice.set_cookie("language", "en")
    assert alice.get(path, headers=FRENCH).headers["Location"] == f"/en{path}", "none is known"
    speaks(redis, "fr-FR")
    response = alice.get(path, headers={"Accept-Language": "en"})
    assert (response.status_code, response.headers["Location"]) == (302, f"/fr{path}")
    assert {"Accept-Language", "Cookie"} <= set(response.vary)


def test_an_address_with_a_language_stays(alice: Client, redis: Redis) -> None:
    speaks(redis, "fr")
    for path in ("/en/", "/en/account"):
        assert parse(alice.get(path, headers=BROWSER).text).one("html")["lang"] == "en"


def test_an_account_whose_session_has_ended_says_nothing(alice: Client, redis: Redis) -> None:
    speaks(redis, "fr")
    redis.hset("account:alice", "status", "suspended")
    assert alice.get("/").headers["Location"] == "/en/"


def test_without_the_store_it_is_the_browsers(without_store: Flask, alice: Client, redis: Redis) -> None:
    speaks(redis, "en")
    lost = signed_in(without_store, "alice")
    assert lost.get("/", headers=FRENCH).headers["Location"] == "/fr/"


def test_who_signs_in_from_nowhere_is_in_the_language_of_the_account(
    client: Client, link: Callable[..., str], redis: Redis
) -> None:
    address = link()
    speaks(redis, "fr")
    page = parse(client.get(address, headers=BROWSER).text)
    assert page.one("html")["lang"] == "fr"
    response = client.post(address, headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (303, "/fr/")


def test_who_signs_in_from_a_page_comes_back_to_it(client: Client, link: Callable[..., str], redis: Redis) -> None:
    address = link()
    speaks(redis, "fr")
    client.get("/en/sign-in?next=/en/graph", headers=BROWSER)
    page = parse(client.get(f"/en{address}", headers=BROWSER).text)
    assert page.one("html")["lang"] == "en"
    assert client.post(address, headers=BROWSER).headers["Location"] == "/en/graph"


def test_a_stranger_costs_redis_nothing(app: Flask, redis: Redis) -> None:
    before = redis.info("stats")["total_commands_processed"]
    caller = signed_out(app)
    caller.set_cookie("session", "forged.x.y")
    assert caller.get("/", headers=FRENCH).headers["Location"] == "/fr/"
    assert redis.info("stats")["total_commands_processed"] == before + 1


def test_it_is_chosen_on_the_page_of_the_account_without_a_script(alice: Client, redis: Redis) -> None:
    page = parse(alice.get("/en/account", headers=BROWSER).text)
    assert [each["value"] for each in page.all("input") if "checked" in each.attributes] == ["en"]
    response = alice.post("/en/account", data={"locale": "fr"}, headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (303, "/fr/account?done=saved")
    assert redis.hget("account:alice", "locale") == "fr"
    assert (alice.get_cookie("language") or pytest.fail()).value == "fr"
    saved = parse(alice.get("/fr/account?done=saved", headers=BROWSER).text).one("main")
    assert "Votre langue est enregistrée." in saved.text
    assert alice.post("/en/account", data={"locale": "de"}, headers=BROWSER).status_code == 422


def test_the_page_of_the_account_is_about_it(alice: Client, client: Client, redis: Redis) -> None:
    redis.hset("account:alice", mapping={"name": "<b>Al\x1b", "email": "alice@example.com", "status": "pending"})
    said = shown(alice, "/en/account").one("main").text
    for each in ("<b>Al\\x1b", "alice@example.com", "Member", "Waiting to be activated"):
        assert each in said
    assert client.post("/fr/account", data={"locale": "fr"}, headers=BROWSER).status_code == 401
