"""The processes of `serve`: granian's server, by its public options, and what its workers do beside requests."""

import logging
import multiprocessing
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from wsgiref.types import WSGIApplication

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from service.cli.listening import Address
from service.cli.output import lines_of
from service.cli.shared import FAILED, NOHUP, code_of
from service.problems import ModuleRegistryError, WorkersFailed
from service.storage import periodic_task
from service.web.bulkhead import THREADS
from service.web.logs import FORMATS, configuration
from service.web.middleware import end_spans
from service.wording import pluralized, printable

#: Connections that a worker holds, and that wait for it: thousands that say nothing keep nobody else out.
_CONNECTIONS = 8192
#: What a worker opens beside its connections (to Redis, files, pipes), and what any process has open of each worker.
_OTHER_FILES, _FILES_OF_EACH = 128, 6
#: How large the head of a request may be, in bytes. What does not fit into twice as much, hyper refuses for certain,
#: with 431, and closes. The memory of heads that never end stays with the process: this bounds it, too.
_LARGEST_HEAD = 16 * 1024
#: How long a client may take for the head of a request, and may be silent on a kept connection, in seconds.
LONGEST_HEAD = 10
#: How long a worker may take to stop before it is killed, in seconds. Every call to Redis ends sooner; a client that
#: has a connection and says nothing is waited for.
LONGEST_STOP = 6
#: How long a worker may take at its end for what runs beside requests, in seconds: Redis or a collector may be silent.
_LONGEST_END = 2.0

_logger = logging.getLogger(__name__)


def run_workers(
    address: Address,
    workers: int,
    make_app: Callable[[], WSGIApplication],
    ready: str,
    log_format: str = "text",
    connections: int = _CONNECTIONS,
) -> None:
    """Serve until a signal stops it, and print `ready` when it answers. Each worker calls `make_app` for itself.

    A worker that ends is started again; where one does so twice within seconds, all of it ends with exit code 1.
    """
    # Workers have sockets, memory and what is imported from here. Python 3.14 would start them otherwise.
    multiprocessing.set_start_method("fork", force=True)
    server = Granian(
        "service.web.app:create_app",
        address=str(address.ip),
        port=address.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=LONGEST_STOP,
        # To find out which protocol a client speaks, granian would wait for ever.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=LONGEST_HEAD * 1000, max_buffer_size=_LARGEST_HEAD),
        backlog=_CONNECTIONS,
        backpressure=connections,
        # Its warnings are about numbers of threads and workers that were chosen by measuring, or by the user.
        log_level=LogLevels.error,
        log_dictconfig=configuration(log_format),
    )

    @server.on_startup  # runs when granian has set its own signal handlers, and before the first fork
    def _started() -> None:
        _at_first_signal(server.signal_handler_interrupt)
        on_stop(lambda *_: None)  # granian would replace its workers when the terminal is closed, and run on
        threading.Thread(target=_say_when_ready, args=(address, ready, log_format), daemon=True).start()

    server.on_shutdown(partial(_logger.info, "The workers have stopped."))
    server.on_shutdown(partial(on_stop, signal.SIG_IGN))  # Python would end this process by one that comes at its end
    server.serve(target_loader=partial(_set_up, make_app), wrap_loader=False)


def on_stop(do: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    """Have this done at each signal that stops `serve`: under `nohup`, SIGHUP is none."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, do)
    signal.signal(signal.SIGHUP, signal.SIG_IGN if NOHUP else do)


def most_connections(workers: int) -> int:
    """How many connections each of so many workers holds, once this process may open as many files as there can be.

    Raises WorkersFailed where there is not one for each thread.
    """
    others = _OTHER_FILES + _FILES_OF_EACH * workers
    least, most = others + THREADS, others + _CONNECTIONS
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = most if hard == resource.RLIM_INFINITY else min(hard, most)
    if files < least:
        needed = f"{least} open files are needed to serve with {pluralized(workers, 'worker')}"
        raise WorkersFailed(f"{needed}, and the limit (ulimit -Hn) is {hard}: raise it.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    if files < most:
        said = "Each worker holds at most %d connections, not %d: raise the limit of open files (ulimit -Hn) to %d."
        _logger.warning(said, files - others, _CONNECTIONS, most)
    return files - others


def _at_first_signal(do: Callable[[int], object]) -> None:
    """Do this with its number, in a thread that waits for what the interpreter writes.

    The kernel hands a signal to any thread, above all in a process that was suspended, and Python calls its handler in
    the main one alone, which sleeps on then.
    """
    told, telling = os.pipe()
    os.set_blocking(telling, False)
    signal.set_wakeup_fd(telling, warn_on_full_buffer=False)
    threading.Thread(target=lambda: do(os.read(told, 1)[0]), name="signal-watch", daemon=True).start()


def _say_when_ready(address: Address, ready: str, log_format: str) -> None:
    """Print a line once a worker accepts connections, or where records are JSON, one with the address."""
    while True:
        with suppress(OSError):
            socket.create_connection((address.local, address.port), timeout=1).close()
            break
        time.sleep(0.02)
    line = printable(ready)
    if log_format != "text":
        record = {"name": "service", "levelname": "INFO", "msg": ready, "fields": {"url": address.url}}
        line = FORMATS[log_format]().format(logging.makeLogRecord(record))
    # Not print: a worker that is forked meanwhile would inherit the lock of sys.stdout, held for ever.
    if sys.stdout:  # noqa: TID251 - else 1 is a socket of ours by now
        os.write(1, f"{line}\n".encode())  # noqa: TID251


@contextmanager
def refusals_logged() -> Iterator[None]:
    """Have what keeps a process from serving be a record of the log, and end it."""
    try:
        yield
    except ModuleRegistryError as error:
        first, *details = lines_of(error)
        _logger.error("%s", first, extra={"details": details})
        raise SystemExit(code_of(error)) from None
    except Exception:
        _logger.exception("The service has failed.")
        raise SystemExit(FAILED) from None


@refusals_logged()  # such as an edit since `serve` was started
def _set_up(make_app: Callable[[], WSGIApplication]) -> WSGIApplication:
    """Set up a worker, just forked, and make its application."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until granian sets its own: here is nothing to finish yet
    # A thread that Redis has answered must not preempt the one that holds the interpreter's lock: it could only wait.
    if hasattr(os, "SCHED_BATCH"):  # on Linux
        with suppress(PermissionError):  # in a sandbox that forbids it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    # Both reach the whole process group of a terminal, but the main process tells each worker when to stop: one that
    # ended by itself would count as failed.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    _at_first_signal(partial(signal.pthread_kill, threading.get_ident()))
    threading.Thread(target=_die_with_parent, name="parent-watch", daemon=True).start()
    threading.Thread(target=_end_what_runs_beside, name="end-watch").start()  # which is waited for
    return make_app()


def _die_with_parent() -> None:
    """End this worker when the main process is gone: it would keep the port, with a stale service."""
    if parent := multiprocessing.parent_process():
        # Waits for the end of a pipe that the parent holds. Workers forked later hold a copy too: the last
        # one dies first, and the others follow.
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)


def _end_what_runs_beside() -> None:
    """When requests are done, end what this worker does beside them, and send its spans, as far as there is time."""

    def end_all() -> None:
        periodic_task.end_all()
        end_spans()

    threading.main_thread().join()
    ending = threading.Thread(target=end_all, daemon=True)  # which may go on for long
    ending.start()
    ending.join(_LONGEST_END)
