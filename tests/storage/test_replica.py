"""A replica that can be written to, at which REDIS_URL leads by mistake: what it takes is lost, so it takes no vote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from clusters import Cluster
from redis import Redis
from support import DOCUMENTED, OPERATOR, AnyClient, connect, wait_until

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.interest import store as interest
from service.interest.keys import interest_key
from service.interest.readiness import refusal
from service.problems import WritesRefused
from service.registry.loading import load
from service.storage.token_bucket import NO_LIMIT

REGISTRY = load(DOCUMENTED)
ALICE = Caller("alice")

#: A user of Redis that lacks one of the two commands by which a replica is known.
LACKING = {"nothing": "", "WAIT, as Redis before 7.2 in scripts": "-wait", "INFO": "-info"}


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Redis, Redis]]:
    """A primary, and another server that can be made its replica."""
    with ExitStack() as stack:
        found = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            port = stack.enter_context(Cluster.alone(tmp_path / name, "--repl-diskless-sync-delay", "0"))
            found.append(stack.enter_context(Redis(port=port, decode_responses=True)))
        yield found[0], found[1]


def port_of(server: Redis) -> int:
    return int(server.connection_pool.connection_kwargs["port"])


@pytest.mark.long
@pytest.mark.parametrize("lacks", LACKING)
def test_a_replica_that_can_be_written_to_takes_no_vote(servers: tuple[Redis, Redis], lacks: str) -> None:
    """Also where connections stay open while a primary becomes one: REPLICAOF closes none."""
    primary, server = servers
    for each in servers:
        each.execute_command("ACL", "SETUSER", "service", "on", ">secret", "~*", "+@all", *LACKING[lacks].split())
        with closing(connect(f"redis://127.0.0.1:{port_of(each)}/0")) as client:
            accounts.add(client, Account("alice", "active"), by=OPERATOR)
    url = f"redis://service:secret@127.0.0.1:{port_of(server)}/0"
    with closing(AnyClient(connect(url).url, 5.0)) as client:
        interest.vote(client, ALICE, "linkedin", REGISTRY)
        server.config_set("replica-read-only", "no")
        server.replicaof("127.0.0.1", port_of(primary))
        with pytest.raises(WritesRefused):
            interest.vote(client, ALICE, "hiring", REGISTRY)
        wait_until(lambda: server.info("replication")["master_link_status"] == "up")
        for change in (interest.vote, interest.retract):
            with pytest.raises(WritesRefused, match=r"^Redis takes no votes or other writes at the moment\.$"):
                change(client, ALICE, "hiring", REGISTRY)
        assert not server.exists(interest_key("hiring"))
        assert interest.read(client, ALICE, REGISTRY).voted == []
        if lacks != "INFO":  # by which readiness looks; votes find out
            assert "this server is a replica" in str((refusal(client, NO_LIMIT) or WritesRefused).__cause__)
        server.replicaof("no", "one")
        interest.vote(client, ALICE, "hiring", REGISTRY)
