"""What happens in a worker process, from just after the fork to its end."""

from __future__ import annotations

import logging
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import parent_process
from traceback import walk_stack
from typing import TYPE_CHECKING, Any

from service.cli.connections import clients, is_sending
from service.cli.listeners import leave, waiting
from service.logs import leave_out_what_another_says
from service.metrics import counting
from service.metrics.definitions import DEATHS
from service.problems import ModuleRegistryError
from service.web import spans
from service.web.health import STOPPING
from service.webhooks import deliverer
from service.workers import announcer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: How long a client may take for the head of a request, and may be silent on a kept connection, in seconds.
LONGEST_HEAD = 10
#: How long a worker that is told to stop waits for the next request of each client that has a connection, to tell it to
#: send no other, in seconds.
_LONGEST_DRAIN = 2.0
#: How long it may take to stop in all, in seconds. Every call to Redis ends sooner.
LONGEST_STOP = 6
#: How long a worker that has been replaced waits for that, in seconds: until whoever says nothing is closed as ever.
LONGEST_LEAVE = LONGEST_HEAD + 2.0
#: How long it may take to say in Redis that this worker is gone, in seconds.
_LONGEST_WORD = 0.5
#: How long it may take from then on, in seconds.
_LONGEST_END = LONGEST_STOP - _LONGEST_DRAIN - _LONGEST_WORD
#: When no request has been at work for so long, granian waits only for clients that say nothing, in seconds.
_QUIET = 0.3
#: How often it looks, in seconds.
_INTERVAL = 0.02
#: The function that each request passes through.
_ANSWERING = "_drained.<locals>.serve"

_logger = logging.getLogger(__name__)


class Progress:
    """What a worker and the main process tell each other, in memory that they share."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 2)

    @property
    def serves(self) -> bool:
        """Whether the worker accepts connections."""
        return bool(self._shared[0])

    @serves.setter
    def serves(self, value: bool) -> None:
        self._shared[0] = value

    @property
    def is_replaced(self) -> bool:
        """Whether another worker accepts connections in its place."""
        return bool(self._shared[1])

    @is_replaced.setter
    def is_replaced(self, value: bool) -> None:
        self._shared[1] = value


@dataclass(frozen=True)
class Place:
    """Where a worker stands: which of them it is, from 0; the port that clients come to; its socket and those of other
    workers there, as descriptors; what it and the main process tell each other; and whether the worker died that it had
    before."""

    number: int
    port: int
    listener: int
    others: list[int]
    progress: Progress
    is_after_death: bool


def load(make_app: Callable[[], WSGIApplication], place: Place) -> WSGIApplication:
    """Set up this process, just forked, and make its application.

    The first of the workers says for the others what all of them do alike.
    """
    for other in place.others:
        os.close(other)
    if place.number > 0:
        leave_out_what_another_says()
    # A thread that Redis has answered must not preempt the one that holds the interpreter's lock: it could only wait.
    if hasattr(os, "SCHED_BATCH"):  # on Linux
        with suppress(PermissionError):  # in a sandbox that forbids it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    # Ctrl-C reaches the whole process group, but the main process tells each worker when to stop: one that ended by
    # itself would count as failed. Both are blocked here, and so in every thread that is started from now on.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    # What the main process does at a signal is not for its workers; granian sets a handler of its own later.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    draining = _Draining()
    threading.Thread(target=_stop_when_told, args=(draining, place), name="stop-watch", daemon=True).start()
    threading.Thread(target=_die_with_parent, name="parent-watch", daemon=True).start()
    try:
        application = make_app()
    except ModuleRegistryError as error:  # such as an edit since `serve` was started
        _logger.error("%s", error.message, extra={"details": error.details})
        sys.exit(1)
    except Exception:
        _logger.exception("This worker cannot be set up.")
        sys.exit(1)
    if place.is_after_death:
        counting.add(DEATHS)
    return _drained(application, draining, place.progress)


@dataclass(slots=True)
class _Draining:
    """Whether this worker is told to stop. Each request asks, and an Event would take three times as long to say."""

    has_begun: bool = False


def _drained(application: WSGIApplication, draining: _Draining, progress: Progress) -> WSGIApplication:
    """The application, which is told when it stops, and whose answers then close their connection.

    A client that is told so sends no further request, which would be lost (RFC 9112, 9.6).
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not draining.has_begun:
            return application(environ, start_response)

        if not progress.is_replaced:
            environ[STOPPING] = True

        def closing(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *error)

        return application(environ, closing)

    return serve


def _stop_when_told(draining: _Draining, place: Place) -> None:
    """Wait for SIGTERM, let clients finish, and hand on to granian.

    A thread waits for the signal, and no handler: Python runs handlers in its main thread alone, which granian keeps
    waiting for a lock. A signal that comes while that thread is on its way there would be heard too late.
    """
    while not callable(handler := signal.getsignal(signal.SIGTERM)):  # granian sets it, and then accepts connections
        if signal.sigtimedwait({signal.SIGTERM}, _INTERVAL):
            _end_what_runs_beside()
            os._exit(0)
    place.progress.serves = True
    signal.sigwait({signal.SIGTERM})
    draining.has_begun = True
    if place.progress.is_replaced:
        leave(place.listener)
    _let_clients_finish(place)
    _end_what_runs_beside()
    handler(signal.SIGTERM, None)
    busy = told = time.monotonic()
    while (now := time.monotonic()) < min(busy + _QUIET, told + _LONGEST_END):
        if _is_at_work() or is_sending(place.port):
            busy = now
        time.sleep(_INTERVAL)
    os._exit(0)


def _let_clients_finish(place: Place) -> None:
    """Wait until no client has a connection, as long as it may take; less once the main process stops, too."""
    deadline = time.monotonic() + (LONGEST_LEAVE if place.progress.is_replaced else _LONGEST_DRAIN)
    while (waiting(place.listener) or clients(place.port)) and time.monotonic() < deadline:
        if signal.sigtimedwait({signal.SIGTERM}, _INTERVAL):
            deadline = min(deadline, time.monotonic() + _LONGEST_DRAIN)


def _end_what_runs_beside() -> None:
    """Have other workers deliver webhooks, say that this one is gone, and send what its spans say."""

    def end_all() -> None:
        deliverer.end_all()
        announcer.end_all()
        spans.end_all()

    ending = threading.Thread(target=end_all, daemon=True)  # Redis may be silent
    ending.start()
    ending.join(_LONGEST_WORD)


def _is_at_work() -> bool:
    """Whether a thread of this process is answering a request: looked up at a stop, so that requests need not count."""
    for innermost in sys._current_frames().values():
        if any(frame.f_code.co_qualname == _ANSWERING for frame, _ in walk_stack(innermost)):
            return True
    return False


def _die_with_parent() -> None:
    """End this worker when the main process is gone: it would keep the port, with a stale service."""
    parent = parent_process()
    if parent is not None:
        # Waits for the end of a pipe that the parent holds. Workers forked later hold a copy too: the last
        # one dies first, and the others follow.
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)
