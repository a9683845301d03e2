"""Delivers one queue in its order, in a thread of each worker of every host, of which one does at a time.

Who does has it from Redis for a few seconds, again and again; one that has ended is followed by another when that time
is over. How far it came stands in Redis as well, and moves only from where it was. So an event is delivered at least
once, always under one id, and none before the one before it was delivered or given up.
"""

import logging
import os
import random
import secrets
import socket
import time

from service.storage.client import Client
from service.storage.periodic_task import PeriodicTask
from service.webhooks import store
from service.webhooks.receiver import LONGEST_TRY, Answer, Receiver, message, send
from service.webhooks.store import Queue, Taken
from service.wording import pluralized

#: How often it is looked whether there is something new, in seconds.
INTERVAL = 0.2
#: For how long a worker that delivers keeps others from it, in seconds; one that has ended is followed after that.
LEASE = 3.0
#: How much longer than a try takes others are kept from it, in seconds.
_MARGIN = 5.0
#: How long before a worker began an event may have been added that is not old, in seconds.
_BEFORE = 1.0
#: How long after its first try an event is tried, in seconds; then it is given up.
LONGEST = 86_400.0
#: The first and the longest pause between two tries, in seconds: each is twice the one before.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0
#: "No longer interested": it is asked as seldom as can be (Standard Webhooks 1.0.0, "Delivery success and failure").
_GONE = 410

_logger = logging.getLogger(__name__)


class Deliverer(PeriodicTask):
    """Delivers the events of one queue to a receiver, with a client of its own: no request waits for it."""

    def __init__(self, queue: Queue, receiver: Receiver, client: Client) -> None:
        """`client` is nobody else's."""
        super().__init__(self.round, f"webhooks-{queue.name}", INTERVAL)
        self._queue = queue
        self._receiver = receiver
        self._client = client
        self._origin = secrets.token_hex(4)
        self._made = time.monotonic()

    def round(self) -> None:
        """Deliver what is due, if nobody else does. What fails is tried again in a later round."""
        while store.is_due(self._client, self._queue, self._id, LEASE, time.monotonic() - self._made + _BEFORE):
            self._deliver()

    def _deliver(self) -> None:
        asked = time.monotonic()
        taken = store.take(self._client, self._queue, self._id, LONGEST_TRY + _MARGIN)
        if taken is None:
            return
        if taken.lost:
            said = "webhooks: %s dropped before %s turn: the stream keeps the newest alone"
            _logger.error(said, pluralized(taken.lost, "event"), "its" if taken.lost == 1 else "their")
        try:
            made = message(self._queue, taken.entry, taken.event, self._client)
        except ValueError as error:
            self._give_up(taken, f"it cannot be read: {error}")
            return
        if time.monotonic() > asked + _MARGIN:
            return  # it may be another's turn by now
        answer = send(self._receiver, made)
        if answer.is_delivered:
            if store.go_on(self._client, self._queue, taken) and taken.tries:
                _logger.info("webhook %s is delivered, after %s", made.id, pluralized(taken.tries, "failure"))
            return
        wait = pause(taken.tries, answer)
        if taken.milliseconds / 1000 + answer.seconds + wait > LONGEST:
            self._give_up(taken, answer.said)
            return
        store.fail(self._client, self._queue, taken, wait, answer.said)
        _logger.warning("webhook %s: %s %s; again in %.0f s", made.id, self._receiver.host, answer.said, wait)

    def _give_up(self, taken: Taken, reason: str) -> None:
        if store.go_on(self._client, self._queue, taken, reason):
            said = "webhook %s-%s is given up, and kept for `module-registry webhooks retry`: %s"
            _logger.error(said, self._queue.subject, taken.entry, reason)

    @property
    def _id(self) -> str:
        """What `status` shows: host and process, and what tells two of one process apart."""
        return f"{socket.gethostname()} {os.getpid()} {self._origin}"


def pause(tries: int, answer: Answer) -> float:
    """How long to wait after an answer, where the same had failed `tries` times before, in seconds.

    Half of it is left to chance, so that many who failed at once do not come back at once. What Retry-After asks for is
    waited for as well, up to the longest pause.
    """
    if answer.status == _GONE:
        return LONGEST_PAUSE
    whole = min(FIRST_PAUSE * 2.0 ** min(tries, 20), LONGEST_PAUSE)
    return max(whole * random.uniform(0.5, 1), min(answer.retry_after, LONGEST_PAUSE))
