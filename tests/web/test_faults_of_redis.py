"""Every fault of Redis that the table in store.md lists, and what a store that is away or refuses means for votes."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import documentation
import pytest
from application import ASKED, REGISTRY, VOTE, MakeApp, SignIn, signed_in, signed_out, state, table
from clusters import free_ports
from contract import Client, kind
from flask import Flask
from proxy import Proxy
from redis import Redis
from support import AnyClient, Store, add_accounts, confirmed_soon, connect, everything, wait_until

from service.settings.durability import Durability
from service.storage.data_dir import socket_path

Act = Callable[["Stage"], object]
Fault = Callable[["Stage"], AbstractContextManager[None]]

#: REDIS_TIMEOUT of these tests, in seconds: more than a busy machine takes.
LIMIT = 1.0

#: What the service signs in to the server as, so that it may lose what an operator keeps.
USER, PASSWORD = "service", "secret"


@dataclass
class Stage:
    """A store, an operator's client of it, and the service, which reaches it directly and through a proxy."""

    store: Store
    operator: Redis
    port: int
    proxy: Proxy
    direct: Flask
    behind_proxy: Flask

    def start(self, users: list[str]) -> None:
        """Start the store again, with users, which are in no append-only file, and where it listened."""
        self.store.start()
        for user in users:
            self.operator.execute_command("ACL", "SETUSER", *user.split()[1:])
        self.operator.config_set("port", self.port)

    def stop(self) -> list[str]:
        """Stop the store, and return its users."""
        users: list[str] = self.operator.execute_command("ACL", "LIST")
        self.store.stop()
        return users


