"""DATA_DIR: the folder that holds the embedded store's files, its socket, and the generated secret key.

It is trusted only where nobody else can have put something into it. What stands in place of a regular file there, such
as a folder, FIFO or device, is an error, and never waited for.
"""

import errno
import logging
import os
import pwd
import secrets
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import quote

from service.problems import InvalidSetting
from service.settings import values
from service.settings.redis_url import Kind, RedisUrl
from service.wording import printable

SOCKET = "valkey.sock"
LOG = "valkey.log"
SECRET_KEY = "secret_key"

#: What fits into sockaddr_un.sun_path beside its closing NUL, on Linux and elsewhere, in bytes.
_LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103

_logger = logging.getLogger(__name__)


def prepare(data_dir: Path) -> None:
    """Make the folder, and those that it lies in, where they are missing: closed to other users, whatever the umask.

    Raises InvalidSetting if it cannot be made, is not a folder, lies too deep for a socket, or is open to other users.
    """
    try:
        for folder in (*reversed(data_dir.parents), data_dir):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir} cannot be made: {error.strerror}") from error
    _check_owners(data_dir)
    socket_path(data_dir)


def socket_path(data_dir: Path) -> str:
    """Where clients find the store. Raises InvalidSetting if it does not fit into a socket address."""
    path = str(data_dir.resolve() / SOCKET)
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        reason = f"{data_dir} is too long for a Unix socket ({path} may have {_LONGEST_SOCKET_PATH} bytes)"
        raise InvalidSetting("DATA_DIR", f"{reason}; choose a folder with a shorter path")
    return path


def store_url(data_dir: Path) -> RedisUrl:
    """Where the folder's store listens. Raises InvalidSetting."""
    return RedisUrl(Kind.SERVER, (f"unix://{quote(socket_path(data_dir))}",), data_dir=data_dir)


def kept_secret_key(data_dir: Path) -> str:
    """The secret key of this folder, made at the first call: 32 random bytes, readable by this user alone.

    Call it while holding the folder's lock. Raises InvalidSetting for a key file that others may have put there or can
    read, that is empty or too short, or that cannot be read or written: a new key in its place would sign everybody out
    without a word.
    """
    path = data_dir / SECRET_KEY
    try:
        with os.fdopen(regular_descriptor(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            _check_key(path, os.fstat(file.fileno()))
            key = file.read().decode("ascii").strip()
    except FileNotFoundError:
        return _make_secret_key(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting("SECRET_KEY", f"{path} cannot be read: {error}") from error
    try:
        return values.key(key)
    except ValueError as reason:
        raise InvalidSetting("SECRET_KEY", f"{path} {reason}, or remove it to have a new key made") from None


def _make_secret_key(path: Path) -> str:
    key, new = secrets.token_hex(32), path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)  # of a process that was killed here, or of somebody who would read what is written
        with open(new, "xb", opener=regular_descriptor) as file:
            file.write(f"{key}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)  # a part of a key would be refused for ever
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise InvalidSetting("DATA_DIR", f"{path} cannot be written: {error.strerror}") from error
    return key


def open_regular(path: Path, mode: Literal["rb", "r+b", "ab"] = "rb") -> BinaryIO:
    """Open a file, as `open` does. Raises OSError, for what is no regular file, too."""
    return open(path, mode, opener=regular_descriptor)


def regular_descriptor(path: str | Path, flags: int) -> int:
    """Open a file, made for this user alone where `flags` say so, as `os.open` does. Raises OSError as above."""
    # What is checked is the open file: one that is looked at by its name could be another when it is read.
    descriptor = os.open(path, flags | os.O_NONBLOCK, 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def _check_owners(data_dir: Path) -> None:
    """Raise InvalidSetting where another user can put a file into the folder, or another folder into its place.

    Two cases are warned of only: a folder that its group may write to, which with a umask of 002 is a group of one, and
    a parent of another user, in which a container often runs (the image's, or that of a folder mounted from outside).
    """
    resolved = data_dir.resolve()
    status = resolved.stat()
    ours = (os.geteuid(), 0)
    if status.st_uid not in ours:
        remedy = f"run as that user, or {_command('chown', _user(os.geteuid()), resolved)}"
        raise _refusal(resolved, status, "belongs to another user", remedy)
    if status.st_mode & stat.S_IWOTH:
        remedy = f"look for files that are not yours, then {_command('chmod', '700', resolved)}"
        raise _refusal(resolved, status, "may be written to by every user", remedy)
    for parent in dict.fromkeys(_passed(data_dir.absolute())):
        above = parent.lstat()
        is_open = above.st_mode & stat.S_IWOTH and not above.st_mode & stat.S_ISVTX
        if is_open and not stat.S_ISLNK(above.st_mode):
            reason = f"lets every user put another folder into the place of {printable(str(data_dir))}"
            raise _refusal(parent, above, reason, _command("chmod", "o-w", parent))
        if above.st_uid not in ours:
            said = "%s lets its owner put another folder into the place of DATA_DIR %s; if you would not let them, %s"
            _logger.warning(said, _described(parent, above), data_dir, _command("chown", "-h root", parent))
    if status.st_mode & stat.S_IWGRP:
        said = "DATA_DIR %s may be written to by its group; if others are in it, %s"
        _logger.warning(said, _described(resolved, status), _command("chmod", "g-w", resolved))


def _passed(path: Path) -> Iterator[Path]:
    """The folders on a path, those that links on it lead through, and the links."""
    for step in reversed((path, *path.parents)):
        if step.is_symlink():
            yield step
            yield from _passed(step.parent.resolve() / step.readlink())
        else:
            yield step.resolve()


def _check_key(path: Path, status: os.stat_result) -> None:
    """Raise InvalidSetting unless a key file, as fstat shows the open one, is our own and nobody else's to read."""
    if status.st_uid != os.geteuid():
        reason, command = "belongs to another user", _command("chown", _user(os.geteuid()), path)
    elif stat.S_IMODE(status.st_mode) & ~0o600:
        reason, command = "must be for its owner alone", _command("chmod", "600", path)
    else:
        return
    raise _refusal(path, status, reason, f"if it is the key that you made, {command}; otherwise remove it")


def _refusal(path: Path, status: os.stat_result, reason: str, remedy: str) -> InvalidSetting:
    return InvalidSetting("DATA_DIR", f"{_described(path, status)} {reason}; {remedy}")


def _described(path: Path, status: os.stat_result) -> str:
    return f"{printable(str(path))} (mode {stat.S_IMODE(status.st_mode):04o}, owner {_user(status.st_uid)})"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # in a container that runs as a number
        return str(uid)


def _command(name: str, to: str, path: Path) -> str:
    return f"`{name} {to} {printable(shlex.quote(str(path)))}`"
