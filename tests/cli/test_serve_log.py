"""What `serve` logs: in which form, and of whom it keeps silent."""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Callable
from contextlib import closing
from datetime import datetime

import pytest
from support import DOCUMENTED, Serve, wait_until
from werkzeug.test import Client

from service.logs import FORMATS
from service.settings import Settings
from service.web.access_log import access_logged
from service.web.app import create_app


def test_as_json_each_line_is_an_object(serve: Callable[..., Serve], valkey_url: str) -> None:
    settings = {"REDIS_URL": valkey_url, "SECRET_KEY": "k" * 32, "CACHE_MAXAGE": "5\x1b[31m"}
    running = serve("--log-format", "json", "--access-log", **settings)
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    named = {"X-Request-ID": "asked-by-us"}
    assert running.ask("GET", "/api/modules/scrap?token=hush", traceparent=trace, **named) == 200
    wait_until(lambda: "/api/modules/" in running.stderr.read_text())
    assert running.ask("GET", "/api/modules/scrap", traceparent="nonsense") == 200
    wait_until(lambda: running.stderr.read_text().count("/api/modules/") >= 2)
    assert running.stop(signal.SIGHUP) == 0
    warning, access, other, stop = map(json.loads, running.stderr.read_text().splitlines())
    assert (warning["level"], "did you mean CACHE_MAX_AGE?" in warning["message"]) == ("WARNING", True)
    assert {"method": "GET", "route": "/api/modules/<slug>", "status": 200}.items() <= access.items()
    assert isinstance(access["ms"], float)
    assert (access["traceparent"], "traceparent" in other) == (trace, False)
    assert (access["request_id"], other["request_id"].isdigit(), "request_id" in stop) == ("asked-by-us", True, False)
    assert (stop["level"], stop["process"]) == ("INFO", running.process.pid)
    assert stop["message"].startswith("Stopping (SIGHUP)")
    assert all(datetime.fromisoformat(said["time"]).tzinfo for said in (warning, access, stop))


@pytest.mark.parametrize("style", FORMATS)
def test_the_access_log_has_neither_ids_nor_tokens(
    style: str, valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"REDIS_URL": valkey_url, "SECRET_KEY": "k" * 32, "REGISTRY_FILE": str(DOCUMENTED)}
    app = create_app(Settings.from_env(settings))
    client, token = Client(access_logged(app, app.url_map)), "Xq3-secret_token"
    caplog.set_level(logging.INFO, "service.web.access_log")
    with closing(app.extensions["module_registry"].client):
        client.post(f"/sign-in?token={token}")
        client.get(f"/sign-in/{token}")
        client.post("/api/features/linkedin/interest", headers={"Cookie": "session=alice"})
        client.open("/healthz", method=token)
        client.get("/healthz")
    log = [FORMATS[style]().format(record) for record in caplog.records if "access_log" in record.name]
    said = ["POST /sign-in 4", "GET (no route) 404", "POST /api/features/<feature_id>/interest 401"]
    said += ["OTHER (no route) 405", "GET /healthz 200"]
    assert all(words in line for words, line in zip(said, log, strict=True)), log
    assert not any(secret in str(log) for secret in (token, token[:8], "alice", "linkedin", "127.0.0.1"))
