"""What views may do with bodies, seen through the server of `serve`: a stream is a stream, and a body arrives."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support import DEADLINE, DOCUMENTED, REPOSITORY, clean_environ

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


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A file that lets the stream go on once it is there."""
    return tmp_path / "gate"


@pytest.fixture
def port(gate: Path, valkey_url: str) -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    environ = clean_environ(REDIS_URL=valkey_url, SECRET_KEY="a secret key of tests", REGISTRY_FILE=str(DOCUMENTED))
    command = [sys.executable, "-c", SERVER, str(port), str(gate)]
    with subprocess.Popen(command, cwd=REPOSITORY, env=environ, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"ready\n"
        try:
            yield port
        finally:
            process.terminate()


def read_until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while end not in received:
        part = connection.recv(65536)
        assert part, received
        received += part
    return received


@pytest.mark.long
def test_the_parts_of_a_view_that_streams_are_sent_as_they_come(port: int, gate: Path) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as connection:
        connection.sendall(b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"second" not in read_until(connection, b"first\n")
        gate.touch()
        assert b"second\n" in read_until(connection, b"0\r\n\r\n")


@pytest.mark.long
@pytest.mark.parametrize(
    "sent",
    [
        b"Content-Length: 10\r\n\r\nfive+five!",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nfive+\r\n5\r\nfive!\r\n0\r\n\r\n",
    ],
)
def test_a_view_that_takes_a_body_gets_it(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\n" + sent)
        assert read_until(connection, b"five!").startswith(b"HTTP/1.1 200 ")


@pytest.mark.long
def test_of_a_body_that_never_ends_no_more_is_read_than_the_view_takes(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.sendall((b"400\r\n" + b"x" * 1024 + b"\r\n") * 101)
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 413 ")
