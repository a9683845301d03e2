"""The kinds of store in which another server takes over: a primary that sentinels watch, and a Cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from chaos.stores import RECOVERY, Fault, Heal, Kind, suspended
from clusters import PRIMARIES, Cluster
from redis.crc import key_slot
from sentinels import Sentinels
from support import wait_until

from service.interest.keys import RENAMES_KEY

_SHARD_OF_VOTES = key_slot(RENAMES_KEY.encode()) * PRIMARIES // 16384


class OnSentinel(Kind):
    """A primary with two replicas, and three sentinels."""

    def __init__(self, folder: Path, dice: Random) -> None:
        self._servers, self._dice = Sentinels(folder), dice
        self.url = self._servers.url

    def faults(self) -> dict[str, tuple[int, Fault]]:
        return {
            "the primary killed, another promoted": (3, self._kill_primary),
            "the primary suspended until another was promoted": (2, self._suspend_primary),
            "a replica killed": (1, self._kill_replica),
            "a sentinel suspended": (1, self._suspend_sentinel),
        }

    def _kill_primary(self) -> Heal:
        primary = self._servers.primary
        self._servers.kill(primary)
        return lambda: self._back(primary, lambda: self._start_replica(primary))

    def _suspend_primary(self) -> Heal:
        primary = self._servers.primary
        resume = suspended(self._servers.servers[primary].pid)
        return lambda: self._back(primary, resume)

    def _back(self, primary: int, begin: Heal) -> None:
        """Have a primary go on once another was promoted."""
        wait_until(lambda: self._servers.primary != primary, RECOVERY)
        begin()
        self._await_replicas()

    def _kill_replica(self) -> Heal:
        replica = self._dice.choice([port for port in self._servers.servers if port != self._servers.primary])
        self._servers.kill(replica)
        return lambda: self._start_replica(replica)

    def _start_replica(self, port: int) -> None:
        self._servers.start(port, "--replicaof", f"127.0.0.1 {self._servers.primary}")
        self._await_replicas()

    def _await_replicas(self) -> None:
        wait_until(lambda: len(self._servers.replicas(self._servers.primary)) == 2, RECOVERY)

    def _suspend_sentinel(self) -> Heal:
        # The first one is asked by this test.
        return suspended(self._dice.choice(list(self._servers.sentinels.values())[1:]).pid)

    def kill_all(self) -> Heal:
        primary = self._servers.primary
        for port in self._servers.servers:
            self._servers.kill(port)

        def heal() -> None:
            self._servers.start(primary)
            for port in self._servers.servers:
                if port != primary:
                    self._servers.start(port, "--replicaof", f"127.0.0.1 {primary}")
            self._await_replicas()

        return heal

    def stop(self) -> None:
        self._servers.stop()


class OnCluster(Kind):
    """Three primaries with a replica each; all votes are on one of them."""

    def __init__(self, folder: Path, dice: Random) -> None:
        self._servers, self._dice = Cluster(folder, node_timeout=1000, replicas=True), dice
        self.url = self._servers.url

    def faults(self) -> dict[str, tuple[int, Fault]]:
        return {
            "the primary of votes killed, its replica promoted": (3, self._kill_primary),
            "the primary of votes suspended until its replica was promoted": (2, self._suspend_primary),
            "the replica of votes killed": (1, self._kill_replica),
            "a primary of accounts killed, its replica promoted": (1, self._kill_another),
        }

    def _of_votes(self, *, is_primary: bool) -> int:
        (index,) = (each for each in _both(_SHARD_OF_VOTES) if self._is_primary(each) is is_primary)
        return index

    def _kill_primary(self) -> Heal:
        return self._kill(self._of_votes(is_primary=True))

    def _kill_replica(self) -> Heal:
        return self._kill(self._of_votes(is_primary=False))

    def _kill_another(self) -> Heal:
        shard = self._dice.choice([each for each in range(PRIMARIES) if each != _SHARD_OF_VOTES])
        return self._kill(next(each for each in _both(shard) if self._is_primary(each)))

    def _kill(self, index: int) -> Heal:
        was_primary = self._is_primary(index)
        self._servers.end(index)
        return lambda: self._back(index, lambda: self._servers.start(index), was_primary=was_primary)

    def _suspend_primary(self) -> Heal:
        index = self._of_votes(is_primary=True)
        resume = suspended(self._servers.processes[index].pid)
        return lambda: self._back(index, resume)

    def _back(self, index: int, begin: Heal, *, was_primary: bool = True) -> None:
        """Have a server go on once another was promoted, and wait until it is its replica."""
        if was_primary:
            wait_until(lambda: self._is_primary(_other(index)), RECOVERY)
        begin()
        wait_until(lambda: self._replication(index).get("master_link_status") == "up", RECOVERY)
        self._servers.wait()

    def kill_all(self) -> Heal:
        replicas = [index for index in range(2 * PRIMARIES) if not self._is_primary(index)]
        for index in range(2 * PRIMARIES):
            self._servers.end(index)

        def heal() -> None:
            for index in range(2 * PRIMARIES):
                self._servers.start(index)
            self._servers.wait()
            for index in replicas:
                wait_until(lambda index=index: self._has_link(index), RECOVERY)  # type: ignore[misc]

        return heal

    def _has_link(self, index: int) -> bool:
        """Whether a server and its partner are a primary and a replica that has all of it: they may have changed."""
        return any(self._replication(each).get("master_link_status") == "up" for each in (index, _other(index)))

    def _is_primary(self, index: int) -> bool:
        return self._replication(index)["role"] == "master"

    def _replication(self, index: int) -> dict[str, object]:
        with self._servers.server(index) as server:
            return dict(server.info("replication"))

    def stop(self) -> None:
        self._servers.stop()


def _other(index: int) -> int:
    return (index + PRIMARIES) % (2 * PRIMARIES)


def _both(shard: int) -> Sequence[int]:
    return shard, _other(shard)
