"""Opening what must be a regular file: a folder, FIFO or device in its place is an error, and never waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Literal


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
