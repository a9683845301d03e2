"""What a kind of store is to chaos: what can happen to it. A fault returns what ends it.

One server is such a kind; in two others another server takes over: a primary that sentinels watch, and a Cluster.
"""

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Protocol

from clusters import PRIMARIES, Cluster, Sentinels, answers, free_ports
from proxy import Proxy
from redis.crc import key_slot
from support import wait_until

from service.interest.keys import RENAMES_KEY
from service.storage.files import server_binary

Heal = Callable[[], None]
Fault = Callable[[], Heal]

#: How long servers may take to become what they were, in seconds.
RECOVERY = 60.0


class Kind(Protocol):
    """A store that `serve` is given by a URL; `url` is for whoever wants to look at it, whatever happens."""

    durability: str
    """VOTE_DURABILITY, unless another is asked for."""
    url: str

    def url_for(self, host: int) -> str:
        """REDIS_URL of a host."""
        return self.url

    def faults(self) -> dict[str, tuple[int, Fault]]:
        """What can happen to it, and how often beside the others."""

    def kill_all(self) -> Heal:
        """kill -9 of all its servers; returns what starts them again."""

    def stop(self) -> None:
        """End what is left of it."""


class OneServer(Kind):
    """One server with an append-only file; each host reaches it through a proxy of its own."""

    durability = "fsync"

    def __init__(self, folder: Path, dice: Random) -> None:
        self._folder, self._dice = folder, dice
        (self._port,) = free_ports(1)
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._start()
        self._proxies = [Proxy(str(folder / "s")) for _ in range(2)]

    def url_for(self, host: int) -> str:
        return self._proxies[host].url

    def faults(self) -> dict[str, tuple[int, Fault]]:
        return {
            "the server killed": (3, self.kill_all),
            "the server restarted": (1, self._restart),
            "the server suspended": (2, lambda: suspended(self._process.pid)),
            "cut off, connections closed": (2, lambda: self._cut_off(Proxy.refuse)),
            "cut off, nothing comes through for a while": (3, lambda: self._cut_off(Proxy.hold)),
        }

    def kill_all(self) -> Heal:
        self._process.kill()
        self._process.wait()
        return self._start

    def _restart(self) -> Heal:
        self._process.terminate()
        self._process.wait()
        return self._start

    def _cut_off(self, how: Callable[[Proxy], None]) -> Heal:
        cut = self._dice.choice([self._proxies, self._proxies[:1], self._proxies[1:]])
        for proxy in cut:
            how(proxy)

        def heal() -> None:
            for proxy in cut:
                proxy.let_through()

        return heal

    def _start(self) -> None:
        options = {"port": str(self._port), "bind": "127.0.0.1", "unixsocket": "s", "logfile": "log", "save": ""}
        options |= {"appendonly": "yes", "appendfsync": "always"}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen([str(server_binary()), *arguments], cwd=self._folder)
        wait_until(lambda: answers(self._port))

    def stop(self) -> None:
        for proxy in self._proxies:
            proxy.__exit__(None, None, None)
        self._process.kill()
        self._process.wait()


