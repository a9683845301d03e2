"""One Valkey server process in DATA_DIR: start it, replacing a leftover; ask it; stop it.

Every write is synced to its append-only file before it is acknowledged, so that even a kill -9 of everything loses
nothing. It ends in order when the process that started it is killed; a leftover is one that cannot (suspended, or on
macOS). Starting one expects the caller to hold the folder's lock.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from service.problems import InvalidSetting, StorageUnavailable
from service.storage import binary, lock
from service.storage.data_dir import LOG, socket_path
from service.storage.files import REPAIR, make_ready
from service.storage.regular import open_regular, read_regular
from service.wording import printable

#: Held by the server and what it forks; it says the server's process id, in so many characters.
STORE_LOCK = "store.lock"
_PID_WIDTH = 10

#: With 1, every write is answered by -NOREPLICAS, since there is no replica that could have it as well.
_REFUSAL = "min-replicas-to-write"

#: Its advice to use a tool that is not in the wheel.
_ADVICE = re.compile(r"(: make a backup|\. You can: 1\)).*valkey-check-.*")

#: Time limit of one question to the server, in seconds.
_ANSWER_TIMEOUT = 0.5
#: How long a server may take to accept its first question, in seconds. Loading its data is not counted.
_START_TIMEOUT = 10.0
#: How long a server that was asked to stop may take before it is killed, in seconds.
STOP_TIMEOUT = 5.0
#: Pause between two looks, in seconds.
_LOOK_INTERVAL = 0.01

_logger = logging.getLogger(__name__)


def start(data_dir: Path, *, takes_writes: bool = True) -> subprocess.Popen[bytes]:
    """Start a server and return once it answers; one left over by a killed process is ended first.

    Raises StorageUnavailable, with the end of the server's log, if it does not come up, StoreDamaged if its files have
    lost something, and InvalidSetting if the folder cannot be written.
    """
    process = launch(data_dir, takes_writes=takes_writes)
    try:
        _await_ready(process, data_dir)
    except BaseException:
        stop(process)
        raise
    return process


def stop(process: subprocess.Popen[bytes]) -> bool:
    """Ask the server to end, and wait until it has; one that takes longer than 5 s is killed.

    Returns whether it ended in order.
    """
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        _logger.error(
            "The store did not stop within %g s and is killed; acknowledged writes are on disk.", STOP_TIMEOUT
        )
        process.kill()
        process.wait()
    return process.returncode == 0


def launch(data_dir: Path, *, takes_writes: bool = True) -> subprocess.Popen[bytes]:
    """Start a server without waiting until it answers. Raises as `start` does."""
    began = time.monotonic()
    asked: int | None = None
    while (process := _launch_unless_running(data_dir, takes_writes)) is None:
        waited = time.monotonic() - began
        if waited > 2 * STOP_TIMEOUT:
            raise left_over(data_dir, " and cannot be ended")
        leftover = listening_process(data_dir)
        if leftover and leftover != asked:
            asked = leftover
            _logger.warning("Replacing a store left over in DATA_DIR %s (process %d).", data_dir, leftover)
            _signal(leftover, signal.SIGTERM)
            _signal(leftover, signal.SIGCONT)  # a suspended one hears nothing else
        elif waited > STOP_TIMEOUT:
            _kill_left_over(data_dir)
            if leftover:
                _signal(leftover, signal.SIGKILL)
        time.sleep(_LOOK_INTERVAL)
    return process


def left_over(data_dir: Path, besides: str = "") -> StorageUnavailable:
    """The refusal to go on beside a server that still runs, which says how to find it."""
    found = listening_process(data_dir)
    where = printable(shlex.quote(str(data_dir / STORE_LOCK)))
    return StorageUnavailable(
        f"A store left over in DATA_DIR {data_dir} is still running{besides}; "
        + (f"end its process, {found}." if found else f"find its process with `fuser {where}`, and end it.")
    )


def _launch_unless_running(data_dir: Path, takes_writes: bool) -> subprocess.Popen[bytes] | None:
    """Start a server, or None while another is alive in this folder.

    Two servers that append to one file would ruin it. The server therefore inherits a lock of its own,
    which tells that it lives even while its socket is not there yet, or was removed.
    """
    if listening_process(data_dir) is not None:
        return None
    # The append-only file is synced before a write is acknowledged.
    options = {"unixsocketperm": "700", "appendonly": "yes", "appendfsync": "always", "logfile": LOG}
    options |= {"aof-timestamp-enabled": "yes"}
    options |= {_REFUSAL: str(int(not takes_writes))}
    with lock.NO_FORK:
        guard = lock.open_locked(data_dir / STORE_LOCK)
        if guard is None:
            return None
        try:
            # The process id of an older server may be anybody's by now; ours cannot be written on a full disk.
            os.ftruncate(guard, 0)
            make_ready(data_dir)
            with _log(data_dir) as log:
                process = binary.run(data_dir, options, log, [guard])
            with suppress(OSError):  # a full disk: only a leftover that does not listen would not be found
                os.pwrite(guard, f"{process.pid:>{_PID_WIDTH}}\n".encode(), 0)
            return process
        except (OSError, subprocess.SubprocessError) as error:
            raise StorageUnavailable(f"The embedded store cannot be started: {error}") from error
        finally:
            os.close(guard)


def _log(data_dir: Path) -> BinaryIO:
    try:
        return open_regular(data_dir / LOG, "ab")
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / LOG} cannot be written: {error.strerror}") from error


def _kill_left_over(data_dir: Path) -> None:
    """Kill the process group of the server that the folder's lock names: while the lock is held, one in it lives.

    That may be a child of a dead server, which rewrites its file and no longer listens.
    """
    with suppress(OSError, ValueError):  # it has not said
        group = int(read_regular(data_dir / STORE_LOCK)[:_PID_WIDTH])
        if group > 1:  # 0 is our own, and -1 everybody
            _signal(group, signal.SIGKILL, send=os.killpg)


def _await_ready(process: subprocess.Popen[bytes], data_dir: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while not (answer := ask(data_dir)).startswith(b"+PONG"):
        if process.poll() is not None:
            raise StorageUnavailable(
                f"The embedded store in DATA_DIR {data_dir} ended while starting; if its files are damaged, "
                f"`{REPAIR}` goes on with what is left. Its log ends:",
                *last_words(data_dir).splitlines(),
            )
        if answer.startswith(b"-LOADING"):
            deadline = time.monotonic() + _START_TIMEOUT
        elif time.monotonic() > deadline:
            raise StorageUnavailable(
                f"The embedded store in DATA_DIR {data_dir} does not answer:", *last_words(data_dir).splitlines()
            )
        time.sleep(_LOOK_INTERVAL)


def is_running(data_dir: Path) -> bool:
    """Whether a server uses the files of the folder, also one that does not listen yet, or any more."""
    if listening_process(data_dir) is not None:
        return True
    with lock.NO_FORK:
        guard = lock.open_locked(data_dir / STORE_LOCK)
        if guard is not None:
            os.close(guard)
        return guard is None


@contextmanager
def at_rest(data_dir: Path) -> Iterator[None]:
    """Hold the store's files while no server uses them. Raises DataDirInUse, StorageUnavailable or InvalidSetting."""
    held = lock.acquire(data_dir, "command")
    if held is None:
        raise lock.in_use(data_dir, lock.holder(data_dir))
    try:
        if is_running(data_dir):
            raise left_over(data_dir)
        yield
    finally:
        held.release()


