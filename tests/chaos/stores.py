"""What a kind of store is to chaos: what can happen to it. A fault returns what ends it. One server is such a kind."""

from __future__ import annotations

import os
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

from clusters import answers, free_ports
from proxy import Proxy
from support import wait_until

from service.storage.server import server_binary

Heal = Callable[[], None]
Fault = Callable[[], Heal]

#: How long servers may take to become what they were, in seconds.
RECOVERY = 60.0


class Kind(ABC):
    """A store that `serve` is given by a URL; `url` is for whoever wants to look at it, whatever happens."""

    #: VOTE_DURABILITY, unless another is asked for.
    durability = "replica"
    url: str

    def url_for(self, host: int) -> str:
        """REDIS_URL of a host."""
        return self.url

    @abstractmethod
    def faults(self) -> dict[str, tuple[int, Fault]]:
        """What can happen to it, and how often beside the others."""

    @abstractmethod
    def kill_all(self) -> Heal:
        """kill -9 of all its servers; returns what starts them again."""

    @abstractmethod
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
            "the server suspended": (2, self._suspend),
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

    def _suspend(self) -> Heal:
        return suspended(self._process.pid)

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
