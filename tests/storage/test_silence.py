"""Servers that accept a connection and never answer: one call waits for them, and the others are told at once."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from threading import Barrier

import pytest
from redis import Redis
from support import connect

from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.redis_url import RedisUrl
from service.storage.script import Script

LIMIT = 0.1
READ = Script("return redis.call('GET', KEYS[1])")
WRITE = Script("return redis.call('SADD', KEYS[1], 'x')")


@pytest.fixture
def addresses() -> Iterator[str]:
    """Three addresses at which nobody answers."""
    with ExitStack() as stack:
        listening = [stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100)) for _ in range(3)]
        yield ",".join(f"127.0.0.1:{one.getsockname()[1]}" for one in listening)


@pytest.mark.parametrize("url", ["redis://{first}", "redis+sentinel://{all}/votes", "redis+cluster://{all}"])
def test_one_call_waits_and_the_others_are_told_at_once(addresses: str, url: str) -> None:
    with closing(connect(url.format(first=addresses.split(",")[0], all=addresses), LIMIT)) as client:
        together = Barrier(8)

        def ask(_: int) -> bool:
            """Whether it was told at once."""
            together.wait()
            with pytest.raises(StorageUnavailable) as told:
                client.run(READ, ["key"], [])
            together.wait()
            return "is being tried again" in str(told.value)

        with pytest.raises(StorageUnavailable):
            client.run(READ, ["key"], [])  # from here on it is known to be silent
        with ThreadPoolExecutor(8) as pool:
            assert any(pool.map(ask, range(8)))


def test_where_only_writes_fail_it_is_said_once(
    redis: Redis, valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    redis.execute_command("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all", "-sadd")
    path = valkey_url.removeprefix("unix://")
    url = RedisUrl.parse(f"unix://reader:secret@{path}")
    caplog.set_level(logging.WARNING)
    with closing(Client(url, 5.0, logs_outages=True)) as client:
        for _ in range(20):
            assert client.run(READ, ["key"], []) is None
            with pytest.raises(StorageUnavailable):
                client.run(WRITE, ["set"], [], writes=True)
        assert len(caplog.records) == 1
        redis.execute_command("ACL", "SETUSER", "reader", "+sadd")
        client.run(WRITE, ["set"], [], writes=True)
        assert "in which 20 calls were refused" in caplog.records[-1].getMessage()
    redis.execute_command("ACL", "DELUSER", "reader")
