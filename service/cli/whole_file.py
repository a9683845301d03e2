"""Writing a file that others read: whole, or not at all."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file's contents in one step: who reads it sees the old bytes or the new ones. Raises OSError.

    A symbolic link stays one, a file keeps its owner and permissions, and what is no regular file is written to as it
    is.
    """
    found = path.stat() if path.exists() else None
    if found is not None and not stat.S_ISREG(found.st_mode):
        path.write_bytes(data)
        return
    path = path.resolve()
    draft = path.with_name(f".{token_hex(8)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if found is not None:
            made = draft.stat()
            if (made.st_uid, made.st_gid) != (found.st_uid, found.st_gid):
                os.chown(draft, found.st_uid, found.st_gid)
            shutil.copystat(path, draft)  # access control lists as well
            os.utime(draft)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
