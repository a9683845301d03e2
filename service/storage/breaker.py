"""Keep a server that does not answer from holding every thread, and say once that it does not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import redis

from service.problems import StorageUnavailable

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class CircuitBreaker:
    """What calls to one server go through.

    Once a call has run into its time limit, one call at a time finds out whether the server answers again; the others
    are refused at once. A frozen server therefore holds one thread, and the others go on serving what needs no Redis.
    """

    def __init__(self, server: str) -> None:
        """`server` is what messages call it."""
        self._server = server
        self._silent = False
        self._probe = Lock()

    def call(self, function: Callable[[], T]) -> T:
        """What `function` returns. Raises StorageUnavailable while another call is trying."""
        probing = self._silent
        if probing and not self._probe.acquire(blocking=False):
            raise StorageUnavailable(f"{self._server} has not answered in time and is being tried again.")
        silent = False
        try:
            return function()
        except redis.TimeoutError:
            silent = True
            raise
        finally:
            self._silent = silent
            if probing:
                self._probe.release()


class Outage:
    """A line in the log when calls to one server begin to fail, and one when they work again."""

    def __init__(self, server: str, hint: str) -> None:
        """`server` is what messages call it, and `hint` says where to look."""
        self._server = server
        self._hint = hint
        self._lock = Lock()
        self._began: float | None = None
        self._refused = 0
        self._of_writes = False

    def failed(self, reason: object, *, of_writes: bool) -> None:
        """Count a call that failed: `of_writes` if reading may work all the same."""
        with self._lock:
            self._refused += 1
            self._of_writes = of_writes
            if self._began is None:
                self._began, self._refused = time.monotonic(), 1
                _logger.warning("%s cannot be used: %s%s", self._server, reason, self._hint)

    def worked(self, *, wrote: bool) -> None:
        """Note a call that worked, and whether it wrote."""
        if self._began is None or (self._of_writes and not wrote):
            return
        with self._lock:
            if self._began is not None:
                length = time.monotonic() - self._began
                self._began = None
                _logger.warning(
                    "%s can be used again, after %.1f s in which %d calls were refused.",
                    self._server,
                    length,
                    self._refused,
                )
