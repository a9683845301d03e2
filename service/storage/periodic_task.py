"""Something that a worker does again and again, beside its requests."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from collections.abc import Callable

from service.problems import StorageUnavailable

#: How long it waits after what must not happen, in seconds.
AFTER_A_DEFECT = 5.0

_logger = logging.getLogger(__name__)
_ending: weakref.WeakSet[PeriodicTask] = weakref.WeakSet()


class PeriodicTask:
    """Calls a method again and again, in a thread of its own, until the object that has it is gone.

    Neither a store that is away nor a defect of the method ends it; the latter is logged.
    """

    def __init__(self, method: Callable[[], None], name: str, interval: float) -> None:
        """`method` is that of an object, `name` the thread's, and `interval` the time between two calls, in seconds."""
        self._method = weakref.WeakMethod(method)
        self._name = name
        self._interval = interval
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin; a forked child, which is another worker, goes its own rounds."""
        reference = weakref.ref(self)
        self._begin()
        os.register_at_fork(after_in_child=lambda: _begin(reference))

    def end(self) -> None:
        """Begin no other round, and wait for the one at hand."""
        self._ended.set()
        if self._thread is not None and self._thread.is_alive():  # it may be about to start
            self._thread.join()

    def ends_with_process(self) -> None:
        """Have it end before its process does, since its end does something."""
        _ending.add(self)

    def _begin(self) -> None:
        self._ended = threading.Event()  # in a forked child, that of the parent may be locked
        self._thread = threading.Thread(
            target=_go, args=(self._method, self._ended, self._interval), name=self._name, daemon=True
        )
        self._thread.start()


def _begin(reference: weakref.ref[PeriodicTask]) -> None:
    if (rounds := reference()) is not None:
        rounds._begin()


def _go(reference: weakref.WeakMethod[Callable[[], None]], ended: threading.Event, interval: float) -> None:
    while (method := reference()) is not None:
        pause = interval
        try:
            method()
        except StorageUnavailable as error:  # which requests tell of; it goes on in the next round
            _logger.debug("what %s does waits for the store: %s", threading.current_thread().name, error)
        except Exception:
            _logger.exception("what %s does could not be done", threading.current_thread().name)
            pause = max(interval, AFTER_A_DEFECT)
        del method
        if ended.wait(pause):
            return


def end_all() -> None:
    """End those that end with this process, which is about to."""
    for task in list(_ending):
        task.end()


atexit.register(end_all)
