"""What the store's files have lost, found before the server reads them: it would go on without a word."""

from __future__ import annotations

import logging
import os
import shutil
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from service.problems import InvalidSetting, StoreDamaged
from service.storage import aof, mark, space
from service.storage.aof import FIRST_BASE, FOLDER, MANIFEST, Part
from service.storage.data_dir import write_whole
from service.storage.mark import MARK, Mark
from service.storage.regular import open_regular
from service.wording import printable

#: How the folders begin that a repair works in.
SCRATCH = "unfinished-repair-"

#: How many findings a refusal names.
_NAMED = 5

#: What a server's rewrite, or a repair, works on until it is done.
_UNFINISHED = ("temp-rewriteaof-*.aof", "temp-[0-9]*.rdb", f"{FOLDER}/temp-{MANIFEST}", f"{SCRATCH}*")

REPAIR = "module-registry store repair"

_logger = logging.getLogger(__name__)


class Tail(NamedTuple):
    """A last write that was not finished: the file makes sense up to `end` of its `size` bytes."""

    path: Path
    end: int
    size: int


class Inspection(NamedTuple):
    """What is wrong: a sentence for each damage, and the unfinished last write that a crash leaves."""

    damage: list[str]
    tail: Tail | None


def make_ready(data_dir: Path) -> None:
    """Have the files ready for a server to read; none may run. A last write that was not finished is cut off, and said.

    What a rewrite or a repair left when it was killed is removed: it holds personal data. Raises StoreDamaged, with
    what was seen and how to go on, for any other loss, and InvalidSetting if the folder cannot be written.
    """
    _remove_unfinished(data_dir)
    damage, tail = inspect(data_dir)
    if damage:
        more = f" (and {len(damage) - _NAMED} more)" if len(damage) > _NAMED else ""
        raise StoreDamaged(
            f"The store in DATA_DIR {printable(str(data_dir))} is damaged: {'; '.join(damage[:_NAMED])}{more}. "
            f"Restore a backup of the folder, or go on with what is left: `{REPAIR}` says what that is, and keeps a "
            "copy."
        )
    if tail:
        time = aof.last_time(tail.path, tail.end)
        kept = _cut_off(data_dir, tail)
        _logger.warning(
            "The store in DATA_DIR %s ended in the middle of a write: %d bytes are cut off the end of %s. "
            "Its last complete record is of %s. What is cut off %s.",
            data_dir,
            tail.size - tail.end,
            tail.path.name,
            time.isoformat() if time else "a time that it does not tell",
            kept,
        )


def inspect(data_dir: Path) -> Inspection:  # noqa: C901, PLR0912  # each fault of a file in turn
    """Compare the store's files with the mark, and read what the mark does not vouch for. Changes nothing.

    Snapshots that were made since the mark are left to the server, which checks their checksum and refuses them itself.
    Raises InvalidSetting for what is another user's: that is no damage, and no repair mends it.
    """
    folder = data_dir / FOLDER
    for path in chain((data_dir / MARK, folder), folder.glob("*")):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)):
            reason = f"{path} may not be read and written by this user; mend that with chown or chmod"
            raise InvalidSetting("DATA_DIR", reason)
    damage: list[str] = []
    known: Mark | None = None
    try:
        known = mark.read(data_dir)
    except ValueError:
        damage.append(f"{MARK} makes no sense")
    except OSError as error:
        damage.append(f"{MARK} cannot be read: {error.strerror}")
    if strangers := foreign(folder):
        kind = "folder" if strangers == [folder] else "regular file"
        damage += [f"{printable(str(path.relative_to(data_dir)))} is not a {kind}" for path in strangers]
        return Inspection(damage, None)
    try:
        named = aof.parts(aof.manifest(data_dir))
    except FileNotFoundError:
        return Inspection([*damage, *_without_manifest(folder, known)], None)
    except OSError as error:
        return Inspection([*damage, f"{FOLDER}/{MANIFEST} cannot be read: {error.strerror}"], None)
    except ValueError:
        return Inspection([*damage, f"{FOLDER}/{MANIFEST} makes no sense"], None)
    if known:
        damage += _replaced(known, named)
    tail = None
    for part in named:
        name = f"{FOLDER}/{part.name}"
        try:
            found = _inspect_part(folder / part.name, name, part, known, may_end_early=part is named[-1])
        except FileNotFoundError:
            damage.append(f"{name} is missing")
        except OSError as error:
            damage.append(f"{name} cannot be read: {error.strerror}")
        else:
            damage += found.damage
            tail = found.tail or tail
    return Inspection(damage, tail)


