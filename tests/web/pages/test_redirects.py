"""Addresses without a language lead to the visitor's own; those with one stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from contract import Client
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("cookie", "accepted", "lang"),
    [
        (None, None, "en"),
        (None, "fr-CA,en;q=0.8", "fr"),
        (None, "en-US,en;q=0.9,fr;q=0.8", "en"),
        (None, "de", "en"),
        (None, "de,fr;q=0.1", "fr"),
        (None, ";;=,", "en"),
        (None, "fr," * 400, "en"),
        ("fr", "en", "fr"),
        ("en", "fr", "en"),
        ("de", "fr", "fr"),
    ],
)
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


@pytest.mark.parametrize("query", ["?state=active&category=tools", "?", "?a=%C3%A9"])
def test_what_was_asked_for_is_kept(client: Client, query: str) -> None:
    """Such as filters, in an address that somebody passed on without its language."""
    assert client.get(f"/{query}").headers["Location"] == f"/en/{query.rstrip('?')}"


@pytest.mark.parametrize("query", ["\xff", "<x>", "x" * 600])
def test_a_query_that_no_browser_sends_is_left_out(client: Client, query: str) -> None:
    assert client.get("/", environ_overrides={"QUERY_STRING": query}).headers["Location"] == "/en/"


def test_an_address_that_no_text_has_leads_nowhere(client: Client) -> None:
    assert client.get("/docs/" + "x" * 600).status_code == 404


def test_who_signs_in_from_an_endless_address_comes_back_to_the_first_page(client: Client) -> None:
    response = client.get("/fr/requests?" + "x" * 600)
    assert (response.status_code, response.headers["Location"]) == (302, "/fr/sign-in?next=%2Ffr%2F")


def test_a_redirect_stays_below_the_public_address(make_public_app: Callable[..., Flask]) -> None:
    client = make_public_app(public_url="https://registry.example.com/tools").test_client()
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.headers["Location"] == "/tools/en/"


@pytest.mark.parametrize("path", ["/en", "/docs", "/fr/docs", "/en/admin"])
def test_an_address_without_its_last_slash_leads_to_a_path_whatever_host_says(client: Client, path: str) -> None:
    response = client.get(path, headers={"Host": "evil.example"})
    assert (response.status_code, response.headers["Location"]) == (308, f"{path}/")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_no_redirect_leads_to_another_site(app: Flask, path: str) -> None:
    environ = {"PATH_INFO": f"/docs/{path}".encode("utf-8", "surrogatepass").decode("latin-1")}
    response = app.test_client().get("/", environ_overrides=environ)
    if response.status_code == 302:
        assert response.headers["Location"].startswith("/en/docs/")
        assert response.headers["Location"].isascii()
        assert response.headers["Location"].isprintable()
