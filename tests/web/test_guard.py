"""What is refused before anyone asks who calls: other sites, large bodies, long queries and nonsense; links."""

import re
from collections.abc import Callable
from io import BytesIO
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
from application import BROWSER, FEATURES, VOTE, MakeApp, filled, signed_out, table
from contract import PROTECTION, Client, kind, platform_cookie, problem
from flask import Flask, request
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from redis import Redis
from support import everything

from service.settings.settings import Settings

#: What reads its query, of whoever asks.
READ = ["/api/pipelines/plan", "/api/changes", "/changes.atom", "/readyz", "/sign-in", "/en/changes", "/fr/sign-in"]

#: What reads the query of whoever is signed in.
OF_MEMBERS = ["/api/feedback", "/api/admin/feedback", "/api/features/linkedin/voters", "/fr/requests"]
OF_MEMBERS += ["/api/admin/uses"]

CROSS_SITE = [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]


@pytest.mark.parametrize("row", table("origins.yaml"), ids=str)
def test_who_may_vote_by_where_the_request_comes_from(
    make_once: MakeApp, alice: Client, redis: Redis, row: dict[str, Any]
) -> None:
    own = Settings.from_env({name: row[name] for name in ("PUBLIC_URL", "CORS_ORIGINS") if name in row})
    app = make_once(public_url=own.public_url, cors_origins=own.cors_origins)
    sent = {name: row[name] for name in ("Origin", "Sec-Fetch-Site", "Host") if name in row}
    sent |= {"Cookie": f"session={platform_cookie(app, _user_id='alice')}", "Access-Control-Request-Method": "POST"}
    # Just as WSGI presents them; the client would amend some, and pick its cookies by Host.
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.items()}
    client, before = app.test_client(use_cookies=False), everything(redis)
    asked = [(VOTE, "POST"), (VOTE, "OPTIONS"), ("/api/features", "GET"), ("/api/admin/feedback", "GET")]
    response, *others = (client.open(path, method=method, environ_overrides=environ) for path, method in asked)
    answer = {204: 204, 403: "cross-site-request", 400: "malformed-header"}[response.status_code]
    assert answer == row["answer"]
    assert (everything(redis) == before) == (answer != 204)
    assert answer == 204 or (kind(response) == answer and row.get("says", "") in problem(response)["detail"])
    for each in (response, *others):
        assert "Access-Control-Allow-Origin" not in each.headers, "nobody here is listed"


@pytest.mark.parametrize("headers", CROSS_SITE)
def test_every_route_that_changes_something_is_guarded(app: Flask, client: Client, headers: dict[str, str]) -> None:
    guarded = 0
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            path = re.sub("<.*?>", FEATURES[0], rule.rule)
            assert kind(client.open(path, method=method, headers=headers)) == "cross-site-request"
            guarded += 1
    assert guarded >= 3


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_body_is_ignored_up_to_64_kib_and_refused_unread_without_a_length(
    alice: Client, redis: Redis, method: str
) -> None:
    largest = 64 * 1024
    for size in (0, 1, largest):
        assert alice.open(VOTE, method=method, data=b"\xff" * size, content_type="application/json").status_code == 204
    before, body = everything(redis), BytesIO(b"\xff" * 100)
    for size in (largest + 1, 10 * largest):
        assert alice.open(VOTE, method=method, data=b"\xff" * size).status_code == 413
    for coding in ("chunked", "gzip, chunked", "identity", ""):
        # As granian and gunicorn present it.
        overrides = {"HTTP_TRANSFER_ENCODING": coding, "wsgi.input_terminated": True, "wsgi.input": body}
        assert alice.open(VOTE, method=method, environ_overrides=overrides).status_code == 411
    assert body.tell() == 0
    assert everything(redis) == before


