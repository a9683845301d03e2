"""A client of a Redis Cluster: what is none, and servers that hand their keys over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from clusters import Cluster
from redis.crc import key_slot
from support import AnyClient, connect

from service.problems import StorageUnavailable
from service.storage.script import Script

pytestmark = pytest.mark.long

KEYS = [f"key{number}" for number in range(30)]


@pytest.fixture
def client(cluster: Cluster) -> Iterator[AnyClient]:
    made = connect(cluster.url, 5.0)
    made.flushall()
    yield made
    made.close()


def shard(key: str) -> int:
    """The server of a key, of three."""
    return key_slot(key.encode()) * 3 // 16384


def key_on(index: int) -> str:
    return next(key for key in KEYS if shard(key) == index)


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except StorageUnavailable:
        return True
    return False


def test_an_address_of_one_server_alone_is_told_how_to_name_the_cluster(cluster: Cluster, client: AnyClient) -> None:
    both = Script("return redis.call('GET', KEYS[1]) or redis.call('GET', ARGV[1])")
    for port in cluster.ports:
        alone = connect(f"redis://127.0.0.1:{port}", 5.0)
        for key in KEYS:  # on this server or not, and with another one that is not
            with pytest.raises(StorageUnavailable, match="write redis\\+cluster://"):
                alone.run(both, [key], [key_on((shard(key) + 1) % 3)])
        alone.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--cluster-enabled", "yes"], "cannot be used"), ([], "not part of a Cluster: write redis://")],
    ids=["one that serves no keys yet", "none"],
)
def test_what_is_no_cluster_is_refused(short_dir: Path, options: list[str], said: str) -> None:
    with (
        Cluster.alone(short_dir, *options) as port,
        closing(connect(f"redis+cluster://127.0.0.1:{port}", 5.0)) as client,
    ):
        for act in (lambda: client.command("PING"), lambda: client.command("GET", "key"), lambda: [*client.scan("*")]):
            with pytest.raises(StorageUnavailable, match=said):
                act()


def hand_over(cluster: Cluster, slot: int, source: int, target: int) -> Iterator[str]:
    """Move a slot and its keys, stopping after each step."""
    with cluster.server(source) as giver, cluster.server(target) as taker:
        names = [server.execute_command("CLUSTER MYID") for server in (giver, taker)]
        taker.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", names[0])
        giver.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", names[1])
        yield "announced"
        for key in giver.execute_command("CLUSTER GETKEYSINSLOT", slot, 100):
            giver.execute_command("MIGRATE", "127.0.0.1", cluster.ports[target], key, 0, 5000)
            yield "moving"
        for server in (taker, giver):
            server.execute_command("CLUSTER SETSLOT", slot, "NODE", names[1])
        yield "moved"


def test_keys_that_move_are_followed_and_a_script_on_half_of_them_waits_as_long_as_a_call_may(
    cluster: Cluster,
) -> None:
    client = connect(cluster.url, 0.3)
    slot = key_slot(b"{tag}")
    source = slot * 3 // 16384
    one, both = Script("return redis.call('GET', KEYS[1])"), Script("return redis.call('MGET', KEYS[1], KEYS[2])")
    for key in ("{tag}a", "{tag}b"):
        client.command("SET", key, "x")
    answers = []
    for step in hand_over(cluster, slot, source, (source + 1) % 3):
        assert client.command("GET", "{tag}a") == "x", step
        assert client.command("GET", "{tag}missing") is None
        assert client.run(one, ["{tag}a"], []) == "x"
        answers.append("refused" if refused(lambda: client.run(both, ["{tag}a", "{tag}b"], [])) else "answered")
    assert answers == ["answered", "refused", "answered", "answered"]
    client.close()
