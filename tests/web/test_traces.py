"""A request with a traceparent: what is logged for it says so, and what it does is told by webhooks with it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from io import StringIO

import pytest
from contract import Client
from flask import Flask
from redis import Redis

from service.feedback.keys import EVENTS_KEY
from service.logs import FORMATS

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


@pytest.mark.parametrize("style", FORMATS)
def test_records_of_the_request_name_it_and_no_others(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(FORMATS[style]())
    logger = logging.getLogger("service.tests")
    logger.addHandler(handler)
    monkeypatch.setitem(app.before_request_funcs, None, [lambda: logger.warning("asked")])
    try:
        client.get("/healthz", headers={"traceparent": TRACE})
        client.get("/healthz")
        client.get("/healthz", headers={"traceparent": "x\x1b[31m"})
    finally:
        logger.removeHandler(handler)
    lines = handler.stream.getvalue().splitlines()
    if style == "json":
        assert [json.loads(line).get("traceparent") for line in lines] == [TRACE, None, None]
    else:
        assert [line.partition("asked")[2] for line in lines] == [f" traceparent={TRACE}", "", ""]


def test_what_it_does_is_kept_with_it_for_webhooks(sign_in: Callable[..., Client], redis: Redis) -> None:
    alice = sign_in()
    asked = {"module": "sms_campaign", "message": "Please"}
    assert alice.post("/api/feedback", json=asked, headers={"traceparent": TRACE}).status_code == 201
    [(_, fields)] = redis.xrange(EVENTS_KEY)
    assert json.loads(fields["event"])["traceparent"] == TRACE
