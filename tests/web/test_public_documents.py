"""The registry and its entries, as anyone may read and cache them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from application import table
from contract import Client, kind
from flask import Flask
from support import DOCUMENTED, REPOSITORY

#: The response of the product documentation.
SAMPLE = table("documented_sample.yaml")
ANSWERS = table("answers.yaml")


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


def test_a_registry_answers_with_the_documented_sample(make_app: Callable[..., Flask]) -> None:
    client = make_app(registry_file=DOCUMENTED).test_client()
    registry = client.get("/api/modules-registry").json
    assert registry is not None
    assert list(registry) == [*SAMPLE, "feature_pages"]
    pages = registry.pop("feature_pages")
    assert registry == {bucket: slugs.split() for bucket, slugs in SAMPLE.items()}
    assert pages == dict.fromkeys(SAMPLE["active"].split()) | {
        "scrap": "scraper-google-maps-gratuit-export-csv",
        "emails": "email-finder-pro-rgpd-france",
    }


def test_buckets_are_sorted_and_each_active_module_has_a_feature_page(client: Client) -> None:
    assert client.get("/api/modules-registry").json == ANSWERS["buckets"]


def test_an_entry_has_every_field_with_defaults_filled_in(client: Client) -> None:
    assert client.get("/api/modules/linkedin").json == ANSWERS["linkedin"]


def test_the_list_holds_the_same_entries_in_the_order_of_the_file(client: Client) -> None:
    listed = client.get("/api/modules").json
    assert listed is not None
    slugs = ["scrap", "linkedin", "import", "finance", "sms_campaign", "pipeline", "hiring"]
    assert listed["modules"] == [client.get(f"/api/modules/{slug}").json for slug in slugs]
    assert "Données financières" in client.get("/api/modules/finance").text, "as it is written"


def test_an_unknown_slug_is_404(client: Client) -> None:
    for slug in ("nowhere", "Scrap", "%FF", "scrap%0A"):
        response = client.get(f"/api/modules/{slug}")
        assert (response.status_code, kind(response)) == (404, "unknown-module")


def test_the_schemas_are_served_as_they_are(client: Client) -> None:
    for path in ("/openapi.yaml", "/schemas/registry.schema.json"):
        assert client.get(path).data == (REPOSITORY / "schemas" / Path(path).name).read_bytes()


def test_the_endpoint_of_a_frozen_module_is_503_and_says_why_whatever_is_sent(client: Client) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        response = client.open(
            "/api/finance", method=method, data=b"x" * 100_000, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert response.status_code == 503
        if method != "HEAD":
            assert kind(response) == "module-frozen"
            assert "Financial data (finance)" in response.text
            assert "alpha" in response.text


@pytest.mark.parametrize("path", ["/api/scrap", "/api/pipeline", "/api/finance/", "/api/finance/runs", "/api//finance"])
def test_other_platform_endpoints_are_not_here(client: Client, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS", "BREW"):
        assert client.open("/", environ_overrides={"PATH_INFO": path}, method=method).status_code == 404
