"""What doctor says of real servers in every bad state, one state at a time."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import PRIMARIES, Cluster
from examining import doctor
from proxy import Proxy
from redis import Redis
from sentinels import Sentinels
from support import table

from service.doctor.examination import examined
from service.doctor.model import Level
from service.settings import Settings
from service.storage.redis_url import RedisUrl

#: All that doctor asks of a server that others run, but for a replica.
GOOD = {
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory": "0",
    "maxmemory-policy": "noeviction",
    "protected-mode": "yes",
    "bind": "127.0.0.1",
    "requirepass": "",
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server of this file's own."""
    with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder:
        options = [part for name, value in GOOD.items() if name != "bind" for part in (f"--{name}", value)]
        with Cluster.alone(Path(folder), *options) as port_of_it:
            yield port_of_it


@pytest.fixture
def server(port: int) -> Iterator[Redis]:
    """That server, which is as good as ever after a test."""
    with Redis(port=port) as client:
        yield client
        for name, value in GOOD.items():
            if client.config_get(name) != {name: value}:  # an address that it has cannot always be bound anew
                client.config_set(name, value)


def test_of_a_good_server_only_what_it_lacks_is_said(port: int) -> None:
    said = doctor(REDIS_URL=f"redis://127.0.0.1:{port}", VOTE_DURABILITY="fsync")
    assert said.bad == {"replicas": "warning"}
    checks = {each["check"] for each in said.findings}
    assert checks >= {"append-only", "fsync", "files", "eviction", "password", "votes"}


#: Options, VOTE_DURABILITY, and what is then said of which check.
STATES = table(__file__, "examples.yaml")["states"]


@pytest.mark.parametrize(("options", "durability", "check", "level", "means"), STATES)
def test_a_state_is_named_with_what_it_means(
    server: Redis, port: int, options: dict[str, str], durability: str, check: str, level: str, means: str
) -> None:
    for name, value in options.items():
        server.config_set(name.replace("_", "-"), value)
    said = doctor(REDIS_URL=f"redis://127.0.0.1:{port}", VOTE_DURABILITY=durability, REDIS_TIMEOUT="0.3")
    assert (said.level(check), means in said.of(check)["means"]) == (level, True)


def test_a_password_is_asked_for_and_a_weak_one_named(server: Redis, port: int) -> None:
    missing = doctor(REDIS_URL="redis://127.0.0.1:1")
    assert missing.level("servers") == missing.level("votes") == "problem"
    server.config_set("requirepass", "changeme")
    said = doctor(REDIS_URL=f"redis://:changeme@127.0.0.1:{port}")
    assert (said.level("password"), said.level("weak-key", "REDIS_URL")) == ("well", "problem")
    assert "changeme@" not in said.output
    wrong = doctor(REDIS_URL=f"redis://:wrong@127.0.0.1:{port}")
    assert wrong.level("servers") == wrong.level("votes") == "problem"
    assert wrong.exit_code == 3


@pytest.mark.parametrize(
    ("denied", "unseen"),
    [("config", {"fsync"}), ("info", {"append-only", "files", "eviction", "replicas"})],
)
def test_what_may_not_be_seen_does_not_count_as_well(server: Redis, port: int, denied: str, unseen: set[str]) -> None:
    """As on a managed Redis, or by an ACL."""
    server.execute_command("ACL", "SETUSER", "nosy", "on", ">k3Xw9uT5qLz8", "~*", "+@all", f"-{denied}")
    said = doctor("--fail-on", "not-seen", REDIS_URL=f"redis://nosy:k3Xw9uT5qLz8@127.0.0.1:{port}")
    server.acl_deluser("nosy")
    assert {check for check, level in said.bad.items() if level == "not seen"} - {"password"} == unseen
    assert said.exit_code == 3


@pytest.mark.long
def test_every_shard_of_a_cluster_is_looked_at(short_dir: Path) -> None:
    own = Cluster(short_dir, node_timeout=1000)
    try:
        with own.server(2) as shard:
            shard.config_set("maxmemory-policy", "allkeys-lru")
        said = doctor(REDIS_URL=own.url)
        for check in ("append-only", "fsync", "replicas"):
            shards = [each["about"] for each in said.findings if each["check"] == check]
            assert sorted(shards) == sorted(f"127.0.0.1:{port}" for port in own.ports[:PRIMARIES]), check
        assert said.level("votes") == "well"
        assert said.level("eviction", str(own.ports[2])) == "warning"
        own.end(2)
        own.wait("fail")
        assert doctor(REDIS_URL=own.url).level("servers", str(own.ports[2])) == "problem"
    finally:
        own.stop()


@pytest.mark.long
def test_every_server_behind_sentinels_is_looked_at(short_dir: Path) -> None:
    own = Sentinels(short_dir)
    try:
        said = doctor(REDIS_URL=own.url)
        counts = Counter(each["check"] for each in said.findings)
        assert counts["append-only"] == counts["replicas"] == counts["password"] == 3
        assert said.level("min-replicas") == "warning"
        with Redis(port=own.primary) as server:
            server.config_set("min-replicas-to-write", 1)
        assert doctor(REDIS_URL=own.url).level("min-replicas") == "well"
        assert doctor(REDIS_URL=own.url, VOTE_DURABILITY="replica").level("votes") == "well"

        replica = next(port for port in own.servers if port != own.primary)
        with Redis(port=replica) as server:
            server.config_set("replica-read-only", "no")
        assert doctor(REDIS_URL=own.url).level("replicas", f"127.0.0.1:{replica}") == "warning"
        said = doctor(REDIS_URL=f"redis://127.0.0.1:{replica}")
        assert (said.level("replicas"), said.level("votes")) == ("warning", "problem")
        own.kill(replica)
        assert doctor(REDIS_URL=own.url).level("servers", str(replica)) == "problem"
    finally:
        own.stop()


#: What answers as Redis never would.
LIES = {
    "text": b"+OK\r\n",
    "number": b":1\r\n",
    "nothing": b"$-1\r\n",
    "list": b"*2\r\n$1\r\na\r\n$1\r\nb\r\n",
    "nested": b"*1\r\n" * 20_000 + b":1\r\n",
    "error": b"-ERR " + b"x" * 100_000 + b"\r\n",
    "page": b"HTTP/1.1 200 OK\r\n\r\n",
}


@pytest.mark.parametrize("greets", [False, True])
@pytest.mark.parametrize("kind", ["redis://{}/0", "redis+sentinel://{}/primary"])
@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_redis_is_a_finding(embedded_url: str, kind: str, lie: str, *, greets: bool) -> None:
    with Proxy(embedded_url.removeprefix("unix://").partition("?")[0]) as proxy:
        proxy.replies = lambda data: data if greets and data.startswith(b"+OK") else LIES[lie]
        url = RedisUrl.parse(kind.format(proxy.url.split("/")[2]))
        findings = list(examined(Settings(redis_url=url, redis_timeout=1.0), with_data=True))
    assert Level.PROBLEM in [each.level for each in findings if each.check == "votes"]
    assert max(len(each.seen) for each in findings) <= 500
