"""Webhooks of a running service: who delivers, when it ends, and that nothing runs where nobody is to be told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from receiving import SECRET
from receiving import Receiver as Receiving
from support import DOCUMENTED, AnyClient, Serve, Store, connect, kill_and_wait, wait_until

from service.settings import Settings
from service.web.announcing import announced
from service.web.app import create_app
from service.webhooks import store
from service.webhooks.deliverer import end_all
from service.webhooks.keys import CHANGES, QUEUES

KEY = "k" * 32


def test_an_app_has_threads_that_deliver_where_there_is_a_receiver_alone(
    redis: AnyClient, valkey_url: str, receiving: Receiving
) -> None:
    given = {"REGISTRY_FILE": str(DOCUMENTED), "REDIS_URL": valkey_url, "SECRET_KEY": KEY}
    told = {"WEBHOOK_URL": receiving.url, "WEBHOOK_SECRET": SECRET}
    for settings, number in ((given, 0), (given | told, len(QUEUES))):
        before = set(threading.enumerate())
        app = announced(create_app(Settings.from_env(settings)))
        announcer, recorder, deliverers = app.extensions["module_registry_announcer"]
        threads = [one.name for one in set(threading.enumerate()) - before if one.name.startswith("webhooks")]
        assert len(threads) == len(deliverers) == number
        wait_until(lambda number=number: sum(bool(store.state(redis, queue).holder) for queue in QUEUES) == number)
        end_all()
        assert not any(store.state(redis, queue).holder for queue in QUEUES)
        for one in (announcer, recorder, *(deliverer._rounds for deliverer in deliverers)):
            one.end()


@pytest.mark.long
def test_a_release_is_told_and_who_ends_or_is_killed_lets_others_deliver(
    serve: Callable[..., Serve], own_store: Store, receiving: Receiving, tmp_path: Path
) -> None:
    file, text = tmp_path / "registry.yaml", DOCUMENTED.read_text("utf-8")
    file.write_text(text)
    settings = {"REDIS_URL": own_store.url, "SECRET_KEY": KEY, "REGISTRY_FILE": str(file)}
    running = serve("--workers", "2", WEBHOOK_URL=receiving.url, WEBHOOK_SECRET=SECRET, **settings)
    with closing(connect(own_store.url)) as client:

        def holder() -> int:
            """The process that delivers changes; 0 if none does."""
            said = store.state(client, CHANGES).holder
            return int(said.split()[1]) if said else 0

        wait_until(lambda: all(store.state(client, queue).holder for queue in QUEUES))
        wait_until(lambda: client.command("EXISTS", "{changes}:registry"))
        killed = wait_until(holder)  # who has delivered nothing yet is followed within the seconds of a lease
        kill_and_wait(killed)
        file.write_text(text.replace('fr: "LinkedIn"', 'fr: "Linked In"'))
        wait_until(lambda: receiving.received)
        assert receiving.received[0].body["type"] == "module.relabelled"
        assert holder() != killed
        assert running.stop() == 0
        assert [store.state(client, queue).holder for queue in QUEUES] == [None, None]
    assert not any(word in running.stderr.read_text() for word in (SECRET, "hush"))
