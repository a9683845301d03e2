"""The file format of a backup: lines of JSON, compressed by gzip.

The first line is a header. The last line has the number of lines and a digest of all
lines before it, so a file that was cut or changed is rejected before any of it is
restored. Each line in between describes one subject (subjects.py).
"""

import gzip
import json
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from math import inf
from typing import IO, Any

from service.accounts.model import Role
from service.backup.subjects import DAMAGED, SUBJECTS, InField, Line, commands, encoded, entry_id, expect, subject_of
from service.feedback.model import MOST_ACTS, MOST_MESSAGES
from service.problems import BackupFailed, InvalidBackup
from service.wording import json_text, pluralized, printable, shortened

#: The format that `write` writes. `lines` reads this format and the previous one.
FORMAT = 4

#: The newest version of the service that reads formats before the previous one
#: (docs/changelog.md).
_VERSION_FOR_OLDER_FORMATS = "1.0.0"

#: Every line is shorter than this, in bytes.
_MAX_LINE = 1024 * 1024

#: A character takes at most this many bytes in a line.
_MAX_ESCAPE = len(r"\u007f")

#: A file may unpack to `_MAX_UNPACKED` bytes, and to `_MAX_RATIO` bytes more for each
#: byte of the file. Backups have a ratio of 4, or of 120 if all accounts have the same
#: picture in them. gzip can reach 1,000.
_MAX_UNPACKED = 64 * 1024 * 1024
_MAX_RATIO = 200

#: The longest text of the header that is shown, in characters.
_MAX_HEADER_TEXT = 100

#: The subjects that are restored in one step.
_IN_ONE_STEP = ("renamed", "event", "events", "delivery", "given_up", "registry", "revision", "released")

#: The lines of `_IN_ONE_STEP` may take `_MAX_IN_MEMORY` bytes together. A line counts as
#: at least `_MIN_IN_MEMORY` bytes. The service keeps 10,000 events of each kind and as
#: many revisions, of which the longest take some kilobytes.
_MAX_IN_MEMORY = 64 * 1024 * 1024
_MIN_IN_MEMORY = 1024

#: All trends together may have this many votes, cast and retracted: scripts can still
#: add to this number (interest/lua/votes.lua).
_MAX_VOTES = 10**14

#: Requests may be for this many modules. A page for admins lists each of them.
_MAX_MODULES = 10_000

#: A stream may have this many entries of one millisecond in a file that is restored.
_MAX_RESTORED_AT_ONCE = 10**6

#: A time in a file that is restored may be later than now by this many milliseconds: a
#: hundred years, as a clock may have been ahead. Entries after it can be backed up again.
_MAX_AHEAD = 36_525 * 86_400_000

#: The compression level of gzip. Level 1 takes a third of the time of the default, and
#: makes such lines a tenth larger.
_LEVEL = 1


