"""One account in many places at once, against a service with two workers."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from support import Serve, launch, run, wait_for_workers, wait_until

pytestmark = pytest.mark.long

T = TypeVar("T")

PATH = "/api/features/linkedin/interest"


@pytest.fixture(scope="module")
def running() -> Iterator[Serve]:
    """A service whose two workers are both there."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder, ExitStack() as stack:
        service = launch(Path(folder), Path(folder) / "var", "--workers", "2")
        stack.callback(service.clean_up)
        wait_for_workers(service.started(), 2)
        yield service


def ask(url: str, method: str, path: str, cookie: str = "") -> tuple[int, str, bytes]:
    """Status, cookie and body. While a busy machine makes the store slow, it asks again."""

    def answered() -> tuple[int, str, bytes] | None:
        with closing(HTTPConnection(url.removeprefix("http://"), timeout=20)) as connection:
            connection.request(method, path, headers={"Cookie": cookie} if cookie else {})
            response = connection.getresponse()
            status, said = response.status, response.read()
            new_cookie = response.headers.get("Set-Cookie", "").partition(";")[0]
        return None if status == 503 and b"answers too slowly" in said else (status, new_cookie, said)

    return wait_until(answered)


def link_of(running: Serve, account_id: str) -> str:
    """The path and query of a real link that signs a new account in."""
    data_dir = str(running.data_dir)
    assert run("accounts", "add", account_id, DATA_DIR=data_dir).returncode == 0
    link = run("accounts", "sign-in-link", account_id, DATA_DIR=data_dir).stdout.strip()
    assert link.startswith(f"{running.url}/sign-in?token=")
    return link.removeprefix(running.url)


def count(running: Serve, cookie: str) -> tuple[int, list[str]]:
    features = json.loads(ask(running.url, "GET", "/api/features", cookie)[2])
    return features["counts"]["linkedin"], features["voted"]


def at_once(clients: int, act: Callable[[int], T]) -> list[T]:
    """What so many clients are answered that act at the same moment."""
    together = Barrier(clients)

    def client(number: int) -> T:
        together.wait(20)
        return act(number)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(client, range(clients)))


def test_one_hundred_simultaneous_votes_of_one_account_count_one(running: Serve) -> None:
    cookie = ask(running.url, "POST", link_of(running, "alice"))[1]
    assert at_once(100, lambda _: ask(running.url, "POST", PATH, cookie)[0]) == [204] * 100
    assert count(running, cookie) == (1, ["linkedin"])
    assert ask(running.url, "DELETE", PATH, cookie)[0] == 204
    assert count(running, cookie) == (0, [])


def test_of_fifty_clients_with_one_link_one_is_signed_in(running: Serve) -> None:
    link = link_of(running, "carl")
    answers = at_once(50, lambda _: ask(running.url, "POST", link))
    assert sorted(status for status, _, _ in answers) == [200] + [410] * 49
    [cookie] = [cookie for _, cookie, _ in answers if cookie]
    assert count(running, cookie)[1] == []
