"""VOTE_DURABILITY: what is acknowledged has been confirmed, also at a second try."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest
from sentinels import Sentinels
from support import DOCUMENTED, Store, connect, run_process

from service.problems import InvalidSetting, StorageUnavailable
from service.storage.client import Client
from service.storage.durability import Durability
from service.storage.redis_url import RedisUrl
from service.storage.script import Script

WRITE = Script("return redis.call('SADD', KEYS[1], ARGV[1])")


def confirmed(url: str, durability: Durability, timeout: float = 5.0) -> closing[Client]:
    """A client whose writes are confirmed so."""
    return closing(Client(RedisUrl.parse(url), timeout, durability))


def test_a_write_that_no_replica_has_is_not_acknowledged_also_at_a_second_try(own_store: Store) -> None:
    with confirmed(own_store.url, Durability.REPLICA, 0.5) as client:
        for _ in range(2):
            with pytest.raises(StorageUnavailable, match="No replica has confirmed"):
                client.run(WRITE, ["{a}set"], ["y"], writes=True)
        assert client.run(WRITE, ["{a}set"], ["z"]) == 1  # which is acknowledged to nobody


@pytest.mark.long
def test_a_write_is_acknowledged_once_replicas_have_it_or_the_disk(short_dir: Path) -> None:
    sentinels = Sentinels(short_dir, down_after=60_000)
    replicas = [port for port in sentinels.servers if port != sentinels.primary]
    try:
        with confirmed(sentinels.url, Durability.REPLICA, 1.0) as client:
            assert client.run(WRITE, ["{a}set"], ["x"], writes=True) == 1
            for port in replicas:
                sentinels.signal(port, SIGSTOP)
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
    with confirmed(own_store.url, Durability.FSYNC) as client:
        client.check_durability()
        with closing(connect(own_store.url)) as redis:
            redis.config_set("appendonly", "no")
        with pytest.raises(StorageUnavailable):
            client.run(WRITE, ["set"], ["x"], writes=True)
        with pytest.raises(InvalidSetting, match=r"^VOTE_DURABILITY: the server cannot do fsync: "):
            client.check_durability()


def test_serve_refuses_to_start_where_the_server_can_never_confirm(short_dir: Path) -> None:
    settings = {"DATA_DIR": str(short_dir / "var"), "REGISTRY_FILE": str(DOCUMENTED)}
    refused = run_process("serve", "--port", "0", VOTE_DURABILITY="replica", **settings)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1].endswith(
        "VOTE_DURABILITY: the embedded store has no replica; write server, fsync, or unset it"
    )
