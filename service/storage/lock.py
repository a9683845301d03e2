"""Who may use DATA_DIR: one process at a time, by a lock of the kernel, which ends with the process.

A server that outlives the process, or whose lock somebody has removed, is known by its socket. The lock file says who
holds it, so that a refusal can name the process, and commands can find a running `serve`. What it says counts only
while the lock is held. On a file system that several machines share, a lock may be seen on its own machine alone: such
a folder is not supported.
"""

import fcntl
import os
import shlex
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from service.problems import DataDirInUse, InvalidSetting, StorageUnavailable
from service.storage.data_dir import SOCKET, open_regular, prepare, socket_path
from service.wording import printable

LOCK = "lock"

#: How long a process waits for another's short-lived hold on the folder, in seconds.
HOLDER_TIMEOUT = 10.0
#: Pause between two looks at a lock, in seconds.
_LOOK_INTERVAL = 0.02

#: Held by a thread while the process must not fork.
NO_FORK = threading.RLock()
os.register_at_fork(before=NO_FORK.acquire, after_in_parent=NO_FORK.release, after_in_child=NO_FORK.release)


def acquire(data_dir: Path, role: str) -> BinaryIO | None:
    """The lock of the folder, which must exist, until it is closed; None if another process holds it.

    `role` is what holds it, a serve or a command. Raises InvalidSetting if it cannot be had, also where the disk is too
    full to say who holds it.
    """
    try:
        with NO_FORK:
            file = open_regular(data_dir / LOCK, "ab")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                file.truncate(0)
                os.write(file.fileno(), f"{role} (process {os.getpid()})".encode())  # noqa: TID251
            except OSError:
                file.close()
                raise
            os.register_at_fork(after_in_child=file.close)  # a worker would hold the lock beyond its parent's death
    except BlockingIOError:
        return None
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / LOCK} cannot be locked: {error.strerror}") from error
    return file


def holder(data_dir: Path) -> str:
    """Who holds the lock, such as `serve (process 7)`; empty if nobody does, or has not said so yet.

    Raises InvalidSetting.
    """
    try:
        with open_regular(data_dir / LOCK) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().decode("ascii", "replace")
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / LOCK} cannot be read: {error.strerror}") from error
    return ""


def is_served(data_dir: Path) -> bool:
    """Whether a `serve` holds this folder. Raises InvalidSetting."""
    return holder(data_dir).startswith("serve ")


def wait_for(data_dir: Path, role: str, is_enough: Callable[[], bool]) -> BinaryIO | None:
    """The lock of the folder, once a command that has it ends; None where a `serve` has it and that `is_enough`.

    Raises DataDirInUse or StorageUnavailable after HOLDER_TIMEOUT, and InvalidSetting.
    """
    deadline = time.monotonic() + HOLDER_TIMEOUT
    while (lock := acquire(data_dir, role)) is None:
        is_by_serve = is_served(data_dir)
        if is_by_serve and is_enough():
            return None
        if time.monotonic() > deadline:
            if is_by_serve:
                raise StorageUnavailable(f"The store of the running {holder(data_dir)} does not answer.")
            raise _in_use(data_dir)
        time.sleep(_LOOK_INTERVAL)
    return lock


def hold(data_dir: Path, role: str) -> BinaryIO:
    """The lock of the folder, made if missing; a command that has it is waited for.

    Raises DataDirInUse, at once if a `serve` has it, and InvalidSetting.
    """
    prepare(data_dir)
    lock = wait_for(data_dir, role, lambda: True)
    if lock is None:
        raise _in_use(data_dir)
    return lock


def _in_use(data_dir: Path) -> DataDirInUse:
    return DataDirInUse(
        f"DATA_DIR {data_dir} is in use by another {printable(holder(data_dir)) or 'process'}. Stop that one first, or "
        "give this one a DATA_DIR of its own."
    )


def await_last_server(data_dir: Path) -> None:
    """Wait until no server listens: the kernel ends it after whoever started it, and who removed the lock does not.

    Two that append to one file would ruin it. Raises StorageUnavailable after HOLDER_TIMEOUT.
    """
    deadline = time.monotonic() + HOLDER_TIMEOUT
    while _is_listening(data_dir):
        if time.monotonic() > deadline:
            raise StorageUnavailable(
                f"A store in DATA_DIR {data_dir} is still running: end its process, which "
                f"`fuser {printable(shlex.quote(str(data_dir / SOCKET)))}` names."
            )
        time.sleep(_LOOK_INTERVAL)


def _is_listening(data_dir: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(HOLDER_TIMEOUT)
        try:
            connection.connect(socket_path(data_dir))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:  # there is one that does not answer
            pass
    return True
