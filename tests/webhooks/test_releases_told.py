"""Releases while workers and the store are killed, on two hosts, with a receiver that fails: who is told what.

RELEASES=100 in the environment makes as many; with -s the figures are printed.
"""

from __future__ import annotations

import json
import os
import random
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from itertools import groupby
from pathlib import Path
from statistics import median

import pytest
from receiving import SECRET, refuse, take_it
from receiving import Receiver as Receiving
from support import Serve, Store, connect, kill_and_wait, wait_until

from service.history.keys import EVENTS_KEY, REGISTRY_KEY
from service.webhooks import store
from service.webhooks.keys import CHANGES

RELEASES = int(os.environ.get("RELEASES", "8"))
SLUGS = [f"m{number}" for number in range(RELEASES)]

pytestmark = pytest.mark.long


def registry(released: int) -> str:
    """A registry file whose first modules are released, and the others coming soon."""
    lines = []
    for number, slug in enumerate(SLUGS):
        state = f"api_endpoint: /api/{slug}" if number < released else "coming_soon: true"
        lines.append(f"  - {{ slug: {slug}, category: tools, label: {{ fr: {slug}, en: {slug} }}, {state} }}\n")
    return f"modules:\n{''.join(lines)}"


class Unsteady:
    """Answers of a receiver that fails at random; `taken` has when each event was first taken for good."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.is_steady = False
        self.taken: dict[str, float] = {}
        self.failures = 0

    def __call__(self, receiving: Receiving, handler: BaseHTTPRequestHandler) -> None:
        one = receiving.received[-1]
        if not self.is_steady and self._dice.random() < 0.3:
            self.failures += 1
            self._dice.choice([refuse(500), refuse(503), refuse(302, Location="/"), hang_up])(handler)
            return
        self.taken.setdefault(one.id, time.time())
        take_it(handler)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without an answer: the receiver may have it, and the sender cannot know."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def kill_something(dice: random.Random, served: list[Serve], own_store: Store) -> str:
    """kill -9 of a worker or of the store, which is started again; or of nothing."""
    chance = dice.random()
    if chance < 0.25:
        workers = sorted(dice.choice(served).workers)
        if workers:
            kill_and_wait(dice.choice(workers))
            return "workers"
    elif chance < 0.4:
        own_store.process.kill()
        own_store.process.wait()
        own_store.start()
        return "stores"
    return "nothing"


def said(seconds: list[float]) -> str:
    """Some times in words."""
    ordered = sorted(seconds)
    high = ordered[int(0.95 * len(ordered))]
    return f"{median(ordered):.1f} s (median), {high:.1f} s (95 %), {ordered[-1]:.1f} s at most"


@pytest.mark.parametrize("is_calm", [True, False], ids=["calm", "kills"])
def test_every_release_is_told_once_whoever_is_killed(
    serve: Callable[..., Serve], own_store: Store, receiving: Receiving, tmp_path: Path, is_calm: bool
) -> None:
    """Where it is calm, nothing is killed and nothing fails: how long it takes otherwise."""
    dice = random.Random(20261126)
    unsteady = Unsteady(random.Random(7))
    unsteady.is_steady = is_calm
    receiving.answer = lambda handler: unsteady(receiving, handler)
    files = [tmp_path / "here.yaml", tmp_path / "there.yaml"]
    settings = {"REDIS_URL": own_store.url, "SECRET_KEY": "k" * 32, "WEBHOOK_URL": receiving.url}
    settings["WEBHOOK_SECRET"] = SECRET
    served = []
    for file in files:
        file.write_text(registry(0))
        served.append(serve("--workers", "2", REGISTRY_FILE=str(file), **settings))
    with closing(connect(own_store.url)) as client:
        wait_until(lambda: client.command("EXISTS", REGISTRY_KEY) and client.command("EXISTS", CHANGES.state_key))
        edited, killed = {}, Counter[str]()
        for number, slug in enumerate(SLUGS, 1):
            edited[slug] = time.time()
            for file in dice.sample(files, 2):
                file.write_text(registry(number))
                time.sleep(dice.random() * 0.1)  # each host gets it at a moment of its own
            time.sleep(dice.random() * 0.5)
            if not is_calm:
                killed[kill_something(dice, served, own_store)] += 1
            time.sleep(dice.random() * 0.5)
        unsteady.is_steady = True
    with closing(connect(own_store.url)) as client:
        wait_until(lambda: len({one.body["data"]["slug"] for one in receiving.received}) == RELEASES, 180)
        wait_until(lambda: store.state(client, CHANGES).waiting == 0, 60)
        recorded = {entry: json.loads(fields["event"]) for entry, fields in client.xrange(EVENTS_KEY)}
        state = store.state(client, CHANGES)
    told = {one.id: one.body["data"] for one in receiving.received}
    missed = set(SLUGS) - {data["slug"] for data in told.values()}
    doubled = len(told) - len({data["slug"] for data in told.values()})
    added = {id: int(data["id"].partition("-")[0]) / 1000 for id, data in told.items()}
    print(
        f"\n{RELEASES} releases, {killed['workers']} workers and {killed['stores']} stores killed; "
        f"{len(receiving.received)} deliveries tried, of which {unsteady.failures} failed at the receiver; "
        f"{len(missed)} events missed, {doubled} ids doubled, {receiving.unsigned} not signed; "
        f"from edit to event {said([added[id] - edited[data['slug']] for id, data in told.items()])}; "
        f"from event to delivery {said([unsteady.taken[id] - at for id, at in added.items()])}; "
        f"from edit to delivery {said([unsteady.taken[id] - edited[data['slug']] for id, data in told.items()])}"
    )
    assert (missed, doubled, receiving.unsigned) == (set(), 0, 0)
    assert all(data["kind"] == "released" for data in told.values())
    assert list(told) == [f"module-{entry}" for entry in recorded]  # all that was recorded, in its order
    assert [id for id, _ in groupby(receiving.ids)] == list(told)  # and nothing that came again came late
    assert (state.given_up, state.lost) == (0, 0)
    for one in served:
        assert not any(word in one.stderr.read_text() for word in (SECRET, "hush"))
