"""`wsgi:app`, and `service.wsgi:app`, under the servers that operators may already have."""

from __future__ import annotations

import importlib
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import ModuleType, SimpleNamespace
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from clusters import free_ports
from gunicorn_server import documented_command
from support import DEADLINE, REPOSITORY, clean_environ, wait_until

KEY = "a key of the platform"


@pytest.mark.long
def test_granian_as_operators_have_it_bears_connections_that_say_nothing(valkey_url: str, tmp_path: Path) -> None:
    command, [port] = shlex.split(documented_command("granian").replace("\\\n", " ")), free_ports(1)
    with ExitStack() as stack, (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--host=127.0.0.1", f"--port={port}"],
            cwd=REPOSITORY,
            env=clean_environ(SECRET_KEY=KEY, REDIS_URL=valkey_url),
            stdout=log,
            stderr=log,
        )
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)

        def answer() -> int | None:
            assert process.poll() is None, Path(log.name).read_text()
            with suppress(URLError), urlopen(f"http://127.0.0.1:{port}/readyz", timeout=DEADLINE) as response:
                return int(response.status)
            return None

        assert wait_until(answer) == 200
        for _ in range(1200):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE))
        assert answer() == 200


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
    gunicorn = type("WSGIApplication", (Importer,), {"__module__": "gunicorn.app.wsgiapp"})
    module = gunicorn(age=age, cfg=SimpleNamespace(worker_class_str="gevent", threads=1)).has(imported)
    assert module.app.test_client().get("/api/modules").status_code == 200
    assert caplog.text.count("CACHE_MAXAGE is not a setting, and is ignored: did you mean CACHE_MAX_AGE?") == times
    assert caplog.text.count("METRICS_PORT has no effect") == times
    assert "waits for one slow client" not in caplog.text, "greenlets do not; what does is in test_gunicorn"


def test_what_is_wrong_is_printed_for_a_server_that_must_not_start_it_again(
    imported: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    with pytest.raises(SystemExit, match=r"^3$"):
        imported()
    assert capsys.readouterr().err.startswith("SECRET_KEY: is required with REDIS_URL")
