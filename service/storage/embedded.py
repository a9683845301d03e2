"""The embedded store: a Valkey server of our own in DATA_DIR, for when REDIS_URL is not set.

Every write is synced to its append-only file before it is acknowledged, so that even a kill -9 of everything loses
nothing: the kernel kills it together with who started it.
"""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from service.problems import InvalidSetting, ModuleRegistryError, NoStore, StorageUnavailable
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings
from service.storage import lock
from service.storage.data_dir import LOG, SOCKET, open_regular, prepare, socket_path, store_url
from service.storage.files import FOLDER, REPAIR, make_ready, reserve, server_binary
from service.wording import how_it_ended, printable

#: With 1, every write is answered by -NOREPLICAS, since there is no replica that could have it as well.
_REFUSAL = "min-replicas-to-write"

#: How soon a dead store is noticed, in seconds.
_WATCH_INTERVAL = 0.1
#: How long after a restart the next one may be tried, in seconds.
_RETRY_INTERVAL = 1.0
#: Time limit of one question to the server, in seconds.
_ANSWER_TIMEOUT = 0.5
#: How long a server may take to accept its first question, in seconds. Loading its data is not counted.
_START_TIMEOUT = 10.0
#: How long a server that was asked to stop may take before it is killed, in seconds.
_STOP_TIMEOUT = 5.0
#: Pause between two looks at one that starts, in seconds.
_LOOK_INTERVAL = 0.01

#: From <sys/prctl.h>.
_PR_SET_PDEATHSIG = 1

# Looked up here: between fork and exec a child of a process with threads may take no lock, such as the linker's.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

_logger = logging.getLogger(__name__)


def running_store(settings: Settings) -> RedisUrl:
    """Where to find a store that runs without our starting it: REDIS_URL's, or that of a running `serve`. Raises
    StorageUnavailable if there is none, and InvalidSetting."""
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
            stop(store.process)


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
        stop(store.process)  # it would be killed at the end of this thread, which may have started it

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
        self.process = self._started(waits=True)

    def look_after(self) -> bool:
        """Start a server that has died again, and have writes refused while there is no room; whether it had died, or
        could not be looked after."""
        try:
            shortage = reserve(self._data_dir)
            has_died = self.process.poll() is not None
            if has_died and not shortage and not self._failure:
                said = "The store %s. It is started again; its log is %s."
                _logger.error(said, how_it_ended(self.process.returncode), self._data_dir / LOG)
            takes = shortage is None
            if takes != self._takes_writes:
                done = has_died or ask(self._data_dir, f"CONFIG SET {_REFUSAL} {int(not takes)}").startswith(b"+OK")
                if done:
                    self._say(shortage)  # which says why it ended, too
            if has_died:
                self.process = self._started(waits=False)
        except (ModuleRegistryError, OSError) as error:  # the latter where the system lets nobody open a file
            if str(error) != self._failure:
                first, *details = str(error).splitlines()
                said = "The store cannot be started; trying again every %g s. %s"
                _logger.error(said, _RETRY_INTERVAL, first, extra={"details": details})
            self._failure = str(error)
            return True
        self._failure = ""
        return has_died

    def _started(self, *, waits: bool) -> subprocess.Popen[bytes]:
        try:
            lock.await_last_server(self._data_dir)  # which may be rewriting its files
            make_ready(self._data_dir)
            return start(self._data_dir, takes_writes=self._takes_writes, waits=waits)
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


def start(data_dir: Path, *, takes_writes: bool = True, waits: bool = True) -> subprocess.Popen[bytes]:
    """Start a server, which ends with the thread that started it; where one `waits`, return once it answers.

    Raises OSError, InvalidSetting if the folder cannot be written and, with the end of the server's log,
    StorageUnavailable if it does not come up.
    """
    options = {"port": "0", "unixsocket": SOCKET, "unixsocketperm": "700", "logfile": LOG, "save": ""}
    # The append-only file is synced before a write is acknowledged.
    options |= {"appendonly": "yes", "appendfsync": "always", "aof-timestamp-enabled": "yes"}
    options |= {_REFUSAL: str(int(not takes_writes))}
    try:
        log = open_regular(data_dir / LOG, "ab")
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / LOG} cannot be written: {error.strerror}") from error
    with log:
        process = subprocess.Popen(
            [str(server_binary()), *(part for name, value in options.items() for part in (f"--{name}", value))],
            cwd=data_dir,  # a socket name relative to it is always short enough
            env={},  # secrets of ours would be read in /proc, and in its memory
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,  # voter ids are personal data
            preexec_fn=partial(_end_with, os.getpid()) if _prctl else None,  # it takes no lock
        )
    try:
        if waits:
            _await_ready(process, data_dir)
    except BaseException:
        stop(process)
        raise
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, and wait until it has; one that takes longer than 5 s is killed."""
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        said = "The store did not stop within %g s and is killed; acknowledged writes are on disk."
        _logger.error(said, _STOP_TIMEOUT)
        process.kill()
        process.wait()


def _end_with(parent: int) -> None:
    """Have the kernel kill this child, also where it is suspended, when the thread that has started it is gone."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # which died before it was asked for
        os.kill(os.getpid(), signal.SIGKILL)


def _await_ready(process: subprocess.Popen[bytes], data_dir: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while not (answer := ask(data_dir)).startswith(b"+PONG"):
        if process.poll() is not None:
            raise StorageUnavailable(
                f"The embedded store in DATA_DIR {data_dir} ended while starting; if its files are damaged, "
                f"`{REPAIR}` goes on with what is left. Its log ends:",
                *_last_words(data_dir),
            )
        if answer.startswith(b"-LOADING"):
            deadline = time.monotonic() + _START_TIMEOUT
        elif time.monotonic() > deadline:
            said = f"The embedded store in DATA_DIR {data_dir} does not answer:"
            raise StorageUnavailable(said, *_last_words(data_dir))
        time.sleep(_LOOK_INTERVAL)


def ask(data_dir: Path, command: str = "PING") -> bytes:
    """What the server says to a command; nothing if there is none, or none that answers in time."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_ANSWER_TIMEOUT)
        try:
            connection.connect(socket_path(data_dir))
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(64)
        except OSError:
            return b""


def _last_words(data_dir: Path) -> list[str]:
    """The last lines of the server's log, each safe to print. Raises OSError."""
    with open_regular(data_dir / LOG) as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 2048))
        text = log.read().decode(errors="replace")
    return [*map(printable, text.splitlines()[-8:])]
