"""What doctor says of settings, of a store without a server, and of real servers in every bad state, one at a time."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from clusters import PRIMARIES, Cluster, Sentinels
from proxy import Proxy
from redis import Redis
from support import DOCUMENTED, Store, connect, run, table

from service.doctor.examination import examined, secrets, weak_key
from service.doctor.model import Level
from service.interest.keys import interest_key
from service.problems import InvalidSetting
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings
from service.storage.embedded import open_store
from service.storage.servers import Server

TABLES = table(__file__, "examples.yaml")

#: Random, as `openssl rand -hex 32` makes one.
GOOD_KEY = "9f1d6c0ab7e84352c6f0de19a4b87351e2c95d08f6ab3417d09ce85b2f7a1643"


class Examined(NamedTuple):
    """What doctor has said."""

    exit_code: int
    findings: list[dict[str, str]]
    output: str

    def of(self, check: str, about: str = "") -> dict[str, str]:
        """The one finding of a check, about what has this in its name."""
        [finding] = [each for each in self.findings if each["check"] == check and about in each["about"]]
        return finding

    def level(self, check: str, about: str = "") -> str:
        return self.of(check, about)["level"]

    @property
    def bad(self) -> dict[str, str]:
        """The level of each check that is not well."""
        return {each["check"]: each["level"] for each in self.findings if each["level"] != "well"}


def doctor(*arguments: str, **settings: str) -> Examined:
    """Run it with some settings, and no others."""
    environ = {"REGISTRY_FILE": str(DOCUMENTED), "SECRET_KEY": GOOD_KEY} | settings
    done = run("doctor", "--format", "json", *arguments, **environ)
    findings = json.loads(done.stdout)["findings"] if done.returncode in (0, 3) else []
    for each in findings:
        in_form(each["level"], each["seen"], each["means"], each["mends"])
    return Examined(done.returncode, findings, done.stdout + done.stderr)


def in_form(level: str, seen: str, means: str, mends: str) -> None:
    """What it means is sentences, and what mends it is none; what is well has neither."""
    if level == "well":
        assert (bool(seen), means, mends) == (True, "", "")
    else:
        assert seen and means.endswith(".") and mends and not mends.endswith("."), (seen, means, mends)


@pytest.mark.parametrize(("level", "key"), [(level, key) for level in ("problem", "well") for key in TABLES[level]])
def test_a_key_that_can_be_guessed_is_named_and_not_told(level: str, key: str) -> None:
    said = weak_key(key)
    assert (said.level, key in said.seen) == (level, False)


@pytest.mark.parametrize("row", TABLES["secrets"], ids=lambda row: row["says"][0])
def test_each_secret_is_looked_at(row: dict[str, Any]) -> None:
    findings = list(secrets(Settings.from_env(row["settings"])))
    assert [f"{finding.about}, {finding.level}: {finding.seen}" for finding in findings] == row["says"]
    assert "`openssl rand -hex 32` makes one" in findings[0].mends


def test_every_setting_that_lets_somebody_in_is_looked_at_and_no_secret_told() -> None:
    said = doctor(
        SECRET_KEY="x" * 16,
        SECRET_KEY_FALLBACKS="x" * 17,
        REDIS_URL="redis://:secret@127.0.0.1:1",
        PUBLIC_URL="http://registry.example.com",
        SESSION_COOKIE_SECURE="false",
        CORS_ORIGINS="http://app.example.com",
        OIDC_CLIENT_SECRET="secret",
        OIDC_DOMAINS="example.com,gmail.com",
    )
    assert "xxxxxxxx" not in said.output
    assert ":secret@" not in said.output
    guessed = {each["about"] for each in said.findings if each["check"] == "weak-key" and each["level"] == "problem"}
    secrets = {name.upper() for name, field in Settings.__dataclass_fields__.items() if not field.repr}
    assert guessed == secrets - {"WEBHOOK_URL", "WEBHOOK_SECRET"}, "by which nobody comes in here"
    assert said.bad.keys() >= {"retired-keys", "secure-cookies", "plain-http", "oidc-domains"}
    assert said.of("retired-keys", "SECRET_KEY_FALLBACKS") and said.of("secure-cookies", "SESSION_COOKIE_SECURE")
    assert (said.of("plain-http")["about"], said.of("oidc-domains")["about"]) == ("PUBLIC_URL", "OIDC_DOMAINS")
    assert doctor(CORS_ORIGINS="http://app.example.com", DATA_DIR="/nowhere").level("cors-origins") == "warning"


def test_the_key_in_data_dir_is_looked_at_where_it_signs(short_dir: Path) -> None:
    (short_dir / "secret_key").write_text("changemechangeme\n")
    for url, levels in ((None, ["problem"]), (RedisUrl.parse("redis://127.0.0.1:1"), [])):
        assert [finding.level for finding in secrets(Settings(data_dir=short_dir, redis_url=url))] == levels
    (short_dir / "secret_key").unlink()
    os.mkfifo(short_dir / "secret_key")
    assert list(secrets(Settings(data_dir=short_dir))) == [], "which nobody waits for"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_data_dir_of_another_user_is_a_finding_and_stays_as_it_is(short_dir: Path) -> None:
    """To root as well it says nothing that would take the folder from the `serve` that has it."""
    data_dir = short_dir / "var"
    (data_dir / "appendonlydir").mkdir(0o700, parents=True)
    (data_dir / "secret_key").write_text(GOOD_KEY)
    data_dir.chmod(0o700)
    for path in (*data_dir.iterdir(), data_dir):
        os.chown(path, 12345, -1)
    before = sorted((path, path.stat().st_uid) for path in data_dir.rglob("*"))
    assert doctor(DATA_DIR=str(data_dir)).of("store")["mends"].startswith("run doctor as the user of `serve`")
    assert sorted((path, path.stat().st_uid) for path in data_dir.rglob("*")) == before
    short_dir.chmod(0o700)
    os.seteuid(54321)
    try:
        assert list(secrets(Settings(data_dir=data_dir))) == []
        with pytest.raises(InvalidSetting, match="cannot be read: Permission denied"):
            open_store(Settings(data_dir=data_dir)).__enter__()
    finally:
        os.seteuid(0)


def test_a_store_that_is_not_there_is_damaged_or_does_not_agree_with_itself(short_dir: Path, own_store: Store) -> None:
    none = doctor("--fail-on", "not-seen", DATA_DIR=str(short_dir / "none"))
    assert (none.level("store"), none.exit_code, (short_dir / "none").exists()) == ("not seen", 3, False)

    with closing(connect(own_store.url)) as redis:
        redis.sadd(interest_key("linkedin"), "alice")  # a vote without its day
    assert "data" not in doctor(REDIS_URL=own_store.url).bad
    said = doctor("--data", REDIS_URL=own_store.url).of("data")
    assert (said["level"], "linkedin has 1 votes" in said["seen"]) == ("problem", True)

    own_store.stop()
    [file] = (own_store.data_dir / "appendonlydir").glob("*.base.rdb")
    file.write_bytes(b"nonsense")
    said = doctor(DATA_DIR=str(own_store.data_dir)).of("store")
    assert (said["level"], file.name in said["seen"]) == ("problem", True)


@pytest.mark.parametrize("row", TABLES["told"], ids=lambda row: f"{row['check']} {row['says']}"[:60])
def test_what_is_told_to_a_check_is_a_finding_in_whole(row: dict[str, Any]) -> None:
    module, name = row["check"].split(".")
    looks = getattr(import_module(f"service.doctor.{module}"), name)
    told, settings = row.get("told"), Settings.from_env(row.get("settings", {}))
    of_server = [] if told is None else [Server(**{"name": "there", "host": "10.0.0.7", **told})]
    findings = list(looks.findings("there", *of_server, settings))
    assert [f"{finding.level}: {finding.seen}" for finding in findings] == row["says"]
    for finding in findings:
        in_form(finding.level, finding.seen, finding.means, finding.mends)
    assert row.get("advice", "") in "; ".join(f"{finding.means} {finding.mends}" for finding in findings)


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
    counts = {"problem": 0, "not_seen": 0, "warning": 1, "well": len(said.findings) - 1}
    assert json.loads(said.output)["counts"] == counts
    assert doctor(VOTE_DURABILITY="twice").exit_code == 1


#: Options, VOTE_DURABILITY, and what is then said of which check.
STATES = TABLES["states"]


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
    ("denied", "unseen"), [("config", {"fsync"}), ("info", {"append-only", "files", "eviction", "replicas"})]
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
        own.kill(2)
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
