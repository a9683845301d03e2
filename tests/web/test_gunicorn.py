"""Under gunicorn, as README says to run it, and as it runs by default."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import DEADLINE, DOCUMENTED, REPOSITORY, clean_environ, wait_until

VOTE = b"/api/features/linkedin/interest"


def readme_command() -> str:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    [command] = re.findall(r"^    (gunicorn .*(?:(?<=\\)\n.*)*)$", text, re.MULTILINE)
    return str(command)


COMMANDS = {"README's": readme_command(), "its default": "gunicorn wsgi:app"}


@dataclass
class Gunicorn:
    """A running gunicorn, and the file that it logs to."""

    port: int
    log: Path

    def send(self, request: bytes) -> socket.socket:
        """A connection on which `request` was sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)
        connection.sendall(request)
        return connection

    def ask(self, request: bytes) -> bytes:
        """All that comes back until the connection is closed."""
        with self.send(request) as connection:
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def get(self, path: bytes) -> bytes:
        return self.ask(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path)

    def lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def gunicorn(tmp_path: Path, valkey_url: str) -> Iterator[Callable[..., Gunicorn]]:
    """Start a gunicorn of some command line on a free port, and end it after the test."""
    with ExitStack() as stack:

        def start(command: str) -> Gunicorn:
            with closing(socket.create_server(("127.0.0.1", 0))) as free:
                port = free.getsockname()[1]
            settings = {"REDIS_URL": valkey_url, "SECRET_KEY": "a secret key of tests"}
            environ = clean_environ(REGISTRY_FILE=str(DOCUMENTED), **settings)
            environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
            environ["GUNICORN_CMD_ARGS"] = f"--bind=127.0.0.1:{port}"
            shell = ["sh", "-c", f"exec {command}"]
            log = tmp_path / "log"
            with log.open("wb") as output:
                process = subprocess.Popen(shell, cwd=REPOSITORY, env=environ, stdout=output, stderr=output)
            stack.callback(process.wait, DEADLINE)
            stack.callback(process.terminate)
            running = Gunicorn(port, log)

            def answers() -> bool:
                assert process.poll() is None, log.read_text()
                with socket.socket() as probe:
                    return probe.connect_ex(("127.0.0.1", port)) == 0

            wait_until(answers)
            assert b" 200 OK" in running.get(b"/healthz")
            return running

        yield start


def chunked(body: bytes) -> bytes:
    return b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s" % (VOTE, body)


MALFORMED = {
    "size": b"zz\x1b[31m\r\nabc\r\n0\r\n\r\n",
    "terminator": b"3\r\nabcXX0\r\n\r\n",
    "extension": b"3;\r\nlog: forged\r\nabc\r\n0\r\n\r\n",
    "trailer": b"0\r\nforged trailer\x1b\r\n\r\n",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_malformed_body_is_400_and_no_traceback(gunicorn: Callable[..., Gunicorn], command: str) -> None:
    server = gunicorn(COMMANDS[command])
    for body in MALFORMED.values():
        answer = server.ask(chunked(body))
        assert answer.startswith(b"HTTP/1.1 400 "), answer
        assert b"application/problem+json" in answer
    with server.send(chunked(b"5\r\nab")) as cut:
        cut.shutdown(socket.SHUT_WR)  # it ends in the middle
        assert cut.recv(12) == b"HTTP/1.1 400"
    log = "\n".join(server.lines())
    assert "Traceback" not in log
    assert "\x1b" not in log


def test_a_path_is_one_line_of_the_log_without_its_query(gunicorn: Callable[..., Gunicorn]) -> None:
    server = gunicorn(readme_command())
    server.get(b"/a%0A127.0.0.1%20forged%1B[31m%E2%80%AE?token=secret")
    server.get(b"/raw\x1b[31m\xff")  # which gunicorn refuses, with a line of its own
    server.get(b"/sign-in?token=secret")
    wait_until(lambda: any("/sign-in" in line for line in server.lines()))
    log = server.log.read_text(encoding="utf-8")
    assert r'"GET /a\n127.0.0.1 forged\x1b[31m' in log
    assert all(line.isprintable() for line in log.split("\n"))
    assert "secret" not in log


@pytest.mark.parametrize("command", COMMANDS)
def test_the_default_worker_is_warned_of(gunicorn: Callable[..., Gunicorn], command: str) -> None:
    warned = [line for line in gunicorn(COMMANDS[command]).lines() if "--worker-class gthread" in line]
    assert len(warned) == (command == "its default")


def test_slow_clients_keep_nobody_waiting(gunicorn: Callable[..., Gunicorn]) -> None:
    server = gunicorn(readme_command())
    beginnings = [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX: ", chunked(b"5\r\nab")]
    with ExitStack() as slow:
        connections = [slow.enter_context(server.send(beginnings[number % 4])) for number in range(48)]
        for _ in range(10):
            assert b" 200 OK" in server.get(b"/readyz")
            for connection in connections[2::4]:
                connection.sendall(b"x")  # they are still there, and go on
