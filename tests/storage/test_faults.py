"""What a store that loses, delays or adds answers does to those who ask it: through a real proxy."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from proxy import Proxy
from support import DOCUMENTED, AnyClient, Serve, Store, add_accounts, connect, session_cookie, wait_until

from service.accounts.sessions import Caller
from service.accounts.store import account_key
from service.interest import store as interest
from service.interest.keys import interest_key, trend_key
from service.problems import NotAuthenticated, StorageUnavailable
from service.registry.loading.loader import load

KEY = "a secret key of the platform"
REGISTRY = load(DOCUMENTED)
BOB = Caller("bob")


@pytest.fixture
def own(own_store: Store) -> Iterator[AnyClient]:
    """A client of the store itself, in which bob is active."""
    with closing(connect(own_store.url, 5.0)) as client:
        add_accounts(client, "bob")
        yield client


def connections(own: AnyClient) -> set[str]:
    return {each["id"] for each in own.client_list()}


def test_a_reply_of_another_kind_is_its_fault(own: AnyClient, proxy: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    with closing(connect(proxy.url, 5.0)) as client:
        assert interest.read(client, BOB, REGISTRY).voted == []
        for reply in (b":1\r\n", b"*1\r\n:1\r\n", b"$6\r\nactive\r\n"):
            proxy.replies = lambda data, reply=reply: reply  # type: ignore[misc]
            with pytest.raises(StorageUnavailable, match="holds what cannot be right"):
                interest.read(client, BOB, REGISTRY)
            proxy.replies = lambda data: data
            before = connections(own)
            assert interest.read(client, BOB, REGISTRY).voted == []
            assert connections(own) - before, "that connection is not used again"
    assert caplog.text.count(account_key("bob")) == 1, "it is said once a minute"


def test_where_what_is_stored_cannot_be_right_nothing_is_written(own: AnyClient) -> None:
    own.set(trend_key("linkedin"), "x")
    with pytest.raises(StorageUnavailable, match="holds what cannot be right"):
        interest.vote(own, BOB, "linkedin", REGISTRY)
    assert own.scard(interest_key("linkedin")) == 0
    own.hset(account_key("bob"), "status", b"\xff\xfe")
    with pytest.raises(NotAuthenticated):
        interest.vote(own, BOB, "hiring", REGISTRY)


def test_what_timed_out_is_not_done_later(own: AnyClient, proxy: Proxy) -> None:
    others = connections(own)
    with closing(connect(proxy.url, 1.0)) as client:
        interest.retract(client, BOB, "linkedin", REGISTRY)
        held = connections(own) - others
        proxy.hold()
        with pytest.raises(StorageUnavailable):
            interest.vote(client, BOB, "linkedin", REGISTRY)
    interest.vote(own, BOB, "hiring", REGISTRY)  # another host's, which is not cut off
    proxy.let_through()
    wait_until(lambda: not held & connections(own))  # so all that was on its way has come
    assert interest.read(own, BOB, REGISTRY).voted == ["hiring"]


@pytest.mark.long
def test_a_slow_store_holds_up_no_document(own: AnyClient, proxy: Proxy, serve: Callable[..., Serve]) -> None:
    running = serve(REDIS_URL=proxy.url, SECRET_KEY=KEY, REDIS_TIMEOUT="20")
    answers, ending = threading.Event(), threading.Event()
    answers.set()

    def late(data: bytes) -> bytes:
        time.sleep(0.3)  # what is slow here is the store
        answers.wait()
        return data

    def read() -> int:
        return running.ask("GET", "/api/features", Cookie=session_cookie(KEY, "bob"))

    def read_on() -> set[int]:
        return {read() for _ in iter(ending.is_set, True)}

    assert read() == 200
    proxy.replies = late
    with ThreadPoolExecutor(16) as pool:
        readers = [pool.submit(read_on) for _ in range(16)]
        try:
            wait_until(lambda: read() == 503)  # as more wait than may
            answers.clear()
            assert {running.ask("GET", "/api/modules-registry") for _ in range(40)} == {200}
        finally:
            answers.set()
            ending.set()
        assert {status for reader in readers for status in reader.result()} == {200, 503}
    proxy.replies = lambda data: data
    wait_until(lambda: read() == 200)
