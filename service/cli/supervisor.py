"""The main process of `serve`: granian's server, whose workers are started again for ever."""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

from service.bulkhead import THREADS
from service.cli.address import Address
from service.cli.listeners import Listeners
from service.cli.replacement import replaced
from service.cli.worker import LONGEST_HEAD, LONGEST_STOP, Place, Progress, load
from service.logs import configuration, told
from service.problems import WorkersFailed
from service.wording import how_it_ended, pluralized

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: Connections that a worker holds, and that wait for it: thousands that say nothing keep nobody else out.
_CONNECTIONS = 8192
#: What a worker opens beside its connections (to Redis, files, pipes), and what any process has open of each worker.
_OTHER_FILES, _FILES_OF_EACH = 128, 6
#: How large the head of a request may be, in bytes. What does not fit into twice as much, hyper refuses for certain,
#: with 431, and closes. The memory of heads that never end stays with the process: this bounds it, too.
_LARGEST_HEAD = 16 * 1024

#: How soon the main process sees that a worker has ended or a signal has come, in seconds.
_INTERVAL = 0.05
#: The pause before the second start in a row of one worker, which doubles each time, and the longest, in seconds.
_FIRST_RESTART_INTERVAL, _LONGEST_RESTART_INTERVAL = 0.5, 30.0
#: A worker that has lived for so long has recovered, in seconds.
_RECOVERED = 60.0
#: How often all workers may die before the first of them serves.
_TRIES = 3

#: Started by nohup: to outlive its terminal is wanted then, and otherwise a mistake.
NOHUP = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

_logger = logging.getLogger(__name__)


def run_workers(
    address: Address, workers: int, make_app: Callable[[], WSGIApplication], ready: str, log_format: str = "text"
) -> None:
    """Serve until a signal stops it, and print `ready` when it answers. Each worker calls `make_app` for itself.

    Raises WorkersFailed if none of them gets so far, or too few files may be open.
    """
    # Workers have sockets, memory and what is imported from here. Python 3.14 would start them otherwise.
    multiprocessing.set_start_method("fork", force=True)
    connections = most_connections(workers)
    server = _Server(
        "service.web.app:create_app",
        address,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        workers_kill_timeout=LONGEST_STOP + 1,
        # To find out which protocol a client speaks, granian would wait for ever.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=LONGEST_HEAD * 1000, max_buffer_size=_LARGEST_HEAD),
        backlog=_CONNECTIONS,
        backpressure=connections,
        # Its warnings are about numbers of threads and workers that were chosen by measuring, or by the user.
        log_level=LogLevels.error,
        log_dictconfig=configuration(log_format),
    )
    if connections < _CONNECTIONS:
        _logger.warning(
            "Each worker holds at most %d connections, not %d: raise the limit of open files (ulimit -Hn) to %d.",
            connections,
            _CONNECTIONS,
            _other_files(workers) + _CONNECTIONS,
        )

    @server.on_startup  # runs when granian has set its own signal handlers, and before the first fork
    def _started() -> None:
        # granian would replace its workers when the terminal is closed, one every 3.5 s, and run on.
        signal.signal(signal.SIGHUP, signal.SIG_IGN if NOHUP else server.signal_handler_interrupt)
        signal.signal(signal.SIGUSR2, server.signal_handler_replace)
        threading.Thread(target=server.say_when_ready, args=(address, ready, log_format), daemon=True).start()

    server.serve(target_loader=partial(load, make_app), wrap_loader=False)
    if server.failure:
        raise WorkersFailed(server.failure)


