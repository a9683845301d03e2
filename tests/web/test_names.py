"""Names that never die: what clients are told of modules that will go, have another slug, or are gone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
import yaml
from application import FOLDER, signed_in, signed_out, table
from contract import Client, problem
from flask import Flask
from redis import Redis
from support import OPERATOR
from test_prepared import views_of
from werkzeug.test import Client as WSGIClient

from service.accounts import store as accounts
from service.accounts.store import Account
from service.registry.loading import parse
from service.web.documents import documents

pytestmark = pytest.mark.usefixtures("same_id")

REGISTRY = FOLDER / "names.yaml"
REASON = {"fr": "Un module lit tous les réseaux.", "en": "One module reads all networks."}


@pytest.fixture(scope="module")
def app(make_public_app: Callable[..., Flask]) -> Flask:
    return make_public_app(registry_file=REGISTRY)


@pytest.fixture
def client(app: Flask) -> Client:
    return signed_out(app)


def test_entries_say_which_modules_will_go_and_the_list_which_are_gone(client: Client) -> None:
    listed = client.get("/api/modules").json
    assert listed is not None
    end = {"since": "2026-03-01", "removed_after": "2026-09-01", "use": "posts", "because": REASON}
    assert [entry["deprecated"] for entry in listed["modules"]] == [end, None]
    assert listed["removed"] == [
        {"slug": "vine", "date": "2026-02-01", "use": "posts", "because": REASON},
        {"slug": "orkut", "date": "2026-02-02", "use": None, "because": REASON},
    ]
    plain = table("names.yaml")["modules"]
    del plain[0]["deprecated"]
    found = documents(parse(yaml.safe_dump({"modules": plain}).encode(), "registry.yaml"), "a revision", 0, "", ())
    buckets = "/api/modules-registry"
    assert found[buckets].identity.body == client.get(buckets).data, "the same, whatever will go or is gone"


def test_a_former_slug_leads_to_the_entry_for_good(client: Client) -> None:
    there = client.get("/api/modules/posts").headers["Cache-Control"]
    for slug, headers in (("feeds", {}), ("tweets", {"If-None-Match": "*"}), ("feeds", {"Accept-Encoding": "gzip"})):
        for method in ("GET", "HEAD"):
            response = client.open(f"/api/modules/{slug}", method=method, headers=headers)
            assert (response.status_code, response.data) == (308, b"")
            assert response.headers["Location"] == "/api/modules/posts"
            assert response.headers["Cache-Control"] == there


def test_a_removed_slug_is_gone_and_says_why_and_what_to_use(client: Client) -> None:
    response = client.get("/api/modules/vine")
    assert response.status_code == 410
    assert response.json == {
        "type": "urn:problem-type:module-registry:module-removed",
        "title": "Gone",
        "status": 410,
        "detail": "The module vine was removed on 2026-02-01: One module reads all networks.",
        "successor": "posts",
        "date": "2026-02-01",
        "because": REASON,
    }
    assert response.headers["Link"] == '</api/modules/posts>; rel="successor-version"'
    assert response.headers["Cache-Control"].startswith("public, max-age=")
    alone = client.get("/api/modules/orkut")
    assert (alone.status_code, alone.json and alone.json["successor"], "Link" in alone.headers) == (410, None, False)
    # RFC 9110, 13.2.1: a server ignores conditions where it would answer with another status than 2xx.
    first = response
    for headers in ({"If-None-Match": first.headers["ETag"]}, {"If-None-Match": "*"}):
        response = client.get("/api/modules/vine", headers=headers)
        assert (response.status_code, response.data) == (410, first.data)
    head = client.head("/api/modules/vine")
    assert (head.status_code, head.data, list(head.headers)) == (410, b"", list(first.headers))


def test_a_deprecated_module_says_so_in_headers(client: Client) -> None:
    response = client.get("/api/modules/instagram")
    assert response.headers["Deprecation"] == "@1772323200"
    assert response.headers["Sunset"] == "Tue, 01 Sep 2026 00:00:00 GMT"
    assert response.headers["Link"] == '</api/modules/posts>; rel="successor-version"'
    assert response.headers["Access-Control-Expose-Headers"] == "ETag, Registry-Revision, Deprecation, Sunset, Link"
    again = client.get("/api/modules/instagram", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert not {"Deprecation", "Sunset", "Link"} & set(client.get("/api/modules/posts").headers.keys())


def test_all_of_it_is_answered_from_memory_as_by_the_views_behind_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = {slug: views_of(app).get(f"/api/modules/{slug}") for slug in ("feeds", "vine", "orkut", "instagram")}
    monkeypatch.setattr(app, "before_request_funcs", {None: [lambda: pytest.fail("Flask was asked")]})
    for slug, other in views.items():
        one, head = (WSGIClient(app).open(f"/api/modules/{slug}", method=method) for method in ("GET", "HEAD"))
        assert (one.status, one.data, head.status) == (other.status, other.data, one.status)
        assert list(one.headers) == list(head.headers)
        assert {*one.headers} - {*other.headers} <= {("Strict-Transport-Security", "max-age=31536000")}


def test_of_a_slug_that_nobody_has_no_more_is_repeated_than_may_be_shown(shared_app: Flask, redis: Redis) -> None:
    accounts.add(redis, Account("alice", "active"), by=OPERATOR)
    alice, slug = signed_in(shared_app, "alice"), "\x1b[31m" + "x" * 400
    for response in (
        alice.get(f"/api/modules/{quote(slug)}"),
        alice.get(f"/fr/modules/{quote(slug)}"),
        alice.delete(f"/api/me/shipped/{quote(slug)}"),
        alice.post("/api/feedback", json={"module": slug, "message": "x"}),
    ):
        said = problem(response)["detail"]
        assert response.status_code == 404
        assert said.startswith("No module has the slug '") and said.isprintable() and len(said) < 120
