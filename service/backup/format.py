"""The file of a backup: lines of JSON, compressed by gzip.

The first line says what the file is, the last how much is in it, with a digest of all lines before: a file that was cut
or changed is known before anything of it is used. Each line between is a key of Redis, or a part of a large one.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import IO, Any

from service.backup.keys import SAVED, kind_of
from service.feedback.keys import SEQUENCE_KEY
from service.interest.keys import trend_key
from service.problems import BackupFailed, InvalidBackup
from service.wording import json_text, pluralized, printable, shortened

#: The format of the file. A later one that this service cannot read is refused by its number.
FORMAT = 1

#: How many items of a large key are in one line.
ITEMS = 1000

#: The longest line that is read, in bytes: a request with as many messages as one can have is less.
_LONGEST = 64 * 1024 * 1024

#: The longest text of the first line that is shown, in characters.
_LONGEST_SHOWN = 100

#: What ends later than Redis can say, in milliseconds since 1970; and later than any clock shows, which nothing could
#: be added behind in a stream.
_ENDS, _TIMES = 2**62, 10**15

#: gzip's level: 1 takes a third of the time of its default, and makes a tenth more of such lines.
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Record:
    """A key of Redis, or a part of a large one.

    Of a hash and a sorted set, `items` are fields and values, or members and scores, in turn; of a stream they are its
    entries, an id, fields and values each, and `state` are its last id, how many entries it ever had, and the last id
    that was deleted. The key ends at the millisecond `expires` since 1970, if it does.
    """

    key: bytes
    items: list[Any]
    expires: int | None = None
    state: list[bytes] | None = None

    @property
    def name(self) -> bytes:
        """What follows what the names of such keys begin with, such as an account's id."""
        return self.key[len((kind_of(self.key) or "").encode()) :]


@dataclass(slots=True)
class Contents:
    """What a file holds: how many lines, and of what how many."""

    header: dict[str, Any] = field(default_factory=dict)
    lines: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        nouns = [pluralized(self.counts[noun], noun) for noun in ("account", "vote", "request", "act")]
        if admins := self.counts["admin"]:
            nouns[0] += f" ({pluralized(admins, 'admin')})"
        return ", ".join(nouns)

    def add(self, record: Record) -> None:
        """Count a line."""
        self.lines += 1
        if noun := _COUNTED.get(kind_of(record.key) or ""):
            self.counts[noun] += 1 if noun in ("account", "request") else len(record.items)
        if noun == "account" and (b"role", b"admin") in zip(record.items[::2], record.items[1::2], strict=True):
            self.counts["admin"] += 1


#: What is counted for people, by the entry of SAVED.
_COUNTED = {
    "account:": "account",
    "{votes}:interest:": "vote",
    "{feedback}:thread:": "request",
    "{audit}:entries": "act",
}


class Writer:
    """Writes a backup to a file. It is to be closed, or gzip writes its rest whenever the memory is given back."""

    def __init__(self, file: IO[bytes]) -> None:
        self.contents = Contents()
        self._digest = sha256()
        self._file = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        header = {"backup_of": "module-registry", "format": FORMAT}
        self._line(json_text(header | {"service": version("module-registry"), "at": at}))

    def add(self, record: Record) -> None:
        """Write a line. Raises BackupFailed for one that could not be restored."""
        try:
            _checked(record)
        except (TypeError, ValueError):
            key = printable(shortened(record.key.decode("utf-8", "backslashreplace"), 200))
            raise BackupFailed(
                f"the key {key} holds what this service never writes, and what no store could be given back: "
                "mend or delete it (`module-registry doctor --data` says what else does not agree)"
            ) from None
        self.contents.add(record)
        self._line(_encoded(record))

    def end(self) -> Contents:
        """Write the last line, and return what is in the file."""
        found = self.contents
        last = {"lines": found.lines, **found.counts, "sha256": self._digest.hexdigest()}
        self._file.write(json_text(last).encode() + b"\n")
        self.close()
        return found

    def close(self) -> None:
        """Write no more, be it ended or given up."""
        self._file.close()

    def _line(self, text: str) -> None:
        line = text.encode() + b"\n"
        self._digest.update(line)
        self._file.write(line)


