"""A gunicorn in a process of its own, and requests as raw bytes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import documentation
from support import DEADLINE, DOCUMENTED, REPOSITORY, clean_environ, wait_until

#: How long gunicorn waits for its workers to end before it kills them, in seconds.
_GRACEFUL = 30.0


def documented_command(server: str = "gunicorn") -> str:
    """How operators.md says to run a server."""
    text = documentation.page("operators.md")
    [command] = re.findall(rf"^    ({server} .*(?:(?<=\\)\n.*)*)$", text, re.MULTILINE)
    return str(command)


@dataclass
class Gunicorn:
    """A running gunicorn, and the file that it logs to."""

    port: int
    log: Path

    def get(self, path: bytes) -> bytes:
        """The whole answer to a GET."""
        return ask(self.port, b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path)

    def lines(self) -> list[str]:
        """What it has logged."""
        return self.log.read_text(encoding="utf-8").splitlines()


def send(port: int, request: bytes) -> socket.socket:
    """A connection on which `request` was sent."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
    connection.sendall(request)
    return connection


def ask(port: int, request: bytes) -> bytes:
    """All that comes back until the connection is closed."""
    with send(port, request) as connection:
        return b"".join(iter(lambda: connection.recv(65536), b""))


@contextmanager
def gunicorn(command: str, redis_url: str, log: Path) -> Iterator[Gunicorn]:
    """A gunicorn of some command line, on a free port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    environ = clean_environ(
        REDIS_URL=redis_url,
        SECRET_KEY="a secret key of tests",
        REGISTRY_FILE=str(DOCUMENTED),
        GUNICORN_CMD_ARGS=f"--bind=127.0.0.1:{port}",
        PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    )
    with log.open("wb") as output:
        shell = ["sh", "-c", f"exec {command}"]
        process = subprocess.Popen(shell, cwd=REPOSITORY, env=environ, stdout=output, stderr=output)

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(answers)
        running = Gunicorn(port, log)
        assert b" 200 OK" in running.get(b"/healthz")
        yield running
    finally:
        process.terminate()
        process.wait(_GRACEFUL + DEADLINE)
