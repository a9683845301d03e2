"""What views may do with bodies, seen through the server of `serve`: a stream is a stream, and a body arrives."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from gunicorn_server import ask, send
from support import DOCUMENTED, REPOSITORY, clean_environ

pytestmark = pytest.mark.long

#: `serve` with two more views: one that streams a part and waits for a file before the next, and one that reads.
SERVER = """
import os, sys, time
from pathlib import Path
from flask import Response
from service.cli.address import listening_address
from service.cli.supervisor import run_workers
from service.web.admission import read_body, takes_body
from service.web.app import create_app

def make_app():
    app = create_app()

    @app.get("/stream")
    def stream():
        def parts():
            yield b"first\\n"
            while not Path(sys.argv[2]).exists():
                time.sleep(0.01)
            yield b"second\\n"
        return Response(parts(), mimetype="text/plain")

    @app.post("/echo")
    @takes_body(100 * 1024)
    def echo():
        return read_body()

    return app

run_workers(listening_address("127.0.0.1", int(sys.argv[1])), 1, make_app, "ready")
"""
ECHO = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
CHUNKED = ECHO + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that lets the stream go on once it is there."""
    return tmp_path_factory.mktemp("granian") / "gate"


@pytest.fixture(scope="module")
def port(gate: Path, embedded_url: str) -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    environ = clean_environ(REDIS_URL=embedded_url, SECRET_KEY="a secret key of tests", REGISTRY_FILE=str(DOCUMENTED))
    command = [sys.executable, "-c", SERVER, str(port), str(gate)]
    with subprocess.Popen(command, cwd=REPOSITORY, env=environ, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"ready\n"
        try:
            yield port
        finally:
            process.terminate()


def test_the_parts_of_a_view_that_streams_are_sent_as_they_come(port: int, gate: Path) -> None:
    with send(port, b"GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") as connection:
        received = b""
        while b"first\n" not in received:
            received += (part := connection.recv(65536))
            assert part, received
        assert b"second" not in received
        gate.touch()
        assert b"second\n" in b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_view_that_takes_a_body_gets_it(port: int) -> None:
    for sent in (ECHO + b"Content-Length: 10\r\n\r\nfive+five!", CHUNKED + b"5\r\nfive+\r\n5\r\nfive!\r\n0\r\n\r\n"):
        answer = ask(port, sent)
        assert (answer.split()[1], answer[-10:]) == (b"200", b"five+five!")


def test_of_a_body_that_never_ends_no_more_is_read_than_the_view_takes(port: int) -> None:
    with send(port, CHUNKED + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 101) as connection:
        assert connection.recv(13) == b"HTTP/1.1 413 "
