"""One account in many places at once, against a service with two workers."""

from __future__ import annotations

import json
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
    status, cookie, _ = ask(running.url, "GET", link.removeprefix(running.url))
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
