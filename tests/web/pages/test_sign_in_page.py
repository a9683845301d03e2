"""The page that explains how to sign in, and the way back: to this service alone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urljoin, urlsplit

import pytest
from contract import Client
from hypothesis import given
from hypothesis import strategies as st
from markup import BROWSER, page_of, parse, sent_to, shown

from service.web.pages.blueprint import own_address


@pytest.mark.parametrize(
    ("asked", "back"),
    [
        ("/fr/?state=active&category=enrich", "/fr/?state=active&category=enrich"),
        ("", "/fr/"),
        ("//evil.example/", "/fr/"),
        ("javascript:alert(1)", "/fr/"),
        ("/" + "x" * 1000, "/fr/"),
    ],
)
def test_one_comes_back_to_where_one_was(client: Client, link: Callable[..., str], asked: str, back: str) -> None:
    client.get(f"/fr/sign-in?next={quote(asked, safe='')}", headers=BROWSER)
    assert sent_to(client.post(link(), headers=BROWSER | {"Accept-Language": "fr"})) == (303, back)
    again = client.post(link(), headers=BROWSER)
    assert again.headers["Location"] == "/en/", "it is for once"


#: What makes an address of another site, more often than letters do.
ADDRESSES = st.text(st.sampled_from("/\\:?#@.%\t\r\n ae") | st.characters(), max_size=20)


@given(ADDRESSES)
def test_no_address_of_another_site_is_kept(address: str) -> None:
    kept = own_address(address)
    if kept is not None:
        assert urlsplit(urljoin("https://registry.example.com/fr/", kept)).netloc == "registry.example.com"
        assert kept.isascii()
        assert kept.isprintable()


def test_a_link_has_a_page_in_the_visitors_language_and_in_the_other(client: Client, link: Callable[..., str]) -> None:
    """It is the same link there, which is not lost by wanting to read what it does."""
    address = link()
    for lang, said in (("en", "Sign in as alice"), ("fr", "Se connecter en tant que alice")):
        page = parse(client.get(address, headers=BROWSER | {"Accept-Language": "en"}).text)
        assert page.one("html")["lang"] == lang
        assert page.one("bdi").text == "alice"
        assert page.one("main").one("button").text == said
        switch = page.all("a", data_language="fr")
        address = switch[0]["href"] if switch else address
    response = client.post(page.one("main").one("form")["action"], headers=BROWSER)
    assert response.status_code == 303
    assert client.get("/api/me").json["id"] == "alice"
    # Who is signed in goes on, and is back on the first page when signed out.
    assert sent_to(client.get("/fr/sign-in?next=%2Ffr%2Fgraph", headers=BROWSER)) == (302, "/fr/graph")
    assert sent_to(client.post("/sign-out", headers=BROWSER | {"Accept-Language": "fr"})) == (303, "/fr/")
    assert client.get("/api/features").status_code == 401


def test_the_ways_in_are_explained_also_where_a_link_no_longer_works(client: Client) -> None:
    assert "accounts sign-in-link" in shown(client, "/fr/sign-in").one("main").text
    for address in ("/sign-in?token=none", "/fr/sign-in?token=none"):
        response = client.get(address, headers=BROWSER | {"Accept-Language": "fr"})
        assert page_of(response, 410).one("main").links["Comment se connecter"] == "/fr/sign-in"