def foreign(folder: Path) -> list[Path]:
    """What stands where the server has files of its own and is none: a folder, a FIFO, a device; or a file as folder.

    The server would wait for a FIFO for ever.
    """
    if not folder.is_dir():
        return [folder] if os.path.lexists(folder) else []
    return [path for path in sorted(folder.glob("appendonly.aof.*")) if path.exists() and not path.is_file()]


def _without_manifest(folder: Path, known: Mark | None) -> list[str]:
    if known:
        return [f"{FOLDER}/{MANIFEST}, which was there, is missing" if folder.is_dir() else f"{FOLDER} is missing"]
    # A first start that was killed early has left no votes; a server would begin anew beside files that have some. Such
    # is every base but the first, which a first start makes with nothing in it.
    records = [file for file in folder.glob("*.aof") if file.lstat().st_size]
    bases = [file for file in folder.glob("*.base.rdb") if file.name != FIRST_BASE]
    left = sorted(file.name for file in (*records, *bases))
    return [f"{FOLDER}/{MANIFEST} is missing beside {', '.join(map(printable, left))}"] if left else []


def _replaced(known: Mark, named: list[Part]) -> list[str]:
    """What the manifest no longer says of the mark's parts, unless newer ones have taken their place."""
    marked = aof.parts(known.manifest)
    names = {part.name for part in named}
    if other := [part.name for part in marked if part.name in names and part not in named]:
        return [f"{FOLDER}/{MANIFEST} does not say of {', '.join(other)} what it said"]
    gone = sorted(part.name for part in marked if part.name not in names)
    if gone and max(part.sequence for part in named) <= max(part.sequence for part in marked):
        return [f"{FOLDER}/{MANIFEST} does not name {', '.join(gone)} any more"]
    return []


def _inspect_part(path: Path, name: str, part: Part, known: Mark | None, *, may_end_early: bool) -> Inspection:
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
    if known and (expected := known.files.get(part.name)):
        if size < expected.bytes:
            return Inspection([f"{name} has {size} bytes of the {expected.bytes} that it had"], None)
        if mark.measure(path, expected.bytes) != expected:
            return Inspection([f"the first {expected.bytes} bytes of {name} are not what they were"], None)
        if size == expected.bytes:
            return Inspection([], None)
    if part.kind == "b":
        return Inspection([], None)
    scan = aof.scan(path)
    if scan.end == size:
        return Inspection([], None)
    if scan.damaged or not may_end_early:
        return Inspection([f"{name} makes no sense from byte {scan.end} of {size} on"], None)
    return Inspection([], Tail(path, scan.end, size))


def keep_copy(data_dir: Path, paths: list[Path]) -> Path:
    """Copy files to a new folder in DATA_DIR, and return that. Raises InvalidSetting if there is no room."""
    copy = data_dir / _kept()
    try:
        copy.mkdir(mode=0o700)
        for path in paths:
            shutil.copyfile(path, copy / path.name)
            with (copy / path.name).open("rb") as file:
                os.fsync(file.fileno())
    except OSError as error:
        shutil.rmtree(copy, ignore_errors=True)
        raise InvalidSetting("DATA_DIR", f"{copy} cannot be written: {error.strerror}") from error
    return copy


def _kept() -> str:
    return f"kept-{datetime.now(UTC).strftime('%Y%m%dT%H%M%S.%fZ')}"


def _cut_off(data_dir: Path, tail: Tail) -> str:
    """Cut an unfinished last write off, and return what has become of it.

    It is kept where there is room for it; nobody was told that it is stored. Raises InvalidSetting.
    """
    copy = data_dir / f"{_kept()}-{tail.path.name}-from-byte-{tail.end}"
    try:
        with open_regular(tail.path, "r+b") as file:
            file.seek(tail.end)
            try:
                write_whole(copy, file.read())
                kept = f"is in {copy}"
            except OSError as error:
                if error.errno not in space.FULL:
                    raise
                kept = f"could not be kept: {error.strerror}"
            file.truncate(tail.end)
            os.fsync(file.fileno())
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{tail.path} cannot be cut: {error.strerror}") from error
    return kept


def _remove_unfinished(data_dir: Path) -> None:
    left = [path for pattern in _UNFINISHED for path in data_dir.glob(pattern)]
    try:
        for path in left:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{error.filename} cannot be removed: {error.strerror}") from error