def most_connections(workers: int) -> int:
    """How many connections each of so many workers holds, once this process has as many files as the system lets it.

    Raises WorkersFailed where there is not one for each thread.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    others = _other_files(workers)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, others + _CONNECTIONS)
    if wanted < others + THREADS:
        raise WorkersFailed(
            f"{others + THREADS} open files are needed to serve with {pluralized(workers, 'worker')}, "
            f"and the limit (ulimit -Hn) is {wanted}: raise it."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return min(_CONNECTIONS, wanted - others)


def _other_files(workers: int) -> int:
    return _OTHER_FILES + _FILES_OF_EACH * workers


class _Server(MPServer):
    """granian's server, but for what it does when a worker dies: its own ends with the second within 5.5 s.

    A place is the number of a worker, from 0, which whoever is started in its place has as well.
    """

    def __init__(self, target: str, address: Address, **options: Any) -> None:
        super().__init__(target, address=address.ip, port=address.port, **options)
        self.failure = ""
        self._address = address
        self._answers = False
        self._signal = 0
        self._replace = False
        self._progress: WeakKeyDictionary[WorkerProcess, Progress] = WeakKeyDictionary()
        self._deaths = [0] * self.workers
        self._due: dict[int, float] = {}  # when a worker is started in a place that has none
        # It says so each time, also where the next line says more.
        logging.getLogger("_granian").addFilter(lambda record: not record.msg.startswith("Unexpected exit from worker"))

    def say_when_ready(self, address: Address, ready: str, log_format: str) -> None:
        """Print a line once a worker accepts connections."""
        pause = threading.Event()
        while True:
            try:
                socket.create_connection((address.local, address.port), timeout=1).close()
                break
            except OSError:
                pause.wait(0.02)
        self._answers = True
        # Not print: a worker that is forked meanwhile would inherit the lock of sys.stdout, held for ever.
        os.write(1, f"{told(log_format, ready, url=address.url)}\n".encode())

    def signal_handler_interrupt(self, number: int, *_: Any) -> None:
        """Note that a signal came. granian's own sets an event, for which the thread that it interrupts may be waiting:
        each would then wait for the other."""
        self.interrupt_signal = True
        self._signal = number

    def signal_handler_replace(self, *_: Any) -> None:
        """Note that all workers are to be replaced."""
        self._replace = True

    def shutdown(self, exit_code: int = 0) -> None:
        """Stop the workers. For one that died just before, granian's own would exit with 1: a stop is a stop."""
        with suppress(SystemExit):
            super().shutdown(exit_code)  # type: ignore[no-untyped-call]

    def _init_shared_socket(self) -> None:
        """Make the sockets of the workers, which granian would have each make for itself, and lose with it."""
        self._listeners = Listeners(self._address, self.workers, self.backlog)
        self._ssp, self._sso = None, None

    def _drop_shared_socket(self) -> None:
        self._listeners.close()

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> WorkerProcess:  # type: ignore[override]
        listener, progress = self._listeners.of(idx), Progress()
        self._shd = listener  # type: ignore[assignment]
        others = self._listeners.others(idx)
        place = Place(idx, self._address.port, listener.get_fd(), others, progress, is_after_death=idx in self._due)
        worker = super()._spawn_worker(idx, target, partial(callback_loader, place))
        self._progress[worker] = progress
        return worker

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        with _signals_put_off():
            super()._spawn_workers(spawn_target, target_loader)  # type: ignore[no-untyped-call]

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        """Start workers again as they die, until a signal comes, or none of them gets so far as to serve."""

        def start(number: int) -> WorkerProcess:
            worker = self._spawn_worker(number, spawn_target, target_loader)
            with _signals_put_off():
                worker.start()
            return worker

        replacing: Iterator[None] = iter(())
        while True:
            time.sleep(_INTERVAL)
            if self.interrupt_signal:
                _logger.info("Stopping (%s): what is asked by now is answered.", signal.Signals(self._signal).name)
            if self.interrupt_signal or self.failure:
                return  # workers that have died by now may have been told to stop, too
            self._look_for_deaths()
            for number in [number for number, when in self._due.items() if when <= time.monotonic()]:
                self.wrks[number] = start(number)
                del self._due[number]
            if next(replacing, True) and self._replace:
                self._replace = False
                replacing = replaced(self.wrks, start, self._progress, self._due)

    def _look_for_deaths(self) -> None:
        for number in set(self.interrupt_children):  # which granian fills
            if any(self._is_to_come(worker, number) for worker in self.wrks[self.workers :]):
                continue  # one is in its place soon
            while number in self.interrupt_children:
                self.interrupt_children.remove(number)
            worker = self.wrks[number]
            if worker.is_alive():
                continue  # the one that died was to come in its place
            now = time.monotonic()
            if now - worker.birth > _RECOVERED:
                self._deaths[number] = 0
            pause = _pause(self._deaths[number])
            if pause:
                self._listeners.renew(number)
            self._due[number] = now + pause
            self._deaths[number] += 1
            self._say(number, self._deaths[number], worker.inner.exitcode)

    def _is_to_come(self, worker: WorkerProcess, number: int) -> bool:
        return worker.idx == number and not self._progress[worker].is_replaced

    def _say(self, number: int, deaths: int, exit_code: int) -> None:
        """Log the first death in a row, or give up."""
        end = how_it_ended(exit_code)
        alive = [worker for worker in self.wrks if worker.is_alive()]
        if not self._answers and deaths >= _TRIES and not alive:
            self.failure = f"No worker could be started: the last of {_TRIES} tries {end}."
        elif deaths == 1:
            _logger.error("Worker %d %s. It is started again, after growing pauses if need be.", number + 1, end)


@contextmanager
def _signals_put_off() -> Iterator[None]:
    """Let signals to stop wait while a worker is forked, which inherits that: it looks for them once it is set up."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _pause(deaths: int) -> float:
    """How long a worker that has died so often in a row is left alone after one more death, in seconds."""
    return min(_LONGEST_RESTART_INTERVAL, _FIRST_RESTART_INTERVAL * 2 ** (deaths - 1)) if deaths else 0.0
