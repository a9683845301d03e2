"""The connection that a thread keeps for its scripts."""

from __future__ import annotations

import gc
import multiprocessing
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from signal import SIGCONT, SIGSTOP
from threading import Barrier, Thread

import pytest
from support import DEADLINE, AnyClient, Store, connect, wait_until

from service.problems import StorageUnavailable
from service.storage.script import Script

SCRIPT = Script("return 'done'")


@pytest.fixture
def valkey_url(own_store: Store) -> str:
    """A store that nothing else connects to meanwhile: connections are counted."""
    return own_store.url


@pytest.fixture
def redis(valkey_url: str) -> Iterator[AnyClient]:
    with closing(connect(valkey_url, timeout=5.0)) as client:
        yield client


def kept(redis: AnyClient) -> set[str]:
    """The ids of the connections whose last command was a script."""
    return {each["id"] for each in redis.client_list() if each["cmd"] in ("eval", "evalsha")}


def test_a_thread_keeps_one_connection_and_leaves_none_behind(valkey_url: str, redis: AnyClient) -> None:
    client = connect(valkey_url, timeout=5.0)
    before = kept(redis)
    redis.script_flush()  # the error that says so is not to keep a connection either
    barrier = Barrier(9)

    def ask() -> None:
        for _ in range(3):
            client.run(SCRIPT, ["key"], [])
        barrier.wait()
        barrier.wait()

    threads = [Thread(target=ask) for _ in range(8)]
    gc.disable()  # which would find the connections in the end, but not at once
    try:
        for thread in threads:
            thread.start()
        barrier.wait()
        assert len(kept(redis) - before) == 8
        barrier.wait()
        for thread in threads:
            thread.join()
        wait_until(lambda: not kept(redis) - before)
    finally:
        gc.enable()


def test_one_that_either_end_has_closed_is_opened_again(valkey_url: str, redis: AnyClient) -> None:
    client = connect(valkey_url, timeout=5.0)
    before = kept(redis)
    client.run(SCRIPT, ["key"], [])
    first = kept(redis) - before
    assert len(first) == 1
    client.close()
    wait_until(lambda: not kept(redis) & first)
    assert client.run(SCRIPT, ["key"], []) == "done"
    [second] = kept(redis) - before - first
    redis.client_kill_filter(_id=second)
    assert client.run(SCRIPT, ["key"], []) == "done"
    client.close()


def test_a_forked_process_does_not_share_it(valkey_url: str, redis: AnyClient) -> None:
    client = connect(valkey_url, timeout=5.0)
    client.run(SCRIPT, ["key"], [])
    before = kept(redis)
    context = multiprocessing.get_context("fork")
    answered, end = context.Event(), context.Event()
    child = context.Process(target=lambda: (client.run(SCRIPT, ["key"], []), answered.set(), end.wait()))
    child.start()
    assert answered.wait(DEADLINE)
    assert len(kept(redis) - before) == 1
    end.set()
    child.join()
    client.close()


@pytest.mark.parametrize("size", [0, 8_000_000], ids=["waiting for the answer", "while it is sent"])
def test_a_script_that_takes_too_long_is_not_sent_again(own_store: Store, size: int) -> None:
    client = connect(own_store.url, timeout=0.3)
    client.ping()
    for _ in range(2):  # on a connection that has just been opened, and on one that has been opened again
        assert client.run(SCRIPT, ["key"], ["x" * size]) == "done"
        opened = client.info("stats")["total_connections_received"]
        own_store.signal(SIGSTOP)
        with pytest.raises(StorageUnavailable, match="did not answer within its time limit"):
            client.run(SCRIPT, ["key"], ["x" * size])
        own_store.signal(SIGCONT)
        # That of this question: what was idle when a call timed out is not used again.
        assert client.info("stats")["total_connections_received"] == opened + 1
    client.close()


def test_a_socket_that_the_kernel_never_lets_wait_keeps_python_s_limit(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As gevent's sockets, whose descriptors do not block."""
    settimeout = socket.socket.settimeout

    def unblocked(sock: socket.socket, seconds: float | None) -> None:
        settimeout(sock, seconds)
        os.set_blocking(sock.fileno(), False)

    monkeypatch.setattr(socket.socket, "settimeout", unblocked)
    client = connect(valkey_url, timeout=5.0)
    assert client.run(SCRIPT, ["key"], []) == "done"
    assert client._scripts._connection()._sock.gettimeout() == 5.0
    client.close()
