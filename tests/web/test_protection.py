"""What answers say to browsers: they are no pages, and the service is reached by HTTPS alone where that is known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_in, table
from contract import PROTECTION, Client
from flask import Flask, Response

POLICY = "Content-Security-Policy"
HSTS = "Strict-Transport-Security"

#: The test client holds each answer against the contract as well.
ANSWERS = table("protected.yaml")


@pytest.mark.parametrize(
    ("public_url", "hsts"), [("http://a.example", None), ("https://a.example", "max-age=31536000")]
)
def test_every_answer_is_protected(
    make_app: Callable[..., Flask], alice: Client, public_url: str, hsts: str | None
) -> None:
    app = make_app(public_url=public_url, cors_origins=("https://app.example.com",))
    for method, path, headers, status in ANSWERS:
        body = b"x" * 100_000 if status == 413 else None
        response = signed_in(app, "alice").open(path, method=method, headers=headers, data=body)
        assert response.status_code == status, (method, path)
        given = {name: response.headers.getlist(name) for name in PROTECTION}
        assert given == {name: [value] for name, value in PROTECTION.items()}, (method, path)
        assert response.headers.get(HSTS) == hsts, (method, path)
    response = signed_in(app, "alice").get("/api/modules", headers={"If-None-Match": "*"})
    assert response.status_code == 304, "which leaves what the client has as it is"
    assert not {*PROTECTION, HSTS} & {name for name, _ in response.headers}


def test_a_page_says_itself_what_it_needs_and_a_fault_is_protected_too(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    own = {"content-security-policy": "default-src 'self'", "Referrer-Policy": "same-origin"}
    app.view_functions["health.alive"] = lambda: Response("<!doctype html>", headers=own)
    app.view_functions["health.ready"] = lambda: 1 / 0
    app.test_client_class = None  # the description has no page there
    client = app.test_client()
    page, fault = client.get("/healthz"), client.get("/readyz")
    assert page.headers.getlist(POLICY) == ["default-src 'self'"]
    assert page.headers.getlist("Referrer-Policy") == ["same-origin"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert (fault.status_code, fault.headers[POLICY]) == (500, PROTECTION[POLICY])
