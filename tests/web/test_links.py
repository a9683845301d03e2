"""A path that lacks its last slash leads to the one that has it, whatever host was asked."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.mark.parametrize("host", ["10.0.0.1:8000", "evil.example", "[::1", "a b", "", "x" * 300, "a..b"])
def test_where_a_path_without_its_last_slash_leads_depends_on_no_host(public_app: Flask, host: str) -> None:
    client = FlaskClient(public_app, public_app.response_class)  # the contract does not know such answers
    response = client.get("/fr/docs", environ_overrides={"HTTP_HOST": host})
    assert (response.status_code, response.headers.get("Location")) == (308, "/fr/docs/")