class Contents:
    """The number of lines of a file by subject, and a check of whether a line can be next.

    Renames are before all other lines, messages are right before their request, events
    and acts are in the order of their ids, and every number has a limit.
    """

    def __init__(self, *, are_restored: bool = False) -> None:
        """Lines that are restored use at most half of each limit, to leave room."""
        self._latest, self._max_at_once, self._factor = inf, inf, 1
        if are_restored:
            self._latest = time.time() * 1000 + _MAX_AHEAD
            self._max_at_once, self._factor = _MAX_RESTORED_AT_ONCE, 2
        self.header: dict[str, Any] = {}
        self.lines = 0
        self.counts = Counter[str]()
        self._in_memory = self._votes = 0
        self.messages = Counter[str]()  # by request, until the line of the request
        self._modules = set[str]()
        self._newest = defaultdict[str, tuple[int, int]](lambda: (0, 0))
        self._entries = Counter[str]()

    def __str__(self) -> str:
        nouns = [pluralized(self.counts[noun], noun) for noun in ("account", "vote", "request", "act")]
        if admins := self.counts["admin"]:
            nouns[0] += f" ({pluralized(admins, 'admin')})"
        return ", ".join(nouns)

    def add(self, line: Line) -> None:
        """Count a line.

        Raises:
            One of DAMAGED: the line cannot be the next one.
        """
        size = len(encoded(json.dumps(line, ensure_ascii=False)))
        if size * _MAX_ESCAPE >= _MAX_LINE:
            expect(len(_encode_line(line)) < _MAX_LINE)
        commands(line)
        subject = subject_of(line)
        expect(subject != "renamed" or self.counts["renamed"] == self.lines)
        self.lines += 1
        self.counts[subject] += 1
        if subject in _IN_ONE_STEP:
            self._in_memory += max(size, _MIN_IN_MEMORY)
        elif subject == "votes":
            self.counts["vote"] += len(line["of"])
        elif subject == "account":
            self.counts["admin"] += line["fields"].get("role") == Role.ADMIN
        elif subject == "trend":
            self._votes += sum(map(abs, line["days"].values())) * self._factor
        self._check_request(subject, line)
        self._check_stream(subject, line)
        expect(self._in_memory <= _MAX_IN_MEMORY)
        expect(self._votes < _MAX_VOTES)
        expect(len(self._modules) <= _MAX_MODULES)
        expect(self.counts["registry"] <= 1)  # each one is unpacked for its check

    def _check_request(self, subject: str, line: Line) -> None:
        if subject == "message":
            self.messages[line["request"]] += 1
        elif subject == "request":
            expect(self.messages.pop(line["request"], 0))
            newest = max(int(line["fields"][name]) for name in ("version", "activity"))
            expect(newest * self._factor < MOST_ACTS)
            self._modules.add(line["fields"]["module"])
        expect(len(self.messages) <= (subject == "message") and self.messages.total() <= MOST_MESSAGES)

    def _check_stream(self, subject: str, line: Line) -> None:
        if subject in ("event", "act", "events"):
            stream = line["events"] if subject == "events" else line.get("of", "acts")
            id = entry_id(line["last"] if subject == "events" else line[subject])
            expect(id[0] <= self._latest and id[1] < self._max_at_once)  # so that it can have more entries
            if subject == "events":
                expect(self._entries[stream] and self._newest[stream] <= id)
                expect(self._entries[stream] <= line["added"] <= self._latest)
            else:
                expect(self._newest[stream] < id)
                self._entries[stream] += 1
            self._newest[stream] = id
        elif subject == "delivery":  # its counts are less than any time
            numbers = [text for name, text in line["fields"].items() if name not in ("holder", "reason")]
            expect(all(int(text.partition("-")[0]) <= self._latest for text in numbers))


def write(
    file: IO[bytes],
    lines: Iterable[Line],
    report_progress: Callable[[int], object] = lambda number: None,
) -> Contents:
    """Write a backup, and return its contents.

    `report_progress` is called after each line, with 1.

    Raises:
        BackupFailed: a line could not be restored.
    """
    contents, digest = Contents(), sha256()
    header = {
        "backup_of": "module-registry",
        "format": FORMAT,
        "service": version("module-registry"),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL) as archive:

        def add(value: dict[str, Any]) -> None:
            line = _encode_line(value)
            digest.update(line)
            archive.write(line)

        add(header)
        for line in lines:
            try:
                contents.add(line)
            except DAMAGED as error:
                raise BackupFailed(
                    f"{_describe(line, error)} holds what this service never writes, and could not be restored: mend "
                    "or delete it (`module-registry doctor --data` says what else does not agree)"
                ) from None
            add(line)
            report_progress(1)
        add({"lines": contents.lines, "sha256": digest.hexdigest()})
    return contents


def check(file: IO[bytes], name: str) -> Contents:
    """Read the complete file, and return its contents.

    Raises:
        InvalidBackup: the file cannot be restored.
    """
    contents = Contents(are_restored=True)
    for _ in lines(file, name, contents):
        pass
    return contents


