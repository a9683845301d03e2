"""What /healthz and /readyz say, and what a store that is away, silent or refuses means for votes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest
from application import REGISTRY, counts, signed_in, signed_out, state, table
from clusters import Cluster
from contract import Client, kind
from flask import Flask
from redis import Redis
from redis.crc import key_slot
from support import DEADLINE, OPERATOR, AnyClient, Store, connect, everything, wait_until

from service.accounts import store as accounts
from service.accounts.store import Account
from service.interest.keys import interest_key
from service.storage.durability import Durability

VOTE = "/api/features/linkedin/interest"
ASKED = {"module": "sms_campaign", "message": "Please"}
REVISION = sha256(REGISTRY.encode()).hexdigest()
READY = {"status": "ready", "registry": "current", "votes": "possible", "modules": 7, "revision": REVISION}


def test_all_is_well(client: Client, redis: Redis) -> None:
    before = everything(redis)
    assert client.get("/healthz").json == {"status": "alive"}
    for path in ("/readyz", "/readyz?need=votes"):
        assert client.get(path).json == READY
        assert client.head(path).status_code == 200
    assert everything(redis) == before
    for need in ("vote", "%FF", "registry"):
        assert client.get(f"/readyz?need={need}").status_code == 400


#: Commands after which a store refuses votes, and what undoes them.
REFUSALS = table("refusals.yaml")
UNDO = (
    "CONFIG SET maxmemory 0",
    "REPLICAOF NO ONE",
    "CONFIG SET min-replicas-to-write 0",
    "ACL SETUSER default allkeys +@all",
)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_votes_are_unavailable_where_a_vote_would_be_refused(alice: Client, redis: AnyClient, refusal: str) -> None:
    assert alice.get("/readyz").json == READY
    try:
        redis.execute_command(*REFUSALS[refusal])
        assert alice.post(VOTE).status_code == 503
        said, needed = alice.get("/readyz"), alice.get("/readyz?need=votes")
    finally:
        for command in UNDO:
            redis.execute_command(*command.split())
    assert said.status_code == 200
    assert (said.json["status"], said.json["registry"], said.json["votes"]) == ("degraded", "current", "unavailable")
    assert len(said.json["problems"]) == 1
    assert (needed.status_code, kind(needed)) == (503, "storage-unavailable")
    assert int(needed.headers["Retry-After"]) > 0


def test_votes_that_no_replica_or_disk_can_confirm_are_not_possible(
    make_app: Callable[..., Flask], own_store: Store
) -> None:
    client = signed_out(make_app(vote_durability=Durability.REPLICA))
    assert client.get("/readyz").json["votes"] == "unavailable"
    assert client.get("/readyz?need=votes").status_code == 503
    client = signed_out(make_app(redis_url=own_store.url, vote_durability=Durability.FSYNC))
    assert client.get("/readyz").json == READY
    with closing(connect(own_store.url)) as redis:
        redis.config_set("appendonly", "no")
    assert client.get("/readyz").json["votes"] == "unavailable"
    assert client.get("/readyz?need=votes").status_code == 503


def test_an_edit_that_is_not_in_force_makes_the_registry_stale_and_not_votes(
    make_app: Callable[..., Flask], redis: Redis, registry_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_bytes(registry_file.read_bytes())
    client = signed_out(make_app(registry_file=file))
    file.write_text("modules: 1\n", encoding="utf-8")
    wait_until(lambda: client.get("/readyz").json["registry"] == "stale")
    said = client.get("/readyz?need=votes").json
    assert (said["status"], said["votes"], said["others"]) == ("degraded", "possible", 0)
    assert said["since"]


def test_an_unreachable_store_takes_only_votes_along_and_comes_back(
    make_app: Callable[..., Flask], own_store: Store
) -> None:
    """Public documents are served, the rest is 503 with Retry-After and an explanation."""
    with closing(connect(own_store.url)) as redis:
        accounts.add(redis, Account("alice", "active", "admin"), by=OPERATOR)
    alice = signed_in(make_app(redis_url=own_store.url), "alice")
    assert alice.post(VOTE).status_code == 204
    own_store.stop()
    for path in ("/api/modules-registry", "/api/modules", "/api/modules/scrap", "/healthz", "/readyz"):
        assert alice.get(path).status_code == 200
    asked = [("GET", "/api/features"), ("POST", VOTE), ("DELETE", VOTE), ("POST", "/api/features/nowhere/interest")]
    for method, path in [*asked, ("GET", "/sign-in?token=x"), ("GET", "/readyz?need=votes")]:
        response = alice.open(path, method=method)
        assert (response.status_code, kind(response)) == (503, "storage-unavailable")
        assert int(response.headers["Retry-After"]) > 0
        assert "Redis" in response.text
    own_store.start()  # it has forgotten its scripts
    assert alice.post("/api/features/hiring/interest").status_code == 204
    assert state(alice)["voted"] == ["hiring", "linkedin"]
    assert alice.get("/readyz?need=votes").status_code == 200


def test_a_request_is_one_round_trip_to_redis(alice: Client, redis: Redis) -> None:
    requests = [("GET", "/api/features"), ("POST", VOTE), ("DELETE", VOTE)]
    for method, path in requests:
        alice.open(path, method=method)  # its script is known from now on
    with redis.monitor() as monitor:
        for method, path in requests:
            alice.open(path, method=method)
        redis.echo("done")
        seen = []
        while not (heard := monitor.next_command())["command"].startswith("ECHO"):
            # What a script asks for comes from `lua`, and some commands open the connection of the echo.
            if heard["client_type"] != "lua" and not heard["command"].startswith(("HELLO", "CLIENT")):
                seen.append(heard["command"].split()[0])
    assert seen == ["EVALSHA"] * 3


def test_votes_work_after_the_scripts_were_flushed(alice: Client, redis: Redis) -> None:
    alice.post(VOTE)
    for ask in (lambda: alice.delete(VOTE), lambda: alice.post(VOTE), lambda: alice.get("/api/features")):
        redis.script_flush()
        assert ask().status_code in (200, 204)
    assert state(alice)["counts"] == counts(linkedin=1)


@pytest.mark.parametrize("url", ["unix:///nowhere/valkey.sock", "redis+cluster://127.0.0.1:1,127.0.0.1:2"])
def test_an_app_starts_without_its_store(make_app: Callable[..., Flask], url: str) -> None:
    client = signed_out(make_app(redis_url=url))
    assert client.get("/api/modules-registry").status_code == 200
    ready = client.get("/readyz").json
    assert (ready["status"], ready["votes"]) == ("degraded", "unavailable")
    assert client.get("/readyz?need=votes").status_code == 503
    alice = signed_in(client.application, "alice")
    answers = [alice.get(path) for path in ("/api/me", "/api/feedback", "/api/admin/feedback")]
    for answer in (*answers, alice.post("/api/feedback", json=ASKED)):
        assert (kind(answer), answer.headers["Retry-After"]) == ("storage-unavailable", "1")


@pytest.mark.long
def test_with_one_shard_silent_it_is_503_and_never_a_hang(make_app: Callable[..., Flask], cluster: Cluster) -> None:
    with closing(connect(cluster.url, DEADLINE)) as redis:
        redis.flushall()
        accounts.add(redis, Account("alice", "active"), by=OPERATOR)
    alice = signed_in(make_app(redis_url=cluster.url, redis_timeout=0.3), "alice")
    assert alice.get("/api/features").status_code == 200
    silent = key_slot(interest_key("linkedin").encode()) * 3 // 16384
    cluster.signal(silent, SIGSTOP)
    try:
        for method, path in [("POST", VOTE), ("GET", "/api/features"), ("GET", "/readyz?need=votes")]:
            assert alice.open(path, method=method).status_code == 503
        assert alice.get("/api/modules").status_code == 200
    finally:
        cluster.signal(silent, SIGCONT)
    wait_until(lambda: alice.post(VOTE).status_code == 204)


def test_a_request_is_acknowledged_once_it_is_confirmed_as_votes_are(
    make_app: Callable[..., Flask], sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store without a replica, of which none can confirm anything. What a second try finds is not said twice."""
    commands = Durability.commands
    monkeypatch.setattr(Durability, "commands", lambda self, timeout: commands(self, 0.1))
    sign_in("root", role="admin")
    root = signed_in(make_app(vote_durability=Durability.REPLICA), "root")
    assert [root.post("/api/feedback", json=ASKED).status_code for _ in range(2)] == [503] * 2
    [thread] = root.get("/api/feedback").json["threads"]
    assert thread["message_count"] == 1
    path = f"/api/feedback/{thread['id']}"
    status = {"json": {"status": "declined"}, "headers": {"If-Match": root.get(path).headers["ETag"]}}
    answers = [root.patch(path, **status), root.post(f"{path}/read"), root.post(f"{path}/messages", json=ASKED)]
    assert {kind(answer) for answer in answers} == {"storage-unavailable"}
