"""The connections of a client: a pool's, as it is configured here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from signal import SIGCONT, SIGSTOP
from threading import Thread

import pytest
from support import AnyClient, Store, connect, wait_until

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


@pytest.mark.parametrize(
    "url",
    [
        "valkey_url",
        pytest.param("sentinel_url", marks=pytest.mark.long),
        pytest.param("cluster_url", marks=pytest.mark.long),
    ],
)
def test_a_surplus_reply_is_no_answer_to_the_next_command(url: str, request: pytest.FixtureRequest) -> None:
    with closing(connect(request.getfixturevalue(url), timeout=5.0)) as client:
        made = client._redis()
        pool = (made.get_redis_connection(made.get_node_from_key("key")) if client.is_cluster else made).connection_pool
        for ask in (lambda: client.run(SCRIPT, ["key"], []), lambda: client.command("GET", "key") or "done"):
            connection = pool.get_connection()
            connection.send_command("ECHO", "surplus")
            wait_until(connection.can_read)
            pool.release(connection)
            assert ask() == "done"


def test_threads_share_connections(valkey_url: str, redis: AnyClient) -> None:
    before = kept(redis)
    with closing(connect(valkey_url, timeout=5.0)) as client:
        for _ in range(3):
            threads = [Thread(target=client.run, args=(SCRIPT, ["key"], [])) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert 1 <= len(kept(redis) - before) <= 8


def have_two(client: AnyClient) -> None:
    """Have two connections that are open and idle."""
    pool = client._redis().connection_pool
    for connection in [pool.get_connection() for _ in range(2)]:
        pool.release(connection)


@pytest.mark.parametrize("size", [0, 8_000_000], ids=["waiting for the answer", "while it is sent"])
def test_a_script_that_takes_too_long_is_not_sent_again(own_store: Store, size: int) -> None:
    client = connect(own_store.url, timeout=0.3)
    client.ping()
    for _ in range(2):  # on a connection that has just been opened, and on one that has been opened again
        assert client.run(SCRIPT, ["key"], ["x" * size]) == "done"
        have_two(client)
        opened = client.info("stats")["total_connections_received"]
        own_store.signal(SIGSTOP)
        with pytest.raises(StorageUnavailable, match="did not answer within its time limit"):
            client.run(SCRIPT, ["key"], ["x" * size])
        own_store.signal(SIGCONT)
        have_two(client)
        said = "what was idle when a call timed out is not used again"
        assert client.info("stats")["total_connections_received"] == opened + 2, said
    client.close()
