"""Queries that are too long are refused before they are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from application import signed_out
from contract import Client, problem
from flask import Flask

BROWSER = {"Accept": "text/html"}

#: What reads its query, of whoever asks.
READ = ["/api/pipelines/plan", "/api/changes", "/changes.atom", "/readyz", "/sign-in", "/en/changes", "/fr/sign-in"]

#: What reads the query of whoever is signed in.
OF_MEMBERS = ["/api/feedback", "/api/admin/feedback", "/api/features/linkedin/voters", "/fr/requests"]


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


def test_a_query_of_more_than_5000_characters_is_414_wherever_one_is_read(app: Flask, alice: Client) -> None:
    """Each of its 5,000 fields would take time."""
    query = "a=%41&" * 5_000
    for client, paths in ((signed_out(app), READ), (alice, OF_MEMBERS)):
        for path in paths:
            response = client.get(f"{path}?{query}")
            assert response.status_code == client.head(f"{path}?{query}").status_code == 414, path
            assert "at most 5,000 characters" in problem(response)["detail"]
    assert client.post(f"/sign-in?{query}").status_code == 414
    assert client.get(f"/fr/requests?{query}", headers=BROWSER).mimetype == "text/html"


def test_a_query_that_nobody_reads_may_have_any_length(app: Flask, alice: Client, link: Callable[..., str]) -> None:
    for path in ("/healthz", "/api/features", "/api/modules-registry"):
        assert alice.get(f"{path}?{'x' * 50_000}").status_code == 200
    page = signed_out(app).get(f"/api/features?{'x' * 50_000}", headers=BROWSER)
    assert (page.status_code, "x" * 500 in page.text) == (401, False), "nor does the way back from signing in carry it"
    assert alice.get(f"{link()}&x={'y' * 4_900}").status_code == 200
