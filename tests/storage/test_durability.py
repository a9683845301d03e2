"""VOTE_DURABILITY: what is acknowledged has been confirmed, also at a second try."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest
from clusters import Cluster
from sentinels import Sentinels
from support import DOCUMENTED, run_process

from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.durability import Durability
from service.storage.redis_url import RedisUrl
from service.storage.script import Script

WRITE = Script("return redis.call('SADD', KEYS[1], ARGV[1])")


@pytest.fixture
def sentinels(short_dir: Path) -> Iterator[Sentinels]:
    made = Sentinels(short_dir, down_after=60_000)
    yield made
    made.stop()


def test_a_write_that_no_replica_has_is_not_acknowledged_also_at_a_second_try(sentinels: Sentinels) -> None:
    client = Client(RedisUrl.parse(sentinels.url), 1.0, Durability.REPLICA)
    assert client.run(WRITE, ["{a}set"], ["x"], writes=True) == 1
    replicas = [port for port in sentinels.servers if port != sentinels.primary]
    for port in replicas:
        sentinels.signal(port, SIGSTOP)
    try:
        for _ in range(3):
            with pytest.raises(StorageUnavailable, match="No replica has confirmed"):
                client.run(WRITE, ["{a}set"], ["y"], writes=True)
        assert client.run(WRITE, ["{a}set"], ["z"]) == 1  # which is acknowledged to nobody
    finally:
        for port in replicas:
            sentinels.signal(port, SIGCONT)
    assert client.run(WRITE, ["{a}set"], ["y"], writes=True) == 0
    client.close()


def test_the_disk_confirms_where_the_server_syncs_each_second(sentinels: Sentinels) -> None:
    client = Client(RedisUrl.parse(sentinels.url), 5.0, Durability.FSYNC)
    assert client.command("CONFIG", "SET", "appendfsync", "everysec")
    assert client.run(WRITE, ["set"], ["x"], writes=True) == 1
    client.close()


def test_where_the_disk_does_not_keep_a_log_nothing_is_acknowledged(sentinels: Sentinels) -> None:
    client = Client(RedisUrl.parse(sentinels.url), 5.0, Durability.FSYNC)
    client.command("CONFIG", "SET", "appendonly", "no")
    with pytest.raises(StorageUnavailable):
        client.run(WRITE, ["set"], ["x"], writes=True)
    client.close()


def test_serve_refuses_to_start_where_the_server_can_never_confirm(short_dir: Path) -> None:
    settings = {"DATA_DIR": str(short_dir / "var"), "REGISTRY_FILE": str(DOCUMENTED)}
    refused = run_process("serve", "--port", "0", VOTE_DURABILITY="replica", **settings)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1].endswith(
        "VOTE_DURABILITY: the embedded store has no replica; write server, fsync, or unset it"
    )
    with Cluster.alone(short_dir, "--appendonly", "no") as port:
        settings |= {"REDIS_URL": f"redis://127.0.0.1:{port}", "SECRET_KEY": "a secret key of the platform"}
        refused = run_process("serve", "--port", "0", VOTE_DURABILITY="fsync", **settings)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "VOTE_DURABILITY: the server cannot do fsync: " in refused.stderr
