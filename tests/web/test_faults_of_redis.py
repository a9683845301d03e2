"""Every fault of Redis that the table in store.md lists, on a real server, and what each request is answered."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import documentation
import pytest
from application import signed_in, signed_out, state, table
from clusters import free_ports
from contract import Client, kind
from flask import Flask
from proxy import Proxy
from redis import Redis
from support import OPERATOR, Store, connect, wait_until

from service.accounts import store as accounts
from service.accounts.store import Account
from service.storage.data_dir import socket_path

Act = Callable[["Stage"], object]
Fault = Callable[["Stage"], AbstractContextManager[None]]

VOTE = "/api/features/linkedin/interest"

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
def stage(make_public_app: Callable[..., Flask]) -> Iterator[Stage]:
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
        add_accounts(operator)
        yield Stage(store, operator, port, proxy, *apps)


def add_accounts(operator: Redis) -> None:
    for account_id in ("alice", "bob"):
        accounts.add(operator, Account(account_id, "active"), by=OPERATOR)  # type: ignore[arg-type]


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
    "flushed": between(lambda stage: stage.operator.flushall(), lambda stage: add_accounts(stage.operator)),
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
