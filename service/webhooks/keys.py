"""What is delivered, and the Redis keys of how far that has come."""

from __future__ import annotations

from dataclasses import dataclass

from service.feedback.keys import EVENTS_KEY as REQUESTS_KEY
from service.history.store import EVENTS_KEY as CHANGES_KEY


@dataclass(frozen=True, slots=True)
class Queue:
    """A stream of events that is delivered in its order. One that fails holds up no other stream.

    `subject` begins the type of its events, and their ids, since two streams can have an entry of the same id.
    """

    name: str
    subject: str
    stream: str

    @property
    def state_key(self) -> str:
        """Hash: how far it was delivered, by whom, and how it went; its fields are listed in lua/queue.lua."""
        return f"{self.stream.rpartition(':')[0]}:webhooks"

    @property
    def given_up_key(self) -> str:
        """Hash: id -> event, of those that were given up."""
        return f"{self.state_key}:given-up"

    @property
    def keys(self) -> list[str]:
        """What every script of webhooks is called with: see lua/queue.lua."""
        return [self.stream, self.state_key, self.given_up_key]


CHANGES = Queue("changes", "module", CHANGES_KEY)
REQUESTS = Queue("requests", "request", REQUESTS_KEY)

QUEUES = (CHANGES, REQUESTS)
