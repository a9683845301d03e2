"""DATA_DIR: the folder that holds the embedded store's files, its socket, and the generated secret key.

What stands in place of a regular file there, such as a folder, FIFO or device, is an error, and never waited for.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from pathlib import Path
from typing import BinaryIO, Literal

from service.problems import InvalidSetting
from service.setting_values import weakness
from service.storage.ownership import check_folder, check_key
from service.storage.redis_url import RedisUrl

SOCKET = "valkey.sock"
LOG = "valkey.log"
SECRET_KEY = "secret_key"

#: What fits into sockaddr_un.sun_path beside its closing NUL: 108 bytes on Linux, 104 on macOS.
_LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107


def prepare(data_dir: Path) -> None:
    """Make the folder, and those that it lies in, where they are missing: closed to other users, whatever the umask.

    Raises InvalidSetting if it cannot be made, is not a folder, may not be written, lies too deep for a socket, or
    is open to other users.
    """
    try:
        for folder in (*reversed(data_dir.parents), data_dir):
            folder.mkdir(mode=0o700, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InvalidSetting("DATA_DIR", f"{data_dir} is not a folder") from None
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir} cannot be made: {error.strerror}") from error
    if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        raise InvalidSetting("DATA_DIR", f"{data_dir} may not be read and written by this user")
    check_folder(data_dir)
    socket_path(data_dir)


def socket_path(data_dir: Path) -> str:
    """Where clients find the store: absolute, or from the current folder where only that is short enough.

    Raises InvalidSetting if neither fits into a socket address.
    """
    # Resolved first: a relative path that climbs out of a symlinked folder would end somewhere else.
    absolute = str(data_dir.resolve() / SOCKET)
    for path in (absolute, os.path.relpath(absolute)):
        if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
            return path
    reason = f"{data_dir} is too long for a Unix socket ({absolute} may have {_LONGEST_SOCKET_PATH} bytes)"
    raise InvalidSetting("DATA_DIR", f"{reason}; choose a folder with a shorter path")


def store_url(data_dir: Path) -> RedisUrl:
    """Where the folder's store listens. Raises InvalidSetting."""
    return RedisUrl.embedded(socket_path(data_dir), str(data_dir / LOG))


def kept_secret_key(data_dir: Path) -> str:
    """The secret key of this folder, made at the first call: 32 random bytes, readable by this user alone.

    Call it while holding the folder's lock. Raises InvalidSetting for a key file that others may have put there or can
    read, that is empty or too short, or that cannot be read or written: a new key in its place would sign everybody out
    without a word.
    """
    path = data_dir / SECRET_KEY
    try:
        key = _read_own(path).decode("ascii").strip()
    except FileNotFoundError:
        return _make_secret_key(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting("SECRET_KEY", f"{path} cannot be read: {error}") from error
    if not key:
        raise InvalidSetting("SECRET_KEY", f"{path} is empty: restore it, or remove it to have a new key made")
    if (reason := weakness(key)) is not None:
        raise InvalidSetting("SECRET_KEY", f"{path} {reason}, or remove it to have a new key made")
    return key


def _read_own(path: Path) -> bytes:
    with os.fdopen(regular_descriptor(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        check_key(path, os.fstat(file.fileno()))
        return file.read()


def _make_secret_key(path: Path) -> str:
    key, new = secrets.token_hex(32), path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)  # of a process that was killed here
        with open(new, "xb", opener=regular_descriptor) as file:
            file.write(f"{key}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)  # a part of a key would be refused for ever
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
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


def read_regular(path: Path) -> bytes:
    """The contents of a file. Raises OSError as above."""
    with open_regular(path) as file:
        return file.read()
