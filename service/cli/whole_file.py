"""Writing a file that others read: whole, or not at all. And changing one that others change, too, or showing how."""

import ctypes
import fcntl
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from difflib import unified_diff
from errno import ENOENT
from io import BytesIO
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

from service.cli.output import is_acted_on, say, say_document, say_lines
from service.problems import UnwritableFile
from service.registry.edit.mending import Mended
from service.registry.edit.modules import Changed
from service.registry.edit.references import Fixed
from service.registry.loading.loader import read_file
from service.wording import printable

#: Of Linux's renameat2(2): paths are below the working directory; two files change places.
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2

_CHANGED = "is not written, since it has changed meanwhile: try again"
_OPEN = "is not written, since another program has it open to write it: try again when that is done"

#: Lines from the first to the last that differ, in which a diff looks for those that are the same: in more it might
#: look for minutes, and the whole file is given as replaced.
_MOST_LINES = 2_000
_CONTEXT = 3
_HEAD = re.compile(r"^@@ -(\d+)(\S*) \+(\d+)(\S*) @@$")

T = TypeVar("T", Changed, Mended, Fixed)


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
        if read_file(path) != before:
            raise UnwritableFile(str(path), _CHANGED)
        if _is_open_for_writing(target) and not _is_open_for_writing(draft):  # which NFS may say of any file
            raise UnwritableFile(str(path), _OPEN)
        with _uninterrupted():
            try:
                has_old = _exchanged(draft, target)
            except FileNotFoundError:  # an editor has put it aside, and is about to write another
                raise UnwritableFile(str(path), _CHANGED) from None
            if not has_old:
                draft.replace(target)
            elif not _is_open_for_writing(draft) and _has(draft, before):
                draft.unlink()
            else:
                names = (target.with_name(f"{target.name}~{number if number > 1 else ''}") for number in count(1))
                kept = draft.rename(next(name for name in names if not name.exists()))
                say(f"{path}: somebody else wrote it at the same moment; what that was is in {kept}", err=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Have what would end this command wait until the end of the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _has(path: Path, data: bytes) -> bool:
    """Whether a file has these bytes: what cannot be read is not what was read before."""
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _is_open_for_writing(path: Path) -> bool:
    """Whether a program may go on writing a file, which nobody can lease then to read (fcntl(2), leases).

    Only the owner and root can, on Linux, where the file system knows leases; others are not told.
    """
    try:
        with path.open("rb") as file:
            fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)  # ends no process, as the signal for leases does
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)  # until it is closed
    except (OSError, AttributeError) as error:
        return isinstance(error, BlockingIOError)
    return False


def _exchanged(draft: Path, target: Path) -> bool:
    """Have two files change places in one step, so that what was replaced can be looked at.

    Not every file system can, nor every system. Raises FileNotFoundError where there is no target any more.
    """
    exchange = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    paths = os.fsencode(draft), os.fsencode(target)
    if exchange and exchange(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
        return True
    if exchange and ctypes.get_errno() == ENOENT:
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), str(target))
    return False


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


def write_new(path: Path, data: bytes) -> None:
    """Write a file where there is none, in one step. Raises OSError, which is FileExistsError for what is there."""
    with _draft(path, data) as draft:
        os.link(draft, path)


@contextmanager
def _draft(path: Path, data: bytes) -> Iterator[Path]:
    """A file beside another one, with its owner and permissions, which is gone in the end unless it is renamed.

    Not what has come in its place.
    """
    draft, made = path.with_name(f".{token_hex(8)}.tmp"), 0
    try:
        with draft.open("xb") as file:
            made = os.fstat(file.fileno()).st_ino
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.chown(draft, path.stat().st_uid, path.stat().st_gid)
            shutil.copystat(path, draft)  # access control lists as well
            os.utime(draft)
        yield draft
    finally:
        with suppress(FileNotFoundError):
            if draft.stat().st_ino == made:
                draft.unlink()


def say_diff(file: str, before: bytes, after: bytes) -> None:
    """Write the difference of two versions of a file as a unified diff, or nothing where they are the same.

    The bytes are those of the file, so that the diff can be applied, except where a terminal or GitHub's runner would
    act on them.
    """
    if before == after:
        return
    name = printable(file)
    shown = [f"--- {name}\n", f"+++ {name}\n", *_hunks(_lines(before), _lines(after))]
    if is_acted_on():
        say_lines(line.rstrip("\r\n") for line in shown)
    else:
        whole = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in shown)
        say_document("".join(whole).encode("utf-8", "surrogateescape"))


def _lines(data: bytes) -> list[str]:
    """The lines with their line feeds, which are what `patch` goes by; the last one may have none."""
    return [line.decode("utf-8", "surrogateescape") for line in BytesIO(data)]


def _hunks(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines of each part of a diff, the first of which says where it is."""
    first = _alike(old, new)
    last = _alike(old[first:][::-1], new[first:][::-1])
    if max(len(old), len(new)) - first - last > _MOST_LINES:
        yield f"@@ -1,{len(old)} +1,{len(new)} @@\n"
        yield from (f"-{line}" for line in old)
        yield from (f"+{line}" for line in new)
        return
    start, behind = max(0, first - _CONTEXT), max(0, last - _CONTEXT)
    old, new = old[start : len(old) - behind], new[start : len(new) - behind]
    _, _, *lines = unified_diff(old, new, n=_CONTEXT)
    for line in lines:
        yield _HEAD.sub(lambda head: f"@@ -{int(head[1]) + start}{head[2]} +{int(head[3]) + start}{head[4]} @@", line)


def _alike(old: list[str], new: list[str]) -> int:
    """How many of the first lines are the same."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((number for number, (was, becomes) in pairs if was != becomes), min(len(old), len(new)))
