"""`wsgi:app`, and `service.wsgi:app`, under the servers that operators may already have."""

from __future__ import annotations

import importlib
import shlex
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from types import ModuleType, SimpleNamespace
from urllib.error import URLError

import pytest
from flask import Flask
from gunicorn_server import documented_command
from support import DEADLINE, REPOSITORY, clean_environ, wait_until

KEY = "a key of the platform"
GUNICORN = ("gunicorn", "--bind=127.0.0.1:{port}", "wsgi:app")
GRANIAN = (*shlex.split(documented_command("granian").replace("\\\n", " ")), "--host=127.0.0.1", "--port={port}")


@pytest.fixture
def free_port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    yield port


def start(server: tuple[str, ...], port: int, **settings: str) -> subprocess.Popen[str]:
    module, *arguments = (argument.format(port=port) for argument in server)
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=REPOSITORY,
        env=clean_environ(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def answer(process: subprocess.Popen[str], port: int) -> int | None:
    """The status of an answer, or None where there is none yet."""
    assert process.poll() is None, process.communicate()[0]
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=DEADLINE) as response:
            return int(response.status)
    except URLError:
        return None


@pytest.mark.long
def test_granian_as_operators_have_it_bears_connections_that_say_nothing(free_port: int, valkey_url: str) -> None:
    process = start(GRANIAN, free_port, SECRET_KEY=KEY, REDIS_URL=valkey_url)
    with ExitStack() as silent:
        silent.callback(process.communicate, timeout=20)
        silent.callback(process.terminate)
        assert wait_until(lambda: answer(process, free_port)) == 200
        for _ in range(1200):
            silent.enter_context(socket.create_connection(("127.0.0.1", free_port), timeout=DEADLINE))
        assert answer(process, free_port) == 200


@pytest.mark.long
@pytest.mark.parametrize("server", [GUNICORN, GRANIAN], ids=["gunicorn", "granian"])
def test_it_refuses_to_start_with_the_reason_and_no_traceback(server: tuple[str, ...], free_port: int) -> None:
    process = start(server, free_port, REDIS_URL="redis://127.0.0.1:1/0")
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode != 0
    assert "SECRET_KEY: is required with REDIS_URL" in output
    assert "Traceback" not in output


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch, valkey_url: str) -> Callable[[], ModuleType]:
    """Import the application anew, as a server does, but that it starts no threads and leaves the log as it is."""
    monkeypatch.setattr("service.logs.keep_to_one_line", lambda: None)
    monkeypatch.setattr("service.web.announcing.announced", lambda app: app)
    monkeypatch.setenv("REDIS_URL", valkey_url)
    monkeypatch.setenv("SECRET_KEY", KEY)
    for name in ("CACHE_MAXAGE", "METRICS_PORT"):
        monkeypatch.setenv(name, "5")

    def imported() -> ModuleType:
        monkeypatch.delitem(sys.modules, "service.wsgi", raising=False)
        return importlib.import_module("service.wsgi")

    return imported


class Importer:
    """What imports the application in gunicorn: a worker, or gunicorn itself."""

    def __init__(self, **fields: object) -> None:
        self.__dict__ |= fields

    def has(self, imported: Callable[[], ModuleType]) -> ModuleType:
        return imported()


@pytest.mark.parametrize(("age", "times"), [(1, 1), (2, 0)])
def test_what_settings_cannot_do_is_said_by_the_first_worker(
    imported: Callable[[], ModuleType], caplog: pytest.LogCaptureFixture, age: int, times: int
) -> None:
    module = Importer(age=age).has(imported)
    assert module.app.test_client().get("/api/modules").status_code == 200
    assert caplog.text.count("CACHE_MAXAGE is not a setting, and is ignored: did you mean CACHE_MAX_AGE?") == times
    assert caplog.text.count("METRICS_PORT has no effect") == times


def test_workers_of_greenlets_wait_for_no_slow_client(
    imported: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Those that do are in test_gunicorn."""
    monkeypatch.setattr("service.web.app.create_app", lambda: Flask("any"))
    gunicorn = type("WSGIApplication", (Importer,), {"__module__": "gunicorn.app.wsgiapp"})
    gunicorn(cfg=SimpleNamespace(worker_class_str="gevent", threads=1)).has(imported)
    assert "waits for one slow client" not in caplog.text


def test_what_is_wrong_is_printed_for_a_server_that_must_not_start_it_again(
    imported: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    with pytest.raises(SystemExit, match=r"^3$"):
        imported()
    assert capsys.readouterr().err.startswith("SECRET_KEY: is required with REDIS_URL")