def take_writes(data_dir: Path, yes: bool) -> bool:
    """Have the running server take writes, or refuse them while it answers reads; returns whether it will."""
    return ask(data_dir, f"CONFIG SET {_REFUSAL} {int(not yes)}").startswith(b"+OK")


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


def listening_process(data_dir: Path) -> int | None:
    """The process id of the server at the socket: 0 if it cannot be known, None if there is no server."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_ANSWER_TIMEOUT)
        try:
            connection.connect(socket_path(data_dir))
            # The kernel says who listens, so even a server that is suspended is found.
            if sys.platform == "darwin":
                local_peerpid = 2  # LOCAL_PEERPID at level SOL_LOCAL, which is 0
                pid = int(connection.getsockopt(0, local_peerpid))
            else:
                size = struct.calcsize("3i")
                credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
                pid = int(struct.unpack("3i", credentials)[0])
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError:
            return 0
    return max(pid, 0)


def _signal(pid: int, number: signal.Signals, send: Callable[[int, int], None] = os.kill) -> None:
    try:
        send(pid, number)
    except ProcessLookupError:
        pass  # it is gone by now
    except PermissionError as error:
        raise StorageUnavailable(f"A store left over (process {pid}) belongs to another user; end it.") from error


def last_words(data_dir: Path) -> str:
    """The end of the server's log, each line of it safe to print."""
    try:
        with open_regular(data_dir / LOG) as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2048))
            text = log.read().decode(errors="replace")
    except OSError as error:
        return f"(its log cannot be read: {error})"
    return "\n".join(printable(_ADVICE.sub("", line)) for line in text.splitlines()[-8:])
