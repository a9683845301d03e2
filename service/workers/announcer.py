"""Has a worker say in Redis which registry it serves, for as long as it lives."""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable

from service.periodic_task import PeriodicTask
from service.problems import StorageUnavailable
from service.storage.client import Client
from service.workers.announcements import LIFETIME, Announcement, announce, withdraw

#: How often it is looked whether there is something new to say, in seconds.
INTERVAL = 0.2
#: How often the same is said again, in seconds; a few of them may fail.
_AGAIN = LIFETIME / 6

_logger = logging.getLogger(__name__)
_all: weakref.WeakSet[Announcer] = weakref.WeakSet()
#: Set once this process ends: one that is started then would say that it lives, after all have said that they are gone.
_is_ending = threading.Event()


class Announcer:
    """Says what `look` returns whenever that is new, and every few seconds, in a thread of its own.

    The thread has a client of its own as well: a Redis that is silent keeps no request waiting, and no edit. While
    Redis cannot be used nothing is said: requests tell of that.
    """

    def __init__(self, look: Callable[[], Announcement], client: Client) -> None:
        """`look` says what is served at this moment, and `client` is nobody else's."""
        self._look = look
        self._client = client
        self._origin = secrets.token_hex(8)
        self._said: Announcement | None = None
        self._said_at = 0.0
        self._rounds = PeriodicTask(self.say, "announcer", INTERVAL)

    def start(self) -> None:
        """Begin, until this object is gone; a forked child speaks for itself."""
        _all.add(self)
        self._rounds.start()

    def say(self) -> None:
        """Say what is served, if it is new or was said a while ago."""
        now, current = time.monotonic(), self._look()
        if _is_ending.is_set():
            return
        if current != self._said or now > self._said_at + _AGAIN:
            try:
                announce(self._client, self._id, current)
                self._said, self._said_at = current, now
            except StorageUnavailable as error:
                _logger.debug("what this worker serves could not be said: %s", error)

    def end(self) -> None:
        """Say no more, and that this worker is gone: what it said would hold for a while otherwise."""
        self._rounds.end()  # a call to Redis has a limit
        try:
            withdraw(self._client, self._id)
        except StorageUnavailable as error:
            _logger.debug("that this worker is gone could not be said: %s", error)
        self._client.close()

    @property
    def _id(self) -> str:
        return f"{self._origin}:{os.getpid()}"


def end_all() -> None:
    """End those of this process, which is about to end, and have no other begin."""
    _is_ending.set()
    for announcer in list(_all):
        announcer.end()


atexit.register(end_all)
