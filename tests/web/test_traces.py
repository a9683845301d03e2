"""By what a request is known: its id, what is logged for it, and its span, as a collector receives it over HTTP."""

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any

import pytest
from application import ASKED, Start, signed_in, table
from contract import ID, Client
from flask import Flask
from redis import Redis
from support import wait_for_workers
from werkzeug.test import Client as WSGIClient

from service.feedback.keys import EVENTS_KEY
from service.web import middleware
from service.web.logs import FORMATS
from service.wording import install_command

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{PARENT}-01"
GIVEN = "Given-12"
ENDPOINT, NAME = "OTEL_EXPORTER_OTLP_ENDPOINT", "service.name"


def test_each_answer_has_the_id_that_was_given_or_one_of_its_own(app: Flask, alice: Client) -> None:
    script = next(path for path in app.extensions["module_registry"].in_force.documents if path.endswith("/site.js"))
    rows = [*table("protected.yaml"), *(["GET", path, {"If-None-Match": "*"}, 304] for path in ("/en/", script))]
    rows += [["GET", path, {}, 0] for path in (script, "/en/nowhere", "/en/requests")]
    made = set()
    for method, path, headers, _ in rows:
        named = signed_in(app, "alice").open(path, method=method, headers=headers | {"X-Request-ID": GIVEN})
        assert named.headers.getlist("X-Request-ID") == [GIVEN], (method, path)
        made |= {*signed_in(app, "alice").open(path, method=method, headers=headers).headers.getlist("X-Request-ID")}
    assert len(made) == len(rows)


@pytest.mark.parametrize(
    "given", ["", "short-7", "x" * 65, "has blanks", "a\x0bline-break", "wört-er12", "two-ids,two-ids"]
)
def test_what_is_no_id_gets_nowhere(client: Client, given: str) -> None:
    for path in ("/api/modules", "/nowhere"):
        response = client.get(path, environ_overrides={"HTTP_X_REQUEST_ID": given})
        assert ID.fullmatch(response.headers["X-Request-ID"])
        assert response.headers["X-Request-ID"] != given


@pytest.mark.parametrize("style", FORMATS)
def test_records_of_the_request_name_it_and_no_others(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(FORMATS[style]())
    logger = logging.getLogger("service.tests")
    logger.addHandler(handler)
    monkeypatch.setitem(app.before_request_funcs, None, [lambda: logger.warning("asked")])
    for trace in ({"traceparent": HEADER}, {}, {"traceparent": "x\x1b[31m"}):
        client.get("/healthz", headers={"X-Request-ID": GIVEN} | trace)
    made = client.get("/healthz").headers["X-Request-ID"]
    logger.warning("asked")
    logger.removeHandler(handler)
    lines = handler.stream.getvalue().splitlines()
    named = [(GIVEN, HEADER), (GIVEN, None), (GIVEN, None), (made, None), (None, None)]
    if style == "json":
        assert [(each.get("request_id"), each.get("traceparent")) for each in map(json.loads, lines)] == named
    else:
        said = [f" request_id={entry}" * bool(entry) + f" traceparent={trace}" * bool(trace) for entry, trace in named]
        assert [line.partition("asked")[2] for line in lines] == said


class Collector(ThreadingHTTPServer):
    """A receiver of OTLP, which takes everything."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.services = set[str]()
        super().__init__(("127.0.0.1", 0), _Taking)


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        body = self.rfile.read(int(self.headers["Content-Length"]))
        for told in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.server.services |= {each.value.string_value for each in told.resource.attributes if each.key == NAME}
            self.server.received += [span for scope in told.scope_spans for span in scope.spans]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector at the endpoint that the environment names."""
    pytest.importorskip("opentelemetry.sdk", reason="the extra otel is not installed")
    with Collector() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        for name in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(middleware, "_providers", [])
        yield server
        server.shutdown()


def attributes(span: Any) -> dict[str, Any]:
    return {entry.key: entry.value.string_value or entry.value.int_value for entry in span.attributes}


def test_each_request_is_a_span_of_its_trace_without_ids_and_tokens(
    app: Flask, alice: Client, redis: Redis, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "wsgi_app", middleware.spanned(app.wsgi_app, app.url_map))
    assert alice.get("/api/modules/scrap?token=hush", headers={"traceparent": HEADER}).status_code == 200
    assert alice.post("/api/feedback", json=ASKED).status_code == 201
    assert alice.post("/api/finance").status_code == 503
    assert alice.open("/api/modules/scrap", method="BREW").status_code == 405
    middleware.end_spans()
    poll, ask, frozen, brewed = collector.received
    assert (poll.name, poll.trace_id.hex(), poll.parent_span_id.hex()) == ("GET /api/modules/<slug>", TRACE, PARENT)
    assert attributes(poll) == {
        "http.request.method": "GET",
        "http.route": "/api/modules/<slug>",
        "http.response.status_code": 200,
    }
    assert (ask.name, ask.parent_span_id) == ("POST /api/feedback", b"")
    assert (frozen.name, frozen.status.code) == ("POST (no route)", 2)
    assert attributes(frozen)["http.response.status_code"] == 503
    assert attributes(brewed)["http.request.method"] == "_OTHER", "as OpenTelemetry has it where a method is unknown"
    assert collector.services == {"module-registry"}
    [(_, fields)] = redis.xrange(EVENTS_KEY)  # a webhook of it names this span
    assert json.loads(fields["event"])["traceparent"].startswith(f"00-{ask.trace_id.hex()}-{ask.span_id.hex()}-")
    collector.services.clear()
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=registry,a=b")
    with pytest.raises(ValueError, match="hush"):
        WSGIClient(middleware.spanned(fail, app.url_map)).get("/healthz")
    middleware.end_spans()
    assert collector.services == {"registry"}, "a name that is given stays"
    assert [span.name for span in collector.received[4:]] == ["GET /healthz"]
    assert "hush" not in str(collector.received)


def fail(*_: Any) -> Any:
    raise ValueError("hush")


@pytest.mark.parametrize("more", [{ENDPOINT: ""}, {"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}, {}])
def test_without_a_collector_or_the_extra_nothing_is_done(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, more: dict[str, str]
) -> None:
    for name, value in ({ENDPOINT: "http://127.0.0.1:1"} | more).items():
        monkeypatch.setenv(name, value)
    if not more:
        monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert middleware.spanned(app.wsgi_app, app.url_map) == app.wsgi_app
    assert (f"{ENDPOINT}: run {install_command('otel')}" in caplog.text) == (not more)


@pytest.mark.long
def test_each_worker_sends_what_it_has_before_it_ends(serve: Start, collector: Collector) -> None:
    running = serve("--workers", "2", "--access-log", OTEL_EXPORTER_OTLP_ENDPOINT=os.environ[ENDPOINT])
    wait_for_workers(running, 2)
    assert {running.ask("GET", "/api/modules") for _ in range(20)} == {200}
    assert running.stop() == 0
    assert [span.name for span in collector.received] == ["GET /api/modules"] * 20
    said = [line.partition("traceparent=")[2][3:35] for line in running.log if "/api/modules" in line]
    assert sorted(said) == sorted(span.trace_id.hex() for span in collector.received)
