"""The service as it runs: hosts with a `serve` each, the file that they serve, a store, and who is told of changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from random import Random
from threading import Lock

from chaos.declared import Declared
from chaos.stores import RECOVERY, Heal, Kind, OnCluster, OneServer, OnSentinel, OnSentinelWithBoth, suspended
from clusters import free_ports
from receiving import SECRET, Received, Receiver, hang_up, refuse, take_it
from support import OPERATOR, Serve, connect, kill_and_wait, launch, socket_url, wait_until

from service.accounts.store import Account, add
from service.history import store as history
from service.interest.maintenance import add_voters
from service.storage.client import Client

SECRET_KEY = "the secret key of chaos"
KINDS: dict[str, Callable[[Path, Random], Kind] | None] = {
    "embedded": None,
    "server": OneServer,
    "sentinel": OnSentinel,
    "sentinel-both": OnSentinelWithBoth,
    "cluster": OnCluster,
}
WORKERS = 2


class Host:
    """A `serve` with a file and a folder of its own, at an address that stays."""

    def __init__(self, town: Town, number: int, folder: Path) -> None:
        folder.mkdir()
        self._town, self._number, self.folder = town, number, folder
        self.file = folder / "registry.yaml"
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        self.serve: Serve

    def start(self) -> None:
        """Start it; returns when it answers."""
        port = self.address.partition(":")[2]
        with self._town.refused_file:  # on which nothing starts
            self.serve = launch(
                self.folder,
                self.folder / "var",
                *("--port", port, "--workers", str(WORKERS)),
                REGISTRY_FILE=str(self.file),
                **self._town.settings(self._number),
            )
            self.serve.started(RECOVERY)

    def write(self, text: str) -> None:
        """Give it another file."""
        new = self.file.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(self.file)


class Town:
    """All of it. `declared` is what the files say, or will say in a moment."""

    def __init__(self, on: str, folder: Path, seed: int, durability: str | None, *, tells: bool) -> None:
        """`on` is one of KINDS, `durability` another VOTE_DURABILITY than its own; `tells` has webhooks sent."""
        self._tells = tells
        #: Held while the files are such that they are refused.
        self.refused_file = Lock()
        self.dice = Random(seed)
        self.declared = Declared(Random(seed + 1))
        self.receiver = Receiver()
        self.fails = 0.1
        self._webhook_dice = Random(seed + 2)
        self.receiver.answer = self._answer
        make = KINDS[on]
        (folder / "store").mkdir()
        self.kind = make(folder / "store", self.dice) if make else None
        self.durability = durability or (self.kind.durability if self.kind else "server")
        self.hosts = [Host(self, number, folder / f"host{number}") for number in range(2 if self.kind else 1)]
        self.released: dict[str, float] = {}
        self.voters_of: dict[str, int] = {}

    def settings(self, host: int) -> dict[str, str]:
        """The environment of a host."""
        environ = {"SECRET_KEY": SECRET_KEY, "VOTE_DURABILITY": self.durability}
        if self._tells:
            environ |= {"WEBHOOK_URL": self.receiver.url, "WEBHOOK_SECRET": SECRET}
        return environ | ({"REDIS_URL": self.kind.url_for(host)} if self.kind else {})

    def start(self, accounts: list[str]) -> None:
        """Start everything, with accounts that may vote."""
        for host in self.hosts:
            host.write(self.declared.text)
            host.start()
        with self.client() as client:
            for account in accounts:
                add(client, Account(account, "active"), by=OPERATOR)
            wait_until(lambda: history.last(client, "") is not None)
            for slug in self.declared.quiet:
                self._want(client, slug)

    def _want(self, client: Client, slug: str) -> None:
        """Have some people who do nothing else want a module, so that its release has to be told with their number."""
        self.voters_of[slug] = self.dice.randrange(1, 5)
        add_voters(client, slug, [f"quiet{number}" for number in range(self.voters_of[slug])])

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client of the store that looks at it past all proxies."""
        url = self.kind.url if self.kind else socket_url(self.hosts[0].serve.data_dir)
        with closing(connect(url)) as client:
            yield client

    def write(self, text: str) -> None:
        """Give every host a file, one of them a little later."""
        for host in self.dice.sample(self.hosts, len(self.hosts)):
            host.write(text)
            time.sleep(self.dice.uniform(0, 0.3))

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        fails = self._webhook_dice.random() < self.fails
        answer = self._webhook_dice.choice([refuse(500), refuse(302, Location="/"), hang_up]) if fails else take_it
        answer(handler)

    @property
    def delivered(self) -> list[Received]:
        """What the receiver was sent, the first of each id."""
        first: dict[str, Received] = {}
        for webhook in self.receiver.received:
            first.setdefault(webhook.id, webhook)
        return list(first.values())

    # What can happen to a host.

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers that there are."""
        return sorted(worker for host in self.hosts for worker in host.serve.workers)

    def kill_worker(self) -> Heal:
        """kill -9 of a worker, which is started again by itself, or, as the second within 5 s, ends its `serve`."""
        kill_and_wait(self.dice.choice(wait_until(lambda: self.workers)))
        return lambda: None

    def start_what_has_ended(self) -> None:
        """Start each host whose `serve` has ended, as systemd does."""
        for host in self.hosts:
            if host.serve.process.poll() is not None:
                host.start()

    def suspend_worker(self) -> Heal:
        """Suspend a worker for a while."""
        return suspended(self.dice.choice(wait_until(lambda: self.workers)))

    def kill_serve(self) -> Heal:
        """kill -9 of the main process of a host alone, and its start."""
        host = self.dice.choice(self.hosts)
        host.serve.kill()
        return host.start

    def restart_serve(self) -> Heal:
        """Stop a host as SIGTERM does, and start it."""
        host = self.dice.choice(self.hosts)
        host.serve.stop()
        return host.start

    def kill_everything(self) -> Heal:
        """kill -9 of every process, and the start of all."""
        heal_store = self.kind.kill_all() if self.kind else None
        for host in self.hosts:
            host.serve.clean_up()

        def heal() -> None:
            if heal_store:
                heal_store()
            for host in self.hosts:
                host.start()

        return heal

    def kill_embedded_store(self) -> Heal:
        """kill -9 of the embedded store, which its `serve` starts again."""
        kill_and_wait(wait_until(lambda: self.hosts[0].serve.store))
        return lambda: None

    def suspend_embedded_store(self) -> Heal:
        """Suspend the embedded store for a while."""
        return suspended(wait_until(lambda: self.hosts[0].serve.store))

    def stop(self) -> None:
        """End what is left of it."""
        for host in self.hosts:
            if hasattr(host, "serve"):
                host.serve.clean_up()
        if self.kind:
            self.kind.stop()
        self.receiver.stop()
