"""What happens in a worker process beside its requests, from just after the fork to its end."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import parent_process
from typing import TYPE_CHECKING

from service.history import workers
from service.problems import ModuleRegistryError
from service.web import spans

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: How long it may take to say in Redis that this worker is gone, in seconds.
_LONGEST_WORD = 0.5

_logger = logging.getLogger(__name__)


def load(make_app: Callable[[], WSGIApplication]) -> WSGIApplication:
    """Set up this process, just forked, and make its application."""
    # A thread that Redis has answered must not preempt the one that holds the interpreter's lock: it could only wait.
    if hasattr(os, "SCHED_BATCH"):  # on Linux
        with suppress(PermissionError):  # in a sandbox that forbids it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    # Both reach the whole process group of a terminal, but the main process tells each worker when to stop: one that
    # ended by itself would count as failed.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    threading.Thread(target=_die_with_parent, name="parent-watch", daemon=True).start()
    threading.Thread(target=_end_what_runs_beside, name="end-watch").start()  # which is waited for
    try:
        return make_app()
    except ModuleRegistryError as error:  # such as an edit since `serve` was started
        _logger.error("%s", error.message, extra={"details": error.details})
    except Exception:
        _logger.exception("This worker cannot be set up.")
    sys.exit(1)


def _end_what_runs_beside() -> None:
    """When requests are done: say that this worker is gone, and send its spans."""

    def end_all() -> None:
        workers.end_all()
        spans.end_all()

    threading.main_thread().join()
    ending = threading.Thread(target=end_all, daemon=True)  # Redis may be silent
    ending.start()
    ending.join(_LONGEST_WORD)


def _die_with_parent() -> None:
    """End this worker when the main process is gone: it would keep the port, with a stale service."""
    parent = parent_process()
    if parent is not None:
        # Waits for the end of a pipe that the parent holds. Workers forked later hold a copy too: the last
        # one dies first, and the others follow.
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)
