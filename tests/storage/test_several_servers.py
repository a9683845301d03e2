"""Several servers: a primary that sentinels know, a replica, to which REDIS_URL leads by mistake, and a Cluster."""

import re
import socket
import struct
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from clusters import NAME, Cluster, Sentinels
from redis import Redis
from support import DOCUMENTED, add_accounts, connect, wait_until

from service.accounts.sessions import Caller
from service.interest import store as interest
from service.interest.consistency import refusal
from service.interest.keys import interest_key
from service.problems import StorageUnavailable, WritesRefused
from service.registry.loading.loader import load
from service.settings.token_bucket import NO_LIMIT
from service.storage.script import Script

READ = Script("return redis.call('INFO', 'server')")
REGISTRY = load(DOCUMENTED)
ALICE = Caller("alice")
WRITE = Script("return redis.call('SADD', KEYS[1], ARGV[1])")


def test_sentinels_that_are_not_there_are_said_in_one_short_line() -> None:
    client = connect("redis+sentinel://127.0.0.1:1/votes", 1.0)
    with closing(client), pytest.raises(StorageUnavailable) as caught:
        client.command("PING")
    said = "No sentinel can be reached that knows the primary votes."
    assert (str(caught.value), caught.value.__cause__) == (said, None)


@pytest.mark.long
def test_a_primary_that_was_replaced_while_it_lives_is_left(short_dir: Path) -> None:
    """It is told last, some ten seconds later, and takes writes until then, which are lost."""

    def asked() -> int:
        information = str(client.run(READ, ["set"], []))
        return int(information.partition("tcp_port:")[2].split()[0])

    def is_written() -> bool:
        with suppress(StorageUnavailable):  # until it has looked at the sentinels, too
            return bool(late.run(WRITE, ["set"], ["b"]) == 1)
        return False

    sentinels = Sentinels(short_dir)
    try:
        with closing(connect(sentinels.url, 1.0)) as client, closing(connect(sentinels.url, 1.0)) as late:
            first = sentinels.primary
            assert asked() == first
            client.close()  # a later call opens it again, and has it follow the primary again
            assert asked() == first
            assert late.run(WRITE, ["set"], ["a"]) == 1
            sentinels.fail_over()
            wait_until(lambda: asked() == sentinels.primary)
            assert sentinels.role(first) == "master"
            with Redis(port=first) as server:
                server.replicaof("127.0.0.1", sentinels.primary)  # as it is told in the end
            wait_until(is_written)
    finally:
        sentinels.stop()


@pytest.mark.long
def test_a_replica_that_sentinels_name_is_not_asked(sentinel_url: str) -> None:
    """They may for a moment, after a promotion: what it has may be old."""
    with ExitStack() as stack:
        ports = re.findall(r":(\d+)", sentinel_url)
        sentinels = [stack.enter_context(Redis(port=int(port), decode_responses=True)) for port in ports]
        replica = sentinels[0].sentinel_slaves(NAME)[0]["port"]
        for each in sentinels:
            each.execute_command("SENTINEL MONITOR", "stale", "127.0.0.1", replica, 2)
            stack.callback(each.execute_command, "SENTINEL REMOVE", "stale")
        client = stack.enter_context(closing(connect(sentinel_url.replace(f"/{NAME}", "/stale"), 1.0)))
        with pytest.raises(StorageUnavailable) as raised:
            client.run(READ, ["set"], [])
        assert "is no primary" in str(raised.value.__cause__)


#: A user of Redis that lacks one of the two commands by which a replica is known.
LACKING = {"nothing": "", "WAIT, as Redis before 7.2 in scripts": "-wait", "INFO": "-info"}


@pytest.mark.long
@pytest.mark.parametrize("lacks", LACKING)
def test_a_replica_that_can_be_written_to_takes_no_vote(tmp_path: Path, lacks: str) -> None:
    """Also where connections stay open while a primary becomes one: REPLICAOF closes none."""
    with ExitStack() as stack:
        at_once = ("--repl-diskless-sync-delay", "0")
        ports = [stack.enter_context(Cluster.alone(tmp_path / name, *at_once)) for name in ("one", "two")]
        for port in ports:
            server = stack.enter_context(closing(connect(f"redis://127.0.0.1:{port}/0")))
            server.execute_command("ACL", "SETUSER", "service", "on", ">secret", "~*", "+@all", *LACKING[lacks].split())
            add_accounts(server, "alice")
        client = stack.enter_context(closing(connect(f"redis://service:secret@127.0.0.1:{ports[1]}/0")))
        interest.vote(client, ALICE, "linkedin", REGISTRY)
        server.config_set("replica-read-only", "no")
        server.replicaof("127.0.0.1", ports[0])
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


@pytest.mark.long
def test_an_address_of_one_server_alone_is_told_how_to_name_the_cluster(cluster: Cluster) -> None:
    both = Script("return redis.call('GET', KEYS[1]) or redis.call('GET', ARGV[1])")
    for port in cluster.ports:
        with closing(connect(f"redis://127.0.0.1:{port}")) as alone:
            for key, other in (("a", "b"), ("b", "a")):  # on this server or not, and with another one that is not
                with pytest.raises(StorageUnavailable, match="write redis\\+cluster://"):
                    alone.run(both, [key], [other])


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "said"),
    [(["--cluster-enabled", "yes"], "cannot be used"), ([], "not part of a Cluster: write redis://")],
    ids=["one that serves no keys yet", "none"],
)
def test_what_is_no_cluster_is_refused(short_dir: Path, options: list[str], said: str) -> None:
    with Cluster.alone(short_dir, *options) as port, closing(connect(f"redis+cluster://127.0.0.1:{port}")) as client:
        for act in (lambda: client.command("PING"), lambda: client.command("GET", "key"), lambda: [*client.scan("*")]):
            with pytest.raises(StorageUnavailable, match=said):
                act()


@pytest.mark.long
def test_no_server_of_a_cluster_does_later_what_timed_out(cluster_url: str) -> None:
    with closing(connect(cluster_url)) as client:
        client.command("SET", "x", "1")
        assert "x" in client.scan("x")
        client.command("GET", "x")
        pool = client._redis().get_node_from_key("x").redis_connection.connection_pool
        [connection] = pool._available_connections
        assert connection._sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == struct.pack("ii", 1, 0)
