"""Who may use DATA_DIR: one process at a time, by a lock that the kernel drops when its holder dies.

The lock file says who holds it, so that a refusal can name the process, and commands can find a running
`serve`. What it says counts only while the lock is held.

A folder on a file system that several machines share, such as NFS, is not supported: a lock may be seen on its own
machine alone there.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from service.problems import DataDirInUse, InvalidSetting
from service.storage.data_dir import prepare
from service.storage.regular import open_regular, regular_descriptor

LOCK = "lock"

#: How long a process waits for another's short-lived hold on the folder, in seconds.
HOLDER_TIMEOUT = 10.0
#: Pause between two looks at a lock, in seconds.
HOLDER_INTERVAL = 0.02

Role = Literal["serve", "command"]

#: Held while a descriptor is opened and locked (or handed to a child): no other thread may fork half-way.
NO_FORK = threading.RLock()
_descriptors: set[int] = set()


def _close_in_child() -> None:
    # A forked worker that kept the descriptor would hold the lock beyond its parent's death.
    for descriptor in _descriptors:
        os.close(descriptor)
    _descriptors.clear()
    NO_FORK.release()


os.register_at_fork(before=NO_FORK.acquire, after_in_parent=NO_FORK.release, after_in_child=_close_in_child)


@dataclass(frozen=True, slots=True)
class Holder:
    """What a lock file says."""

    role: Role
    pid: int


class Lock:
    """A held lock. Forked children do not inherit it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def hold(self, role: Role) -> None:
        """Say who holds it. Raises OSError."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps(asdict(Holder(role, os.getpid()))).encode(), 0)

    def release(self) -> None:
        """Empty the file, if the disk still takes it, and let the next one in."""
        with suppress(OSError):  # nobody reads what a holder that is gone has written
            os.ftruncate(self._descriptor, 0)
        with NO_FORK:
            _descriptors.remove(self._descriptor)
            os.close(self._descriptor)


def open_locked(path: Path) -> int | None:
    """A descriptor of `path` with an exclusive lock, or None if someone else holds it. Call it under NO_FORK.

    Raises InvalidSetting if the file cannot be opened or its file system has no locks.
    """
    try:
        descriptor = regular_descriptor(path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(descriptor)
            raise
    except BlockingIOError:
        return None
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{path} cannot be locked: {error.strerror}") from error
    return descriptor


def acquire(data_dir: Path, role: Role) -> Lock | None:
    """The lock of the folder, which must exist; None if another process holds it.

    Raises InvalidSetting, also if the disk is too full to say who holds it.
    """
    path = data_dir / LOCK
    with NO_FORK:
        descriptor = open_locked(path)
        if descriptor is None:
            return None
        _descriptors.add(descriptor)
    lock = Lock(descriptor)
    try:
        lock.hold(role)
    except OSError as error:
        lock.release()
        raise InvalidSetting("DATA_DIR", f"{path} cannot be written: {error.strerror}") from error
    return lock


def holder(data_dir: Path) -> Holder | None:
    """Who holds the lock; None if nobody does, or has not said so yet. Raises InvalidSetting."""
    try:
        with NO_FORK, open_regular(data_dir / LOCK) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                written = file.read()
            else:
                return None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / LOCK} cannot be read: {error.strerror}") from error
    found = _parsed(written)
    # A killed holder's words stay in the file until the next one has written its own.
    return found if found is not None and _is_alive(found.pid) else None


def _parsed(written: bytes) -> Holder | None:
    """What a lock file says; None between its holder's truncating and writing, and for what is of another version."""
    try:
        return Holder(**json.loads(written))
    except (ValueError, TypeError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_served(data_dir: Path) -> bool:
    """Whether a `serve` holds this folder. Raises InvalidSetting."""
    found = holder(data_dir)
    return found is not None and found.role == "serve"


@contextmanager
def held_by_serve(data_dir: Path) -> Iterator[None]:
    """Hold the folder, made if missing, for as long as a `serve` runs; a command that has it is waited for.

    Raises DataDirInUse, at once if another `serve` has it, and InvalidSetting.
    """
    prepare(data_dir)
    deadline = time.monotonic() + HOLDER_TIMEOUT
    while (lock := acquire(data_dir, "serve")) is None:
        found = holder(data_dir)
        if (found is not None and found.role == "serve") or time.monotonic() > deadline:
            raise in_use(data_dir, found)
        time.sleep(HOLDER_INTERVAL)
    try:
        yield
    finally:
        lock.release()


def in_use(data_dir: Path, found: Holder | None) -> DataDirInUse:
    """The refusal that names who has the folder, and says how to mend it."""
    if found is None:
        return DataDirInUse(f"DATA_DIR {data_dir} is in use by another process; stop it, or choose another DATA_DIR.")
    if found.role == "serve":
        return DataDirInUse(
            f"DATA_DIR {data_dir} is in use by another `module-registry serve` (process {found.pid}). "
            f"Stop that one first (kill {found.pid}), or give this one a DATA_DIR of its own."
        )
    return DataDirInUse(
        f"DATA_DIR {data_dir} is in use by another command (process {found.pid}), which has not ended within "
        f"{HOLDER_TIMEOUT:g} s. Try again once it has, or end it (kill {found.pid})."
    )
