"""The public documents: what they say, and how they are served: conditions, content codings, caching, other origins.

They are asked for at the middleware that answers before Flask.
"""

import itertools
import os
import re
from email.utils import formatdate
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest
from application import MODIFIED, REGISTRY, VOTE, MakeApp, filled, table
from contract import DECODE, Client, kind, platform_cookie
from flask import Flask
from support import REPOSITORY, wait_until
from werkzeug.test import Client as WSGIClient

from service.registry.loading.loader import parse
from service.registry.schema import module_fields
from service.web.documents import documents

pytestmark = pytest.mark.usefixtures("same_id")

OF_THE_REGISTRY = ("/api/modules-registry", "/api/modules", "/api/modules/scrap")
DOCUMENTS = (*OF_THE_REGISTRY, "/openapi.yaml", "/schemas/registry.schema.json")

TIMES = {name: formatdate(MODIFIED + more, usegmt=True) for name, more in (("BEFORE", -1), ("THEN", 0), ("AFTER", 1))}

CONDITIONS = table("conditions.yaml")


#: What the product documentation has for the tests' registry, and a vote: these never change by a byte.
MODULES_REGISTRY = (
    '{"active":["import","scrap"],"multi_proxy":["scrap"],"parallel":["import"],"on_demand":["sms_campaign"],'
    '"meta":["pipeline"],"coming_soon":["hiring","linkedin"],"alpha_unavailable":["finance"],'
    '"feature_pages":{"import":null,"scrap":"scraper-google-maps"}}\n'
)
FEATURES = '{"voted":["linkedin"],"counts":{"company":0,"hiring":0,"linkedin":1,"scrap":0}}\n'


def test_the_two_documented_answers_are_these_bytes(alice: Client) -> None:
    assert alice.post(VOTE).status_code == 204
    assert alice.get("/api/modules-registry").text == MODULES_REGISTRY
    assert alice.get("/api/features").text == FEATURES


def test_an_entry_has_every_field_and_the_list_the_same_entries_in_the_order_of_the_file(client: Client) -> None:
    entry, documented = client.get("/api/modules/linkedin").json, table("linkedin.yaml")
    assert {name: entry[name] for name in documented} == documented
    assert [*entry] == [*module_fields()]
    slugs = ["scrap", "linkedin", "import", "finance", "sms_campaign", "pipeline", "hiring"]
    entries = [client.get(f"/api/modules/{slug}").json for slug in slugs]
    assert client.get("/api/modules").json["modules"] == entries
    assert "Données financières" in client.get("/api/modules/finance").text, "as it is written"
    for slug in ("nowhere", "Scrap", "%FF", "scrap%0A"):
        response = client.get(f"/api/modules/{slug}")
        assert (response.status_code, kind(response)) == (404, "unknown-module")


def test_the_middleware_answers_before_flask_and_keeps_to_wsgi(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "before_request_funcs", {None: [lambda: pytest.fail("Flask was asked")]})
    client = WSGIClient(validator(app))
    for path, method in itertools.product(DOCUMENTS, ("GET", "HEAD")):
        for headers, status in (({}, 200), ({"If-None-Match": "*"}, 304)):
            with client.open(path, method=method, headers=headers) as response:
                assert response.status_code == status


def test_of_what_strangers_ask_with_little_is_kept(make_app: MakeApp) -> None:
    app = make_app()
    kept = app.extensions["module_registry"].in_force.documents["/api/modules"].answered
    client = WSGIClient(app.wsgi_app)
    etag = client.get("/api/modules").headers["ETag"]
    assert client.get("/api/modules", headers={"If-None-Match": f'"{"x" * 300}"'}).status_code == 200
    assert len(kept) == 1
    for number in range(40):
        for value, status in ((f'"{number}"', 200), (f'"{number}", {etag}', 304)):
            assert client.get("/api/modules", headers={"If-None-Match": value}).status_code == status
    assert len(kept) == 32
    assert all(len(str(asked)) < 300 for asked in kept)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_if_none_match(client: Client, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.headers, head.data) == (200, get.headers, b"")
    assert int(head.headers["Content-Length"]) == len(get.data)
    etag = head.headers["ETag"]
    for value, status in CONDITIONS["if_none_match"]:
        response = client.get(path, environ_overrides={"HTTP_IF_NONE_MATCH": value.format(etag=etag)})
        assert response.status_code == status, value
        assert response.headers["ETag"] == etag
        assert response.headers["Cache-Control"].startswith("public")


