"""The store's append-only file: its parts, and how far what is written in them makes sense.

The format is Valkey's: a manifest names one base (a snapshot, with a checksum that Valkey checks) and the files of
what was written since, in order. Those are commands as RESP arrays, between lines that tell the time; commands that
belong together stand between MULTI and EXEC. They carry no checksum.
"""

from __future__ import annotations

import io
import mmap
import os
import re
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from service.storage.regular import open_regular, read_regular

FOLDER = "appendonlydir"
MANIFEST = "appendonly.aof.manifest"
FIRST_BASE = "appendonly.aof.1.base.rdb"

_PART = re.compile(r"file ([\w.-]+) seq ([1-9]\d*) type ([bih])(?: startoffset \d+)?(?: endoffset \d+)?\n")

_MULTI, _EXEC = b"*1\r\n$5\r\nMULTI\r\n", b"*1\r\n$4\r\nEXEC\r\n"
_COUNT = re.compile(rb"\*([1-9]\d{0,6})\r\n")
_LENGTH = re.compile(rb"\$(\d{1,9})\r\n")
_TIME = re.compile(rb"#TS:(\d{1,11})\r\n")
#: The field of a snapshot's head that says when it was begun, a number of four bytes.
_SNAPSHOT_TIME = re.compile(rb"\xfa\x05ctime\xc2(.{4})", re.DOTALL)
#: What the end of a file may have left of a count, of a time, or of a length.
_COUNT_BEGUN = re.compile(rb"\*\d{0,7}\r?|#(T(S(:\d{0,11}\r?)?)?)?")
_LENGTH_BEGUN = re.compile(rb"(\$\d{0,9}\r?)?")

#: Where a reader that has lost its way can go on: no transaction is open there.
_FRESH_START = re.compile(rb"\r\n(?=#TS:\d{1,11}\r\n|%s)" % re.escape(_MULTI))
#: What begins a record, inside a transaction or not.
_BEGINNING = re.compile(rb"\r\n(?:\*[1-9]\d{0,6}\r\n\$\d|#TS:\d)")


@cache
def _short_records() -> re.Pattern[bytes]:
    """Any number of records that are short, as nearly all are: it reads a hundred of them in the time of one in Python.

    Its group is the last time among them. Made when it is needed, since that takes 50 ms.
    """
    argument = rb"\$(?:" + b"|".join(rb"%d\r\n.{%d}" % (size, size) for size in range(64)) + rb")\r\n"
    record = b"|".join(rb"\*%d\r\n(?:%s){%d}" % (count, argument, count) for count in range(1, 9))
    return re.compile(rb"(?:%s|%s)*+" % (record, _TIME.pattern), re.DOTALL)


class Part(NamedTuple):
    """A line of the manifest: `kind` is b for the base, i for what was written since, h for one that is done with."""

    name: str
    sequence: int
    kind: str


class Scan(NamedTuple):
    """What a file of records holds: `end` is behind the last one that is complete, with its transaction.

    `damaged` says that more than an unfinished last write follows.
    """

    size: int
    end: int
    damaged: bool


def manifest(data_dir: Path) -> str:
    """The text of the manifest. Raises OSError, and ValueError for what is no text."""
    return read_regular(data_dir / FOLDER / MANIFEST).decode()


def parts(manifest: str) -> list[Part]:
    """The parts that count, in the order they are read. Raises ValueError for what is no manifest."""
    found = []
    for line in io.StringIO(manifest, newline="\n"):
        if not (said := _PART.fullmatch(line)):
            raise ValueError(line)
        found.append(Part(said[1], int(said[2]), said[3]))
    current = [part for part in found if part.kind != "h"]
    if not current or [part.kind for part in current].count("b") > 1:
        raise ValueError("no parts, or more than one base")
    newest = max(part.sequence for part in current)
    if any(part.sequence >= newest for part in found if part.kind == "h"):
        raise ValueError("a part is done with that nothing has taken the place of")
    return current


def scan(path: Path) -> Scan:
    """Read a file of records to its end, or to where it stops making sense. 100 MB take about 0.3 s."""
    with _mapped(path) as data:
        end, damaged = _read(data, 0)
        # Without its EXEC a transaction was never acknowledged, and Valkey drops it. Values may look like one.
        multi = data.rfind(_MULTI, 0, end)
        if multi >= 0 and data.rfind(_EXEC, multi, end) < 0:
            end, _ = _closed(data, 0, takewhile(lambda record: record[0] < end, _complete(data)))
        return Scan(len(data), end, damaged)


