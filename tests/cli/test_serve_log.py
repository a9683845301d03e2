"""What `serve` logs: in which form, and of whom it keeps silent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from support import Serve, run, wait_until

Start = Callable[..., Serve]


def test_each_line_begins_with_its_time_in_utc_and_its_level(serve: Start) -> None:
    running = serve(CACHE_MAXAGE="5")  # which is warned of
    assert running.stop() == 0
    levels = []
    for line in running.stderr.read_text().splitlines():
        found = re.fullmatch(r"(\S+) \[([A-Z]+)\] (.+)", line)
        assert found, line
        assert datetime.fromisoformat(found[1]).utcoffset() == timedelta(0)
        levels.append(found[2])
    assert levels == ["WARNING", "INFO"]
    assert (
        "] CACHE_MAXAGE is not a setting, and is ignored: did you mean CACHE_MAX_AGE?\n" in running.stderr.read_text()
    )


def test_as_json_each_line_is_an_object(serve: Start) -> None:
    running = serve("--log-format", "json", "--access-log", CACHE_MAXAGE="5\x1b[31m")
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert running.ask("GET", "/api/modules/scrap?token=hush", traceparent=trace) == 200
    wait_until(lambda: "/api/modules/" in running.stderr.read_text())
    assert running.ask("GET", "/api/modules/scrap", traceparent="nonsense") == 200
    wait_until(lambda: running.stderr.read_text().count("/api/modules/") >= 2)
    assert running.stop() == 0
    warning, access, other, stop = map(json.loads, running.stderr.read_text().splitlines())
    assert warning["level"] == "WARNING"
    assert "did you mean CACHE_MAX_AGE?" in warning["message"]
    assert {"method": "GET", "route": "/api/modules/<slug>", "status": 200}.items() <= access.items()
    assert isinstance(access["ms"], float)
    assert (access["traceparent"], "traceparent" in other) == (trace, False)
    assert (stop["level"], stop["process"]) == ("INFO", running.process.pid)
    assert all(datetime.fromisoformat(said["time"]).tzinfo for said in (warning, access, stop))


@pytest.mark.parametrize("style", ["text", pytest.param("json", marks=pytest.mark.long)])
def test_the_access_log_has_neither_ids_nor_tokens(serve: Start, style: str) -> None:
    running = serve("--access-log", "--log-format", style)
    data_dir = str(running.data_dir)
    assert run("accounts", "add", "alice", DATA_DIR=data_dir).returncode == 0
    link = run("accounts", "sign-in-link", "alice", DATA_DIR=data_dir).stdout.strip()
    token = link.partition("?token=")[2]
    assert running.ask("POST", f"/sign-in?token={token}") == 200
    assert running.ask("GET", f"/sign-in/{token}") == 404
    assert running.ask("POST", "/api/features/linkedin/interest") == 401
    assert running.ask(token.replace("-", "X").replace("_", "X"), "/healthz") in (400, 405, 501)
    assert running.ask("GET", "/healthz") == 200
    wait_until(lambda: "/healthz" in running.stderr.read_text())
    log = running.stderr.read_text()
    assert "/api/features/" in log and "(no route)" in log
    assert not any(secret in log for secret in (token, token[:8], "alice", "linkedin", "127.0.0.1"))


def test_without_the_option_no_request_is_logged(serve: Start) -> None:
    running = serve()
    assert running.ask("GET", "/healthz") == 200
    assert running.ask("GET", "/nowhere") == 404
    assert running.stop() == 0
    assert running.log == []
