"""Under gunicorn, as operators.md says to run it."""

from __future__ import annotations

import importlib
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.config import Config
from gunicorn_server import ask, documented_command, gunicorn, send
from support import wait_until

VOTE = b"/api/features/linkedin/interest"


def chunked(body: bytes) -> bytes:
    return b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s" % (VOTE, body)


MALFORMED = [b"zz\x1b[31m\r\nabc\r\n0\r\n\r\n", b"3\r\nabcXX0\r\n\r\n", b"3;\r\nlog: forged\r\nabc\r\n0\r\n\r\n"]
MALFORMED += [b"0\r\nforged trailer\x1b\r\n\r\n"]


@pytest.mark.long
def test_a_malformed_body_is_refused_unread_and_a_path_is_one_line_of_the_log_without_its_query(
    embedded_url: str, tmp_path: Path
) -> None:
    with gunicorn(documented_command(), embedded_url, tmp_path / "log") as server:
        for body in MALFORMED:
            answer = ask(server.port, chunked(body))
            assert answer.startswith(b"HTTP/1.1 411 "), answer
            assert b"application/problem+json" in answer
        answer = ask(server.port, b"GET /api/modules HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 "), "two hosts"
        with send(server.port, chunked(b"5\r\nab")) as cut:
            cut.shutdown(socket.SHUT_WR)  # it ends in the middle
            assert cut.recv(12) == b"HTTP/1.1 411"
        server.get(b"/a%0A127.0.0.1%20forged%1B[31m%E2%80%AE?token=secret")
        server.get(b"/raw\x1b[31m\xff")  # which gunicorn refuses, with a line of its own
        server.get(b"/sign-in?token=secret")
        wait_until(lambda: any("/sign-in" in line for line in server.lines()))
        log = server.log.read_text(encoding="utf-8")
    assert r'"GET /a\n127.0.0.1 forged\x1b[31m' in log
    assert all(line.isprintable() for line in log.split("\n"))
    assert "Traceback" not in log and "secret" not in log


@pytest.fixture
def warn(valkey_url: str, registry_file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What `service.wsgi` does when a server imports it."""
    monkeypatch.setenv("REDIS_URL", valkey_url)
    monkeypatch.setenv("SECRET_KEY", "a secret key of tests")
    monkeypatch.setenv("REGISTRY_FILE", str(registry_file))
    monkeypatch.setattr("service.web.announcing.announced", lambda app: app)  # which would go on in a thread
    monkeypatch.setattr("service.logs.keep_to_one_line", lambda: None)  # the log is that of pytest
    monkeypatch.delitem(sys.modules, "service.wsgi", raising=False)
    module = importlib.import_module("service.wsgi")
    module.app.extensions["module_registry"].client.close()
    return module.warn  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("options", "warned"),
    [
        (documented_command().replace("\\\n", "").removeprefix("gunicorn").removesuffix("wsgi:app"), 0),
        ("", 1),
        ("--worker-class sync --threads 2", 0),  # which gunicorn takes for gthread
        ("--worker-class gthread", 1),
        ("--worker-class gunicorn.workers.sync.SyncWorker", 1),
        ("--worker-class gthread --threads 2", 0),
    ],
)
def test_workers_of_one_thread_are_warned_of(
    warn: Callable[[], None], caplog: pytest.LogCaptureFixture, options: str, warned: int
) -> None:
    self = WSGIApplication.__new__(WSGIApplication)  # as gunicorn calls itself where it imports an application
    self.cfg = Config()
    for name, value in vars(self.cfg.parser().parse_args(options.split())).items():
        if value is not None and name in self.cfg.settings:
            self.cfg.set(name, value)
    warn()
    assert caplog.text.count("use --worker-class gthread --threads 64") == warned
