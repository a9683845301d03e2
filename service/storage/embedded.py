"""The embedded store: a Valkey server of our own in DATA_DIR, for when REDIS_URL is not set."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from service.problems import InvalidSetting, ModuleRegistryError, NoStore, StorageUnavailable
from service.settings import Settings
from service.storage import lock, space
from service.storage.data_dir import LOG, prepare, store_url
from service.storage.files import FOLDER
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
    held = _turn(data_dir, create) if settings.redis_url is None else None
    if held is None:
        yield running_store(settings)
        return
    with held:
        store = _Store(data_dir, held)
        try:
            yield store_url(data_dir)
        finally:
            store.end()


def _turn(data_dir: Path, create: bool) -> lock.Lock | None:
    """The lock of the folder, which is waited for; None once the store of a `serve` that has it answers."""
    try:
        is_there = data_dir.exists()
    except PermissionError:
        raise InvalidSetting("DATA_DIR", f"{data_dir} may not be read and written by this user") from None
    if create or is_there:
        prepare(data_dir)
    if not create and not (data_dir / FOLDER).exists() and lock.holder(data_dir) is None:
        raise NoStore(
            f"there is no store in DATA_DIR {data_dir}: `module-registry serve` makes one when it starts, and so do "
            "`module-registry accounts add ID --create` and `module-registry restore FILE`; or name another DATA_DIR, "
            "or REDIS_URL"
        )
    return lock.wait_for(data_dir, "command", lambda: ask(data_dir).startswith(b"+PONG"))


@contextmanager
def kept_running(data_dir: Path, held: lock.Lock) -> Iterator[RedisUrl]:
    """Where to find a store that is started again whenever it dies, until the block ends; it inherits the lock.

    While the disk is full it takes no writes, and answers reads. Raises StorageUnavailable, StoreDamaged or
    InvalidSetting if the first start fails; later ones are logged and tried again.
    """
    store = _Store(data_dir, held)
    stopping = threading.Event()

    def watch() -> None:
        while not stopping.wait(_WATCH_INTERVAL):
            try:
                has_died = store.look_after()
            except OSError as error:  # as where the system lets nobody open a file
                store.fails("The store cannot be looked after", str(error))
                has_died = True
            if has_died:
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

    def __init__(self, data_dir: Path, held: lock.Lock) -> None:
        self._data_dir, self._held = data_dir, held
        self._takes_writes = True
        self._said = ""
        is_new = not (data_dir / FOLDER).exists()
        files, needed = space.files(data_dir), space.NEW_FILES if is_new else space.FILES
        if files is not None and files < needed:
            reason = f"{files} more files can be made on its disk, and {needed} must be"
            raise InvalidSetting("DATA_DIR", f"{data_dir} has no room for a store: {reason}")
        if shortage := space.reserve(data_dir):
            if is_new:
                raise InvalidSetting("DATA_DIR", f"{data_dir} has no room for a store: its disk is {shortage}")
            self._say(shortage)
        self._process = start(data_dir, held, takes_writes=self._takes_writes)

    def end(self) -> None:
        """Stop the server."""
        stop(self._process)

    def look_after(self) -> bool:
        """Start a server that has died again, and have writes refused while there is no room; whether it had died."""
        shortage = space.reserve(self._data_dir, is_short=not self._takes_writes)
        if self._process.poll() is not None:
            self._start_again(shortage)
            return True
        self._said = ""
        if (shortage is None) != self._takes_writes and take_writes(self._data_dir, shortage is None):
            self._say(shortage)
        return False

    def _start_again(self, shortage: str | None) -> None:
        if shortage and self._takes_writes:
            self._say(shortage)  # which says why it ended, too
        elif not shortage and not self._said:
            said = "The store %s. It is started again; its log is %s."
            _logger.error(said, how_it_ended(self._process.returncode), self._data_dir / LOG)
        try:
            self._process = launch(self._data_dir, self._held, takes_writes=self._takes_writes)
            self._said = ""
        except ModuleRegistryError as error:
            self.fails("The store cannot be started", error.message, error.details)

    def fails(self, what: str, why: str, details: Sequence[str] = ()) -> None:
        """Say what fails again and again, once for each reason."""
        reason = "\n".join((why, *details))
        if self._said != reason:
            self._said = reason
            _logger.error("%s; trying again every %g s. %s", what, _RETRY_INTERVAL, why, extra={"details": details})

    def _say(self, shortage: str | None) -> None:
        """Say whether writes are taken from now on."""
        self._takes_writes = shortage is None
        if shortage:
            said = "The disk of DATA_DIR %s is %s. Votes are refused until it takes them; reads go on."
            _logger.error(said, self._data_dir, shortage)
        else:
            _logger.warning("The disk of DATA_DIR %s has room again: votes are taken.", self._data_dir)
