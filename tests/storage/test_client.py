"""A client: its connections, as they are configured here, and VOTE_DURABILITY."""

from contextlib import closing
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest
from clusters import Sentinels
from support import AnyClient, Store, confirmed_soon, connect, wait_until

from service.problems import InvalidSetting, StorageUnavailable
from service.settings.durability import Durability
from service.settings.redis_url import RedisUrl
from service.storage.client import Client
from service.storage.data_dir import store_url
from service.storage.script import Script

SCRIPT = Script("return 'done'")
WRITE = Script("return redis.call('SADD', KEYS[1], ARGV[1])")


@pytest.mark.parametrize(
    "url",
    [
        "server_url",
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


def have_two(client: AnyClient) -> None:
    """Have two connections that are open and idle."""
    pool = client._redis().connection_pool
    for connection in [pool.get_connection() for _ in range(2)]:
        pool.release(connection)


@pytest.mark.parametrize("size", [0, 8_000_000], ids=["waiting for the answer", "while it is sent"])
def test_a_script_that_takes_too_long_is_not_sent_again(own_store: Store, size: int) -> None:
    client = connect(own_store.url, timeout=0.8)
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


def confirmed(url: str, durability: Durability) -> closing[Client]:
    return closing(Client(RedisUrl.parse(url), 5.0, durability))


def test_a_write_that_no_replica_has_is_not_acknowledged_also_at_a_second_try(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed_soon(monkeypatch)
    with confirmed(own_store.url, Durability.REPLICA) as client:
        for _ in range(2):
            with pytest.raises(StorageUnavailable, match="No replica has confirmed"):
                client.run(WRITE, ["{a}set"], ["y"], writes=True)
        assert client.run(WRITE, ["{a}set"], ["z"]) == 1  # which is acknowledged to nobody


@pytest.mark.long
def test_a_write_is_acknowledged_once_replica_or_disk_has_it(short_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sentinels = Sentinels(short_dir, down_after=60_000)
    replicas = [port for port in sentinels.servers if port != sentinels.primary]
    try:
        with confirmed(sentinels.url, Durability.REPLICA) as client:
            assert client.run(WRITE, ["{a}set"], ["x"], writes=True) == 1
            with confirmed(sentinels.url, Durability.REPLICA_2) as both, monkeypatch.context() as patched:
                assert both.run(WRITE, ["{a}set"], ["both"], writes=True) == 1
                sentinels.signal(replicas[0], SIGSTOP)
                confirmed_soon(patched)
                assert client.run(WRITE, ["{a}set"], ["one"], writes=True) == 1, "one replica is enough for it"
                with pytest.raises(StorageUnavailable, match="Fewer than 2 replicas have confirmed"):
                    both.run(WRITE, ["{a}set"], ["neither"], writes=True)
            for port in replicas:
                sentinels.signal(port, SIGSTOP)
            with monkeypatch.context() as patched:
                confirmed_soon(patched)
                for _ in range(2):
                    with pytest.raises(StorageUnavailable, match="No replica has confirmed"):
                        client.run(WRITE, ["{a}set"], ["y"], writes=True)
            for port in replicas:
                sentinels.signal(port, SIGCONT)
            assert client.run(WRITE, ["{a}set"], ["y"], writes=True) == 0
        with confirmed(sentinels.url, Durability.FSYNC) as client:
            assert client.command("CONFIG", "SET", "appendfsync", "everysec")
            assert client.run(WRITE, ["set"], ["x"], writes=True) == 1
    finally:
        for port in replicas:
            sentinels.signal(port, SIGCONT)
        sentinels.stop()


def test_where_the_disk_does_not_keep_a_log_nothing_is_acknowledged(own_store: Store) -> None:
    said = pytest.raises(InvalidSetting, match=r"^VOTE_DURABILITY: the embedded store has no replica; write server, ")
    with confirmed(own_store.url, Durability.FSYNC) as client:
        client.check_durability()
        with closing(connect(own_store.url)) as redis:
            redis.config_set("appendonly", "no")
        with pytest.raises(StorageUnavailable):
            client.run(WRITE, ["set"], ["x"], writes=True)
        with pytest.raises(InvalidSetting, match=r"^VOTE_DURABILITY: the server cannot do fsync: "):
            client.check_durability()
    with closing(Client(store_url(own_store.data_dir), 5.0, Durability.REPLICA)) as client, said:
        client.check_durability()
