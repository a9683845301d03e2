"""What is logged: in which form, one line a record, by another server as well, and of whom it keeps silent."""

import json
import logging
import signal
import socket
import threading
import warnings
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from http.client import RemoteDisconnected
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from support import DEADLINE, DOCUMENTED, Serve, run_process, table, wait_until
from werkzeug.test import Client

from service.cli.listening import answer_metrics
from service.http.tracing import traceparent
from service.settings.settings import Settings
from service.web.app import create_app
from service.web.logs import FORMATS, take_over
from service.web.middleware import access_logged

serve_module = import_module("service.cli.serve")


def test_as_json_each_line_is_an_object(serve: Callable[..., Serve], valkey_url: str) -> None:
    settings = {"REDIS_URL": valkey_url, "SECRET_KEY": "k" * 32, "CACHE_MAXAGE": "5\x1b[31m"}
    running = serve("--log-format", "json", "--access-log", **settings)
    ready = json.loads(running.stdout.read_text())
    assert ready["message"] == f"Serving on {ready['url']} (1 worker, store at REDIS_URL)"
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    named = {"X-Request-ID": "asked-by-us"}
    assert running.ask("GET", "/api/modules/scrap?token=hush", traceparent=trace, **named) == 200
    wait_until(lambda: "/api/modules/" in running.stderr.read_text())
    assert running.ask("GET", "/api/modules/scrap", traceparent="nonsense") == 200
    wait_until(lambda: running.stderr.read_text().count("/api/modules/") >= 2)
    assert running.stop(signal.SIGHUP) == 0
    warning, access, other, stop = map(json.loads, running.stderr.read_text().splitlines())
    assert (warning["level"], "did you mean CACHE_MAX_AGE?" in warning["message"]) == ("WARNING", True)
    asked = {"method": "GET", "route": "/api/modules/<slug>", "status": 200}
    assert (asked | {"traceparent": trace, "request_id": "asked-by-us"}).items() <= access.items()
    assert isinstance(access["ms"], float)
    assert (other["request_id"].isdigit(), "traceparent" in other, "request_id" in stop) == (True, False, False)
    ended = {"level": "INFO", "process": running.process.pid, "message": "The workers have stopped."}
    assert ended.items() <= stop.items()
    assert all(datetime.fromisoformat(said["time"]).tzinfo for said in (warning, access, stop))


def test_as_json_so_is_what_keeps_it_from_starting(
    refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(code: int = 1, **settings: str) -> dict[str, Any]:
        [line] = refused("--log-format", "json", code=code, **settings).splitlines()
        return dict(json.loads(line))

    broken = tmp_path / "broken.yaml"
    broken.write_text("modules: 1\nextra: 2\n")
    invalid = said(REGISTRY_FILE=str(broken))
    assert (invalid["level"], len(invalid["details"])) == ("ERROR", 1)
    assert invalid["message"].startswith(f"{broken}:1:10: ")
    assert "nowhere.yaml" in said(code=2, REGISTRY_FILE=str(tmp_path / "nowhere.yaml"))["message"]
    assert said(VOTE_RATE="often")["message"].startswith("VOTE_RATE: ")
    monkeypatch.setattr(serve_module, "parse", lambda *_: 1 / 0)
    assert "ZeroDivisionError" in said(REGISTRY_FILE=str(DOCUMENTED))["traceback"]


@pytest.mark.long
def test_as_json_so_is_what_goes_wrong_in_a_worker(serve: Callable[..., Serve]) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="the extra otel is not installed")
    nonsense = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_BSP_MAX_QUEUE_SIZE": "-1"}
    failing = serve("--log-format", "json", wait=False, **nonsense)
    assert failing.process.wait(DEADLINE) == 1
    first, *_, last, _ = map(json.loads, failing.stderr.read_text().splitlines())
    assert "ValueError" in first["traceback"]
    assert last["message"] == "Worker crash loop detected, exiting"