def _closed(data: bytes | mmap.mmap, at: int, records: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Where those of the records from `at` on end that are in no open transaction, and where all of them do."""
    end, is_open = at, False
    for start, at in records:
        is_open = data[start:at] != _EXEC and (is_open or data[start:at] == _MULTI)
        end = end if is_open else at
    return end, at


def _complete(data: bytes | mmap.mmap, at: int = 0) -> Iterator[tuple[int, int]]:
    """Where each record, or time, from `at` on begins and ends, up to the first that is not complete."""
    while at < len(data) and (end := _record_end(data, at)) is not None and end > 0:
        yield at, end
        at = end


def _read(data: bytes | mmap.mmap, at: int) -> tuple[int, bool]:
    """How far the records from `at` on are complete, and whether what follows is anything but an unfinished one."""
    while at < len(data):
        short = _short_records().match(data, at)
        assert short  # it matches nothing, too
        at = short.end()
        if at == len(data):
            break
        following = _record_end(data, at)
        if following is None or following < 0:
            # Blocks that a power failure kept from being written are zero.
            written = data[at:].rstrip(b"\0")
            unfinished = not written or _record_end(written, 0) is None
            # A record that "ends" beyond the file though others stand behind it has a wrong length.
            return at, not unfinished or bool(_BEGINNING.search(written))
        at = following
    return at, False


def _record_end(data: bytes | mmap.mmap, at: int) -> int | None:
    """Where the record (or time) at `at` ends: None if the file ends first, -1 if it is none."""
    if said := _TIME.match(data, at):
        return said.end()
    count = _COUNT.match(data, at)
    if count is None:
        return None if _COUNT_BEGUN.fullmatch(data, at) else -1
    at = count.end()
    for _ in range(int(count[1])):
        length = _LENGTH.match(data, at)
        if length is None:
            return None if _LENGTH_BEGUN.fullmatch(data, at) else -1
        at = length.end() + int(length[1]) + 2
        if at > len(data):
            return None
        if data[at - 2 : at] != b"\r\n":
            return -1
    return at


def snapshot_time(path: Path) -> datetime | None:
    """When a snapshot was begun, to the second, where it tells."""
    with open_regular(path) as file:
        said = _SNAPSHOT_TIME.search(file.read(1024))
    return None if said is None else datetime.fromtimestamp(int.from_bytes(said[1], "little"), UTC)


def first_time(path: Path) -> datetime | None:
    """The first time in a file of records, to the second, where it tells before any damage."""
    with _mapped(path) as data:
        said = next(filter(None, (_TIME.match(data, at) for at, _ in _complete(data))), None)
        return None if said is None else datetime.fromtimestamp(int(said[1]), UTC)


def last_time(path: Path, end: int) -> datetime | None:
    """The time of the last record before `end`, where a complete one ends, to the second, where the file tells."""
    at, found = 0, None
    with _mapped(path) as data:
        while at < end:
            # Not to the end: a time that no record follows is none of a record.
            short = _short_records().match(data, at, end - 1)
            assert short  # it matches nothing, too
            found = short[1] or found
            following = _record_end(data, short.end())
            assert following is not None and following > at  # up to `end` all records are complete
            at = following
    return None if found is None else datetime.fromtimestamp(int(found), UTC)


def undamaged(path: Path, commands: Container[bytes]) -> Iterator[tuple[int, int]]:
    """The stretches of a file that can be read, from start to end: whole transactions of `commands`, in lower case.

    After damage it goes on at the next transaction or time.
    """
    with _mapped(path) as data:
        start: int | None = 0
        while start is not None:
            known = takewhile(lambda record: _is_known(data, record[0], commands), _complete(data, start))
            end, read = _closed(data, start, known)
            if end > start:
                yield start, end
            fresh = _FRESH_START.search(data, read)
            start = fresh and fresh.end()


def _is_known(data: bytes | mmap.mmap, at: int, commands: Container[bytes]) -> bool:
    if _TIME.match(data, at):
        return True
    if not (count := _COUNT.match(data, at)) or not (length := _LENGTH.match(data, count.end())):
        return False
    return data[length.end() : length.end() + int(length[1])].lower() in commands


@contextmanager
def _mapped(path: Path) -> Iterator[bytes | mmap.mmap]:
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size == 0:  # which cannot be mapped
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
