"""A primary that sentinels know: found, and found again when it is another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import redis
from sentinels import NAME, Sentinels
from support import connect, wait_until

from service.problems import StorageUnavailable
from service.storage.script import Script

READ = Script("return redis.call('INFO', 'server')")
WRITE = Script("return redis.call('SADD', KEYS[1], ARGV[1])")


@pytest.fixture
def sentinels(short_dir: Path) -> Iterator[Sentinels]:
    made = Sentinels(short_dir)
    yield made
    made.stop()


def test_sentinels_that_are_not_there_are_said_in_one_short_line() -> None:
    client = connect("redis+sentinel://127.0.0.1:1/votes", 1.0)
    said = r"^No sentinel can be reached that knows the primary votes\.$"
    with pytest.raises(StorageUnavailable, match=said) as caught:
        client.command("PING")
    assert caught.value.__cause__ is None
    client.close()


@pytest.mark.long
def test_a_primary_that_was_replaced_while_it_lives_is_left(sentinels: Sentinels) -> None:
    """It is told last, some ten seconds later, and takes writes until then, which are lost."""

    def asked() -> int:
        information = str(client.run(READ, ["set"], []))
        return int(information.partition("tcp_port:")[2].split()[0])

    def written() -> bool:
        with suppress(StorageUnavailable):  # until it has looked at the sentinels, too
            return bool(late.run(WRITE, ["set"], ["b"]) == 1)
        return False

    with closing(connect(sentinels.url, 1.0)) as client, closing(connect(sentinels.url, 1.0)) as late:
        first = sentinels.primary
        assert asked() == first
        client.close()  # a later call opens it again, and has it follow the primary again
        assert asked() == first
        assert late.run(WRITE, ["set"], ["a"]) == 1
        sentinels.fail_over()
        wait_until(lambda: asked() == sentinels.primary)
        assert sentinels.role(first) == "master"
        with redis.Redis(port=first) as server:
            server.replicaof("127.0.0.1", sentinels.primary)  # as it is told in the end
        wait_until(written)


@pytest.mark.long
def test_a_replica_that_sentinels_name_is_not_asked(sentinel_url: str) -> None:
    """They may for a moment, after a promotion: what it has may be old."""
    addresses = sentinel_url.partition("://")[2].partition("/")[0].split(",")
    ports = [int(address.partition(":")[2]) for address in addresses]
    with redis.Redis(port=ports[0], decode_responses=True) as sentinel:
        replica = sentinel.sentinel_slaves(NAME)[0]["port"]
    for port in ports:
        with redis.Redis(port=port) as sentinel:
            sentinel.execute_command("SENTINEL MONITOR", "stale", "127.0.0.1", replica, 2)
    try:
        with closing(connect(sentinel_url.replace(f"/{NAME}", "/stale"), 1.0)) as client:
            with pytest.raises(StorageUnavailable) as raised:
                client.run(READ, ["set"], [])
            assert "is no primary" in str(raised.value.__cause__)
    finally:
        for port in ports:
            with redis.Redis(port=port) as sentinel:
                sentinel.execute_command("SENTINEL REMOVE", "stale")
