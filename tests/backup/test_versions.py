"""The version of the schema: what an older service wrote is read, and what a newer one wrote is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis
from saving import saved
from support import DEADLINE, DOCUMENTED, OPERATOR, AnyClient, Serve, Store, connect, run, session_cookie, wait_until

from service.accounts import store as accounts
from service.accounts.store import Account
from service.audit import store as audit
from service.backup.older import carry_over
from service.doctor.model import Level
from service.doctor.running import votes
from service.interest.consistency import differences
from service.interest.keys import RENAMES_KEY, VOTES_KEYS, interest_key
from service.interest.readiness import refusal
from service.problems import StorageUnavailable, StoreTooNew
from service.storage import schema
from service.storage.client import Client
from service.storage.schema import SCHEMA_KEY
from service.storage.script import Script
from service.storage.token_bucket import NO_LIMIT

EXAMPLES = Path(__file__).parent / "stores"

NEWER = "The store was written by version 3 of the schema, this service knows 1: update it."

_ONE = Script("return 1", int)

REGISTRY = """
modules:
  - { slug: crm, category: tools, label: { fr: CRM, en: CRM }, coming_soon: true }
  - { slug: linkedin, category: tools, label: { fr: LinkedIn, en: LinkedIn }, coming_soon: true }
"""


def fill(redis: Redis, example: str) -> None:
    """Write what a store of an earlier version of this project held; each line is a command."""
    for line in (EXAMPLES / f"{example}.jsonl").read_text("utf-8").splitlines():
        redis.execute_command(*json.loads(line))


@pytest.mark.parametrize("example", ["before_versions", "before_hash_tags"])
def test_what_an_older_version_wrote_is_there(redis: AnyClient, valkey_url: str, tmp_path: Path, example: str) -> None:
    """Of the first, keys and fields are as today's; the other has votes under other keys."""
    fill(redis, example)
    (tmp_path / "registry.yaml").write_text(REGISTRY)
    done = run("votes", "who", "crm", folder=tmp_path, REDIS_URL=valkey_url)
    assert (done.returncode, done.stdout) == (0, "alice\tZoé\nbob\neve\n"), done.stderr
    before = saved(redis)
    carry_over(redis)
    assert saved(redis) == before
    assert redis.get(SCHEMA_KEY) == str(schema.VERSION)
    assert redis.smembers(interest_key("linkedin")) == {"eve"}
    assert redis.hgetall(RENAMES_KEY) == {"jobs": "crm"}
    assert list(differences(redis)) == []
    assert not [key for key in redis.scan_iter() if key.startswith(("interest:", "trend:", "renames"))]
    if example == "before_versions":
        assert [entry.what for entry in audit.entries(redis)][1:3] == ["votes-merged", "votes-imported"]


def test_carrying_over_may_be_interrupted(redis: AnyClient, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(redis, "before_hash_tags")
    command = Client.command

    def failing(self: Client, *parts: str) -> object:
        if parts[0] == "DEL":
            raise StorageUnavailable("Interrupted.")
        return command(self, *parts)

    monkeypatch.setattr(Client, "command", failing)
    with pytest.raises(StorageUnavailable):
        carry_over(redis)
    monkeypatch.setattr(Client, "command", command)
    carry_over(redis)
    assert redis.smembers(interest_key("crm")) == {"alice", "bob", "eve"}
    assert list(differences(redis)) == []


def test_a_command_refuses_a_store_that_a_newer_version_wrote(redis: AnyClient, valkey_url: str) -> None:
    redis.set(SCHEMA_KEY, "3")
    done = run("votes", "tally", REDIS_URL=valkey_url, REGISTRY_FILE=str(DOCUMENTED))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{NEWER}\n")
    assert list(redis.scan_iter()) == [SCHEMA_KEY]
    [found] = votes(redis, NO_LIMIT)
    assert (found.level, found.seen) == (Level.PROBLEM, NEWER)
    assert found.mends.startswith("install the version that wrote it")


def test_a_service_that_runs_sees_that_a_newer_one_has_begun(
    redis: AnyClient, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """It asks once, not at each call; and where that cannot be asked any more, what it knew holds."""
    asked = []
    get = type(redis._redis()).get
    monkeypatch.setattr(type(redis._redis()), "get", lambda self, name: asked.append(name) or get(self, name))
    client = connect(redis.url)
    request.addfinalizer(client.close)
    for _ in range(3):
        assert client.run(_ONE, VOTES_KEYS, []) == 1
    assert asked == [SCHEMA_KEY]
    redis.set(SCHEMA_KEY, "3")
    assert client.run(_ONE, VOTES_KEYS, []) == 1
    monkeypatch.setattr(schema, "AGAIN", 0.0)
    client = connect(redis.url)
    request.addfinalizer(client.close)
    with pytest.raises(StoreTooNew, match=NEWER):
        client.run(_ONE, VOTES_KEYS, [])
    assert str(refusal(client, NO_LIMIT)) == NEWER
    redis.delete(SCHEMA_KEY)
    assert client.run(_ONE, VOTES_KEYS, []) == 1


@pytest.mark.long
def test_serve_does_not_begin_on_a_newer_store(serve: Callable[..., Serve], own_store: Store) -> None:
    """Nor, where the store was away at the start, does it vote; documents are served all the while."""
    settings = {"REDIS_URL": own_store.url, "SECRET_KEY": "k" * 32}
    with closing(connect(own_store.url)) as redis:
        accounts.add(redis, Account("alice", "active"), by=OPERATOR)
        redis.set(SCHEMA_KEY, "3")
    refused = serve(wait=False, **settings)
    assert refused.process.wait(DEADLINE) == 1
    assert NEWER in refused.stderr.read_text()
    own_store.stop()
    running = serve(**settings)
    own_store.start()
    vote, cookie = "/api/features/linkedin/interest", session_cookie("k" * 32, "alice")
    wait_until(lambda: running.ask("POST", vote, Cookie=cookie) == 503 and any(NEWER in line for line in running.log))
    assert running.ask("GET", "/readyz?need=votes") == 503
    assert running.ask("GET", "/api/modules-registry") == 200
    with closing(connect(own_store.url)) as redis:
        assert not redis.exists(interest_key("linkedin"))
        redis.set(SCHEMA_KEY, schema.VERSION)
    wait_until(lambda: running.ask("POST", vote, Cookie=cookie) == 204)


@pytest.mark.parametrize("version", ["9" * 5000, "", "x\x1b[31m", "\u0661", "1 ", "-1", "2"])
def test_what_is_no_version_that_is_known_is_refused_and_safe_to_show(redis: AnyClient, version: str) -> None:
    redis.set(SCHEMA_KEY, version)
    with pytest.raises(StoreTooNew) as refused:
        redis.run(_ONE, VOTES_KEYS, [])
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 120
