"""By what a request is known: its id in its answer, and id and traceparent in what is logged for it."""

from __future__ import annotations

import json
import logging
from io import StringIO

import pytest
from application import signed_in, table
from contract import ID, Client, problem
from flask import Flask

from service.logs import FORMATS

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
GIVEN = "Given-12"


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


def test_each_answer_has_the_id_that_was_given_or_one_of_its_own(app: Flask, alice: Client) -> None:
    script = next(path for path in app.extensions["module_registry"].in_force.documents if path.endswith("/site.js"))
    rows = [["GET", path, {"If-None-Match": "*"}, 304] for path in ("/api/modules", "/en/", script)]
    rows += [["GET", script, {}, 200], ["GET", "/en/nowhere", {}, 404], ["GET", "/en/requests", {}, 200]]
    made = []
    for method, path, headers, _ in [*table("protected.yaml"), *rows]:
        named = signed_in(app, "alice").open(path, method=method, headers=headers | {"X-Request-ID": GIVEN})
        assert named.headers.getlist("X-Request-ID") == [GIVEN], (method, path)
        made += signed_in(app, "alice").open(path, method=method, headers=headers).headers.getlist("X-Request-ID")
    assert len(made) == len(set(made)) == len([*table("protected.yaml"), *rows])


@pytest.mark.parametrize(
    "given", ["", "short-7", "x" * 65, "has blanks", "a\x0bline-break", "wört-er12", "two-ids,two-ids"]
)
def test_what_is_no_id_gets_nowhere(client: Client, given: str) -> None:
    for path in ("/api/modules", "/nowhere"):
        response = client.get(path, environ_overrides={"HTTP_X_REQUEST_ID": given})
        assert ID.fullmatch(response.headers["X-Request-ID"])
        assert response.headers["X-Request-ID"] != given


def test_a_problem_names_the_request(client: Client) -> None:
    assert problem(client.get("/nowhere", headers={"X-Request-ID": "x" * 64}))["request_id"] == "x" * 64


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
        for trace in (TRACE, None, "x\x1b[31m"):
            client.get("/healthz", headers={"X-Request-ID": GIVEN} | ({"traceparent": trace} if trace else {}))
        made = client.get("/healthz").headers["X-Request-ID"]
        logger.warning("asked")
    finally:
        logger.removeHandler(handler)
    lines = handler.stream.getvalue().splitlines()
    named = [(GIVEN, TRACE), (GIVEN, None), (GIVEN, None), (made, None), (None, None)]
    if style == "json":
        records = [json.loads(line) for line in lines]
        assert [(one.get("request_id"), one.get("traceparent")) for one in records] == named
    else:
        said = [f" request_id={one}" * bool(one) + f" traceparent={trace}" * bool(trace) for one, trace in named]
        assert [line.partition("asked")[2] for line in lines] == said
