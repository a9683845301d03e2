"""Writing a file that others read: whole, or not at all. And changing one that others change, too."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EINVAL, ENOSYS, EOPNOTSUPP, EPERM
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Protocol, TypeVar

from service.cli.output import say
from service.problems import UnwritableFile
from service.registry.loading import read_file

#: Of Linux's renameat2(2): paths are below the working directory; two files change places.
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
#: What it says where the file system, or the system, has no such exchange, or lets nobody ask for it.
_CANNOT = (EINVAL, ENOSYS, EOPNOTSUPP, EPERM)

_libc = ctypes.CDLL(None, use_errno=True)


class _Content(Protocol):
    @property
    def data(self) -> bytes: ...


T = TypeVar("T", bound=_Content)


def change_file(path: Path, change: Callable[[bytes], T]) -> T:
    """What `change` makes of the file, which is written where its `data` is another: every edit is made by this.

    From reading to writing no other command changes a file of the same folder. What nevertheless came from elsewhere is
    not overwritten, or kept beside it. Raises UnreadableRegistry, InvalidRegistry for what is too large to be read, and
    UnwritableFile.
    """
    try:
        with alone(path):
            before = read_file(path)
            done = change(before)
            if done.data != before:
                _replace(path, before, done.data)
            return done
    except OSError as error:
        read_file(path)  # which says more where that fails as well
        raise UnwritableFile(str(path), f"cannot be written: {error.strerror}") from error


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other commands from changing a file of this folder, once they have finished with it. Raises OSError."""
    place = Path(os.path.realpath(path)).parent
    folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{path}: waits, since another command changes a file in {place}", err=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _replace(path: Path, before: bytes, after: bytes) -> None:
    target = path.resolve()
    with _draft(target, after) as draft:
        with suppress(FileNotFoundError):
            if read_file(path) == before:
                if _exchanged(draft, target):
                    _keep(path, draft, target, before)
                else:
                    draft.replace(target)
                return
        raise UnwritableFile(str(path), "is not written, since it has changed meanwhile: try again")


def _keep(path: Path, replaced: Path, target: Path, before: bytes) -> None:
    """Give what was replaced a second name where it is not what was read: FILE~, or FILE~2 and so on."""
    try:
        if replaced.read_bytes() == before:
            return
        for number in count(1):
            name = target.with_name(f"{target.name}~{number if number > 1 else ''}")
            with suppress(FileExistsError):
                name.hardlink_to(replaced)
                break
    except OSError:
        _exchanged(replaced, target)  # nothing is written, and what was there is there again
        raise
    say(f"{path}: somebody else wrote it at the same moment; what that was is in {name}", err=True)


def _exchanged(draft: Path, target: Path) -> bool:
    """Have two files change places in one step, so that what was replaced can be looked at.

    Not every file system can, nor every system. Raises OSError, FileNotFoundError where one of them is gone.
    """
    if not hasattr(_libc, "renameat2"):
        return False
    paths = os.fsencode(draft), os.fsencode(target)
    if _libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
        return True
    if (error := ctypes.get_errno()) in _CANNOT:
        return False
    raise OSError(error, os.strerror(error))


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file's contents in one step: who reads it sees the old bytes or the new ones. Raises OSError.

    A symbolic link stays one, a file keeps its owner and permissions, and what is no regular file is written to as it
    is.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = path.resolve()
    with _draft(path, data) as draft:
        draft.replace(path)


@contextmanager
def _draft(path: Path, data: bytes) -> Iterator[Path]:
    """A file beside another one, with its owner and permissions, which is gone in the end unless it is renamed."""
    draft = path.with_name(f".{token_hex(8)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            old, new = path.stat(), draft.stat()
            if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
                os.chown(draft, old.st_uid, old.st_gid)
            shutil.copystat(path, draft)  # access control lists as well
            os.utime(draft)
        yield draft
    finally:
        with suppress(OSError):
            draft.unlink()