@pytest.fixture(scope="module")
def stage(make_public_app: MakeApp) -> Iterator[Stage]:
    with ExitStack() as stack:
        store = Store(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp"))) / "var")
        stack.callback(store.stop)
        operator = stack.enter_context(closing(connect(store.url)))
        operator.execute_command("ACL", "SETUSER", USER, "on", f">{PASSWORD}", "~*", "&*", "+@all")
        proxy = stack.enter_context(Proxy(socket_path(store.data_dir)))
        [port] = free_ports(1)
        operator.config_set("port", port)
        apps = []
        for url in (f"redis://127.0.0.1:{port}", proxy.url):
            apps.append(make_public_app(redis_url=url.replace("//", f"//{USER}:{PASSWORD}@"), redis_timeout=LIMIT))
        add_accounts(operator, "alice", "bob")
        yield Stage(store, operator, port, proxy, *apps)


def between(begin: Act, end: Act) -> Fault:
    """A fault that one act brings about, and another ends."""

    @contextmanager
    def fault(stage: Stage) -> Iterator[None]:
        begin(stage)
        yield
        end(stage)

    return fault


def answering(change: Callable[[bytes], bytes]) -> Fault:
    """The proxy passes on what the store says in this way."""
    return between(
        lambda stage: setattr(stage.proxy, "replies", change), lambda stage: setattr(stage.proxy, "replies", bytes)
    )


def after(seconds: float) -> Callable[[bytes], bytes]:
    """Whatever the store says comes so late."""
    return lambda data: time.sleep(seconds) or data  # type: ignore[func-returns-value]


def commanded(commands: list[str], end: str | list[str] = "PING") -> Fault:
    """The operator gives these commands, and in the end others."""

    def give(commands: list[str]) -> Act:
        return lambda stage: [stage.operator.execute_command(*command.split()) for command in commands]

    return between(give(commands), give([end] if isinstance(end, str) else end))


@contextmanager
def refusing(stage: Stage) -> Iterator[None]:
    users = stage.stop()
    yield
    stage.start(users)


@contextmanager
def misconf(stage: Stage) -> Iterator[None]:
    in_the_way = stage.store.data_dir / "dump.rdb"
    in_the_way.mkdir()

    def running() -> set[str]:
        return {name for name, value in stage.operator.info("persistence").items() if value == 1}

    def save() -> str:
        """Save, and return how that went. A child that writes the append-only file anew has its turn first."""
        stage.operator.execute_command("BGSAVE", "SCHEDULE")
        wait_until(lambda: not {"rdb_bgsave_in_progress", "aof_rewrite_in_progress"} & running())
        return str(stage.operator.info("persistence")["rdb_last_bgsave_status"])

    stage.operator.config_set("save", "3600 1")
    wait_until(lambda: not running() & {"aof_rewrite_in_progress", "aof_rewrite_scheduled"})
    assert save() == "err"
    yield
    in_the_way.rmdir()
    assert save() == "ok"
    stage.operator.config_set("save", "")


#: How each fault of the table is brought about: most by what an operator may command.
CAUSES = {name: commanded(**row) for name, row in table("faults.yaml").items()} | {
    "slow, within the time limit": answering(after(LIMIT / 20)),
    "silent": between(lambda stage: stage.store.signal(SIGSTOP), lambda stage: stage.store.signal(SIGCONT)),
    "an answer after the time limit": answering(after(1.2 * LIMIT)),
    "garbage for an answer": answering(lambda data: b"\x00\xffHTTP/1.1 400 Bad Request\r\n\r\n"),
    "refusing connections": refusing,
    "restarted": between(lambda stage: stage.start(stage.stop()), lambda _: None),
    "loading its data": answering(lambda data: b"-LOADING Redis is loading the dataset in memory\r\n"),
    "cannot save (MISCONF)": misconf,
    "flushed": between(
        lambda stage: stage.operator.flushall(), lambda stage: add_accounts(stage.operator, "alice", "bob")
    ),
}

BEHIND_PROXY = {"slow, within the time limit", "an answer after the time limit", "garbage for an answer"}
BEHIND_PROXY |= {"loading its data"}

#: The rows of the table: the fault, and its other cells.
TABLE = documentation.table("store.md", "| Redis is | a vote |")


def test_every_fault_of_the_table_is_tried() -> None:
    assert TABLE.keys() == CAUSES.keys()


def answers(app: Flask, voter: Client) -> list[str]:
    """What the service answers: a vote, a read of votes, a document, and readyz."""
    asked = [voter.post("/api/features/hiring/interest"), voter.get("/api/features")]
    for answer in asked:
        if answer.status_code == 503:
            assert (kind(answer), answer.headers["Retry-After"]) == ("storage-unavailable", "1")
    anybody = signed_out(app)
    ready = anybody.get("/readyz").json["status"]
    assert anybody.get("/readyz?need=votes").status_code == {"ready": 200, "degraded": 503}[ready]
    return [str(answer.status_code) for answer in (*asked, anybody.get("/api/modules-registry"))] + [ready]


@pytest.mark.long
@pytest.mark.parametrize("fault", CAUSES)
def test_a_fault_is_answered_as_the_table_says(stage: Stage, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    *said, logged, _ = TABLE[fault]
    app = stage.behind_proxy if fault in BEHIND_PROXY else stage.direct
    alice, bob = signed_in(app, "alice"), signed_in(app, "bob")
    wait_until(lambda: alice.post(VOTE).status_code == 204)
    wait_until(lambda: alice.delete("/api/features/hiring/interest").status_code == 204)
    assert state(bob)["voted"] == []
    caplog.clear()
    with CAUSES[fault](stage):
        assert answers(app, alice) == said
    if logged == "nothing":
        assert not caplog.text
    else:
        assert all(part in caplog.text for part in logged.strip("`").split("..."))
    wait_until(lambda: alice.post(VOTE).status_code == 204)
    for _ in range(3):  # what was asked for meanwhile and came late is nobody's answer now
        assert ("linkedin" in state(alice)["voted"], state(bob)["voted"]) == (True, [])


REVISION = sha256(REGISTRY.encode()).hexdigest()
READY = {"status": "ready", "registry": "current", "votes": "possible", "modules": 7, "revision": REVISION}


def test_all_is_well(client: Client, redis: Redis) -> None:
    before = everything(redis)
    assert client.get("/healthz").json == {"status": "alive"}
    for path in ("/readyz", "/readyz?need=votes"):
        assert client.get(path).json == READY
    assert everything(redis) == before
    for need in ("vote", "%FF", "registry", ""):
        assert client.get(f"/readyz?need={need}").status_code == 400


REFUSALS = table("refusals.yaml")


@pytest.mark.parametrize("refusal", REFUSALS)
def test_votes_are_unavailable_where_a_vote_would_be_refused(alice: Client, redis: AnyClient, refusal: str) -> None:
    try:
        redis.execute_command(*REFUSALS[refusal])
        assert alice.post(VOTE).status_code == 503
        said, needed = alice.get("/readyz"), alice.get("/readyz?need=votes")
    finally:
        redis.execute_command("ACL", "SETUSER", "default", "allkeys", "+@all")
    told = said.json
    assert len(told.pop("problems")) == 1
    assert (said.status_code, told) == (200, READY | {"status": "degraded", "votes": "unavailable", "others": 0})
    assert (kind(needed), int(needed.headers["Retry-After"]) > 0) == ("storage-unavailable", True)


def test_votes_that_no_replica_or_disk_can_confirm_are_not_possible(make_app: MakeApp, own_store: Store) -> None:
    for durability, possible in ((Durability.REPLICA, False), (Durability.FSYNC, True)):
        client = signed_out(make_app(redis_url=own_store.url, vote_durability=durability))
        assert (client.get("/readyz").json == READY) == possible
        assert client.get("/readyz?need=votes").status_code == (200 if possible else 503)
    with closing(connect(own_store.url)) as redis:
        redis.config_set("appendonly", "no")
    assert client.get("/readyz?need=votes").status_code == 503


@pytest.mark.parametrize("begins", [True, False])
def test_an_unreachable_store_takes_only_votes_along_and_comes_back(
    make_app: MakeApp, own_store: Store, begins: bool
) -> None:
    """Public documents are served, the rest is 503 with Retry-After and an explanation, also from the start."""
    with closing(connect(own_store.url)) as redis:
        add_accounts(redis, "alice", role="admin")
    if begins:
        own_store.stop()
    alice = signed_in(make_app(redis_url=own_store.url), "alice")
    if not begins:
        assert alice.post(VOTE).status_code == 204
        own_store.stop()
    for path in ("/api/modules-registry", "/api/modules", "/api/modules/scrap", "/healthz", "/readyz"):
        assert alice.get(path).status_code == 200
    asked = [("POST", VOTE), ("DELETE", VOTE), ("POST", "/api/features/nowhere/interest"), ("POST", "/api/feedback")]
    asked += [("GET", path) for path in ("/api/features", "/api/me", "/api/feedback", "/api/admin/feedback")]
    asked += [("GET", path) for path in ("/sign-in?token=x", "/readyz?need=votes", "/api/changes", "/changes.atom")]
    for method, path in asked:
        response = alice.open(path, method=method, json=ASKED if method == "POST" else None)
        assert (response.status_code, kind(response)) == (503, "storage-unavailable")
        assert int(response.headers["Retry-After"]) > 0
        assert "Redis" in response.text
    own_store.start()  # it has forgotten its scripts
    assert alice.post("/api/features/hiring/interest").status_code == 204
    assert state(alice)["voted"] == ["hiring", *["linkedin"] * (not begins)]


def test_a_request_is_one_round_trip_to_redis(alice: Client, redis: Redis) -> None:
    asked = [("GET", "/api/features"), ("POST", VOTE), ("DELETE", VOTE)]
    for _ in range(2):  # its scripts are known the second time
        before = redis.info("stats")["total_reads_processed"]
        for method, path in asked:
            alice.open(path, method=method)
        after = redis.info("stats")["total_reads_processed"]
    assert after - before == len(asked) + 1, "one is the last look itself"


def test_an_app_starts_without_its_cluster(make_app: MakeApp) -> None:
    alice = signed_in(make_app(redis_url="redis+cluster://127.0.0.1:1,127.0.0.1:2"), "alice")
    assert alice.get("/api/modules-registry").status_code == 200
    assert kind(alice.get("/api/me")) == kind(alice.get("/readyz?need=votes")) == "storage-unavailable"


def test_a_request_is_acknowledged_once_it_is_confirmed_as_votes_are(
    make_app: MakeApp, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store without a replica, of which none can confirm anything. What a second try finds is not said twice."""
    confirmed_soon(monkeypatch)
    sign_in("root", role="admin")
    root = signed_in(make_app(vote_durability=Durability.REPLICA), "root")
    assert [root.post("/api/feedback", json=ASKED).status_code for _ in range(2)] == [503] * 2
    [thread] = root.get("/api/feedback").json["threads"]
    assert thread["message_count"] == 1
    path = f"/api/feedback/{thread['id']}"
    status = {"json": {"status": "declined"}, "headers": {"If-Match": root.get(path).headers["ETag"]}}
    answers = [root.patch(path, **status), root.post(f"{path}/read"), root.post(f"{path}/messages", json=ASKED)]
    assert {kind(answer) for answer in answers} == {"storage-unavailable"}
