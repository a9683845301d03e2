"""Links that views make: they lead to where people reach the service."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient


@pytest.fixture
def linking(make_app: Callable[..., Flask]) -> Callable[..., FlaskClient]:
    """A client of an app with a view that links to itself, and one whose address ends with a slash."""

    def linking(public_url: str | None) -> FlaskClient:
        app = make_app(public_url=public_url)

        @app.get("/links")
        def links() -> list[str]:
            return [url_for("links", _external=True), url_for("links")]

        @app.get("/folder/")
        def folder() -> str:
            return ""

        return FlaskClient(app, app.response_class)  # the contract does not know these views

    return linking


@pytest.mark.parametrize(
    ("public_url", "address"),
    [
        ("https://example.com", "https://example.com"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        (None, "http://10.0.0.1:8000"),
    ],
)
def test_a_link_begins_with_the_public_url_or_else_with_the_host_of_the_request(
    linking: Callable[..., FlaskClient], public_url: str | None, address: str
) -> None:
    client = linking(public_url)
    assert client.get("/links", headers={"Host": "10.0.0.1:8000"}).json == [f"{address}/links", "/links"]
    redirect = client.get("/folder", headers={"Host": "evil.example"})
    assert (redirect.status_code, redirect.headers.get("Location")) == (308, "/folder/")
    for host in ("[::1", "a b", "", "x" * 300, "a..b"):
        response = client.get("/links", environ_overrides={"HTTP_HOST": host})
        assert (response.status_code, response.json[1]) == (200, "/links")