def suspended(pid: int) -> Heal:
    """Suspend a process, which may be gone by the time that it is to go on; returns what has it go on."""

    def signalled(number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    signalled(signal.SIGSTOP)
    return lambda: signalled(signal.SIGCONT)


class OnSentinel(Kind):
    """A primary with two replicas, and three sentinels."""

    durability = "replica"

    def __init__(self, folder: Path, dice: Random) -> None:
        self._servers, self._dice = Sentinels(folder), dice
        self.url = self._servers.url

    def faults(self) -> dict[str, tuple[int, Fault]]:
        return {
            "the primary killed, another promoted": (3, lambda: self._kill(self._servers.primary)),
            "the primary suspended until another was promoted": (2, self._suspend_primary),
            "a replica killed": (1, lambda: self._kill(self._dice.choice(self._replicas()))),
            "a sentinel suspended": (1, self._suspend_sentinel),
        }

    def _replicas(self) -> list[int]:
        return [port for port in self._servers.servers if port != self._servers.primary]

    def _kill(self, port: int) -> Heal:
        was_primary = port == self._servers.primary
        self._servers.kill(port)
        return lambda: self._back(port, lambda: self._start_replica(port), was_primary=was_primary)

    def _suspend_primary(self) -> Heal:
        primary = self._servers.primary
        resume = suspended(self._servers.processes[primary].pid)
        return lambda: self._back(primary, resume, was_primary=True)

    def _suspend_sentinel(self) -> Heal:
        # The first one is asked by this test.
        return suspended(self._servers.processes[self._dice.choice(self._servers.sentinels[1:])].pid)

    def _back(self, port: int, begin: Heal, *, was_primary: bool) -> None:
        """Have a server go on, a primary once another was promoted."""
        if was_primary:
            wait_until(lambda: self._servers.primary != port, RECOVERY)
        begin()
        self._await_replicas()

    def _start_replica(self, port: int) -> None:
        self._servers.start(port, "--replicaof", f"127.0.0.1 {self._servers.primary}")

    def _await_replicas(self) -> None:
        wait_until(lambda: len(self._servers.replicas(self._servers.primary)) == 2, RECOVERY)

    def kill_all(self) -> Heal:
        primary, replicas = self._servers.primary, self._replicas()
        for port in self._servers.servers:
            self._servers.kill(port)

        def heal() -> None:
            self._servers.start(primary)
            for port in replicas:
                self._servers.start(port, "--replicaof", f"127.0.0.1 {primary}")
            self._await_replicas()

        return heal

    def stop(self) -> None:
        self._servers.stop()


class OnSentinelWithBoth(OnSentinel):
    """A primary with two replicas, both of which confirm a vote."""

    durability = "replica:2"


#: The shard that has what is stored.
_SHARD = key_slot(RENAMES_KEY.encode()) * PRIMARIES // 16384


class OnCluster(Kind):
    """Three primaries with a replica each; all votes are on one of them."""

    durability = "replica"

    def __init__(self, folder: Path, dice: Random) -> None:
        self._servers, self._dice = Cluster(folder, node_timeout=1000, replicas=True), dice
        self.url = self._servers.url

    def faults(self) -> dict[str, tuple[int, Fault]]:
        others = [shard for shard in range(PRIMARIES) if shard != _SHARD]
        return {
            "the primary of votes killed, its replica promoted": (3, lambda: self._kill(self._primary_of(_SHARD))),
            "the primary of votes suspended until its replica was promoted": (2, self._suspend_primary),
            "the replica of votes killed": (1, lambda: self._kill(_other(self._primary_of(_SHARD)))),
            "a primary without votes killed": (1, lambda: self._kill(self._primary_of(self._dice.choice(others)))),
        }

    def _primary_of(self, shard: int) -> int:
        return shard if self._is_primary(shard) else _other(shard)

    def _kill(self, index: int) -> Heal:
        was_primary = self._is_primary(index)
        self._servers.kill(index)
        return lambda: self._back(index, lambda: self._servers.start(index), was_primary=was_primary)

    def _suspend_primary(self) -> Heal:
        index = self._primary_of(_SHARD)
        resume = suspended(self._servers.processes[index].pid)
        return lambda: self._back(index, resume, was_primary=True)

    def _back(self, index: int, begin: Heal, *, was_primary: bool) -> None:
        """Have a server go on, a primary once another was promoted, and wait until it is its replica."""
        if was_primary:
            wait_until(lambda: self._is_primary(_other(index)), RECOVERY)
        begin()
        wait_until(lambda: self._is_linked(index), RECOVERY)
        self._servers.wait()

    def kill_all(self) -> Heal:
        for index in range(2 * PRIMARIES):
            self._servers.kill(index)

        def heal() -> None:
            for index in range(2 * PRIMARIES):
                self._servers.start(index)
            self._servers.wait()
            for shard in range(PRIMARIES):  # which server is the replica may have changed
                wait_until(lambda shard=shard: self._is_linked(shard) or self._is_linked(_other(shard)), RECOVERY)  # type: ignore[misc]

        return heal

    def _is_primary(self, index: int) -> bool:
        return self._replication(index)["role"] == "master"

    def _is_linked(self, index: int) -> bool:
        """Whether a server is a replica that has all of it."""
        return self._replication(index).get("master_link_status") == "up"

    def _replication(self, index: int) -> dict[str, object]:
        with self._servers.server(index) as server:
            return dict(server.info("replication"))

    def stop(self) -> None:
        self._servers.stop()


def _other(index: int) -> int:
    """The partner of a server, of which one is the primary, and one the replica."""
    return (index + PRIMARIES) % (2 * PRIMARIES)
