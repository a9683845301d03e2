"""Addresses without a language lead to that of the account, of the last visit, or of the browser; others stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_in, signed_out, table
from contract import Client
from flask import Flask
from markup import BROWSER, parse, sent_to, shown
from redis import Redis

from service.accounts.model import Locale
from service.web.pages.languages import LANGUAGES


@pytest.mark.parametrize(("cookie", "accepted", "lang"), table("pages/accepted.yaml"))
def test_the_language_is_the_one_chosen_last_or_else_the_browsers(
    client: Client, cookie: str | None, accepted: str | None, lang: str
) -> None:
    if cookie:
        client.set_cookie("language", cookie)
    for path in ("/", "/docs/", "/docs/concepts/module-registry"):
        response = client.get(path, headers={"Accept-Language": accepted} if accepted else {})
        assert (response.status_code, response.headers["Location"]) == (302, f"/{lang}{path}")
        assert {"Accept-Language", "Cookie"} <= set(response.vary)
        assert response.headers["Cache-Control"] == "no-store"


def test_what_was_asked_for_is_kept_unless_no_browser_sends_it_and_never_the_host(
    client: Client, make_once: Callable[..., Flask]
) -> None:
    """Such as filters, in an address that somebody passed on without its language."""
    for query in ("?state=active&category=tools", "?", "?a=%C3%A9"):
        assert client.get(f"/{query}").headers["Location"] == f"/en/{query.rstrip('?')}"
    for query in ("\xff", "<x>", "x" * 600):
        assert client.get("/", environ_overrides={"QUERY_STRING": query}).headers["Location"] == "/en/"
    assert client.get("/", headers={"Accept-Language": "fr," * 400}).headers["Location"] == "/en/"
    assert client.get("/docs/" + "x" * 600).status_code == 404
    assert client.get("/fr/requests?" + "x" * 600).headers["Location"] == "/fr/sign-in?next=%2Ffr%2F"
    for path in ("/en", "/docs", "/fr/docs", "/en/admin"):
        assert sent_to(client.get(path, headers={"Host": "evil.example"})) == (308, f"{path}/")
    known = make_once(public_url="https://registry.example.com").test_client()
    assert known.get("/", headers={"Host": "evil.example"}).headers["Location"] == "/en/"


FRENCH = {"Accept-Language": "fr"}


def speaks(redis: Redis, locale: str) -> None:
    redis.hset("{registry}:account:alice", "locale", locale)


def test_an_address_without_a_language_leads_to_the_accounts(without_store: Flask, alice: Client, redis: Redis) -> None:
    alice.set_cookie("language", "en")
    assert alice.get("/docs/votes", headers=FRENCH).headers["Location"] == "/en/docs/votes", "none is known"
    speaks(redis, "fr-FR")
    for path in ("/", "/docs/", "/docs/votes"):
        response = alice.get(path, headers={"Accept-Language": "en"})
        assert (response.status_code, response.headers["Location"]) == (302, f"/fr{path}")
        assert {"Accept-Language", "Cookie"} <= set(response.vary)
    for path in ("/en/", "/en/account"):
        assert parse(alice.get(path, headers=BROWSER).text).one("html")["lang"] == "en"
    lost = signed_in(without_store, "alice")
    assert lost.get("/", headers={"Accept-Language": "en"}).headers["Location"] == "/en/", "nobody knows it"
    before = redis.info("stats")["total_commands_processed"]
    stranger = signed_out(alice.application)
    stranger.set_cookie("session", "forged.x.y")
    assert stranger.get("/", headers=FRENCH).headers["Location"] == "/fr/"
    assert redis.info("stats")["total_commands_processed"] == before + 1, "a stranger costs Redis nothing"
    redis.hset("{registry}:account:alice", "status", "suspended")
    assert alice.get("/").headers["Location"] == "/en/", "the session has ended"


def test_who_signs_in_is_in_the_language_of_the_account_or_of_the_page_before(
    client: Client, link: Callable[..., str], redis: Redis
) -> None:
    address = link()
    speaks(redis, "fr")
    page = parse(client.get(address, headers=BROWSER).text)
    assert page.one("html")["lang"] == "fr"
    assert sent_to(client.post(address, headers=BROWSER)) == (303, "/fr/")
    client.delete_cookie("session")
    address = link()
    client.get("/en/sign-in?next=/en/graph", headers=BROWSER)
    page = parse(client.get(f"/en{address}", headers=BROWSER).text)
    assert page.one("html")["lang"] == "en"
    assert client.post(address, headers=BROWSER).headers["Location"] == "/en/graph"


def test_it_is_chosen_on_the_page_of_the_account_without_a_script(alice: Client, client: Client, redis: Redis) -> None:
    assert list(LANGUAGES) == list(Locale)
    page = parse(alice.get("/en/account", headers=BROWSER).text)
    assert [each["value"] for each in page.all("input") if "checked" in each.attributes] == ["en"]
    assert sent_to(alice.post("/en/account", data={"locale": "fr"}, headers=BROWSER)) == (303, "/fr/account")
    assert redis.hget("{registry}:account:alice", "locale") == "fr"
    assert (alice.get_cookie("language") or pytest.fail()).value == "fr"
    saved = parse(alice.get("/fr/account", headers=BROWSER).text).one("main")
    assert "Votre langue est enregistrée." in saved.text
    assert alice.post("/en/account", data={"locale": "de"}, headers=BROWSER).status_code == 422
    assert client.post("/fr/account", data={"locale": "fr"}, headers=BROWSER).status_code == 401
    known = {"name": "<b>Al\x1b", "email": "alice@example.com", "status": "pending"}
    redis.hset("{registry}:account:alice", mapping=known)
    said = shown(alice, "/en/account").one("main").text
    for each in ("<b>Al\\x1b", "alice@example.com", "Member", "Waiting to be activated"):
        assert each in said
