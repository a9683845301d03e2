"""Under gunicorn, as operators.md says to run it, and as it runs by default."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from gunicorn_server import Gunicorn, ask, documented_command, gunicorn, send
from support import wait_until

pytestmark = pytest.mark.long

VOTE = b"/api/features/linkedin/interest"

COMMANDS = {"documented": documented_command(), "its default": "gunicorn wsgi:app"}


@pytest.fixture
def start(tmp_path: Path, valkey_url: str) -> Iterator[Callable[[str], Gunicorn]]:
    """Start a gunicorn of some command line, and end it after the test."""
    with ExitStack() as stack:
        yield lambda command: stack.enter_context(gunicorn(command, valkey_url, tmp_path / "log"))


def chunked(body: bytes) -> bytes:
    return b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s" % (VOTE, body)


MALFORMED = {
    "size": b"zz\x1b[31m\r\nabc\r\n0\r\n\r\n",
    "terminator": b"3\r\nabcXX0\r\n\r\n",
    "extension": b"3;\r\nlog: forged\r\nabc\r\n0\r\n\r\n",
    "trailer": b"0\r\nforged trailer\x1b\r\n\r\n",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_malformed_body_is_refused_unread_and_is_no_traceback(start: Callable[[str], Gunicorn], command: str) -> None:
    server = start(COMMANDS[command])
    for body in MALFORMED.values():
        answer = ask(server.port, chunked(body))
        assert answer.startswith(b"HTTP/1.1 411 "), answer
        assert b"application/problem+json" in answer
    with send(server.port, chunked(b"5\r\nab")) as cut:
        cut.shutdown(socket.SHUT_WR)  # it ends in the middle
        assert cut.recv(12) == b"HTTP/1.1 411"
    log = "\n".join(server.lines())
    assert "Traceback" not in log
    assert "\x1b" not in log


def test_a_path_is_one_line_of_the_log_without_its_query(start: Callable[[str], Gunicorn]) -> None:
    server = start(documented_command())
    server.get(b"/a%0A127.0.0.1%20forged%1B[31m%E2%80%AE?token=secret")
    server.get(b"/raw\x1b[31m\xff")  # which gunicorn refuses, with a line of its own
    server.get(b"/sign-in?token=secret")
    wait_until(lambda: any("/sign-in" in line for line in server.lines()))
    log = server.log.read_text(encoding="utf-8")
    assert r'"GET /a\n127.0.0.1 forged\x1b[31m' in log
    assert all(line.isprintable() for line in log.split("\n"))
    assert "secret" not in log


@pytest.mark.parametrize(
    ("command", "warned"),
    [
        (documented_command(), 0),
        ("gunicorn --workers 2 wsgi:app", 1),
        ("gunicorn --workers 2 --worker-class sync --threads 2 wsgi:app", 0),  # which gunicorn takes for gthread
        ("gunicorn --workers 2 --worker-class gthread wsgi:app", 1),
        ("gunicorn --workers 2 --worker-class gunicorn.workers.sync.SyncWorker wsgi:app", 1),
        ("gunicorn --workers 2 --worker-class gthread --threads 1 --preload wsgi:app", 1),
        ("gunicorn --workers 2 --worker-class gthread --threads 2 wsgi:app", 0),
    ],
)
def test_workers_of_one_thread_are_warned_of_once(
    start: Callable[[str], Gunicorn], tmp_path: Path, command: str, warned: int
) -> None:
    hook = tmp_path / "gunicorn.conf.py"
    hook.write_text("def post_worker_init(worker): worker.log.info('has loaded the application')\n")
    server = start(f"{command} --config {hook}")
    wait_until(lambda: "".join(server.lines()).count("has loaded the application") == 2)
    assert "".join(server.lines()).count("use --worker-class gthread --threads 64") == warned


def test_slow_clients_keep_nobody_waiting(start: Callable[[str], Gunicorn]) -> None:
    server = start(documented_command())
    beginnings = [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX: ", chunked(b"5\r\nab")]
    with ExitStack() as slow:
        connections = [slow.enter_context(send(server.port, beginnings[number % 4])) for number in range(48)]
        for _ in range(10):
            assert b" 200 OK" in server.get(b"/readyz")
            for connection in connections[2::4]:
                connection.sendall(b"x")  # they are still there, and go on
