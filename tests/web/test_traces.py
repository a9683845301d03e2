"""A request with a traceparent: what is logged for it says so."""

from __future__ import annotations

import json
import logging
from io import StringIO

import pytest
from contract import Client
from flask import Flask

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
