"""What doctor says of real servers in every bad state, one state at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from clusters import PRIMARIES, Cluster
from examining import answering, doctor
from redis import Redis
from sentinels import Sentinels
from support import Store, wait_until

from service.doctor import access
from service.doctor.examination import examined
from service.doctor.model import Level
from service.settings import Settings
from service.storage.redis_url import RedisUrl
from service.storage.servers import Server

#: All that doctor asks of a server that others run, but for a replica.
GOOD = {
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory": "0",
    "maxmemory-policy": "noeviction",
    "protected-mode": "yes",
    "bind": "127.0.0.1",
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server of this file's own."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder:
        options = [part for name, value in GOOD.items() if name != "bind" for part in (f"--{name}", value)]
        with Cluster.alone(Path(folder), *options) as found:
            yield found


@contextmanager
def set_to(port: int, **options: str) -> Iterator[None]:
    """A server with some options, which is as good as ever after it."""
    named = {name.replace("_", "-"): value for name, value in options.items()}
    with Redis(port=port) as server:
        for name, value in named.items():
            server.config_set(name, value)
        try:
            yield
        finally:
            for name in named:
                server.config_set(name, GOOD[name])


def test_of_a_good_server_only_what_it_lacks_is_said(port: int) -> None:
    found = doctor(REDIS_URL=f"redis://127.0.0.1:{port}", VOTE_DURABILITY="fsync")
    assert found.bad == {"replicas": "warning", "workers": "warning"}
    assert {"version", "append-only", "fsync", "files", "eviction", "memory", "password", "clock", "votes"} <= {
        each["check"] for each in found.findings
    }


#: Options, VOTE_DURABILITY, and what is then said of which check.
STATES = yaml.safe_load(Path(__file__).with_name("examples.yaml").read_text("utf-8"))["states"]


@pytest.mark.parametrize(("options", "durability", "check", "level", "means"), STATES)
def test_a_state_is_named_with_what_it_means(
    port: int, options: dict[str, str], durability: str, check: str, level: str, means: str
) -> None:
    with set_to(port, **options):
        found = doctor(REDIS_URL=f"redis://127.0.0.1:{port}", VOTE_DURABILITY=durability, REDIS_TIMEOUT="0.3").of(check)
    assert found["level"] == level
    assert means in found["means"]


@pytest.mark.long
def test_memory_that_is_nearly_full(port: int) -> None:
    with Redis(port=port) as server, set_to(port, maxmemory="0"):
        # Beside it the connections of the test take nothing; sent as a value, it would stay in a buffer for a while.
        server.setrange("ballast", 50_000_000, "x")
        try:
            for full, level in ((0.9, "warning"), (0.99, "problem")):
                server.config_set("maxmemory", 0)
                server.config_set("maxmemory", int(server.info("memory")["used_memory"] / full))
                assert doctor(REDIS_URL=f"redis://127.0.0.1:{port}").level("memory") == level
        finally:
            server.config_set("maxmemory", 0)
            server.delete("ballast")


def test_a_password_is_asked_for_and_a_weak_one_named(port: int) -> None:
    missing = doctor(REDIS_URL="redis://127.0.0.1:1")
    assert missing.level("servers") == missing.level("votes") == "problem"
    with Redis(port=port) as server:
        server.config_set("requirepass", "changeme")
        try:
            found = doctor(REDIS_URL=f"redis://:changeme@127.0.0.1:{port}")
            assert (found.level("password"), found.level("weak-key", "REDIS_URL")) == ("well", "problem")
            assert "changeme@" not in found.output
            wrong = doctor(REDIS_URL=f"redis://:wrong@127.0.0.1:{port}")
            assert wrong.level("servers") == wrong.level("votes") == "problem"
            assert wrong.exit_code == 3
        finally:
            server.config_set("requirepass", "")


def test_what_may_not_be_seen_does_not_count_as_well(port: int) -> None:
    """As on a managed Redis, or by an ACL."""
    with Redis(port=port) as server:
        server.acl_setuser("nosy", enabled=True, passwords=["+k3Xw9uT5qLz8"], keys=["*"], categories=["+@all"])
        try:
            for denied, unseen in (
                ("config", {"fsync"}),
                ("info", {"version", "append-only", "files", "eviction", "memory", "replicas"}),
                ("time", {"clock", "workers"}),
            ):
                server.execute_command("ACL", "SETUSER", "nosy", "+@all", f"-{denied}")
                found = doctor("--fail-on", "not-seen", REDIS_URL=f"redis://nosy:k3Xw9uT5qLz8@127.0.0.1:{port}")
                assert {check for check, level in found.bad.items() if level == "not seen"} - {"password"} == unseen
                assert found.exit_code == 3
        finally:
            server.acl_deluser("nosy")


def test_a_socket_that_every_user_may_write_to(own_store: Store) -> None:
    for mode, level in ((0o777, "problem"), (0o700, "well")):
        (own_store.data_dir / "valkey.sock").chmod(mode)
        assert doctor(REDIS_URL=own_store.url).level("password") == level


@pytest.mark.long
def test_every_shard_of_a_cluster_is_looked_at(short_dir: Path) -> None:
    own = Cluster(short_dir, node_timeout=1000)
    try:
        with own.server(2) as shard:
            shard.config_set("maxmemory-policy", "allkeys-lru")
        found = doctor(REDIS_URL=own.url)
        for check in ("version", "append-only", "fsync", "memory", "replicas"):
            shards = [each["about"] for each in found.findings if each["check"] == check]
            assert sorted(shards) == sorted(f"127.0.0.1:{port}" for port in own.ports[:PRIMARIES]), check
        assert found.level("cluster") == found.level("votes") == "well"
        assert found.level("eviction", str(own.ports[2])) == "warning"
        own.end(2)
        own.wait("fail")
        found = doctor(REDIS_URL=own.url)
        assert found.level("cluster") == found.level("servers", str(own.ports[2])) == "problem"
    finally:
        own.stop()


@pytest.mark.long
def test_every_server_behind_sentinels_is_looked_at(short_dir: Path) -> None:
    own = Sentinels(short_dir)
    try:
        found = doctor(REDIS_URL=own.url)
        for check in ("append-only", "replicas", "password", "clock"):
            assert len([each for each in found.findings if each["check"] == check]) == 3
        assert [each["level"] for each in found.findings if each["check"] == "sentinels"] == ["well"] * 3
        assert found.level("min-replicas") == "warning"
        with Redis(port=own.primary) as server:
            server.config_set("min-replicas-to-write", 1)
        assert doctor(REDIS_URL=own.url).level("min-replicas") == "well"
        assert doctor(REDIS_URL=own.url, VOTE_DURABILITY="replica").level("votes") == "well"

        primary = own.primary
        replica = next(port for port in own.servers if port != primary)
        with Redis(port=replica) as server:
            server.config_set("replica-read-only", "no")
        assert doctor(REDIS_URL=own.url).level("replicas", f"127.0.0.1:{replica}") == "warning"
        found = doctor(REDIS_URL=f"redis://127.0.0.1:{replica}")
        assert (found.level("replicas"), found.level("votes")) == ("problem", "problem")
        assert found.of("replicas")["seen"] == f"it is a replica of 127.0.0.1:{primary}, though it can be written to"
        sentinel, process = next(iter(own.sentinels.items()))
        process.kill()
        process.wait()
        own.kill(replica)
        found = doctor(REDIS_URL=own.url)
        assert found.level("sentinels", str(sentinel)) == "problem"
        assert found.level("servers", str(replica)) == "problem"
    finally:
        own.stop()


@pytest.mark.long
def test_a_replica_that_is_named_by_itself(short_dir: Path) -> None:
    with Cluster.alone(short_dir) as port, Redis(port=port, decode_responses=True) as server:
        server.replicaof("127.0.0.1", 1)
        wait_until(lambda: server.info("replication")["master_link_status"] == "down")
        found = doctor(REDIS_URL=f"redis://127.0.0.1:{port}")
        assert (found.level("replicas"), found.level("votes")) == ("problem", "problem")


#: What takes connections as Redis does, and answers as Redis never would.
LIES = {
    "text": b"+OK\r\n",
    "number": b":1\r\n",
    "nothing": b"$-1\r\n",
    "list": b"*2\r\n$1\r\na\r\n$1\r\nb\r\n",
    "nested": b"*1\r\n" * 20_000 + b":1\r\n",
    "error": b"-ERR " + b"x" * 100_000 + b"\r\n",
    "page": b"HTTP/1.1 200 OK\r\n\r\n",
}
#: What greets as Redis, and lies only then.
GREETING = b"%1\r\n$5\r\nproto\r\n:3\r\n+OK\r\n+OK\r\n"


@pytest.mark.parametrize("kind", ["redis", "redis+sentinel"])
@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_redis_is_a_finding(kind: str, lie: str) -> None:
    with answering(LIES[lie]) as address:
        where = f"{kind}://{address}/{'0' if kind == 'redis' else 'primary'}"
        found = list(examined(Settings(redis_url=RedisUrl.parse(where), redis_timeout=1.0), with_data=True))
    assert Level.PROBLEM in [each.level for each in found if each.check == "votes"]
    assert max(len(each.seen) for each in found) <= 500


def test_a_schema_of_another_kind_and_a_version_without_end_are_findings() -> None:
    with answering(GREETING, LIES["number"]) as address:
        url = RedisUrl.parse(f"redis://{address}/0")
        found = list(examined(Settings(redis_url=url, redis_timeout=1.0), with_data=True))
    assert Level.PROBLEM in [each.level for each in found if each.check == "votes"]
    endless = Server("redis", "127.0.0.1", info={"redis_version": "9" * 5000 + ".1.1"})
    assert [each.level for each in access.version(endless, Settings())] == [Level.UNSEEN]
