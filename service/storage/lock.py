"""Who may use DATA_DIR: one process at a time, and the server that it starts there, by a lock of the kernel.

The server inherits the lock, so that it is free once both have ended, however they end. The lock file says who holds
it, so that a refusal can name the process, and commands can find a running `serve`. What it says counts only while the
lock is held.

A folder on a file system that several machines share, such as NFS, is not supported: a lock may be seen on its own
machine alone there.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from service.problems import DataDirInUse, InvalidSetting, StorageUnavailable
from service.storage.data_dir import open_regular, prepare, regular_descriptor
from service.wording import printable

LOCK = "lock"

#: How long a process waits for another's short-lived hold on the folder, in seconds.
HOLDER_TIMEOUT = 10.0
#: Pause between two looks at a lock, in seconds.
_HOLDER_INTERVAL = 0.02

Role = Literal["serve", "command"]

#: Held while a descriptor is opened: no other thread may fork half-way.
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
    """A lock of the folder, held until the end of a `with` block. Forked children do not inherit it."""

    def __init__(self, path: Path, role: Role) -> None:
        """Take it, and say who has it. Raises OSError, as BlockingIOError where another process has it."""
        with NO_FORK:
            self.descriptor = regular_descriptor(path, os.O_RDWR | os.O_CREAT)
            _descriptors.add(self.descriptor)
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self.descriptor, 0)
            os.pwrite(self.descriptor, json.dumps(asdict(Holder(role, os.getpid()))).encode(), 0)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Lock:
        """The lock, which is held already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release it."""
        self.release()

    def release(self) -> None:
        """Empty the file, if the disk still takes it, and let the next one in."""
        with suppress(OSError):  # nobody reads what a holder that is gone has written
            os.ftruncate(self.descriptor, 0)
        self._close()

    def _close(self) -> None:
        with NO_FORK:
            _descriptors.remove(self.descriptor)
            os.close(self.descriptor)


@contextmanager
def handed_down(lock: Lock | None) -> Iterator[list[int]]:
    """Descriptors for one child, which holds the lock as well then; none without a lock."""
    with NO_FORK:
        descriptors = [os.dup(lock.descriptor)] if lock else []
        try:
            yield descriptors
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


def acquire(data_dir: Path, role: Role) -> Lock | None:
    """The lock of the folder, which must exist; None if another process holds it.

    Raises InvalidSetting if it cannot be had, also where the disk is too full to say who holds it.
    """
    try:
        return Lock(data_dir / LOCK, role)
    except BlockingIOError:
        return None
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / LOCK} cannot be locked: {error.strerror}") from error


def holder(data_dir: Path) -> Holder | None:
    """Who holds the lock; None if nobody does, or has not said so yet. Raises InvalidSetting."""
    try:
        with NO_FORK, open_regular(data_dir / LOCK) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return None
            except BlockingIOError:
                named = Holder(**json.loads(file.read()))
    except (FileNotFoundError, ValueError, TypeError):  # between its truncating and writing, or of another version
        return None
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / LOCK} cannot be read: {error.strerror}") from error
    # A killed holder's words stay in the file until the next one has written its own.
    return named if _is_alive(named.pid) else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno == errno.EPERM
    return True


def is_served(data_dir: Path) -> bool:
    """Whether a `serve` holds this folder. Raises InvalidSetting."""
    named = holder(data_dir)
    return named is not None and named.role == "serve"


def wait_for(data_dir: Path, role: Role, is_enough: Callable[[], bool]) -> Lock | None:
    """The lock of the folder, once a command that has it ends; None where a `serve` has it and that `is_enough`.

    Raises DataDirInUse or StorageUnavailable after HOLDER_TIMEOUT, and InvalidSetting.
    """
    deadline = time.monotonic() + HOLDER_TIMEOUT
    while (lock := acquire(data_dir, role)) is None:
        named = holder(data_dir)
        serving = named if named is not None and named.role == "serve" else None
        if serving and is_enough():
            return None
        if time.monotonic() > deadline:
            if serving:
                raise StorageUnavailable(f"The store of the running `serve` (process {serving.pid}) does not answer.")
            raise in_use(data_dir)
        time.sleep(_HOLDER_INTERVAL)
    return lock


def held_by_serve(data_dir: Path) -> Lock:
    """The lock of the folder, made if missing, for a `serve`; a command that has it is waited for.

    Raises DataDirInUse, at once if another `serve` has it, and InvalidSetting.
    """
    prepare(data_dir)
    return _had(data_dir, wait_for(data_dir, "serve", lambda: True))


def at_rest(data_dir: Path) -> Lock:
    """The lock of the folder, while no server uses its files. Raises DataDirInUse, at once, or InvalidSetting."""
    return _had(data_dir, acquire(data_dir, "command"))


def _had(data_dir: Path, lock: Lock | None) -> Lock:
    if lock is None:
        raise in_use(data_dir)
    return lock


def in_use(data_dir: Path) -> DataDirInUse:
    """The refusal that names who has the folder, and says how to mend it."""
    named = holder(data_dir)
    if named is None:  # such as a server that outlived who started it
        search = f"fuser {printable(shlex.quote(str(data_dir / LOCK)))}"
        return DataDirInUse(
            f"DATA_DIR {data_dir} is in use by another process; find it with `{search}`, and stop it, or choose "
            "another DATA_DIR."
        )
    if named.role == "serve":
        return DataDirInUse(
            f"DATA_DIR {data_dir} is in use by another `module-registry serve` (process {named.pid}). "
            f"Stop that one first (kill {named.pid}), or give this one a DATA_DIR of its own."
        )
    return DataDirInUse(
        f"DATA_DIR {data_dir} is in use by another command (process {named.pid}), which has not ended within "
        f"{HOLDER_TIMEOUT:g} s. Try again once it has, or end it (kill {named.pid})."
    )
