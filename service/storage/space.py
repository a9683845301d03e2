"""Room on the disk for what the store appends: without it, the server ends at the first write that fails."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

from service.storage.data_dir import open_regular
from service.storage.files import appended

#: What is kept in reserve, in bytes: more than is written between two looks, by a factor of ten at least.
RESERVE = 8 << 20

#: From <linux/falloc.h>: blocks behind the end of a file are its own, and the end stays where it is.
_FALLOC_FL_KEEP_SIZE = 1

_libc = ctypes.CDLL(None, use_errno=True)
if sys.platform == "linux":
    _libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_longlong, ctypes.c_longlong]


def reserve(data_dir: Path, *, is_short: bool = False) -> str | None:
    """Have RESERVE bytes behind the end of the file that the store appends to; returns why not, or None if so.

    What another program fills the disk with can then not take them. Where the file system reserves nothing, or there is
    no file yet, the disk must have as much free; so it must where it `is_short`, since asking for more than there is
    has some file systems write out all they have, each time.
    """
    left = shutil.disk_usage(data_dir).free
    number = errno.ENOSPC if is_short and left < RESERVE else _fallocate(appended(data_dir))
    if number == errno.EROFS:
        return "read-only"
    if number == 0 or (number not in (errno.ENOSPC, errno.EDQUOT) and left >= RESERVE):
        return None
    return f"full: {left:,} bytes are free, and {RESERVE:,} must be"


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
