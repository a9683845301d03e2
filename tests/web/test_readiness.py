"""What /healthz and /readyz say: documents need no Redis, and votes need one that takes them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from application import REGISTRY, signed_in, signed_out, table
from contract import Client, kind
from flask import Flask
from redis import Redis
from support import OPERATOR, AnyClient, Store, connect, everything, wait_until

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


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    return shared_app


def test_a_need_that_is_unknown_is_refused_rather_than_met(client: Client) -> None:
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
def test_votes_are_unavailable_where_a_vote_would_be_refused(app: Flask, redis: AnyClient, refusal: str) -> None:
    accounts.add(redis, Account("alice", "active"), by=OPERATOR)
    alice = signed_in(app, "alice")
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
