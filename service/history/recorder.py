"""Records what each edit of the registry changes, once for all workers on all hosts.

Each worker compares what it serves with what was recorded last, in the store. Whoever comes first records the edit; the
script that does it looks at the last registry again, in the same atomic step, so that nobody else does.
"""

import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from service.history import store
from service.history.finding import changes_between, compact, restored
from service.history.model import Change, Kind
from service.history.store import Last
from service.interest.maintenance import tally
from service.registry.model import Registry
from service.storage.client import Client
from service.storage.periodic_task import PeriodicTask

#: How often it is looked whether another registry is in force, in seconds.
INTERVAL = 0.2
#: How often a worker sees that what it serves is still what was recorded last, in seconds: a store that was emptied, or
#: whose last writes a failover has lost, gets it again.
_AGAIN = 30.0
#: How long a worker waits that served something else than what was recorded last, in seconds: about as long as an edit
#: may take to reach every host.
_WHILE = 120.0

_logger = logging.getLogger(__name__)


class Served(NamedTuple):
    """What a worker serves: its file was `modified` then, in seconds since 1970."""

    revision: str
    registry: Registry
    modified: float


class Recorder(PeriodicTask):
    """Records edits, in a thread of its own and with a client of its own: no request waits for it.

    A worker may record what it serves if what it served before is what was recorded last, or if what it serves was
    never in force anywhere; one that has just started, only the latter. So a host that still has an older file records
    nothing.
    """

    def __init__(self, look: Callable[[], Served], client: Client) -> None:
        """`look` says what is served at this moment, and `client` is nobody else's."""
        super().__init__(self.round, "recorder", INTERVAL)
        self._look = look
        self._client = client
        self._settled = ""
        self._looked_at = 0.0
        self._doubted = ("", 0.0)

    def round(self) -> None:
        """See to it that what is served now is recorded. What fails is tried again in the next round."""
        now = self._look()
        if now.revision == self._settled and time.monotonic() < self._looked_at + _AGAIN:
            return
        if self._is_settled(now):
            self._settled, self._looked_at, self._doubted = now.revision, time.monotonic(), ("", 0.0)

    def _is_settled(self, now: Served) -> bool:
        """Record what is served now where that is to be done; False where it is to be tried again."""
        last = store.last(self._client, now.revision)
        if last is None:
            return store.record(self._client, None, now.revision, compact(now.registry))
        if last.revision == now.revision:
            return True
        if self._settled != last.revision:
            if last.knows:
                return True
            if self._waits(last, now):
                return False
        return self._record(last, now)

    def _waits(self, last: Last, now: Served) -> bool:
        """Whether what is served may be older than what was recorded last, although it was never in force anywhere.

        Two edits that follow each other closely may reach one host as one, so that the first of them is never recorded;
        another host may still have it for a while. Who served what was recorded last is first meanwhile.
        """
        if not self._settled and now.modified > last.seen:
            return False
        if self._doubted[0] != last.revision:
            self._doubted = last.revision, time.monotonic()
        return time.monotonic() < self._doubted[1] + _WHILE

    def _record(self, last: Last, now: Served) -> bool:
        changes: list[Change] = []
        try:
            changes = changes_between(restored(last.form), now.registry)
        except ValueError as error:
            said = "the registry of revision %.12s can no longer be read, so what changed since is not recorded: %s"
            _logger.warning(said, last.revision, error)
        votes = tally(self._client, [each.slug for each in changes if each.kind is Kind.RELEASED], now.registry)
        return store.record(self._client, last.revision, now.revision, compact(now.registry), changes, votes)
