"""Addresses without a language lead to that of the last visit, or of the browser, and who signs in back: here alone."""

from collections.abc import Callable
from urllib.parse import quote, urljoin, urlsplit

import pytest
from application import signed_out, table
from contract import Client
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from markup import BROWSER, sent_to
from redis import Redis

from service.accounts.model import Locale
from service.web.languages import LANGUAGES
from service.web.pages.blueprint import own_address


@pytest.mark.parametrize(("cookie", "accepted", "lang"), table("pages/accepted.yaml"))
def test_the_language_is_the_one_chosen_last_or_else_the_browsers(
    client: Client, cookie: str | None, accepted: str | None, lang: str
) -> None:
    assert list(LANGUAGES) == list(Locale)
    if cookie:
        client.set_cookie("language", cookie)
    for path in ("/", "/docs/", "/docs/concepts/module-registry"):
        response = client.get(path, headers={"Accept-Language": accepted} if accepted else {})
        assert sent_to(response) == (302, f"/{lang}{path}")
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


def test_the_language_chosen_last_is_that_of_the_account_and_a_stranger_costs_redis_nothing(
    alice: Client, redis: Redis
) -> None:
    alice.set_cookie("language", "en")
    redis.hset("{registry}:account:alice", "locale", "fr")
    assert alice.get("/docs/votes").headers["Location"] == "/fr/docs/votes"
    before = redis.info("stats")["total_commands_processed"]
    stranger = signed_out(alice.application)
    stranger.set_cookie("session", "forged.x.y")
    assert stranger.get("/", headers={"Accept-Language": "fr"}).headers["Location"] == "/fr/"
    assert redis.info("stats")["total_commands_processed"] == before + 1


def test_one_comes_back_once_to_where_one_was_on_this_service(app: Flask, link: Callable[..., str]) -> None:
    filtered = "/fr/?state=active&category=enrich"
    others = dict.fromkeys(("", "//evil.example/", "javascript:alert(1)", "/" + "x" * 1000), "/fr/")
    for asked, back in {filtered: filtered, **others}.items():
        client = signed_out(app)
        client.get(f"/fr/sign-in?next={quote(asked, safe='')}", headers=BROWSER)
        assert sent_to(client.post(link(), headers=BROWSER | {"Accept-Language": "fr"})) == (303, back)
        assert client.post(link(), headers=BROWSER).headers["Location"] == "/en/", "it is for once"


#: What makes an address of another site, more often than letters do.
ADDRESSES = st.text(st.sampled_from("/\\:?#@.%\t\r\n ae") | st.characters(), max_size=20)


@given(ADDRESSES)
def test_no_address_of_another_site_is_kept(address: str) -> None:
    kept = own_address(address)
    if kept is not None:
        assert urlsplit(urljoin("https://registry.example.com/fr/", kept)).netloc == "registry.example.com"
        assert kept.isascii()
        assert kept.isprintable()
