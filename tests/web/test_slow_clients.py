"""Clients that are slow, silent or too large, against a real `serve`: nobody else waits, and nothing of them stays."""

from __future__ import annotations

import re
import resource
import select
import selectors
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median

import pytest
from support import DEADLINE, Serve, launch, wait_until

Start = Callable[..., Serve]

SILENT, DRIPPING = 5000, 200
#: How much longer than without them others may wait, as a median.
MUCH_LONGER = 5
#: A new client waits for less than any slow one is given, in seconds, also while the machine is busy.
LONGEST_WAIT = 5.0
MIB = 1024 * 1024

VOTE = "POST /api/features/linkedin/interest HTTP/1.1\r\nHost: localhost\r\n"
SIGN_IN = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

POLL = b"GET /api/modules HTTP/1.1\r\nHost: localhost\r\n\r\n"

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc to look into"),
]


@pytest.fixture(scope="module")
def many_files() -> Iterator[None]:
    """Let this process have as many connections as these tests open, and a worker as many as it holds."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 2 * SILENT:
        pytest.skip(f"a process may have {limits[1]} open files (ulimit -Hn), and {2 * SILENT} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.fixture(scope="module")
def service(many_files: None) -> Iterator[Serve]:
    """Two workers that have answered already, so that what they keep for later is there."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder:
        running = launch(Path(folder), Path(folder) / "var", "--workers", "2")
        try:
            wait_until(lambda: listeners(running.started()) == 2)
            for _ in range(100):
                assert answer_time(running) < DEADLINE
            wait_until(lambda: is_settled(running))
            yield running
        finally:
            running.clean_up()


def is_settled(service: Serve) -> bool:
    """Whether nothing is made any more: pages are, for a while after the start."""
    before = memory(service)
    time.sleep(0.5)
    return memory(service) == before


def listeners(service: Serve) -> int:
    """How many sockets listen on its port, one a worker."""
    port = int(service.url.rpartition(":")[2])
    return len(re.findall(rf": \w+:{port:04X} \w+:0000 0A ", Path("/proc/net/tcp").read_text()))


def connect(service: Serve) -> socket.socket:
    host, _, port = service.url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=DEADLINE)


def connect_with_little_room(service: Serve) -> socket.socket:
    """A connection whose client has no room for a whole answer."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
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


def memory(service: Serve) -> list[int]:
    """How many bytes each of its workers has in memory."""
    statuses = (Path(f"/proc/{worker}/status").read_text() for worker in sorted(service.workers))
    return [int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024 for status in statuses]


@contextmanager
def dripping(connections: list[socket.socket], byte: bytes) -> Iterator[None]:
    """Send a byte a second on each of the connections."""
    done = threading.Event()

    def drip() -> None:
        while not done.wait(1):
            for connection in connections:
                with suppress(OSError):  # the server has had enough of this one
                    connection.send(byte)

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def all_closed(connections: list[socket.socket]) -> bool:
    """Whether the server has closed all of them; what it sent before is passed over."""
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection, selectors.EVENT_READ)
        for key, _ in selector.select(timeout=0.1):
            open_one = key.fileobj
            assert isinstance(open_one, socket.socket)
            try:
                ended = open_one.recv(65536) == b""
            except ConnectionResetError:
                ended = True
            if ended:
                connections.remove(open_one)
    return not connections


def test_silent_and_dripping_connections_keep_nobody_waiting(service: Serve, serve: Start, valkey_url: str) -> None:
    """Beside a service that has no such connections, asked in turns: the machine may be busy with other things."""
    other = serve("--workers", str(len(service.workers)), REDIS_URL=valkey_url, SECRET_KEY="k" * 32)
    before, files_before = memory(service), files(service)
    with ExitStack() as stack:
        held = [stack.enter_context(connect(service)) for _ in range(SILENT + DRIPPING)]
        slow = held[:DRIPPING]
        for connection in slow:
            connection.sendall(b"GET /api/modules-registry HTTP/1.1\r\nX-Slow: ")
        with dripping(slow, b"x"):
            wait_until(lambda: files(service) >= files_before + SILENT + DRIPPING)
            alone, beside = zip(*((answer_time(other), answer_time(service)) for _ in range(300)), strict=True)
            assert files(service) >= files_before + SILENT  # they are still there
            left, waits = list(held), list(beside)
            # They are closed when the time for a request's head is up.
            wait_until(lambda: waits.append(answer_time(service)) or all_closed(left))
    assert median(beside) < MUCH_LONGER * median(alone)
    assert max(waits) < LONGEST_WAIT
    wait_until(lambda: files(service) <= files_before + 2)
    assert all(now < was + 20 * MIB for was, now in zip(before, memory(service), strict=True))


def test_clients_that_read_nothing_are_closed(service: Serve) -> None:
    files_before = files(service)
    with ExitStack() as stack:
        held = [stack.enter_context(connect_with_little_room(service)) for _ in range(DRIPPING)]
        for connection in held:
            connection.setblocking(False)
            with suppress(BlockingIOError):  # nobody reads requests any more, either
                for _ in range(20):
                    connection.send(POLL * 20)
        wait_until(lambda: files(service) >= files_before + DRIPPING)
        waits = []
        wait_until(lambda: waits.append(answer_time(service)) or files(service) <= files_before + 2)
        assert max(waits) < LONGEST_WAIT


def test_bodies_that_come_byte_by_byte_keep_nobody_waiting(service: Serve) -> None:
    files_before = files(service)
    with ExitStack() as stack:
        slow: dict[int, list[socket.socket]] = {}
        for head, status in (
            (f"{VOTE}Content-Length: 60000\r\n", 401),
            (f"{VOTE}Transfer-Encoding: chunked\r\n", 411),
            (f"{SIGN_IN}Content-Length: 4000\r\n", 503),
        ):
            slow[status] = [stack.enter_context(connect(service)) for _ in range(DRIPPING)]
            for connection in slow[status]:
                connection.sendall(f"{head}\r\n1".encode())
        with dripping([one for connections in slow.values() for one in connections], b"1"):
            waits = [answer_time(service) for _ in range(100)]
            # Of those that sign in, one a worker is waited for.
            wait_until(lambda: len(slow[503]) - len(select.select(slow[503], [], [], 0)[0]) <= 2)
            slow[503] = select.select(slow[503], [], [], 0)[0]
            for status, connections in slow.items():
                assert {connection.recv(12) for connection in connections} == {b"HTTP/1.1 %d" % status}
                wait_until(lambda answered=connections: all_closed(answered))  # type: ignore[misc]
        assert max(waits) < LONGEST_WAIT
    wait_until(lambda: files(service) <= files_before + 2)


def test_a_head_that_is_too_large_is_refused_and_the_connection_closed(service: Serve) -> None:
    for start in ("GET /{} HTTP/1.1\r\nHost: x\r\n", f"{VOTE}Cookie: {{}}\r\n", f"{VOTE}X-{{}}: 1\r\n"):
        with connect(service) as connection:
            connection.sendall(start.replace("{}", "x" * 65_536).encode())
            assert re.match(rb"HTTP/1\.1 4\d\d ", received(connection)), start
