"""Who may have put a file where this service would trust it: owners and modes of DATA_DIR and what is in it."""

from __future__ import annotations

import logging
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from service.problems import InvalidSetting
from service.wording import printable

_logger = logging.getLogger(__name__)


def check_folder(data_dir: Path) -> None:
    """Raise InvalidSetting where another user can put a file into the folder, or another folder into its place.

    Two cases are warned of only: a folder that its group may write to, which with a umask of 002 is a group of one, and
    a parent of another user, in which a container often runs (the image's, or that of a folder mounted from outside).
    """
    resolved = data_dir.resolve()
    status = resolved.stat()
    if status.st_uid not in (os.geteuid(), 0):
        remedy = f"run as that user, or {_command('chown', _user(os.geteuid()), resolved)}"
        raise _refusal(resolved, status, "belongs to another user", remedy)
    if status.st_mode & stat.S_IWOTH:
        remedy = f"look for files that are not yours, then {_command('chmod', '700', resolved)}"
        raise _refusal(resolved, status, "may be written to by every user", remedy)
    of_another: tuple[Path, os.stat_result] | None = None
    for parent in _passed(data_dir):
        above = parent.lstat()
        if of_another is None and above.st_uid not in (os.geteuid(), 0):
            of_another = parent, above
        is_open = above.st_mode & stat.S_IWOTH and not above.st_mode & stat.S_ISVTX
        if is_open and not stat.S_ISLNK(above.st_mode):
            reason = f"lets every user put another folder into the place of {printable(str(data_dir))}"
            raise _refusal(parent, above, reason, _command("chmod", "o-w", parent))
    if of_another:
        parent, above = of_another
        _logger.warning(
            "%s (%s) lets its owner put another folder into the place of DATA_DIR %s; if you would not let them, %s",
            printable(str(parent)),
            _described(above),
            data_dir,
            _command("chown", "-h root", parent),
        )
    if status.st_mode & stat.S_IWGRP:
        _logger.warning(
            "DATA_DIR %s may be written to by its group (%s); if others are in it, %s",
            resolved,
            _described(status),
            _command("chmod", "g-w", resolved),
        )


def _passed(path: Path) -> Iterator[Path]:
    """The folders that a name of the path is looked up in, and the links on it, one at a time, as the kernel goes."""
    at, left = Path("/"), list(reversed(path.absolute().parts[1:]))
    while left:
        name = left.pop()
        if name == "..":
            at = at.parent
            continue
        yield at
        step = at / name
        if not step.is_symlink():
            at = step
            continue
        yield step
        target = step.readlink()
        if target.is_absolute():
            at = Path("/")
        left += reversed([part for part in target.parts if part != "/"])


def check_key(path: Path, status: os.stat_result) -> None:
    """Raise InvalidSetting unless a key file, as fstat shows the open one, is our own and nobody else's to read."""
    if status.st_uid != os.geteuid():
        remedy = f"if it is the key that you made, {_command('chown', _user(os.geteuid()), path)}"
        raise _refusal(path, status, "belongs to another user", f"{remedy}; otherwise remove it")
    if stat.S_IMODE(status.st_mode) & ~0o600:
        remedy = f"if it is the key that you made, {_command('chmod', '600', path)}"
        raise _refusal(path, status, "must be for its owner alone", f"{remedy}; otherwise remove it")


def _refusal(path: Path, status: os.stat_result, reason: str, remedy: str) -> InvalidSetting:
    return InvalidSetting("DATA_DIR", f"{printable(str(path))} ({_described(status)}) {reason}; {remedy}")


def _described(status: os.stat_result) -> str:
    return f"mode {stat.S_IMODE(status.st_mode):04o}, owner {_user(status.st_uid)}"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # in a container that runs as a number
        return str(uid)


def _command(name: str, to: str, path: Path) -> str:
    return f"`{name} {to} {printable(shlex.quote(str(path)))}`"
