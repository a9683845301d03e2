"""The way back of whoever signs in: to this service alone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urljoin, urlsplit

import pytest
from contract import Client
from hypothesis import given
from hypothesis import strategies as st
from markup import BROWSER, sent_to

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
    assert client.post(link(), headers=BROWSER).headers["Location"] == "/en/", "it is for once"


def test_a_link_is_in_the_language_of_the_page_before(client: Client, link: Callable[..., str]) -> None:
    client.get("/en/sign-in?next=/en/graph", headers=BROWSER)
    address, french = link(), BROWSER | {"Accept-Language": "fr"}
    assert "Sign in as" in client.get(address, headers=french).text
    assert sent_to(client.post(address, headers=french)) == (303, "/en/graph")


#: What makes an address of another site, more often than letters do.
ADDRESSES = st.text(st.sampled_from("/\\:?#@.%\t\r\n ae") | st.characters(), max_size=20)


@given(ADDRESSES)
def test_no_address_of_another_site_is_kept(address: str) -> None:
    kept = own_address(address)
    if kept is not None:
        assert urlsplit(urljoin("https://registry.example.com/fr/", kept)).netloc == "registry.example.com"
        assert kept.isascii()
        assert kept.isprintable()
