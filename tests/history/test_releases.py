"""Releases while workers and the store are killed: two hosts, each with its own copy of the file, and one store.

RELEASES says how many there are; `RELEASES=100 pytest -s -m long tests/history/test_releases.py` prints the figures.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support import Serve, Store, connect, kill_and_wait, wait_until

from service.history import store as history
from service.history.model import Event, Kind
from service.interest.keys import interest_key

pytestmark = pytest.mark.long

RELEASES = int(os.environ.get("RELEASES", "10"))
#: Time between two edits, between the two copies of one, and between two kills, in seconds: at most.
BETWEEN_EDITS, BETWEEN_HOSTS, BETWEEN_KILLS = 1.0, 0.3, 4.0
#: Generous: a worker that was killed several times in a row is started again after up to 30 s.
RESTART = 90.0


def text(released: int) -> str:
    """A registry whose first modules are released, and whose others are to come."""
    entries = [
        {"slug": f"m{number}", "category": "tools", "label": {"fr": f"M {number}", "en": f"M {number}"}}
        | ({"api_endpoint": f"/api/m{number}"} if number < released else {"coming_soon": True})
        for number in range(RELEASES)
    ]
    return json.dumps({"modules": entries})


def replace(file: Path, content: str) -> None:
    new = file.with_suffix(".new")
    new.write_text(content, encoding="utf-8")
    new.replace(file)


class Hosts:
    """Two `serve` on one store, and who kills what they like of them."""

    def __init__(self, serve: Callable[..., Serve], store: Store, folder: Path, dice: random.Random) -> None:
        self.store, self.dice = store, dice
        self.files = [folder / f"host{number}.yaml" for number in range(2)]
        for file in self.files:
            replace(file, text(0))
        settings = {"REDIS_URL": store.url, "SECRET_KEY": "k" * 32}
        self.serves = [serve("--workers", "2", REGISTRY_FILE=str(file), **settings) for file in self.files]
        self.kills = {"worker": 0, "store": 0}

    def edit(self, content: str) -> None:
        """Give both hosts a file, one of them a little later."""
        for file in self.dice.sample(self.files, 2):
            replace(file, content)
            time.sleep(self.dice.uniform(0, BETWEEN_HOSTS))

    def kill_while(self, editing: threading.Thread) -> None:
        """Kill workers and the store at random moments, until the edits end; then the store runs.

        It is started here, and not in a thread of the test's, since it ends with the thread that has started it.
        """
        editing.start()
        while editing.is_alive():
            time.sleep(self.dice.uniform(0, BETWEEN_KILLS))
            if self.dice.random() < 0.3:
                self._kill_store()
            else:
                self._kill_worker()
        editing.join()

    def _kill_store(self) -> None:
        kill_and_wait(self.store.process.pid)
        self.store.process.wait()
        time.sleep(self.dice.uniform(0, 1))
        self.store.start()
        self.kills["store"] += 1

    def _kill_worker(self) -> None:
        workers = sorted(worker for serve in self.serves for worker in serve.workers)
        if workers:
            with suppress(ProcessLookupError):
                os.kill(self.dice.choice(workers), signal.SIGKILL)
            self.kills["worker"] += 1


def test_no_release_is_missed_or_told_twice(
    serve: Callable[..., Serve], own_store: Store, short_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(int(os.environ.get("SEED", "11")))
    hosts = Hosts(serve, own_store, short_dir, dice)
    with closing(connect(own_store.url)) as client:
        wait_until(lambda: history.last(client, "") is not None)
        for number in range(RELEASES):
            client.sadd(interest_key(f"m{number}"), *(f"voter {each}" for each in range(number + 1)))
    edited: dict[str, float] = {}

    def release_all() -> None:
        for number in range(RELEASES):
            edited[f"m{number}"] = time.time()
            hosts.edit(text(number + 1))
            time.sleep(dice.uniform(0, BETWEEN_EDITS))

    hosts.kill_while(threading.Thread(target=release_all))
    with closing(connect(own_store.url)) as client:
        told = wait_until(lambda: _all(client), RESTART)
        wait_until(lambda: all(len(each.workers) == 2 for each in hosts.serves), RESTART)
        time.sleep(2)  # for whoever still has something to tell: that nothing comes can only be waited for
        assert _all(client) == told
    assert [(event.slug, event.votes) for event in told] == [(f"m{each}", each + 1) for each in range(RELEASES)]
    assert {event.kind for event in told} == {Kind.RELEASED}
    assert len({event.id for event in told}) == RELEASES
    waited = sorted(event.time.timestamp() - edited[event.slug] for event in told)
    with capsys.disabled():
        print(
            f"\n{RELEASES} releases, {hosts.kills} killed: {len(told)} events; from edit to event: median "
            f"{statistics.median(waited):.2f} s, 95 % {waited[int(len(waited) * 0.95)]:.2f} s, most {waited[-1]:.2f} s"
        )


def _all(client: object) -> tuple[Event, ...] | None:
    """Every event, oldest first, once there is that of the last release."""
    events = history.read_page(client, None, 10_000).events[::-1]  # type: ignore[arg-type]
    return events if any(event.slug == f"m{RELEASES - 1}" for event in events) else None
