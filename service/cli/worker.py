"""What happens in a worker process, from just after the fork to its end."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing import parent_process
from typing import TYPE_CHECKING, Any

from service.problems import ModuleRegistryError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: A worker that is told to stop goes on for as long as requests come with shorter gaps than this, in seconds: a client
#: that is at work on a kept connection sends its next request sooner, and is told to send no other.
_GAP = 0.3
#: But not for longer than this, in seconds.
LONGEST_DRAIN = 2.0

_logger = logging.getLogger(__name__)


def load(make_app: Callable[[], WSGIApplication]) -> WSGIApplication:
    """Set up this process, just forked, and make its application."""
    # A thread that Redis has answered must not preempt the one that holds the interpreter's lock: it could only wait.
    if hasattr(os, "SCHED_BATCH"):  # on Linux
        with suppress(PermissionError):  # in a sandbox that forbids it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    # Ctrl-C reaches the whole process group, but the main process tells each worker when to stop: one that ended by
    # itself would count as failed. Both are blocked here, and so in every thread that is started from now on.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    # What the main process does at a signal is not for its workers; granian sets a handler of its own later.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    draining: list[float] = []
    threading.Thread(target=_stop_when_told, args=(draining,), name="stop-watch", daemon=True).start()
    threading.Thread(target=_die_with_parent, name="parent-watch", daemon=True).start()
    try:
        return _drained(make_app(), draining)
    except ModuleRegistryError as error:  # such as an edit since `serve` was started
        for line in str(error).splitlines():
            _logger.error("%s", line)
        sys.exit(1)


def _drained(application: WSGIApplication, draining: list[float]) -> WSGIApplication:
    """The application, whose answers close their connection once `draining` holds something: the time of the last one.

    A client that is told so sends no further request, which would be lost (RFC 9112, 9.6).
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not draining:
            return application(environ, start_response)

        def closing(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], exc_info)

        draining[0] = time.monotonic()
        return application(environ, closing)

    return serve


def _stop_when_told(draining: list[float]) -> None:
    """Wait for SIGTERM, let clients finish, and hand on to granian.

    A thread waits for the signal, and no handler: Python runs handlers in its main thread alone, which granian keeps
    waiting for a lock. One that comes while it is on its way there, or to another thread, would be heard too late.
    """
    signal.sigwait({signal.SIGTERM})
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):  # granian has not come so far that it could have accepted a connection
        os._exit(0)
    began = time.monotonic()
    draining.append(began)
    while (now := time.monotonic()) < min(draining[0] + _GAP, began + LONGEST_DRAIN):
        time.sleep(min(draining[0] + _GAP, began + LONGEST_DRAIN) - now)
    handler(signal.SIGTERM, None)


def _die_with_parent() -> None:
    """End this worker when the main process is gone: it would keep the port, with a stale service."""
    parent = parent_process()
    if parent is not None:
        # Waits for the end of a pipe that the parent holds. Workers forked later hold a copy too: the last
        # one dies first, and the others follow.
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)
