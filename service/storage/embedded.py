"""The embedded store: a Valkey server of our own in DATA_DIR, for when REDIS_URL is not set."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.problems import ModuleRegistryError, StorageUnavailable
from service.settings import Settings
from service.storage import lock
from service.storage.data_dir import prepare, socket_url
from service.storage.server import ask, last_words, launch, start, stop

#: How soon a dead store is noticed, in seconds.
_WATCH = 0.1
#: How long after a restart the next one may be tried, in seconds.
_RETRY = 1.0

_logger = logging.getLogger(__name__)


@contextmanager
def open_store(settings: Settings) -> Iterator[str]:
    """The URL of the store for one command: REDIS_URL, or the store of a running `serve`, or one of its own.

    Raises DataDirInUse if another command does not end within lock.PATIENCE seconds, InvalidSetting, and
    StorageUnavailable.
    """
    if settings.redis_url is not None:
        yield settings.redis_url
        return
    data_dir = settings.data_dir
    prepare(data_dir)
    deadline = time.monotonic() + lock.PATIENCE
    while (held := lock.acquire(data_dir, "command")) is None:
        found = lock.holder(data_dir)
        if found is not None and found.role == "serve" and ask(data_dir).startswith(b"+PONG"):
            yield socket_url(data_dir)
            return
        if time.monotonic() > deadline:
            if found is not None and found.role == "serve":
                raise StorageUnavailable(f"The store of the running `serve` (process {found.pid}) does not answer.")
            raise lock.in_use(data_dir, found)
        time.sleep(lock.PAUSE)
    try:
        process = start(data_dir)
        try:
            yield socket_url(data_dir)
        finally:
            stop(process)
    finally:
        held.release()


@contextmanager
def kept_running(data_dir: Path) -> Iterator[str]:
    """The URL of a store that is started again whenever it dies, until the block ends.

    Raises StorageUnavailable if the first start fails; later ones are logged and tried again.
    """
    process = start(data_dir)
    stopping = threading.Event()

    def watch() -> None:
        nonlocal process
        while not stopping.wait(_WATCH):
            if process.poll() is None:
                continue
            _logger.error("The store ended (%s); starting it again.\n%s", process.returncode, last_words(data_dir))
            try:
                process = launch(data_dir)
            except ModuleRegistryError as error:
                _logger.error("%s Trying again in %g s.", error, _RETRY)
            # Also after a launch that worked: a server that dies at once must not be started in a tight loop.
            stopping.wait(_RETRY)

    watcher = threading.Thread(target=watch, name="store-watch", daemon=True)
    watcher.start()
    try:
        yield socket_url(data_dir)
    finally:
        stopping.set()
        watcher.join()
        stop(process)
