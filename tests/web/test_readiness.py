"""What /healthz and /readyz say: documents need no Redis, and votes need one that takes them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from application import REGISTRY, signed_in, signed_out
from contract import Client, kind
from flask import Flask
from redis import Redis
from sentinels import Sentinels
from support import DEADLINE, OPERATOR, Serve, Store, connect, everything, wait_until

from service.accounts import store as accounts
from service.accounts.store import Account
from service.storage.durability import Durability

VOTE = "/api/features/linkedin/interest"
REVISION = sha256(REGISTRY.encode()).hexdigest()
READY = {"status": "ready", "registry": "current", "votes": "possible", "modules": 7, "revision": REVISION}


def test_all_is_well(client: Client, redis: Redis) -> None:
    before = everything(redis)
    assert client.get("/healthz").json == {"status": "alive"}
    for path in ("/readyz", "/readyz?need=votes"):
        assert client.get(path).json == READY
        assert client.head(path).status_code == 200
    assert everything(redis) == before


@pytest.mark.parametrize("query", ["need=vote", "need=%FF", "need=registry"])
def test_a_need_that_is_unknown_is_refused_rather_than_met(client: Client, query: str) -> None:
    assert client.get(f"/readyz?{query}").status_code == 400


@pytest.fixture
def store(own_store: Store) -> Iterator[Redis]:
    """A server of its own, which a test may break, with an account."""
    with closing(connect(own_store.url)) as client:
        accounts.add(client, Account("alice", "active"), by=OPERATOR)
        yield client


def refuse_as_full(store: Redis) -> None:
    store.config_set("maxmemory", 1)


def refuse_as_replica(store: Redis) -> None:
    store.replicaof("127.0.0.1", 1)


def refuse_without_replicas(store: Redis) -> None:
    store.config_set("min-replicas-to-write", 1)


def refuse_scripts(store: Redis) -> None:
    store.execute_command("ACL", "SETUSER", "default", "-evalsha", "-eval")


def refuse_one_command(store: Redis) -> None:
    store.execute_command("ACL", "SETUSER", "default", "-hincrby")


def refuse_a_command_of_limits(store: Redis) -> None:
    store.execute_command("ACL", "SETUSER", "default", "-zadd")


def refuse_keys_of_votes(store: Redis) -> None:
    store.execute_command("ACL", "SETUSER", "default", "resetkeys", "~account:*")


def refuse_keys_of_accounts(store: Redis) -> None:
    store.execute_command("ACL", "SETUSER", "default", "resetkeys", "~{votes}:*")


def spoil_renames(store: Redis) -> None:
    store.set("{votes}:renames", "no hash")


REFUSALS = [
    refuse_as_full,
    refuse_as_replica,
    refuse_without_replicas,
    refuse_scripts,
    refuse_one_command,
    refuse_a_command_of_limits,
    refuse_keys_of_votes,
    refuse_keys_of_accounts,
    spoil_renames,
]


@pytest.mark.parametrize("refuse", REFUSALS)
def test_votes_are_unavailable_where_a_vote_would_be_refused(
    make_app: Callable[..., Flask], own_store: Store, store: Redis, refuse: Callable[[Redis], None]
) -> None:
    alice = signed_in(make_app(redis_url=own_store.url), "alice")
    assert alice.get("/readyz").json == READY
    refuse(store)
    assert alice.post(VOTE).status_code == 503
    answer = alice.get("/readyz")
    assert answer.status_code == 200
    said = answer.json
    assert (said["status"], said["registry"], said["votes"]) == ("degraded", "current", "unavailable")
    assert len(said["problems"]) == 1
    needed = alice.get("/readyz?need=votes")
    assert (needed.status_code, kind(needed)) == (503, "storage-unavailable")
    assert int(needed.headers["Retry-After"]) > 0


def test_votes_that_a_replica_must_confirm_need_one(make_app: Callable[..., Flask], own_store: Store) -> None:
    client = signed_out(make_app(redis_url=own_store.url, vote_durability=Durability.REPLICA))
    assert client.get("/readyz").json["votes"] == "unavailable"
    assert client.get("/readyz?need=votes").status_code == 503


def test_without_redis_documents_are_ready_and_votes_are_not(make_app: Callable[..., Flask]) -> None:
    client = signed_out(make_app(redis_url="unix:///nowhere/valkey.sock"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json["votes"]) == (200, "degraded", "unavailable")
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


def test_votes_that_no_disk_can_confirm_are_not_possible(make_app: Callable[..., Flask], own_store: Store) -> None:
    client = signed_out(make_app(redis_url=own_store.url, vote_durability=Durability.FSYNC))
    assert client.get("/readyz").json == READY
    redis = connect(own_store.url, timeout=5.0)
    redis.config_set("appendonly", "no")
    redis.close()
    assert client.get("/readyz").json["votes"] == "unavailable"
    assert client.get("/readyz?need=votes").status_code == 503


def ask(connection: socket.socket, path: bytes = b"/readyz") -> bytes:
    """The head of an answer on a kept connection; empty where there is none."""
    connection.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path)
    with connection.makefile("rb") as answer:
        head = b"".join(iter(answer.readline, b"\r\n"))
        lines = head.lower().splitlines()
        answer.read(next((int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length")), 0))
    return head


def test_from_sigterm_on_it_is_503_while_other_requests_are_answered(serve: Callable[..., Serve]) -> None:
    service = serve()
    host, _, port = service.url.removeprefix("http://").partition(":")
    # Each answer after the signal closes its connection; whichever comes before it keeps it.
    with socket.create_connection((host, int(port)), timeout=DEADLINE) as kept:
        connections = [socket.create_connection((host, int(port)), timeout=DEADLINE) for _ in range(3)]
        assert all(ask(connection).startswith(b"HTTP/1.1 200 ") for connection in [kept, *connections])
        service.process.terminate()
        first = wait_until(lambda: answer if not (answer := ask(kept)).startswith(b"HTTP/1.1 200 ") else b"")
        others = [ask(connections[0]), ask(connections[1], b"/readyz?need=votes")]
        document = ask(connections[2], b"/api/modules")
        for connection in connections:
            connection.close()
    for answer in (first, *others):
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"connection: close" in answer.lower()
    assert document.startswith(b"HTTP/1.1 200 ")
    assert service.process.wait(DEADLINE) == 0


def test_votes_that_a_replica_must_confirm_are_possible_with_it(
    make_app: Callable[..., Flask], short_dir: Path
) -> None:
    servers = Sentinels(short_dir)
    try:
        client = signed_out(make_app(redis_url=servers.url, vote_durability=Durability.REPLICA))
        assert client.get("/readyz").json == READY
    finally:
        servers.stop()
