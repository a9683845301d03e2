"""What strangers send is forgotten with the answer: no cache grows by it, and nothing of it waits for the collector."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import pytest
from application import table
from contract import platform_cookie
from flask import Flask
from redis import Redis
from werkzeug.test import EnvironBuilder

#: About as much as a server lets one header have, in bytes.
SIZE = 64 * 1024

PLACES: dict[str, tuple[str, str, str, str]] = table("forgotten.yaml")


@pytest.fixture(scope="module")
def app(make_public_app: Callable[..., Flask]) -> Flask:
    return make_public_app(cors_origins=("https://app.example.com",), public_url="https://registry.example.com")


@pytest.mark.parametrize("place", ["signed cookie", *(pytest.param(place, marks=pytest.mark.long) for place in PLACES)])
def test_what_a_client_chooses_is_forgotten(app: Flask, redis: Redis, place: str) -> None:
    """Another each time. base64 passes over characters that are none of its own, so that every cookie is signed."""
    signed = ("GET", "/api/features", "HTTP_COOKIE", f"session={platform_cookie(app, _user_id='alice')}!{{}}")
    method, path, name, value = PLACES.get(place, signed)
    environ = EnvironBuilder(path, method=method, headers={"Origin": "https://app.example.com"}).get_environ()

    def chosen(number: int) -> dict[str, str]:
        return {name: value.format("!" * (SIZE + number) if value == signed[3] else f"{number:06}".ljust(SIZE, "x"))}

    def ask(numbers: range) -> None:
        for number in numbers:
            list(app.wsgi_app(environ | chosen(number), lambda *_: list))  # type: ignore[arg-type, return-value]

    app.extensions["module_registry"].in_force.complete()  # or else its pages are made meanwhile
    ask(range(10))  # what is made at the first request stays
    gc.collect()
    gc.disable()  # it may come late: nothing may wait for it
    tracemalloc.start()
    try:
        ask(range(10, 110))
        # What other apps do meanwhile, in threads, is smaller.
        kept = [trace.size for trace in tracemalloc.take_snapshot().traces if trace.size >= SIZE // 2]
        assert len(kept) < 5  # of a hundred
    finally:
        tracemalloc.stop()
        gc.enable()