def _encoded(record: Record) -> str:
    """A line. Where not all texts are UTF-8, each character stands for a byte, and `latin1` says so."""
    try:
        return json_text(_shown(record, "utf-8"))
    except UnicodeDecodeError:
        return json_text(_shown(record, "latin-1") | {"latin1": True})


def _shown(record: Record, coding: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"key": record.key.decode(coding)}
    shown[SAVED[kind_of(record.key) or ""]] = _decoded(record.items, coding)
    if record.state is not None:
        shown["state"] = _decoded(record.state, coding)
    if record.expires is not None:
        shown["expires"] = record.expires
    return shown


def _decoded(items: list[Any], coding: str) -> list[Any]:
    return [_decoded(each, coding) if isinstance(each, list) else each.decode(coding) for each in items]


def check(file: IO[bytes], name: str) -> Contents:
    """Read a whole file, and return what it holds. Raises InvalidBackup for one that cannot be restored."""
    contents, digest, last = Contents(), sha256(), None
    for number, line in enumerate(_lines(file, name), start=1):
        value = _parsed(line, f"{name}:{number}")
        if last is not None:
            raise InvalidBackup(f"{name}:{number}: something follows the last line of the backup")
        if number == 1:
            contents.header = _checked_header(value, name)
        elif "sha256" in value:
            last = value
            continue
        else:
            contents.add(_record(value, f"{name}:{number}"))
        digest.update(line)
    if not contents.header:
        raise InvalidBackup(f"{name}: is empty, and no backup")
    if last is None:
        raise InvalidBackup(f"{name}: its end is missing: it was cut after line {contents.lines + 1}")
    if last["sha256"] != digest.hexdigest() or last.get("lines") != contents.lines:
        raise InvalidBackup(f"{name}: its lines are not those that were written: the digest in the last one is another")
    return contents


def records(file: IO[bytes], name: str) -> Iterator[Record]:
    """The records of a file that was checked, from its beginning."""
    for number, line in enumerate(_lines(file, name), start=1):
        value = _parsed(line, f"{name}:{number}")
        if number > 1 and "sha256" not in value:
            yield _record(value, f"{name}:{number}")


def _lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        file.seek(0)
        with gzip.GzipFile(fileobj=file, mode="rb") as plain:
            while line := plain.readline(_LONGEST):
                if len(line) == _LONGEST:
                    raise InvalidBackup(f"{name}: a line is longer than {_LONGEST} bytes")
                yield line
    except EOFError:
        raise InvalidBackup(f"{name}: its end is missing: it was cut") from None
    except gzip.BadGzipFile:
        raise InvalidBackup(f"{name}: is no backup, or damaged: gzip cannot read it") from None
    except (OSError, zlib.error) as error:
        reason = printable(shortened(str(error), 200))
        raise InvalidBackup(f"{name}: is no backup, or damaged: {reason}") from None


