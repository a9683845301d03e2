"""Keep a server that does not answer from holding every thread, and say once that it does not."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from threading import Lock, get_ident
from typing import TypeVar

import redis

from service.metrics import counting
from service.metrics.definitions import BREAKERS, REDIS_ERRORS
from service.problems import StorageUnavailable
from service.storage import faults
from service.storage.faults import RedisFault

T = TypeVar("T")

#: How long the last call, or one that has no answer yet, has taken where a server counts as slow, in seconds.
_SLOW = 0.25

_logger = logging.getLogger(__name__)


class CircuitBreaker:
    """What calls to one server go through.

    Once a call has run into its time limit, one call at a time finds out whether the server answers again; the others
    are refused at once. A frozen server therefore holds one thread, and the others go on serving what needs no Redis.
    """

    def __init__(self, server: str, timeout: float) -> None:
        """`server` is what messages call it; a call that fails after `timeout` seconds or more has met silence."""
        self._server = server
        self._timeout = timeout
        self._silent = False
        self._changing = Lock()
        self._probe = Lock()

    def call(self, function: Callable[[], T]) -> T:
        """What `function` returns. Raises StorageUnavailable while another call is trying."""
        probing = self._silent
        if probing and not self._probe.acquire(blocking=False):
            raise StorageUnavailable(f"{self._server} has not answered in time and is being tried again.")
        silent, began = False, time.monotonic()
        try:
            return function()
        except redis.TimeoutError:
            silent = True
            raise
        except RedisFault:  # sentinels and a Cluster that are silent are called missing
            silent = time.monotonic() - began >= self._timeout
            raise
        finally:
            if silent != self._silent:
                self._change(silent)
            if probing:
                self._probe.release()

    def _change(self, silent: bool) -> None:
        with self._changing:  # several calls may have found out at once
            counting.add(BREAKERS, value=int(silent) - int(self._silent))
            self._silent = silent


class WaitingRoom:
    """Has few threads wait for a slow Redis at once, so that others are free for what needs none.

    While it is as quick as ever all may ask: to make them wait for each other took a fifth of all votes, and kept no
    thread free either. Once a call has taken long, those who find the room full are turned away.
    """

    def __init__(self, server: str, most: int | None) -> None:
        """`server` is what messages call it; `most` threads wait for it at once, or any number."""
        self._server = server
        self._most = most or sys.maxsize
        self._entered: dict[int, float] = {}
        self._took = 0.0

    def __enter__(self) -> None:
        """Take a place. Raises StorageUnavailable where there is none."""
        now = time.monotonic()
        if len(self._entered) >= self._most:
            longest = now - min(list(self._entered.values()), default=now)
            if max(longest, self._took) > _SLOW:
                counting.add(REDIS_ERRORS, faults.NOT_TRIED)
                raise StorageUnavailable(f"{self._server} answers too slowly for all who ask.")
        self._entered[get_ident()] = now

    def __exit__(self, *_: object) -> None:
        """Leave it to the next one."""
        self._took = time.monotonic() - self._entered.pop(get_ident())


class Outage:
    """A line in the log when calls to one server begin to fail, and one when they work again."""

    def __init__(self, server: str, log: str) -> None:
        """`server` is what messages call it, and `log` the path of its own log, where that is known."""
        self._server = server
        self._log = log
        self._lock = Lock()
        #: Since when calls fail, by the clock that only goes forward; None while they work.
        self.began: float | None = None
        self._refused = 0
        self._of_writes = False

    def failed(self, reason: object, *, of_writes: bool) -> None:
        """Count a call that failed: `of_writes` if it was to write, so that reading may work all the same."""
        with self._lock:
            self._refused += 1
            self._of_writes = of_writes and (self._of_writes or self.began is None)
            if self.began is None:
                self.began, self._refused = time.monotonic(), 1
                where = f"; its log is {self._log}" if self._log else ""
                _logger.warning("%s cannot be used: %s%s", self._server, reason, where)

    def worked(self, *, wrote: bool) -> None:
        """Note a call that worked, and whether it wrote."""
        with self._lock:
            if self.began is not None and (wrote or not self._of_writes):
                length = time.monotonic() - self.began
                self.began = None
                _logger.warning(
                    "%s can be used again, after %.1f s in which %d calls were refused.",
                    self._server,
                    length,
                    self._refused,
                )
