"""`module-registry serve`: check the registry, start the store, run the workers, stop all of it in order."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING

import click
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from service.accounts.sign_in import announce_address
from service.cli.address import Address, listening_address
from service.cli.signals import exit_on, put_off
from service.problems import InvalidSetting, StorageUnavailable
from service.registry.loading import load
from service.settings import Settings
from service.storage import embedded, lock
from service.storage.client import connect
from service.storage.data_dir import kept_secret_key
from service.web.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: Threads that run views, in each worker: votes and counts peak at 4 to 8.
_THREADS = 8
#: How long a worker may finish its requests before it is killed, in seconds. Every call to Redis ends sooner.
_GRACE = 5
#: Started by nohup: to outlive its terminal is wanted then, and otherwise a mistake.
_NOHUP = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM) if _NOHUP else (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: The environment variables that no request needs to see.
_SECRETS = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "REDIS_URL")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address or name to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="one per CPU",
    help="Number of worker processes.",
)
@click.option(
    "--registry",
    type=click.Path(path_type=Path),
    help="The registry file to serve.  [default: REGISTRY_FILE, or registry.yaml]",
)
def serve(host: str, port: int, workers: int, registry: Path | None) -> None:
    """Check the registry and serve it over HTTP.

    Without REDIS_URL, a store of its own keeps votes and accounts in DATA_DIR (default: var), together with
    a generated SECRET_KEY. With REDIS_URL nothing is started beside the workers, and SECRET_KEY must be set.

    Ctrl-C or SIGTERM finishes the requests at hand and stops everything. The exit code is 0 then, 1 if the
    registry has problems (one a line on stderr) or the service cannot start, and 2 if the registry cannot be read.
    """
    exit_on(_STOP_SIGNALS, 0)  # until the workers run
    settings = Settings.from_env(os.environ)
    if registry is not None:
        settings = replace(settings, registry_file=registry)
    load(settings.registry_file)
    with ExitStack() as stack:
        if settings.redis_url is None:
            held = stack.enter_context(lock.held_by_serve(settings.data_dir))
            address = listening_address(host, port)
            held.announce(settings.public_url or address.url)
            secret_key = settings.secret_key or kept_secret_key(settings.data_dir)
            with put_off(_STOP_SIGNALS):
                redis_url = stack.enter_context(embedded.kept_running(settings.data_dir))
            settings = replace(settings, redis_url=redis_url, secret_key=secret_key)
            store = f"store in {settings.data_dir}"
        else:
            if settings.secret_key is None:
                raise InvalidSetting("SECRET_KEY", "is required with REDIS_URL; set it to the platform's key")
            client = connect(settings.redis_url, settings.redis_timeout)  # refuses a URL that cannot be used
            stack.callback(client.close)
            address = listening_address(host, port)
            with suppress(StorageUnavailable):  # the registry is served without Redis, and links need PUBLIC_URL then
                announce_address(client, settings.public_url or address.url)
            store = "store at REDIS_URL"
        if settings.session_cookie_secure is None:
            over_https = (settings.public_url or "").startswith("https:")
            settings = replace(settings, session_cookie_secure=over_https or not address.is_loopback)
        count = f"{workers} worker{'s' * (workers > 1)}"
        run_workers(address, workers, partial(load_app, settings), f"Serving on {address.url} ({count}, {store})")


def run_workers(address: Address, workers: int, loader: Callable[[], WSGIApplication], ready: str) -> None:
    """Run granian until a signal stops it, and print `ready` when it answers.

    Each worker calls `loader`, which should begin with `prepare_worker`. Raises SystemExit with a code above 0 if
    workers keep dying.
    """
    stderr = {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}
    server = Server(
        "service.web.app:create_app",
        address=address.ip,
        port=address.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=_GRACE,
        # Its warnings are about numbers of threads and workers that were chosen by measuring, or by the user.
        log_level=LogLevels.error,
        log_dictconfig={
            "handlers": {"console": stderr, "access": stderr},  # the names that granian's own part refers to
            "root": {"handlers": ["console"], "level": "WARNING"},
        },
    )

    @server.on_startup  # runs when granian has set its own signal handlers, and before the first fork
    def _started() -> None:
        # granian would replace its workers when the terminal is closed, one every 3.5 s, and run on.
        signal.signal(signal.SIGHUP, signal.SIG_IGN if _NOHUP else server.signal_handler_interrupt)
        threading.Thread(target=_say_when_ready, args=(address, ready), daemon=True).start()

    server.serve(target_loader=loader, wrap_loader=False)


def _say_when_ready(address: Address, ready: str) -> None:
    pause = threading.Event()
    while True:
        try:
            socket.create_connection((address.local, address.port), timeout=1).close()
            break
        except OSError:
            pause.wait(0.02)
    # Not print: a worker that is forked meanwhile would inherit the lock of sys.stdout, held for ever.
    os.write(1, f"{ready}\n".encode())


def load_app(settings: Settings) -> WSGIApplication:
    """Prepare a worker, and make its application."""
    prepare_worker()
    return create_app(settings).wsgi_app  # what Flask's own __call__ would call


def prepare_worker() -> None:
    """Set up the process of a worker, just forked: its threads, signals, end, and environment."""
    # A thread that Redis has answered must not preempt the one that holds the interpreter's lock: it could only wait.
    if hasattr(os, "SCHED_BATCH"):  # on Linux
        with suppress(PermissionError):  # in a sandbox that forbids it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    # Ctrl-C reaches the whole process group, but the main process tells each worker when to stop: one that
    # ended by itself would count as failed. Blocked rather than ignored, since granian sets a handler later.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    # The handler inherited from the main process would swallow a stop that comes while the application loads.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_die_with_parent, name="parent-watch", daemon=True).start()
    # granian copies what is left into the environment of every request.
    for name in _SECRETS:
        os.environ.pop(name, None)


def _die_with_parent() -> None:
    """End this worker when the main process is gone: it would keep the port, with a stale service."""
    parent = parent_process()
    if parent is not None:
        # Waits for the end of a pipe that the parent holds. Workers forked later hold a copy too: the last
        # one dies first, and the others follow.
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)
