"""One account in many places at once, against a service with two workers."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Barrier

import pytest
from support import Serve, run, wait_until

PATH = "/api/features/linkedin/interest"


@pytest.fixture
def running(serve: Callable[..., Serve]) -> Serve:
    """A service whose two workers are both there."""
    started = serve("--workers", "2")
    wait_until(lambda: len(started.workers) == 2)
    return started


def ask(url: str, method: str, path: str, cookie: str = "") -> tuple[int, str, bytes]:
    """Status, cookie and body, over a connection of its own."""
    connection = HTTPConnection(url.removeprefix("http://"), timeout=20)
    try:
        connection.request(method, path, headers={"Cookie": cookie} if cookie else {})
        response = connection.getresponse()
        return response.status, response.headers.get("Set-Cookie", "").partition(";")[0], response.read()
    finally:
        connection.close()


def sign_in(running: Serve, account_id: str) -> str:
    """The session cookie of a new account, by way of a real link."""
    data_dir = str(running.data_dir)
    assert run("accounts", "add", account_id, DATA_DIR=data_dir).returncode == 0
    link = run("accounts", "sign-in-link", account_id, DATA_DIR=data_dir).stdout.strip()
    assert link.startswith(f"{running.url}/sign-in?token=")
    status, cookie, _ = ask(running.url, "POST", link.removeprefix(running.url))
    assert status == 200
    return cookie


def count(running: Serve, cookie: str) -> tuple[int, list[str]]:
    status, _, body = ask(running.url, "GET", "/api/features", cookie)
    assert status == 200
    features = json.loads(body)
    return features["counts"]["linkedin"], features["voted"]


def test_one_hundred_simultaneous_votes_of_one_account_count_one(running: Serve) -> None:
    cookie = sign_in(running, "alice")
    together = Barrier(100)

    def vote(_: int) -> int:
        together.wait()
        return ask(running.url, "POST", PATH, cookie)[0]

    with ThreadPoolExecutor(100) as pool:
        assert list(pool.map(vote, range(100))) == [204] * 100
    assert count(running, cookie) == (1, ["linkedin"])
    assert ask(running.url, "DELETE", PATH, cookie)[0] == 204
    assert count(running, cookie) == (0, [])


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, b"401"), (64 * 1024 + 1, b"413")])
def test_a_chunked_body_is_measured_too(serve: Callable[..., Serve], size: int, status: bytes) -> None:
    host, port = serve().url.removeprefix("http://").split(":")
    head = f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n".encode()
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head + b"x" * size + b"\r\n0\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 " + status


def test_bodies_that_never_come_hold_no_thread(running: Serve) -> None:
    """More of them than a service of two workers has threads."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: {running.url.removeprefix('http://')}\r\n"
    host, _, port = running.url.removeprefix("http://").partition(":")
    waiting = []
    for framing in ["Content-Length: 10\r\n\r\nabc"] * 20:
        waiting.append(socket.create_connection((host, int(port)), timeout=20))
        waiting[-1].sendall((head + framing).encode())
    try:
        assert ask(running.url, "GET", "/api/modules-registry")[0] == 200
        assert ask(running.url, "GET", "/healthz")[0] == 200
    finally:
        for connection in waiting:
            connection.close()
