"""What /healthz and /readyz say, and what a store that is away, silent or refuses means for votes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from itertools import takewhile

import pytest
from application import REGISTRY, signed_in, signed_out, state, table
from contract import Client, kind
from flask import Flask
from redis import Redis
from support import OPERATOR, AnyClient, Store, connect, everything

from service.accounts import store as accounts
from service.accounts.store import Account
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
    expected = READY | {"status": "degraded", "votes": "unavailable", "others": 0}
    assert (said.status_code, said.json | {"problems": None}) == (200, expected | {"problems": None})
    assert len(said.json["problems"]) == 1
    assert (needed.status_code, kind(needed)) == (503, "storage-unavailable")
    assert int(needed.headers["Retry-After"]) > 0


def test_votes_that_no_replica_or_disk_can_confirm_are_not_possible(
    make_app: Callable[..., Flask], own_store: Store
) -> None:
    for durability, possible in ((Durability.REPLICA, False), (Durability.FSYNC, True)):
        client = signed_out(make_app(redis_url=own_store.url, vote_durability=durability))
        assert (client.get("/readyz").json == READY) == possible
        assert client.get("/readyz?need=votes").status_code == (200 if possible else 503)
    with closing(connect(own_store.url)) as redis:
        redis.config_set("appendonly", "no")
    assert client.get("/readyz?need=votes").status_code == 503


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


def test_a_request_is_one_round_trip_to_redis(alice: Client, redis: Redis) -> None:
    def ask_all() -> None:
        for method, path in (("GET", "/api/features"), ("POST", VOTE), ("DELETE", VOTE)):
            alice.open(path, method=method)

    ask_all()  # its scripts are known from now on
    with redis.monitor() as monitor:
        ask_all()
        redis.echo("done")
        heard = list(takewhile(lambda each: not each["command"].startswith("ECHO"), iter(monitor.next_command, None)))
    # What a script asks for comes from `lua`, and some commands open the connection of the echo.
    seen = [each["command"].split()[0] for each in heard if each["client_type"] != "lua"]
    assert [name for name in seen if name not in ("HELLO", "CLIENT")] == ["EVALSHA"] * 3


@pytest.mark.parametrize("url", ["unix:///nowhere/valkey.sock", "redis+cluster://127.0.0.1:1,127.0.0.1:2"])
def test_an_app_starts_without_its_store(make_app: Callable[..., Flask], url: str) -> None:
    alice = signed_in(make_app(redis_url=url), "alice")
    assert alice.get("/api/modules-registry").status_code == 200
    assert alice.get("/readyz").json["votes"] == "unavailable"
    answers = [alice.get(path) for path in ("/api/me", "/api/feedback", "/api/admin/feedback", "/readyz?need=votes")]
    for answer in (*answers, alice.post("/api/feedback", json=ASKED)):
        assert (kind(answer), answer.headers["Retry-After"]) == ("storage-unavailable", "1")


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
