"""`wsgi:app`, and `service.wsgi:app`, under the servers that operators may already have."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from urllib.error import URLError

import pytest
from gunicorn_server import documented_command
from support import DEADLINE, REPOSITORY, clean_environ, wait_until

pytestmark = pytest.mark.long

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


@contextmanager
def running(server: tuple[str, ...], port: int, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A server that answers, until the end."""
    process = start(server, port, SECRET_KEY=KEY, **settings)
    try:
        assert wait_until(lambda: answer(process, port)) == 200
        yield process
    finally:
        process.terminate()


def test_it_serves_and_what_settings_cannot_do_is_said_once_a_server(free_port: int, valkey_url: str) -> None:
    settings = {"REDIS_URL": valkey_url, "CACHE_MAXAGE": "5", "METRICS_PORT": "9464"}
    with running((*GUNICORN, "--workers=2"), free_port, **settings) as process:
        pass
    output, _ = process.communicate(timeout=20)
    assert output.count("CACHE_MAXAGE is not a setting, and is ignored: did you mean CACHE_MAX_AGE?") == 1
    assert output.count("METRICS_PORT has no effect") == 1


def answer(process: subprocess.Popen[str], port: int) -> int | None:
    """The status of an answer, or None where there is none yet."""
    assert process.poll() is None, process.communicate()[0]
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=DEADLINE) as response:
            return int(response.status)
    except URLError:
        return None


def test_granian_as_operators_have_it_bears_connections_that_say_nothing(free_port: int, valkey_url: str) -> None:
    with running(GRANIAN, free_port, REDIS_URL=valkey_url) as process, ExitStack() as silent:
        for _ in range(1200):
            silent.enter_context(socket.create_connection(("127.0.0.1", free_port), timeout=DEADLINE))
        assert answer(process, free_port) == 200
    process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("server", "settings", "words"),
    [
        (GUNICORN, {"SECRET_KEY": KEY}, "REDIS_URL: is not set"),
        (GUNICORN, {"REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": KEY, "REGISTRY_FILE": "Makefile"}, "Makefile:"),
        (GRANIAN, {"REDIS_URL": "redis://127.0.0.1:1/0"}, "SECRET_KEY: is required with REDIS_URL"),
    ],
)
def test_it_refuses_to_start_with_the_reason_and_no_traceback(
    server: tuple[str, ...], free_port: int, settings: dict[str, str], words: str
) -> None:
    process = start(server, free_port, **settings)
    try:
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode != 0
    assert words in output
    assert "Traceback" not in output
