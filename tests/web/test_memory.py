"""What strangers send is forgotten with the answer: no cache grows by it, and nothing of it waits for the collector."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from contract import platform_cookie
from flask import Flask
from redis import Redis
from werkzeug.test import EnvironBuilder

VOTE = "/api/features/linkedin/interest"

#: About as much as a server lets one header have, in bytes.
SIZE = 64 * 1024

#: Where a client may put what it likes: a method and path that read it, and the name in a WSGI environment. In the
#: value, {} stands for long text that is another each time.
PLACES = {
    "accept-encoding": ("GET", "/api/modules", "HTTP_ACCEPT_ENCODING", "gzip, {}"),
    "if-none-match": ("GET", "/api/modules", "HTTP_IF_NONE_MATCH", '"{}"'),
    "if-modified-since": ("GET", "/api/modules", "HTTP_IF_MODIFIED_SINCE", "Mon, 01 Jan 2026 00:00:00 {}"),
    "origin": ("POST", VOTE, "HTTP_ORIGIN", "https://{}.example"),
    "origin-of-a-reader": ("GET", "/api/features", "HTTP_ORIGIN", "https://{}.example"),
    "host": ("POST", VOTE, "HTTP_HOST", "{}.example"),
    "sec-fetch-site": ("POST", VOTE, "HTTP_SEC_FETCH_SITE", "{}"),
    "cookie": ("GET", "/api/features", "HTTP_COOKIE", "session={}"),
    "cookies": ("GET", "/api/features", "HTTP_COOKIE", "{}=1; session=a.b.c"),
    "content-type": ("POST", VOTE, "CONTENT_TYPE", "text/plain; charset={}"),
    "path": ("GET", "", "PATH_INFO", "/{}"),
    "module": ("GET", "", "PATH_INFO", "/api/modules/{}"),
    "feature": ("POST", "", "PATH_INFO", "/api/features/{}/interest"),
    "query": ("GET", "/sign-in", "QUERY_STRING", "token={}"),
    "queries": ("GET", "/api/features", "QUERY_STRING", "{}=1"),
    "plan": ("GET", "/api/pipelines/plan", "QUERY_STRING", "modules=scrap,{}"),
    "same-plan": ("GET", "/api/pipelines/plan", "QUERY_STRING", "modules=scrap&{}=1"),
    "accept-language": ("GET", "/", "HTTP_ACCEPT_LANGUAGE", "fr, {}"),
    "language": ("GET", "/", "HTTP_COOKIE", "language={}"),
    "text": ("GET", "", "PATH_INFO", "/docs/{}"),
    "page-of-a-module": ("GET", "", "PATH_INFO", "/en/modules/{}"),
    "asset": ("GET", "", "PATH_INFO", "/assets/{}/site.css"),
    "way-back": ("GET", "/en/requests", "QUERY_STRING", "{}"),
    "place-to-come-back-to": ("POST", "/sign-in", "HTTP_COOKIE", "next=/{}"),
    "if-match": ("PATCH", "/api/feedback/0123456789abcdef", "HTTP_IF_MATCH", '"{}"'),
}


@pytest.fixture(scope="module")
def app(make_public_app: Callable[..., Flask]) -> Flask:
    return make_public_app(cors_origins=("https://app.example.com",), public_url="https://registry.example.com")


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES)
def test_what_a_client_chooses_is_forgotten(app: Flask, redis: Redis, place: str) -> None:
    method, path, name, value = PLACES[place]
    environ = EnvironBuilder(path, method=method, headers={"Origin": "https://app.example.com"}).get_environ()
    check_forgotten(app, environ, lambda number: {name: value.format(f"{number:06}".ljust(SIZE, "x"))})


def test_what_a_caller_adds_to_a_signed_cookie_is_forgotten(app: Flask, redis: Redis) -> None:
    """base64 passes over characters that are none of its own, so that all of these are signed."""
    cookie = f"session={platform_cookie(app, _user_id='alice')}!"
    environ = EnvironBuilder("/api/features").get_environ()
    check_forgotten(app, environ, lambda number: {"HTTP_COOKIE": cookie.ljust(SIZE + number, "!")})


def check_forgotten(app: Flask, environ: dict[str, Any], chosen: Callable[[int], dict[str, str]]) -> None:
    """Send what a client chose, another each time, and see that none of it stays in memory."""

    def ask(numbers: range) -> None:
        for number in numbers:
            list(app.wsgi_app(environ | chosen(number), lambda *_: list))  # type: ignore[arg-type, return-value]

    app.extensions["module_registry"].in_force.complete()  # or else its pages are made meanwhile
    ask(range(10))  # what is made at the first request stays
    gc.collect()
    gc.disable()  # it may come late: nothing may wait for it
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        ask(range(10, 110))
        after, _ = tracemalloc.get_traced_memory()
        assert after - before < 5 * SIZE  # of a hundred
    finally:
        tracemalloc.stop()
        gc.enable()
