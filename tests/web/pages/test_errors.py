"""Errors are pages where a browser asks for HTML, and problem documents elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_in, signed_out, table
from contract import Client, kind
from flask import Flask
from markup import BROWSER, page_of, parse, shown


@pytest.mark.parametrize(("method", "path", "status"), table("pages/errors.yaml"))
def test_a_browser_is_shown_a_page_and_a_program_a_problem(client: Client, method: str, path: str, status: int) -> None:
    response = client.open(path, method=method, headers=BROWSER | {"Accept-Language": "fr"})
    page = page_of(response, status)
    assert {405: "Allow", 401: "WWW-Authenticate"}.get(status, "Cache-Control") in response.headers
    assert page.one("html")["lang"] == "fr"
    assert str(status) in page.one("main").text
    assert page.one("main").all("a", href="/fr/")
    assert page.one("meta", name="robots")["content"] == "noindex"
    for accept in ("*/*", "application/json", "", "text/html," * 200):  # an endless one is as good as none
        program = client.open(path, method=method, headers={"Accept": accept})
        assert program.status_code == status
        assert kind(program)


def test_an_error_has_the_language_of_its_address_or_of_the_visitor(client: Client) -> None:
    for lang, label in (("fr", "Données financières"), ("en", "Financial data")):
        page = page_of(client.get("/api/finance", headers=BROWSER | {"Accept-Language": lang}), 503)
        [link] = page.part("main a.primary")
        assert link.text == label
        assert client.get(link["href"]).status_code == 200, "it leads to the page of a frozen module"
    for path in ("/fr/<script>alert(1)</script>", '/fr/"onload="x', "/<script>"):
        assert len(shown(client, path, 404).all("script")) == 2, "what was asked for is text"
    client.set_cookie("language", "en")
    page = shown(client, "/fr/nowhere", 404)
    assert page.one("html")["lang"] == "fr"
    assert [link["href"] for link in page.all("a", data_language="en")] == ["/en/nowhere"] * 2


@pytest.mark.parametrize(("status", "account"), [("active", "alice"), ("pending", "alice"), ("suspended", "Sign in")])
def test_who_is_signed_in_is_not_asked_to_sign_in(sign_in: Callable[..., Client], status: str, account: str) -> None:
    alice = sign_in(status=status)
    for path in ("/en/nowhere", "/nowhere", "/en/modules/nowhere/vote"):
        assert parse(alice.get(path, headers=BROWSER).text).one(id="account").text == account


def test_what_may_work_in_a_moment_can_be_tried_again_without_being_told_to_sign_in(without_store: Flask) -> None:
    alice = signed_in(without_store, "alice")
    response = alice.get("/en/requests?cursor=x", headers=BROWSER)
    page = parse(response.text).one("main")
    assert page.links == {"Try again": "", "All modules": "/en/"}
    assert response.headers["X-Request-ID"] in page.text, "by which the log is searched"
    page = parse(alice.get("/api/finance", headers=BROWSER).text).one("main")
    assert "Try again" not in page.text, "the freeze lasts"
    for client, hidden in ((alice, True), (signed_out(without_store), False)):
        for path, status in (("/en/nowhere", 404), ("/en/changes", 503)):
            link = shown(client, path, status).one(id="sign-in")
            assert ("hidden" in link.attributes) == hidden, "nobody knows who may be signed in"
