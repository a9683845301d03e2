"""Clients that are slow, silent or too large, against a real `serve`: nobody else waits, and nothing of them stays."""

from __future__ import annotations

import re
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median

import pytest
from support import DEADLINE, Serve, wait_until

SILENT, DRIPPING = 5000, 200
#: How much longer than without them others may wait, as a median.
MUCH_LONGER = 5
#: A new client waits for less than any slow one is given, in seconds, also while the machine is busy.
LONGEST_WAIT = 5.0

POLL = b"GET /api/modules HTTP/1.1\r\nHost: localhost\r\n\r\n"

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc to look into"),
]


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process have as many connections as these tests open, and a worker as many as it holds."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 2 * SILENT:
        pytest.skip(f"a process may have {limits[1]} open files (ulimit -Hn), and {2 * SILENT} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.fixture
def start(many_files: None, serve: Callable[..., Serve], valkey_url: str) -> Callable[[], Serve]:
    """Start two workers that have answered already, so that what they keep for later is there."""

    def start() -> Serve:
        running = serve("--workers", "2", REDIS_URL=valkey_url, SECRET_KEY="k" * 32)
        # A worker that listens, on a socket of its own, has opened what it opens by itself.
        listening = rf": \w+:{int(running.url.rpartition(':')[2]):04X} \w+:0000 0A "
        wait_until(lambda: len(re.findall(listening, Path("/proc/net/tcp").read_text())) == 2)
        for _ in range(100):
            assert answer_time(running) < DEADLINE
        return running

    return start


def connect(service: Serve, room: int | None = None) -> socket.socket:
    """A connection, whose client may have little room for answers."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    connection = socket.socket()
    if room is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    connection.settimeout(DEADLINE)
    connection.connect((host, int(port)))
    return connection


def received(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    parts = []
    with suppress(ConnectionResetError):  # it closed with something of ours unread
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def answer_time(service: Serve) -> float:
    """How long a new client waits for an answer, in seconds."""
    began = time.monotonic()
    with connect(service) as connection:
        connection.sendall(b"GET /api/modules-registry HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert received(connection).startswith(b"HTTP/1.1 200 ")
    return time.monotonic() - began


def files(service: Serve) -> int:
    """How many files its workers have open."""
    return sum(len(list(Path(f"/proc/{worker}/fd").iterdir())) for worker in service.workers)


@contextmanager
def dripping(connections: list[socket.socket]) -> Iterator[None]:
    """Send a byte a second on each of the connections."""
    done = threading.Event()

    def drip() -> None:
        while not done.wait(1):
            for connection in connections:
                with suppress(OSError):  # the server has had enough of this one
                    connection.send(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_silent_and_dripping_connections_keep_nobody_waiting(start: Callable[[], Serve]) -> None:
    """Beside a service that has no such connections, asked in turns: the machine may be busy with other things."""
    service, other = start(), start()
    files_before = files(service)
    with ExitStack() as stack:
        held = [stack.enter_context(connect(service)) for _ in range(SILENT + DRIPPING)]
        for connection in held[:DRIPPING]:
            connection.sendall(b"GET /api/modules-registry HTTP/1.1\r\nX-Slow: ")
        with dripping(held[:DRIPPING]):
            wait_until(lambda: files(service) >= files_before + SILENT + DRIPPING)
            alone, beside = zip(*((answer_time(other), answer_time(service)) for _ in range(300)), strict=True)
            assert files(service) >= files_before + SILENT  # they are still there
            waits = list(beside)
            # They are closed when the time for a request's head is up.
            wait_until(lambda: waits.append(answer_time(service)) or files(service) <= files_before + 2, 3 * DEADLINE)
    assert median(beside) < MUCH_LONGER * median(alone)
    assert max(waits) < LONGEST_WAIT


def test_a_head_that_is_too_large_is_refused(start: Callable[[], Serve]) -> None:
    service = start()
    for head in ("/{} HTTP/1.1\r\nHost: x\r\n", "/ HTTP/1.1\r\nCookie: {}\r\n", "/ HTTP/1.1\r\nX-{}: 1\r\n"):
        with connect(service) as connection:
            connection.sendall(f"GET {head}".format("x" * 65_536).encode())
            assert re.match(rb"HTTP/1\.1 4\d\d ", received(connection)), head