def test_the_etag_is_strong_and_comes_from_the_bytes_alone() -> None:
    def etags(text: str, modified: float = 0) -> dict[str, str]:
        made = documents(parse(text.encode(), "registry.yaml"), "a revision", modified, "public", ())
        return {path: made[path].identity.etag for path in DOCUMENTS}

    first = etags(REGISTRY)
    assert all(re.fullmatch(r'"[^"]+"', etag) for etag in first.values())
    assert len(set(first.values())) == len(first)
    assert etags(f"# a comment\n{REGISTRY}", MODIFIED) == first
    changed = etags(REGISTRY.replace("Google Maps scraper", "Maps scraper"))
    assert {path for path in DOCUMENTS if changed[path] != first[path]} == {"/api/modules", "/api/modules/scrap"}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_public_document_is_the_same_for_everyone_and_to_be_read_by_pages_of_any_origin(
    client: Client, app: Flask, path: str
) -> None:
    anonymous, origin = client.get(path), {"Origin": "https://elsewhere.example"}
    client.set_cookie("session", platform_cookie(app, _user_id="alice", _permanent=True))
    response = client.get(path, headers=origin | {"Sec-Fetch-Site": "cross-site"})
    assert response.headers == anonymous.headers
    assert response.headers["Vary"] == "Accept-Encoding"
    for other in (response, client.get(path, headers=origin | {"If-None-Match": "*"})):
        assert other.headers.getlist("Access-Control-Allow-Origin") == ["*"]
        assert other.headers.getlist("Access-Control-Expose-Headers") == ["ETag, Registry-Revision"]
        assert not {"Set-Cookie", "Access-Control-Allow-Credentials"} & {*other.headers.keys()}
    nothing = client.get("/api/modules/nowhere", headers=origin)
    assert (nothing.status_code, nothing.headers["Access-Control-Allow-Origin"]) == (404, "*")
    asked = origin | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    preflight = dict(client.options(path, headers=asked).headers)
    allowed = {"Origin": "*", "Headers": "if-none-match", "Methods": "GET, HEAD"}
    assert {name: preflight[f"Access-Control-Allow-{name}"] for name in allowed} == allowed
    assert preflight["Access-Control-Max-Age"] == "7200"


@pytest.mark.parametrize("path", DOCUMENTS)
def test_each_content_coding_has_its_own_bytes_and_etag(client: Client, path: str) -> None:
    plain = client.get(path)
    answers = {coding: client.get(path, headers={"Accept-Encoding": coding}) for coding in ("gzip", "br", "zstd")}
    for coding, response in answers.items():
        assert response.headers["Content-Encoding"] == coding
        assert DECODE[coding](response.data) == plain.data
        assert client.head(path, headers={"Accept-Encoding": coding}).headers == response.headers
        known = {"If-None-Match": response.headers["ETag"]}
        assert client.get(path, headers=known | {"Accept-Encoding": coding}).status_code == 304
        assert client.get(path, headers=known).status_code == 200  # the plain one it has not
    assert len({response.headers["ETag"] for response in (plain, *answers.values())}) == 4
    assert max(len(response.data) for response in answers.values()) < len(plain.data)
    welcome = list[str]()
    for coding in ("identity", "zstd", "gzip", "br"):
        welcome.append(coding)
        equally = client.get(path, headers={"Accept-Encoding": ", ".join(welcome)})
        assert equally.headers.get("Content-Encoding", "identity") == coding


@pytest.mark.parametrize(("accept_encoding", "codings"), filled(CONDITIONS["accept_encoding"], {}))
def test_accept_encoding(client: Client, accept_encoding: str, codings: list[str | None]) -> None:
    response = client.get("/api/modules", environ_overrides={"HTTP_ACCEPT_ENCODING": accept_encoding})
    assert response.headers.get("Content-Encoding") in codings


@pytest.mark.parametrize(("headers", "status"), CONDITIONS["if_modified_since"])
def test_if_modified_since_counts_only_without_if_none_match(
    client: Client, headers: dict[str, Any], status: int
) -> None:
    given = {name: TIMES.get(value, value) for name, value in headers.items()}
    for path in OF_THE_REGISTRY:
        assert client.get(path).headers["Last-Modified"] == TIMES["THEN"]
        assert client.get(path, headers=given).status_code == status


def test_last_modified_is_that_of_the_file_and_never_a_time_to_come(
    make_app: MakeApp, registry_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_bytes(registry_file.read_bytes())
    os.utime(file, (MODIFIED, MODIFIED))
    ages = {"cache_max_age": 1, "cache_stale_while_revalidate": 2, "cache_stale_if_error": 3}
    client = WSGIClient(make_app(registry_file=file, **ages))
    for path in DOCUMENTS:
        answer, source = client.get(path), REPOSITORY / "schemas" / Path(path).name
        assert answer.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=2, stale-if-error=3"
        modified = MODIFIED if path in OF_THE_REGISTRY else source.stat().st_mtime
        assert answer.headers["Last-Modified"] == formatdate(modified, usegmt=True)
        assert path in OF_THE_REGISTRY or answer.data == source.read_bytes()
    os.utime(file, (2**33, 2**33))  # in the year 2242
    wait_until(lambda: client.get("/api/modules").headers["Last-Modified"] != TIMES["THEN"])
    assert client.get("/api/modules").last_modified.year < 2242
