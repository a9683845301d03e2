"""The embedded store: a Valkey server of our own in DATA_DIR, for when REDIS_URL is not set."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from service.problems import InvalidSetting, ModuleRegistryError, NoStore, StorageUnavailable
from service.settings import Settings
from service.storage import lock
from service.storage.data_dir import LOG, prepare, store_url
from service.storage.files import FOLDER, make_ready, reserve
from service.storage.redis_url import RedisUrl
from service.storage.server import ask, launch, start, stop, take_writes
from service.wording import how_it_ended

#: How soon a dead store is noticed, in seconds.
_WATCH_INTERVAL = 0.1
#: How long after a restart the next one may be tried, in seconds.
_RETRY_INTERVAL = 1.0

_logger = logging.getLogger(__name__)


def running_store(settings: Settings) -> RedisUrl:
    """Where to find the store, where one runs without our starting it: REDIS_URL's, or that of a running `serve`.

    Raises StorageUnavailable if there is none, and InvalidSetting.
    """
    if settings.redis_url is not None:
        return settings.redis_url
    if not lock.is_served(settings.data_dir):
        reason = f"REDIS_URL is not set, and no `module-registry serve` runs on DATA_DIR {settings.data_dir}"
        raise StorageUnavailable(reason)
    return store_url(settings.data_dir)


@contextmanager
def open_store(settings: Settings, *, create: bool = True) -> Iterator[RedisUrl]:
    """Where to find the store for one command: the running one, or else that of DATA_DIR, started for the occasion.

    A folder that has none gets one, or with `create=False` NoStore is raised. Raises DataDirInUse if another command
    does not end within lock.HOLDER_TIMEOUT seconds, InvalidSetting, StoreDamaged and StorageUnavailable.
    """
    data_dir = settings.data_dir
    if settings.redis_url is not None:
        yield settings.redis_url
        return
    is_held = bool(lock.holder(data_dir))
    if create or data_dir.exists():
        prepare(data_dir)
    if not (create or is_held or (data_dir / FOLDER).exists()):
        raise NoStore(
            f"there is no store in DATA_DIR {data_dir}: `module-registry serve` makes one when it starts, and so do "
            "`module-registry accounts add ID --create` and `module-registry restore FILE`; or name another DATA_DIR, "
            "or REDIS_URL"
        )
    held = lock.wait_for(data_dir, "command", lambda: ask(data_dir).startswith(b"+PONG"))
    if held is None:
        yield store_url(data_dir)
        return
    with held:
        store = _Store(data_dir)
        try:
            yield store_url(data_dir)
        finally:
            store.end()


@contextmanager
def kept_running(data_dir: Path) -> Iterator[RedisUrl]:
    """Where to find a store that is started again whenever it dies, until the block ends. Call it while holding the
    folder's lock.

    While the disk is full it takes no writes, and answers reads. Raises StorageUnavailable, StoreDamaged or
    InvalidSetting if the first start fails; later ones are logged and tried again.
    """
    store = _Store(data_dir)
    stopping = threading.Event()

    def watch() -> None:
        while not stopping.wait(_WATCH_INTERVAL):
            if store.look_after():
                # Also after a start that worked: a server that dies at once must not be started in a tight loop.
                stopping.wait(_RETRY_INTERVAL)
        store.end()  # it would be killed at the end of this thread, which may have started it

    watcher = threading.Thread(target=watch, name="store-watch", daemon=True)
    watcher.start()
    try:
        yield store_url(data_dir)
    finally:
        stopping.set()
        watcher.join()


class _Store:
    """A server of our own, and whether it takes writes."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._takes_writes = True
        self._failure = ""
        if shortage := reserve(data_dir):
            if not (data_dir / FOLDER).exists():
                raise InvalidSetting("DATA_DIR", f"{data_dir} has no room for a store: its disk is {shortage}")
            self._say(shortage)
        self._process = self._started(start)

    def end(self) -> None:
        """Stop the server."""
        stop(self._process)

    def look_after(self) -> bool:
        """Start a server that has died again, and have writes refused while there is no room; whether it had died, or
        could not be looked after."""
        try:
            shortage = reserve(self._data_dir)
            has_died = self._process.poll() is not None
            if has_died and not shortage and not self._failure:
                said = "The store %s. It is started again; its log is %s."
                _logger.error(said, how_it_ended(self._process.returncode), self._data_dir / LOG)
            takes = shortage is None
            if takes != self._takes_writes and (has_died or take_writes(self._data_dir, takes)):
                self._say(shortage)  # which says why it ended, too
            if has_died:
                self._process = self._started(launch)
        except (ModuleRegistryError, OSError) as error:  # the latter where the system lets nobody open a file
            if str(error) != self._failure:
                first, *details = str(error).splitlines()
                said = "The store cannot be started; trying again every %g s. %s"
                _logger.error(said, _RETRY_INTERVAL, first, extra={"details": details})
            self._failure = str(error)
            return True
        self._failure = ""
        return has_died

    def _started(self, how: Callable[..., subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        try:
            lock.await_last_server(self._data_dir)  # which may be rewriting its files
            make_ready(self._data_dir)
            return how(self._data_dir, takes_writes=self._takes_writes)
        except (OSError, subprocess.SubprocessError) as error:
            raise StorageUnavailable(f"The embedded store cannot be started: {error}") from error

    def _say(self, shortage: str | None) -> None:
        """Say whether writes are taken from now on."""
        self._takes_writes = shortage is None
        if shortage:
            said = "The disk of DATA_DIR %s is %s. Votes are refused until it takes them; reads go on."
            _logger.error(said, self._data_dir, shortage)
        else:
            _logger.warning("The disk of DATA_DIR %s has room again: votes are taken.", self._data_dir)
