"""kill -9 of the primary that has the votes, under load: how long votes are refused, and whether any is lost.

KILLS=20 in the environment kills as often; with -s the figures are printed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
import redis
from clusters import PRIMARIES, Cluster
from redis.crc import key_slot
from sentinels import Sentinels
from support import OPERATOR, Serve, connect, session_cookie, wait_until

from service.accounts import store as accounts
from service.accounts.store import Account, Status
from service.interest.keys import RENAMES_KEY, interest_key

KEY = "a secret key of the platform"
KILLS = int(os.environ.get("KILLS", "2"))
VOTERS = [f"voter{number}" for number in range(8)]
#: How many acknowledged changes each voter makes before a kill, and after it.
ENOUGH = 20

pytestmark = pytest.mark.long


@dataclass
class Voter(Thread):
    """Votes and takes its vote back in turn, until told to end. `wanted` is what was acknowledged last.

    After a change that was not, it is None: that may have been made or not.
    """

    url: str
    account: str
    wanted: bool | None = False
    acknowledged: int = 0
    last: float = 0.0
    longest: float = 0.0
    ending: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        headers = {"Cookie": session_cookie(KEY, self.account)}
        want = False
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        while not self.ending.is_set():
            want = not want
            try:
                connection.request("POST" if want else "DELETE", "/api/features/linkedin/interest", headers=headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, HTTPException):
                connection.close()
                status = 0
            assert status in (0, 204, 503), status
            self.wanted = want if status == 204 else None
            if status == 204:
                now = time.monotonic()
                self.longest = max(self.longest, now - self.last) if self.last else 0.0
                self.last = now
                self.acknowledged += 1
        connection.close()

    __hash__ = object.__hash__


def voters(url: str) -> list[Voter]:
    made = [Voter(url, account) for account in VOTERS]
    for voter in made:
        voter.start()
    return made


def await_more(made: list[Voter]) -> None:
    """Wait until each voter has had so many more changes acknowledged."""
    goals = [voter.acknowledged + ENOUGH for voter in made]
    wait_until(lambda: all(voter.acknowledged >= goal for voter, goal in zip(made, goals, strict=True)), 60)


class Kind:
    """A set of servers, of which the primary that has the votes can be killed."""

    url: str

    def kill(self) -> Callable[[], None]:
        """Kill it; returns what brings it back, once another has its place, as a replica that has all there is."""
        raise NotImplementedError


class OnSentinel(Kind):
    def __init__(self, folder: Path) -> None:
        self.servers = Sentinels(folder)
        self.url = self.servers.url
        self.stop = self.servers.stop

    def kill(self) -> Callable[[], None]:
        primary = self.servers.primary
        self.servers.kill(primary)

        def bring_back() -> None:
            wait_until(lambda: self.servers.primary != primary, 60)
            self.servers.start(primary, "--replicaof", f"127.0.0.1 {self.servers.primary}")
            wait_until(lambda: len(self.servers.replicas(self.servers.primary)) == 2, 60)

        return bring_back


class OnCluster(Kind):
    def __init__(self, folder: Path) -> None:
        self.servers = Cluster(folder, node_timeout=1000, replicas=True)
        self.url = self.servers.url
        self.stop = self.servers.stop

    def kill(self) -> Callable[[], None]:
        shard = key_slot(RENAMES_KEY.encode()) * PRIMARIES // 16384
        (index,) = (each for each in (shard, shard + PRIMARIES) if self._info(each)["role"] == "master")
        self.servers.end(index)

        def bring_back() -> None:
            other = (index + PRIMARIES) % (2 * PRIMARIES)
            wait_until(lambda: self._info(other)["role"] == "master", 60)
            self.servers.start(index)
            wait_until(lambda: self._info(index).get("master_link_status") == "up", 60)

        return bring_back

    def _info(self, index: int) -> dict[str, object]:
        with self.servers.server(index) as server:
            return dict(server.info("replication"))


@pytest.fixture(params=[OnSentinel, OnCluster], ids=["sentinel", "cluster"])
def kind(request: pytest.FixtureRequest, short_dir: Path) -> Iterator[Kind]:
    made = request.param(short_dir)
    yield made
    made.stop()


@pytest.mark.parametrize("durability", ["replica", "server"])
def test_no_vote_that_a_replica_has_confirmed_is_lost_with_its_primary(
    kind: Kind, serve: Callable[..., Serve], durability: str
) -> None:
    with closing(connect(kind.url, 5.0)) as client:
        for account in VOTERS:
            accounts.add(client, Account(account, Status.ACTIVE), by=OPERATOR)
        # A few people stand for many: no limit of one person's.
        running = serve(REDIS_URL=kind.url, SECRET_KEY=KEY, VOTE_DURABILITY=durability, VOTE_RATE="0")
        lost, longest, acknowledged = 0, [], 0
        for _ in range(KILLS):
            made = voters(running.url)
            await_more(made)
            bring_back = kind.kill()
            if durability == "replica":  # which a Cluster has none of until then
                bring_back()
            await_more(made)
            for voter in made:
                voter.ending.set()
            for voter in made:
                voter.join()
            stored = _members(client)
            lost += sum(voter.wanted is not None and voter.wanted != (voter.account in stored) for voter in made)
            longest.append(max(voter.longest for voter in made))
            acknowledged += sum(voter.acknowledged for voter in made)
            if durability == "server":
                bring_back()
        print(
            f"\n{type(kind).__name__}, {durability}: {KILLS} kills, {acknowledged} changes acknowledged, {lost} lost; "
            f"votes refused for {sorted(longest)[len(longest) // 2]:.1f} s (median), {max(longest):.1f} s at most"
        )
        assert lost == 0 or durability == "server"


def _members(client: redis.Redis) -> set[str]:
    """The voters, from whoever is the primary now."""
    found: set[str] = set()

    def read() -> bool:
        try:
            found.update(client.members(interest_key("linkedin")))
        except Exception:  # noqa: BLE001  # while it is looked for
            return False
        return True

    wait_until(read, 30)
    return found
