"""Keep a server that does not answer from holding every thread."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import redis

from service.problems import StorageUnavailable

T = TypeVar("T")


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

    def call(self, function: Callable[..., T], *args: Any, **options: Any) -> T:
        """What `function` returns. Raises StorageUnavailable for its TimeoutError, and while another call is trying."""
        probing = self._silent
        if probing and not self._probe.acquire(blocking=False):
            raise StorageUnavailable(f"{self._server} has not answered in time and is being tried again.")
        silent = False
        try:
            return function(*args, **options)
        except redis.TimeoutError as error:
            silent = True
            raise StorageUnavailable(f"{self._server} did not answer within its time limit.") from error
        finally:
            self._silent = silent
            if probing:
                self._probe.release()