def test_so_is_a_defect_of_what_metrics_port_answers(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    listening = socket.create_server(("127.0.0.1", 0))  # by a thread that ends with the process
    answer_metrics(listening, lambda _: 1 / 0)
    with pytest.raises(RemoteDisconnected):
        urlopen(f"http://127.0.0.1:{listening.getsockname()[1]}/metrics", timeout=DEADLINE)
    assert "ZeroDivisionError" in caplog.text
    assert capsys.readouterr().err == ""


@pytest.mark.filterwarnings("default")
@pytest.mark.usefixtures("put_back")
def test_a_warning_and_what_nobody_has_caught_are_records(capsys: pytest.CaptureFixture[str]) -> None:
    take_over("json")
    warnings.warn("mind this", stacklevel=1)
    failing = threading.Thread(target=lambda: 1 / 0)
    failing.start()
    failing.join()
    warning, uncaught = map(json.loads, capsys.readouterr().err.splitlines())
    assert "mind this" in warning["message"]
    assert "ZeroDivisionError" in uncaught["traceback"]


@pytest.mark.parametrize("style", FORMATS)
def test_the_access_log_has_neither_ids_nor_tokens(
    style: str, valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"REDIS_URL": valkey_url, "SECRET_KEY": "k" * 32, "REGISTRY_FILE": str(DOCUMENTED)}
    app = create_app(Settings.from_env(settings))
    client, token = Client(access_logged(app, app.url_map)), "Xq3-secret_token"
    caplog.set_level(logging.INFO, "service.web.middleware")
    with closing(app.extensions["module_registry"].client):
        client.post(f"/sign-in?token={token}")
        client.get(f"/sign-in/{token}")
        client.post("/api/features/linkedin/interest", headers={"Cookie": "session=alice"})
        client.open("/healthz", method=token)
        client.get("/healthz")
    log = [FORMATS[style]().format(record) for record in caplog.records if record.name == "service.web.middleware"]
    said = ["POST /sign-in 4", "GET (no route) 404", "POST /api/features/<feature_id>/interest 401"]
    said += ["OTHER (no route) 405", "GET /healthz 200"]
    assert all(words in line for words, line in zip(said, log, strict=True)), log
    assert not any(secret in str(log) for secret in (token, token[:8], "alice", "linkedin", "127.0.0.1"))


#: What gunicorn has set up when the application is loaded, and a formatter of an operator's own.
SET_UP = """
import logging, sys
from flask import Flask
from service.web.logs import keep_to_one_line

class Own(logging.Formatter):
    def format(self, record):
        return "own: " + record.getMessage()

formatters = {"gunicorn.error": logging.Formatter("{levelname} {message}", style="{"), "gunicorn.access": Own()}
for name, formatter in formatters.items():
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.getLogger(name).addHandler(handler)
    logging.getLogger(name).propagate = False
keep_to_one_line()

def fail():
    raise ValueError("\\x1b[2J")

app = Flask("service")
app.before_request(fail)
app.test_client().get("/a%0Aforged%1B[31m")
logging.getLogger("gunicorn.error").error("Error handling request %s", "/a\\nforged\\x1b[31m")
logging.getLogger("gunicorn.access").error("as it is\\x1b")
"""


def test_what_came_from_outside_is_escaped_in_the_format_that_is_there() -> None:
    first, *traceback, server, own = run_process(program=SET_UP).stderr.splitlines()
    assert first.endswith(r"[ERROR] Exception on /a\nforged\x1b[31m [GET]")
    assert (traceback[0], traceback[-1]) == ("  Traceback (most recent call last):", r"  ValueError: \x1b[2J")
    assert server == r"ERROR Error handling request /a\nforged\x1b[31m"
    assert own == "own: as it is\x1b"


def test_a_record_has_all_that_is_told() -> None:
    said = {"created": 1_600_000_000.25, "levelname": "INFO", "process": 7, "name": "service.x", "msg": "said %s"}
    record = logging.makeLogRecord(said | {"args": ("é",), "fields": {"module": "crm"}})
    expected: dict[str, Any] = {"time": "2020-09-13T12:26:40.250+00:00", "level": "INFO", "process": 7}
    expected |= {"logger": "service.x", "message": "said é", "module": "crm"}
    assert json.loads(FORMATS["json"]().format(record)) == expected
    assert FORMATS["text"]().format(record) == "2020-09-13T12:26:40.250+00:00 [INFO] said é"
    record.details = ("one\nforged", "two\x1b[31m")
    assert json.loads(FORMATS["json"]().format(record)) == expected | {"details": ["one\nforged", "two\x1b[31m"]}
    text = FORMATS["text"]().format(record)
    assert text.partition("[INFO] ")[2] == "said é\n  one\\nforged\n  two\\x1b[31m"


#: Parts of headers, and what is one and what of it is passed on.
PARTS = {"t": "4bf92f3577b34da6a3ce929d0e0e4736", "p": "00f067aa0ba902b7"}


@pytest.mark.parametrize(("header", "becomes"), table(__file__, "traceparents.yaml"))
def test_what_is_a_traceparent_is_taken_and_what_is_none_counts_as_none(header: str, becomes: str | None) -> None:
    assert traceparent(header.format_map(PARTS)) == (becomes and becomes.format_map(PARTS))