def test_a_view_that_does_not_say_so_gets_no_body(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(alice.application.view_functions, "features.vote", lambda feature_id: request.get_data())
    body = BytesIO(b"x")
    assert alice.post(VOTE, environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": "1"}).status_code == 413
    assert body.tell() == 0


def test_an_unknown_method_is_405_and_says_which_are_known(client: Client) -> None:
    for method, path, allow in (
        ("POST", "/api/modules-registry", {"GET", "HEAD"}),
        ("BREW", "/api/features", {"GET", "HEAD"}),
        ("get", "/api/features", {"GET", "HEAD"}),
        ("GET", VOTE, {"POST", "DELETE"}),
        ("GET", "/sign-out", {"POST"}),
        ("PUT", "/sign-in", {"GET", "HEAD", "POST"}),
    ):
        response = client.open(path, environ_overrides={"REQUEST_METHOD": method})  # `method` would be in capitals
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == allow | {"OPTIONS"}


def latin_1(*samples: str) -> st.SearchStrategy[str]:
    """Text as WSGI carries it, one character a byte."""
    return st.sampled_from(samples) | st.binary(max_size=30).map(lambda given: given.decode("latin-1"))


GARBAGE = table("garbage.yaml")


def with_examples(test: Callable[..., None]) -> Callable[..., None]:
    """The test, which tries all that the table has in whole beside what it makes up."""
    for row in filled(GARBAGE["requests"], {}):
        test = example(*row, "")(test)
    return test


@with_examples
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "\xff"]),
    latin_1(*GARBAGE["paths"]).map(lambda path: "/" + path.lstrip("/")),
    st.fixed_dictionaries({}, optional={name: latin_1(*samples) for name, samples in GARBAGE["headers"].items()}),
    latin_1(*GARBAGE["bodies"]),
)
def test_nothing_that_a_client_sends_is_a_500(
    alice: Client, redis: Redis, method: str, path: str, environ: dict[str, str], body: str
) -> None:
    app = alice.application
    redis.hset("{registry}:account:alice", "role", "admin")  # so that every page has something to show
    sent = environ | {"PATH_INFO": path, "wsgi.input": BytesIO(body.encode("latin-1")), "wsgi.input_terminated": True}
    if sent.setdefault("HTTP_COOKIE", "session=ALICE") == "session=ALICE":
        sent["HTTP_COOKIE"] = f"session={platform_cookie(app, _user_id='alice')}"
    response = app.test_client(use_cookies=False).open("/", method=method, environ_overrides=sent)
    assert response.status_code < 500 or path == "/api/finance"  # the client checks the rest
    if response.status_code in (400, 403) and response.is_json and response.data:
        detail = problem(response)["detail"]
        assert detail.isprintable() and len(detail) < 800
    location = response.headers.get("Location", "")
    assert location.isascii() and location.isprintable() and not urlsplit(location).netloc


def test_two_hosts_are_refused_wherever_it_is(alice: Client) -> None:
    paths = ["/api/modules", "/en/", "/sitemap.xml", "/api/features", VOTE, "/api/finance", "/nowhere", "/healthz"]
    for path, method in product(paths, ("GET", "HEAD", "POST", "OPTIONS")):
        response = alice.open(path, method=method, environ_overrides={"HTTP_HOST": "localhost,localhost"})
        assert (response.status_code, method, path) == (400, method, path)
    assert kind(alice.get("/api/modules", environ_overrides={"HTTP_HOST": "a, b"})) == "malformed-header"


def test_a_fault_of_the_service_itself_is_a_problem_without_a_traceback(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    app.view_functions["watching.alive"] = lambda: 1 / 0
    response = FlaskClient(app, app.response_class).get("/healthz")
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert {*PROTECTION.items()} <= {*response.headers}
    assert "ZeroDivision" not in response.text
    assert "ZeroDivisionError" in caplog.text


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


def test_the_way_back_from_signing_in_carries_no_query_that_nobody_reads(app: Flask) -> None:
    page = signed_out(app).get(f"/api/features?{'x' * 50_000}", headers=BROWSER)
    assert (page.status_code, "x" * 500 in page.text) == (401, False)
