"""What strangers send is forgotten with the answer: no cache grows by it, and nothing of it waits for the collector."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from contract import platform_cookie
from flask import Flask
from redis import Redis
from werkzeug.test import EnvironBuilder

#: About as much as a server lets one header have, in bytes.
SIZE = 64 * 1024

PLACES: dict[str, tuple[str, str, str, str]] = yaml.safe_load(
    Path(__file__).with_name("forgotten.yaml").read_text(encoding="utf-8")
)


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
