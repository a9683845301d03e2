"""Names that never die: what clients are told of modules that will go, have another slug, or are gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from contract import Client, problem
from flask import Flask
from test_prepared import without_middleware

#: The end of modules is no concern of the documents that this leaves as they are.
PLAIN = """
modules:
  - slug: instagram
    category: sources
    label: { fr: Instagram, en: Instagram }
    api_endpoint: /api/instagram
  - slug: posts
    category: sources
    label: { fr: Publications, en: Posts }
    formerly: [feeds, tweets]
    coming_soon: true
"""
REASON = {"fr": "Un module lit tous les réseaux.", "en": "One module reads all networks."}
DEPRECATED = """\
    deprecated: { since: 2026-03-01, removed_after: 2026-09-01, use: posts, because: &reason {
      fr: "Un module lit tous les réseaux.", en: One module reads all networks. } }
"""
REMOVED = """
removed:
  - { slug: vine, date: "2026-02-01", use: posts, because: *reason }
  - { slug: orkut, date: 2026-02-02, because: *reason }
"""
REGISTRY = PLAIN.replace("/api/instagram\n", f"/api/instagram\n{DEPRECATED}") + REMOVED


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY, encoding="utf-8")
    return file


def test_entries_say_which_modules_will_go_and_the_list_which_are_gone(client: Client) -> None:
    listed = client.get("/api/modules").json
    assert listed is not None
    end = {"since": "2026-03-01", "removed_after": "2026-09-01", "use": "posts", "because": REASON}
    assert [entry["deprecated"] for entry in listed["modules"]] == [end, None]
    assert listed["removed"] == [
        {"slug": "vine", "date": "2026-02-01", "use": "posts", "because": REASON},
        {"slug": "orkut", "date": "2026-02-02", "use": None, "because": REASON},
    ]


def test_the_buckets_are_the_same_bytes_whatever_will_go_or_is_gone(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    plain = tmp_path / "plain.yaml"
    plain.write_text(PLAIN, encoding="utf-8")
    path = "/api/modules-registry"
    assert make_app().test_client().get(path).data == make_app(registry_file=plain).test_client().get(path).data


@pytest.fixture(params=["", "https://registry.example.com/tools"])
def public_url(request: pytest.FixtureRequest) -> str | None:
    return str(request.param) or None


@pytest.fixture
def base(public_url: str | None) -> str:
    """What stands before every path."""
    return "/tools" if public_url else ""


@pytest.fixture
def app(make_app: Callable[..., Flask], public_url: str | None) -> Flask:
    return make_app(public_url=public_url)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("slug", ["feeds", "tweets"])
def test_a_former_slug_leads_to_the_entry_for_good(client: Client, base: str, method: str, slug: str) -> None:
    for headers in ({}, {"If-None-Match": "*"}, {"Accept-Encoding": "gzip"}):
        response = client.open(f"/api/modules/{slug}", method=method, headers=headers)
        assert (response.status_code, response.data) == (308, b"")
        assert response.headers["Location"] == f"{base}/api/modules/posts"
        assert response.headers["Cache-Control"] == client.get("/api/modules/posts").headers["Cache-Control"]


def test_a_removed_slug_is_gone_and_says_why_and_what_to_use(client: Client, base: str) -> None:
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
    assert response.headers["Link"] == f'<{base}/api/modules/posts>; rel="successor-version"'
    assert response.headers["Cache-Control"].startswith("public, max-age=")
    alone = client.get("/api/modules/orkut")
    assert (alone.status_code, alone.json and alone.json["successor"], "Link" in alone.headers) == (410, None, False)


def test_conditions_mean_nothing_where_there_is_no_document(client: Client) -> None:
    """RFC 9110, 13.2.1: a server ignores them where it would answer with another status than 2xx."""
    first = client.get("/api/modules/vine")
    for headers in ({"If-None-Match": first.headers["ETag"]}, {"If-None-Match": "*"}):
        response = client.get("/api/modules/vine", headers=headers)
        assert (response.status_code, response.data) == (410, first.data)
    head = client.head("/api/modules/vine")
    assert (head.status_code, head.data, list(head.headers)) == (410, b"", list(first.headers))


def test_a_deprecated_module_says_so_in_headers(client: Client, base: str) -> None:
    response = client.get("/api/modules/instagram")
    assert response.headers["Deprecation"] == "@1772323200"
    assert response.headers["Sunset"] == "Tue, 01 Sep 2026 00:00:00 GMT"
    assert response.headers["Link"] == f'<{base}/api/modules/posts>; rel="successor-version"'
    assert response.headers["Access-Control-Expose-Headers"] == "ETag, Registry-Revision, Deprecation, Sunset, Link"
    again = client.get("/api/modules/instagram", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert not {"Deprecation", "Sunset", "Link"} & set(client.get("/api/modules/posts").headers.keys())


def test_all_of_it_is_answered_from_memory(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    app.before_request_funcs.setdefault(None, []).append(lambda: pytest.fail("Flask was asked"))
    for slug, status in {"feeds": 308, "vine": 410, "instagram": 200}.items():
        for method in ("GET", "HEAD"):
            assert app.test_client().open(f"/api/modules/{slug}", method=method).status_code == status


def test_the_view_behind_the_middleware_answers_the_same(make_app: Callable[..., Flask]) -> None:
    prepared, views = make_app().test_client(), without_middleware(make_app()).test_client()
    for slug in ("feeds", "vine", "orkut", "instagram"):
        for method in ("GET", "HEAD"):
            one, other = (client.open(f"/api/modules/{slug}", method=method) for client in (prepared, views))
            assert (one.status, list(one.headers), one.data) == (other.status, list(other.headers), other.data)


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "/api/modules/{}", None),
        ("GET", "/fr/modules/{}", None),
        ("DELETE", "/api/me/shipped/{}", None),
        ("POST", "/api/feedback", {"module": "{}", "message": "x"}),
    ],
)
def test_of_a_slug_that_nobody_has_no_more_is_repeated_than_may_be_shown(
    alice: Client, method: str, path: str, sent: dict[str, str] | None
) -> None:
    slug = "\x1b[31m" + "x" * 400
    body = sent and {name: value.format(slug) for name, value in sent.items()}
    response = alice.open(path.format(quote(slug)), method=method, json=body)
    said = problem(response)["detail"]
    assert response.status_code == 404
    assert said.startswith("No module has the slug '") and said.isprintable() and len(said) < 120
