"""What happens in a worker process, from just after the fork to its end."""

from __future__ import annotations

import logging
import os
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing import parent_process
from pathlib import Path
from traceback import walk_stack
from typing import TYPE_CHECKING, Any

from service.logs import leave_out_what_another_says
from service.problems import ModuleRegistryError
from service.web import spans
from service.web.health import STOPPING
from service.webhooks import deliverer
from service.workers import announcer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: How long a worker that is told to stop waits for the next request of each client that has a connection, to tell it to
#: send no other, in seconds.
_LONGEST_DRAIN = 2.0
#: How long it may take to stop in all, in seconds. Every call to Redis ends sooner.
LONGEST_STOP = 6
#: When no request has been at work for so long, granian waits only for clients that say nothing, in seconds.
_QUIET = 0.3
#: How often it looks, in seconds.
_INTERVAL = 0.02
#: How long it may take to say in Redis that this worker is gone, in seconds.
_LONGEST_WORD = 0.5
#: How long a client may leave what it is sent unread, in milliseconds; granian itself would wait for ever.
_LONGEST_UNREAD = 10_000
#: The function that each request passes through.
_ANSWERING = "_drained.<locals>.serve"

_logger = logging.getLogger(__name__)


def load(make_app: Callable[[], WSGIApplication], port: int, *, is_first: bool) -> WSGIApplication:
    """Set up this process, just forked, and make its application, to which clients come at `port`.

    The first of the workers says for the others what all of them do alike.
    """
    if not is_first:
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
    draining = threading.Event()
    threading.Thread(target=_stop_when_told, args=(draining, port), name="stop-watch", daemon=True).start()
    threading.Thread(target=_die_with_parent, name="parent-watch", daemon=True).start()
    try:
        return _drained(make_app(), draining)
    except ModuleRegistryError as error:  # such as an edit since `serve` was started
        for line in error.lines():
            _logger.error("%s", line)
        sys.exit(1)


def _drained(application: WSGIApplication, draining: threading.Event) -> WSGIApplication:
    """The application, which is told when it drains, and whose answers then close their connection.

    A client that is told so sends no further request, which would be lost (RFC 9112, 9.6).
    """
    is_draining = draining.is_set

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not is_draining():
            return application(environ, start_response)

        environ[STOPPING] = True

        def closing(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *error)

        return application(environ, closing)

    return serve


def _stop_when_told(draining: threading.Event, port: int) -> None:
    """Wait for SIGTERM, let clients finish, and hand on to granian.

    A thread waits for the signal, and no handler: Python runs handlers in its main thread alone, which granian keeps
    waiting for a lock. A signal that comes while that thread is on its way there would be heard too late.
    """
    told = None
    while told is None and hasattr(socket, "TCP_USER_TIMEOUT") and not _limit_unread(port):  # on Linux
        told = signal.sigtimedwait({signal.SIGTERM}, _INTERVAL)
    if told is None:
        signal.sigwait({signal.SIGTERM})
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):  # granian has not come so far that it could have accepted a connection
        os._exit(0)
    draining.set()
    began = time.monotonic()
    while _clients(port) and time.monotonic() < began + _LONGEST_DRAIN:
        time.sleep(_INTERVAL)
    saying_so = threading.Thread(target=_end_what_runs_beside, daemon=True)  # Redis may be silent
    saying_so.start()
    saying_so.join(_LONGEST_WORD)
    handler(signal.SIGTERM, None)
    busy = time.monotonic()
    while (now := time.monotonic()) < min(busy + _QUIET, began + LONGEST_STOP):
        if _is_at_work():
            busy = now
        time.sleep(_INTERVAL)
    os._exit(0)


def _end_what_runs_beside() -> None:
    """Have other workers deliver webhooks, say that this one is gone, and send what its spans say."""
    deliverer.end_all()
    announcer.end_all()
    spans.end_all()


def _is_at_work() -> bool:
    """Whether a thread of this process is answering a request: looked up at a stop, so that requests need not count."""
    for innermost in sys._current_frames().values():
        if any(frame.f_code.co_qualname == _ANSWERING for frame, _ in walk_stack(innermost)):
            return True
    return False


def _limit_unread(port: int) -> bool:
    """Once this process listens, have the kernel close connections whose client reads nothing; whether it listens.

    Every connection that is accepted from now on has the limit of the socket that listens (RFC 5482, tcp(7)).
    """
    listens = False
    for found in _sockets(port):
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _LONGEST_UNREAD)
        listens = listens or bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    return listens


def _clients(port: int) -> int:
    """How many connections of clients this process has open."""
    return sum(not found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) for found in _sockets(port))


def _sockets(port: int) -> Iterator[socket.socket]:
    """The sockets that this process has at a port: the one that listens, and those of clients."""
    for path in Path("/dev/fd").iterdir():
        with suppress(OSError):  # it was closed meanwhile
            if stat.S_ISSOCK(os.fstat(int(path.name)).st_mode):
                with socket.socket(fileno=os.dup(int(path.name))) as found:
                    if found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockname()[1] == port:
                        yield found


def _die_with_parent() -> None:
    """End this worker when the main process is gone: it would keep the port, with a stale service."""
    parent = parent_process()
    if parent is not None:
        # Waits for the end of a pipe that the parent holds. Workers forked later hold a copy too: the last
        # one dies first, and the others follow.
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)
