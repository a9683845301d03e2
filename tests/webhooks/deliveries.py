"""The queues on their way: what is added, who delivers it, and the receiver that is told."""

import json

from receiving import SECRET
from receiving import Receiver as Receiving
from support import AnyClient, wait_until

from service.settings.durability import Durability
from service.storage.client import Client
from service.webhooks import store
from service.webhooks.deliverer import Deliverer
from service.webhooks.receiver import Receiver
from service.webhooks.store import CHANGES, Queue


class Deliveries:
    """Streams of events in an empty store, workers that deliver them, and a receiver that takes everything."""

    def __init__(self, redis: AnyClient) -> None:
        self.redis = redis
        self.receiver = Receiving()
        self._clients: list[Client] = []

    def worker(self, queue: Queue = CHANGES, durability: Durability = Durability.SERVER) -> Deliverer:
        """A deliverer, whose rounds a test has it do."""
        client = Client(self.redis.url, 1.0, durability)
        self._clients.append(client)
        return Deliverer(queue, Receiver(self.receiver.url, SECRET), client)

    def begun(self, queue: Queue = CHANGES) -> Deliverer:
        """One that had its first round, which found nothing: from now on what is added is delivered."""
        made = self.worker(queue)
        made.round()
        return made

    def add(self, number: int = 1, queue: Queue = CHANGES) -> list[str]:
        """Add events; returns the ids that they are to have at the receiver."""
        texts = [json.dumps({"kind": "released", "slug": f"m{each}", "votes": each}) for each in range(number)]
        return [f"{queue.subject}-{self.redis.xadd(queue.stream, {'event': text})}" for text in texts]

    @property
    def ids(self) -> list[str]:
        return self.receiver.ids

    @property
    def state(self) -> store.State:
        """How far the changes are delivered."""
        return store.state(self.redis, CHANGES)

    def finish(self, worker: Deliverer) -> None:
        """Rounds until no change waits any more."""

        def none_waits() -> bool:
            worker.round()
            return self.state.waiting == 0

        wait_until(none_waits)

    def end(self) -> None:
        self.receiver.stop()
        for client in self._clients:
            client.close()