def lines(file: IO[bytes], name: str, contents: Contents | None = None) -> Iterator[Line]:
    """Yield the lines of a file from its beginning, and add them to `contents`.

    Raises:
        InvalidBackup: the file cannot be restored.
    """
    contents = contents or Contents(are_restored=True)
    reader, line = _Reader(file, name), Line()
    try:
        values = reader.read_values()
        contents.header = reader.check_header(next(values, {}))
        for line in values:
            contents.add(line)
            yield line
            line = Line()
        expect(not contents.messages)
    except InvalidBackup:
        raise
    except DAMAGED as error:
        subject = f"{_describe(line, error)} " if subject_of(line) in SUBJECTS else ""
        raise reader.error(f"{subject}is no line of a backup") from None


def _encode_line(line: Line) -> bytes:
    return json_text(line).encode() + b"\n"


def _describe(line: Line, error: Exception) -> str:
    """Name the subject of a line, and the field that an error is about."""
    field = f" (its field {error})" if isinstance(error, InField) else ""
    subject = subject_of(line)
    return f"the {subject.replace('_', ' ')} {printable(shortened(str(line[subject]), 200))}{field}"


class _Reader:
    """A reader of a file that counts the lines, for errors.

    Its methods raise InvalidBackup, or one of DAMAGED for the line that was read last.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name, self._number = file, name, 0

    def error(self, reason: str) -> InvalidBackup:
        """Return the error to raise for the line that was read last."""
        return InvalidBackup(f"{self._name}:{self._number}: {reason}")

    def check_header(self, header: dict[str, Any]) -> dict[str, Any]:
        """Return the first line of the file, if this version reads its format."""
        number = header.get("format")
        if header.get("backup_of") != "module-registry" or type(number) is not int or number < 1:
            raise self.error("is no backup that `module-registry backup` has written")
        if number > FORMAT:
            reason = f"in version {number} of the format, this service knows {FORMAT}: update it"
            raise InvalidBackup(f"{self._name}: the backup was written {reason}")
        if number < FORMAT - 1:
            raise InvalidBackup(
                f"{self._name}: the backup is in format {number}, and this version reads formats {FORMAT - 1} and "
                f"{FORMAT}: restore it with version {_VERSION_FOR_OLDER_FORMATS}, and make a new backup with that"
            )
        texts = [header.get(name) for name in ("at", "service")]
        if not all(isinstance(text, str) and len(text) <= _MAX_HEADER_TEXT for text in texts):
            raise self.error(f"at and service must be texts of at most {_MAX_HEADER_TEXT} characters")
        return header

    def read_values(self) -> Iterator[dict[str, Any]]:
        """Yield the JSON of each line except the last, which has the digest of the others."""
        digest, lines = sha256(), self._read_lines()
        for line in lines:
            value = json.loads(line)
            expect(isinstance(value, dict))
            if "sha256" in value and self._number > 1:
                break
            yield value
            digest.update(line)
        else:
            cut = f"its end is missing: it was cut after line {self._number}"
            raise InvalidBackup(f"{self._name}: {cut if self._number else 'is empty, and no backup'}")
        if (value["sha256"], value.get("lines")) != (digest.hexdigest(), self._number - 2):
            reason = "its lines are not those that were written: the digest in the last one is another"
            raise InvalidBackup(f"{self._name}: {reason}")
        if next(lines, None) is not None:
            raise self.error("something follows the last line of the backup")

    def _read_lines(self) -> Iterator[bytes]:
        try:
            self._file.seek(0)
            with gzip.GzipFile(fileobj=self._file, mode="rb") as archive:
                while line := archive.readline(_MAX_LINE):
                    if len(line) == _MAX_LINE:
                        raise InvalidBackup(f"{self._name}: a line is longer than {_MAX_LINE:,} bytes")
                    if archive.tell() > _MAX_UNPACKED + _MAX_RATIO * self._file.tell():
                        raise InvalidBackup(f"{self._name}: unpacks to more than a backup does")
                    self._number += 1
                    yield line
        except EOFError:
            raise InvalidBackup(f"{self._name}: its end is missing: it was cut") from None
        except (OSError, zlib.error) as error:
            reason = printable(shortened(str(error), 200))
            raise InvalidBackup(f"{self._name}: is no backup, or damaged: {reason}") from None
