"""Everything here that needs a store holds on every kind of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from receiving import SECRET
from receiving import Receiver as Receiving
from support import on_a_cluster_too

from service.storage.client import Client
from service.storage.durability import Durability
from service.storage.redis_url import RedisUrl
from service.webhooks.deliverer import Deliverer
from service.webhooks.keys import CHANGES, Queue
from service.webhooks.receiver import Receiver

__all__ = ["on_a_cluster_too"]


@pytest.fixture
def receiving() -> Iterator[Receiving]:
    """A receiver that takes everything."""
    made = Receiving()
    yield made
    made.stop()


@pytest.fixture
def deliverer(valkey_url: str, receiving: Receiving) -> Iterator[Callable[..., Deliverer]]:
    """Make a deliverer on the store, for a queue, whose thread a test may start."""
    made: list[Deliverer] = []
    clients: list[Client] = []

    def make(queue: Queue = CHANGES, durability: Durability = Durability.SERVER) -> Deliverer:
        clients.append(Client(RedisUrl.parse(valkey_url), 1.0, durability))
        made.append(Deliverer(queue, Receiver(receiving.url, SECRET), clients[-1]))
        return made[-1]

    yield make
    for one in made:
        one.end()
        one._rounds.end()
    for client in clients:
        with closing(client):
            pass
