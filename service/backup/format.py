"""The file of a backup: lines of JSON, compressed by gzip.

The first line says what the file is, the last how much is in it, with a digest of all lines before: a file that was cut
or changed is known before anything of it is used. Each line between tells of one subject (subjects.py).
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from math import inf
from typing import IO, Any

from service.accounts.model import Role
from service.backup import older
from service.backup.parts import told
from service.backup.subjects import DAMAGED, LONGEST, SUBJECTS, InField, Line, entry_id
from service.feedback.model import MOST_MESSAGES
from service.problems import BackupFailed, InvalidBackup
from service.wording import json_text, pluralized, printable, shortened

#: The format of the file. A later one that this service cannot read is refused by its number.
FORMAT = 2

#: The longest text of the first line that is shown, in characters.
_LONGEST_SHOWN = 100

#: How much may be kept until it is restored in one step, in bytes; each line counts as so many at least. The service
#: keeps 10,000 events of each kind and as many revisions, of which the longest take some kilobytes.
_KEPT, _LEAST = 64 * 1024 * 1024, 1024

#: What is restored in one step.
_IN_ONE_STEP = ("renamed", "event", "events", "delivery", "given_up", "registry", "revision", "released")

#: What all trends may have of votes, given and taken: what scripts can still add to (interest/lua/votes.lua).
_VOTES = 10**14

#: How many entries of a millisecond are restored at most: what comes after the last of them can be backed up again.
_MOST_RESTORED = 10**6

#: gzip's level: 1 takes a third of the time of its default, and makes a tenth more of such lines.
_LEVEL = 1


@dataclass(slots=True)
class Contents:
    """What a file holds: how many lines, what these tell of, and of what how much."""

    header: dict[str, Any] = field(default_factory=dict)
    lines: int = 0
    subjects: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        nouns = [pluralized(self.counts[noun], noun) for noun in ("account", "vote", "request", "act")]
        if admins := self.counts["admin"]:
            nouns[0] += f" ({pluralized(admins, 'admin')})"
        return ", ".join(nouns)

    def add(self, line: Line) -> None:
        """Count a line."""
        self.subjects += 1
        if line.subject == "votes":
            self.counts["vote"] += len(line.said["of"])
        elif line.subject in ("account", "request", "act"):
            self.counts[line.subject] += 1
        if line.subject == "account" and line.said["fields"].get("role") == Role.ADMIN:
            self.counts["admin"] += 1


class Writer:
    """Writes a backup to a file. It is to be closed, or gzip writes its rest whenever the memory is given back."""

    def __init__(self, file: IO[bytes]) -> None:
        self.contents = Contents()
        self._order = _Order()
        self._digest = sha256()
        self._file = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        header = {"backup_of": "module-registry", "format": FORMAT}
        self._line(json_text(header | {"service": version("module-registry"), "at": at}))

    def add(self, line: Line) -> None:
        """Write a line. Raises BackupFailed for one that could not be restored."""
        text = line.text()
        try:
            line.check()
            self._order.check(line)
            if len(text) * 4 >= LONGEST - 1 and len(text.encode()) >= LONGEST - 1:
                raise ValueError
        except DAMAGED as error:
            raise BackupFailed(
                f"{_shown(line, error)} holds what this service never writes, and what no store could be given back: "
                "mend or delete it (`module-registry doctor --data` says what else does not agree)"
            ) from None
        self.contents.lines += 1
        self.contents.add(line)
        self._line(text)

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


def _shown(line: Line, error: Exception) -> str:
    field = f" (its field {error})" if isinstance(error, InField) else ""
    return f"the {line.subject.replace('_', ' ')} {printable(shortened(str(line.name), 200))}{field}"


def check(file: IO[bytes], name: str) -> Contents:
    """Read a whole file, and return what it holds. Raises InvalidBackup for one that cannot be restored."""
    contents = Contents()
    for line in _read(file, name, contents):
        contents.add(line)
    return contents


def lines(file: IO[bytes], name: str) -> Iterator[Line]:
    """The lines of a file that was checked, from its beginning."""
    return _read(file, name, Contents())


def _read(file: IO[bytes], name: str, contents: Contents) -> Iterator[Line]:
    raw, digest = _lines(file, name), sha256()
    first = next(raw, None)
    if first is None:
        raise InvalidBackup(f"{name}: is empty, and no backup")
    contents.header = _checked_header(_parsed(first, f"{name}:1"), name)
    digest.update(first)

    def values() -> Iterator[dict[str, Any]]:
        last = None
        for line in raw:
            place = f"{name}:{contents.lines + 2}"
            if last is not None:
                raise InvalidBackup(f"{name}:{contents.lines + 3}: something follows the last line of the backup")
            value = _parsed(line, place)
            if "sha256" in value:
                last = value
                continue
            contents.lines += 1
            digest.update(line)
            yield value
        if last is None:
            raise InvalidBackup(f"{name}: its end is missing: it was cut after line {contents.lines + 1}")
        if last["sha256"] != digest.hexdigest() or last.get("lines") != contents.lines:
            reason = "its lines are not those that were written: the digest in the last one is another"
            raise InvalidBackup(f"{name}: {reason}")

    found: Iterator[Line] = (Line.of(value) for value in values())
    is_older = contents.header["format"] == 1
    if is_older:
        found = told(older.parts(values()), _KEPT)
    told_of: Line | None = None
    try:
        order = _Order(_MOST_RESTORED)
        for told_of in found:
            told_of.check()
            order.check(told_of)
            yield told_of
            told_of = None
        order.end()
    except InvalidBackup:
        raise
    except DAMAGED as error:
        what = f"{_shown(told_of, error)} " if told_of and told_of.subject in SUBJECTS else ""
        # An account of the older format is known when the line behind it has been read: its name says where it is.
        place = name if what and is_older else f"{name}:{contents.lines + 1}"
        raise InvalidBackup(f"{place}: {what}is no line of a backup") from None


def _any(_: Line) -> bool:
    return True


class _Order:
    """Sees that messages stand right before their request, that events and acts come in the order of their ids, and
    that all of them are not more than can be restored.
    """

    def __init__(self, most_at_once: float = inf) -> None:
        """Of a stream, at most so many entries of a millisecond."""
        self._most_at_once = most_at_once
        self._kept = self._votes = self._registries = 0
        self._request, self._messages = "", 0
        self._streams: dict[str, tuple[tuple[int, int], int]] = {}

    def check(self, line: Line) -> None:
        """Raise ValueError for a line that cannot be the next one."""
        checks = {
            "message": self._is_message,
            "request": self._is_request,
            "event": self._is_entry,
            "act": self._is_entry,
            "events": self._is_end_of_events,
            "registry": self._is_registry,
            "trend": self._is_trend,
        }
        if line.subject in _IN_ONE_STEP:
            self._kept += max(len(line.text()), _LEAST)
        is_apart = line.subject in ("message", "request") or not self._messages
        if not (is_apart and self._kept <= _KEPT and checks.get(line.subject, _any)(line)):
            raise ValueError(line.name)

    def _is_message(self, line: Line) -> bool:
        before = self._request if self._messages else line.said["request"]
        self._request, self._messages = line.said["request"], self._messages + 1
        return before == self._request and self._messages <= MOST_MESSAGES

    def _is_request(self, line: Line) -> bool:
        is_next = line.name == self._request and self._messages > 0
        self._messages = 0
        return is_next

    def _is_entry(self, line: Line) -> bool:
        stream, id = line.said.get("of", ""), entry_id(line.name)
        newest, number = self._streams.get(stream, ((0, 0), 0))
        self._streams[stream] = id, number + 1
        return id > newest and id[1] < self._most_at_once

    def _is_end_of_events(self, line: Line) -> bool:
        newest, number = self._streams.get(line.name, ((0, 0), 0))
        return number > 0 and entry_id(line.said["last"]) >= newest and bool(line.said["added"] >= number)

    def _is_registry(self, _: Line) -> bool:
        """There is one, which is unpacked to be checked."""
        self._registries += 1
        return self._registries == 1

    def _is_trend(self, line: Line) -> bool:
        self._votes += sum(map(abs, line.said["days"].values()))
        return self._votes < _VOTES

    def end(self) -> None:
        """Raise ValueError where messages have no request."""
        if self._messages:
            raise ValueError(self._request)


def _lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        file.seek(0)
        with gzip.GzipFile(fileobj=file, mode="rb") as plain:
            while line := plain.readline(LONGEST):
                if len(line) == LONGEST:
                    raise InvalidBackup(f"{name}: a line is longer than {LONGEST:,} bytes")
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
