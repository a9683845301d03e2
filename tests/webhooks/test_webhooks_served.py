"""Webhooks of a running service: who delivers, when it ends, and that nothing runs where nobody is to be told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from receiving import SECRET
from receiving import Receiver as Receiving
from support import DEADLINE, DOCUMENTED, AnyClient, Serve, Store, connect, kill_and_wait, wait_until

from service.settings import Settings
from service.web.announcing import announced
from service.web.app import create_app
from service.webhooks import store
from service.webhooks.keys import CHANGES, QUEUES
from service.webhooks.receiver import LONGEST_TRY

KEY = "k" * 32
REGISTRY = DOCUMENTED.read_text("utf-8")


@pytest.fixture
def client(own_store: Store) -> Iterator[AnyClient]:
    with closing(connect(own_store.url)) as made:
        yield made


@pytest.fixture
def settings(own_store: Store, receiving: Receiving) -> dict[str, str]:
    return {"REDIS_URL": own_store.url, "SECRET_KEY": KEY, "WEBHOOK_URL": receiving.url, "WEBHOOK_SECRET": SECRET}


def holder(client: AnyClient) -> int:
    """The process that delivers changes; 0 if none does."""
    said = store.state(client, CHANGES).holder
    return int(said.split()[1]) if said else 0


def test_without_a_receiver_there_is_no_thread_for_it(own_store: Store) -> None:
    before = set(threading.enumerate())
    given = {"REGISTRY_FILE": str(DOCUMENTED), "REDIS_URL": own_store.url, "SECRET_KEY": KEY}
    app = announced(create_app(Settings.from_env(given)))
    announcer, recorder, deliverers = app.extensions["module_registry_announcer"]
    assert deliverers == []
    assert not [one for one in set(threading.enumerate()) - before if one.name.startswith("webhooks")]
    recorder.end()
    announcer.end()


@pytest.mark.parametrize("name", ["WEBHOOK_URL", "WEBHOOK_SECRET"])
def test_serve_refuses_one_setting_without_the_other(
    serve: Callable[..., Serve], settings: dict[str, str], name: str
) -> None:
    del settings[name]
    refused = serve(wait=False, **settings)
    assert refused.process.wait(20) == 1
    [other] = {"WEBHOOK_URL", "WEBHOOK_SECRET"} - {name}
    assert refused.log == [f"{name}: is required with {other}; set both, or neither"]


def test_a_release_is_told_and_who_ends_lets_others_deliver(
    serve: Callable[..., Serve], settings: dict[str, str], client: AnyClient, receiving: Receiving, tmp_path: Path
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(REGISTRY)
    running = serve("--workers", "2", **(settings | {"REGISTRY_FILE": str(file)}))
    wait_until(lambda: all(store.state(client, queue).holder for queue in QUEUES))
    wait_until(lambda: client.command("EXISTS", "{changes}:registry"))
    file.write_text(REGISTRY.replace('fr: "LinkedIn"', 'fr: "Linked In"'))
    wait_until(lambda: receiving.received)
    assert receiving.received[0].body["type"] == "module.relabelled"
    assert running.stop() == 0
    assert [store.state(client, queue).holder for queue in QUEUES] == [None, None]
    assert not any(word in running.stderr.read_text() for word in (SECRET, "hush"))


@pytest.mark.long
def test_a_worker_that_was_killed_is_followed_by_another(
    serve: Callable[..., Serve], settings: dict[str, str], client: AnyClient, receiving: Receiving
) -> None:
    serve("--workers", "2", **settings)
    ids: list[str] = []
    for number in range(4):
        killed = wait_until(lambda: holder(client))
        kill_and_wait(killed)
        event = json.dumps({"kind": "added", "slug": f"m{number}"})
        ids.append(f"module-{client.xadd(CHANGES.stream, {'event': event})}")
        wait_until(lambda: receiving.ids == ids, LONGEST_TRY + DEADLINE)
        assert holder(client) != killed
        wait_until(lambda: store.state(client, CHANGES).waiting == 0)  # killed before, it would be delivered again
