"""`wsgi:app`, and `service.wsgi:app`, under the servers that operators may already have, as operators.md says to."""

import importlib
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import documentation
import pytest
from clusters import free_ports
from support import DEADLINE, DOCUMENTED, REPOSITORY, clean_environ, wait_until
from traffic import connected

from service.web.pages.table import PAGES

KEY = "a secret key of tests"


def documented_command(server: str = "gunicorn") -> str:
    """How operators.md says to run a server."""
    [command] = re.findall(rf"^    ({server} .*(?:(?<=\\)\n.*)*)$", documentation.page("operators.md"), re.MULTILINE)
    return str(command).replace("\\\n", " ")


def ask(url: str, request: bytes) -> bytes:
    """All that comes back until the connection is closed."""
    with connected(url) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def get(url: str, path: bytes, more: bytes = b"") -> bytes:
    """The whole answer to a GET, with more lines in its head."""
    return ask(url, b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n" % (path, more))


@contextmanager
def running(server: str, redis_url: str, log: Path) -> Iterator[str]:
    """A server by the documented command line, which answers at this address."""
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    program, *options = shlex.split(documented_command(server))
    own = {"gunicorn": [f"--bind=127.0.0.1:{port}"], "granian": ["--host=127.0.0.1", f"--port={port}"]}[program]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", program, *options, *own],
            cwd=REPOSITORY,
            env=clean_environ(REDIS_URL=redis_url, SECRET_KEY=KEY, REGISTRY_FILE=str(DOCUMENTED)),
            stdout=output,
            stderr=output,
        )

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        with suppress(ConnectionRefusedError):
            return b" 200 OK" in get(url, b"/readyz")
        return False

    try:
        wait_until(answers)
        yield url
    finally:
        process.terminate()
        process.wait(30 + DEADLINE)  # gunicorn waits for its workers for so long before it kills them


@pytest.mark.long
def test_granian_as_operators_have_it_bears_connections_that_say_nothing(valkey_url: str, tmp_path: Path) -> None:
    with running("granian", valkey_url, tmp_path / "log") as url, ExitStack() as stack:
        for _ in range(1200):
            stack.enter_context(connected(url))
        assert b" 200 OK" in get(url, b"/readyz")


#: Chunks that make no sense, or would add to the log.
MALFORMED = [
    b"zz\x1b[31m\r\nabc\r\n0\r\n\r\n",
    b"3\r\nabcXX0\r\n\r\n",
    b"3;\r\nlog: forged\r\nabc\r\n0\r\n\r\n",
    b"0\r\nforged trailer\x1b\r\n\r\n",
]


@pytest.mark.long
def test_a_malformed_body_is_refused_unread_and_a_path_is_one_line_of_the_log_without_its_query(
    embedded_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running("gunicorn", embedded_url, log) as url:
        head = b"POST /api/features/linkedin/interest HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        for body in MALFORMED:
            answer = ask(url, head + body)
            assert answer.startswith(b"HTTP/1.1 411 ") and b"application/problem+json" in answer, answer
        assert get(url, b"/api/modules", b"Host: y\r\n").startswith(b"HTTP/1.1 400 "), "two hosts"
        with connected(url) as cut:
            cut.sendall(head + b"5\r\nab")
            cut.shutdown(socket.SHUT_WR)  # it ends in the middle
            assert cut.recv(12) == b"HTTP/1.1 411"
        get(url, b"/a%0A127.0.0.1%20forged%1B[31m%E2%80%AE?token=secret")
        get(url, b"/raw\x1b[31m\xff")  # which gunicorn refuses, with a line of its own
        get(url, b"/sign-in?token=secret")
        wait_until(lambda: "/sign-in" in log.read_text("utf-8"))
    logged = log.read_text("utf-8")
    assert r'"GET /a\n127.0.0.1 forged\x1b[31m' in logged
    assert all(line.isprintable() for line in logged.split("\n"))
    assert "Traceback" not in logged and "secret" not in logged


def test_what_settings_cannot_do_is_said_and_what_is_wrong_is_for_the_server(
    monkeypatch: pytest.MonkeyPatch,
    valkey_url: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Imported anew, as by a server, which must not start it again; but it starts no threads, and leaves the log."""
    monkeypatch.setattr("service.web.logs.keep_to_one_line", lambda: None)
    monkeypatch.setattr("service.web.app.announced", lambda app: app)
    settings = {"REDIS_URL": valkey_url, "SECRET_KEY": KEY, "REGISTRY_FILE": str(DOCUMENTED)}
    for name, value in (settings | {"CACHE_MAXAGE": "5", "METRICS_PORT": "5"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "service.wsgi", raising=False)
    assert importlib.import_module("service.wsgi").app.test_client().get("/api/modules").status_code == 200
    assert "CACHE_MAXAGE is not a setting, and is ignored: did you mean CACHE_MAX_AGE?" in caplog.text
    assert "METRICS_PORT has no effect" in caplog.text
    monkeypatch.delitem(sys.modules, "service.wsgi")
    monkeypatch.setenv("REDIS_URL", valkey_url)  # the application has taken both out of the environment
    with pytest.raises(SystemExit, match=r"^3$"):
        importlib.import_module("service.wsgi")
    assert capfd.readouterr().err.startswith("SECRET_KEY: is required with REDIS_URL")


def test_start_is_refused_if_page_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch, valkey_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("service.web.logs.keep_to_one_line", lambda: None)
    monkeypatch.setitem(PAGES, "roadmap", ("roadmap.html", lambda registry, lang: 1 // 0))
    for name, value in {"REDIS_URL": valkey_url, "SECRET_KEY": KEY, "REGISTRY_FILE": str(DOCUMENTED)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "service.wsgi", raising=False)
    with pytest.raises(SystemExit, match=r"^3$"):
        importlib.import_module("service.wsgi")
    said = "The page /en/roadmap cannot be made: ZeroDivisionError: integer division or modulo by zero; report this"
    assert capfd.readouterr().err.startswith(said)