def _parsed(line: bytes, place: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidBackup(f"{place}: is no line of a backup")
    return value


def _checked_header(value: dict[str, Any], name: str) -> dict[str, Any]:
    if value.get("backup_of") != "module-registry":
        raise InvalidBackup(f"{name}:1: is no backup that `module-registry backup` has written")
    found = value.get("format")
    if not isinstance(found, int) or found < 1:
        raise InvalidBackup(f"{name}:1: format must be a number from 1 on")
    if found > FORMAT:
        raise InvalidBackup(
            f"{name}: the backup was written in version {found} of the format, this service knows {FORMAT}: update it"
        )
    for field_name in ("at", "service"):
        found = value.get(field_name)
        if not isinstance(found, str) or len(found) > _LONGEST_SHOWN:
            raise InvalidBackup(f"{name}:1: {field_name} must be a text of at most {_LONGEST_SHOWN} characters")
    return value


def _record(value: dict[str, Any], place: str) -> Record:
    coding = "latin-1" if value.get("latin1") else "utf-8"
    try:
        key = value["key"].encode(coding)
        kind = kind_of(key)
        if kind is None:
            raise InvalidBackup(f"{place}: no backup has the key {printable(shortened(value['key']))}")
        of_type, state = SAVED[kind], value.get("state")
        state = None if state is None else _bytes(state, coding)
        return _checked(Record(key, _bytes(value[of_type], coding), value.get("expires"), state))
    except (KeyError, AttributeError, TypeError, ValueError, RecursionError):
        raise InvalidBackup(f"{place}: is no line of a backup") from None


def _checked(record: Record) -> Record:
    """A record that Redis takes whole. Raises ValueError or TypeError for what it would refuse half-way."""
    _check_items(record.items, kind_of(record.key) or "")
    _check_end(record.expires)
    if record.state is not None:
        _check_state(record.state, record.items)
    return record


def _bytes(items: Any, coding: str) -> list[Any]:
    if not isinstance(items, list):
        raise TypeError
    return [_bytes(each, coding) if isinstance(each, list) else each.encode(coding) for each in items]


def _check_items(items: list[Any], kind: str) -> None:
    of_type = SAVED[kind]
    entries = items if of_type == "stream" else []
    if any(isinstance(each, list) is not bool(entries) for each in items):
        raise TypeError
    if not items or (of_type in ("hash", "zset") and len(items) % 2) or (of_type == "string" and len(items) != 1):
        raise ValueError
    if of_type != "list" and max(len(items), *map(len, entries), 0) > ITEMS:
        raise ValueError
    ids = [_checked_entry(entry) for entry in entries]
    numbers = items[1::2] if of_type == "zset" or kind == _TREND else items if of_type == "string" else []
    form = _FORMS.get(kind) or _SCORE
    if ids != sorted(set(ids)) or not all(form.fullmatch(number) for number in numbers):
        raise ValueError


_TREND = trend_key("")
_SCORE = re.compile(rb"-?(inf|[0-9]{1,400}([.][0-9]{1,400})?(e[+-]?[0-9]{1,3})?)")
#: What numbers are in Redis: net votes as interest/lua/votes.lua adds to them, and the number of an activity.
_FORMS = {_TREND: re.compile(b"0|-?[1-9][0-9]{0,14}"), SEQUENCE_KEY: re.compile(b"[0-9]{1,16}")}


def _checked_entry(entry: list[Any]) -> tuple[int, int]:
    if len(entry) < 3 or not len(entry) % 2 or any(isinstance(part, list) for part in entry):
        raise ValueError
    return _checked_id(entry[0])


def _checked_id(text: bytes) -> tuple[int, int]:
    time, number = found = entry_id(text)
    if time >= _TIMES or number >= _ENDS or not found > (0, 0):
        raise ValueError
    return found


def _check_end(expires: Any) -> None:
    if expires is not None and (type(expires) is not int or not 0 < expires < _ENDS):
        raise ValueError


def _check_state(state: list[Any], entries: list[Any]) -> None:
    last, added, deleted = state
    if not max(entry_id(entries[-1][0]), entry_id(deleted)) <= _checked_id(last):
        raise ValueError
    if not re.fullmatch(b"[0-9]{1,18}", added) or int(added) < len(entries):
        raise ValueError


def entry_id(text: bytes) -> tuple[int, int]:
    """An id of a stream's entry, by which they are sorted. Raises ValueError."""
    found = re.fullmatch(b"([0-9]{1,20})-([0-9]{1,20})", text)
    if found is None:
        raise ValueError
    return int(found[1]), int(found[2])
