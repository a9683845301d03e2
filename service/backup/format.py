"""The file of a backup: lines of JSON, compressed by gzip.

The first line says what the file is, the last how much is in it, with a digest of all lines before: a file that was cut
or changed is known before anything of it is used. Each line between tells of one subject (subjects.py).
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
from service.backup.stored import of_format_1, told
from service.backup.subjects import DAMAGED, SUBJECTS, InField, Line, commands, encoded, entry_id, expect, subject_of
from service.feedback.model import MOST_ACTS, MOST_MESSAGES
from service.problems import BackupFailed, InvalidBackup
from service.wording import json_text, pluralized, printable, shortened

#: The format of the file. A later one that this service cannot read is refused by its number.
FORMAT = 4

#: A line is shorter than this, in bytes; and how many bytes are written of one at most.
_LONGEST, _LONGEST_ESCAPE = 1024 * 1024, len(r"\u007f")

#: How many bytes a file may unpack to, and how many more for each of its own. Backups have 4 for one, or 120 where all
#: accounts have the same picture in them; gzip can have 1,000.
_UNPACKED, _RATIO = 64 * 1024 * 1024, 200

#: The longest text of the first line that is shown, in characters.
_LONGEST_SHOWN = 100

#: How much may be kept until it is restored in one step, in bytes; each line counts as so many at least. The service
#: keeps 10,000 events of each kind and as many revisions, of which the longest take some kilobytes.
_KEPT, _LEAST = 64 * 1024 * 1024, 1024

#: What is restored in one step.
_IN_ONE_STEP = ("renamed", "event", "events", "delivery", "given_up", "registry", "revision", "released")

#: What all trends may have of votes, given and taken: what scripts can still add to (interest/lua/votes.lua).
_VOTES = 10**14

#: How many modules requests are for, each of which a page of the admins lists.
_MOST_MODULES = 10_000

#: How many entries of a millisecond are restored at most, and how much later than now a time may be, in milliseconds: a
#: hundred years, as a clock may have been ahead. What comes after them can be backed up again.
_MOST_RESTORED, _AHEAD = 10**6, 36_525 * 86_400_000

#: gzip's level: 1 takes a third of the time of its default, and makes a tenth more of such lines.
_LEVEL = 1


class Contents:
    """What a file holds: how many lines, and of what how much; and whether a line can be the next one.

    Renames stand before all else, messages right before their request, events and acts in the order of their ids, and
    nothing grows without a bound.
    """

    def __init__(self, *, are_restored: bool = False) -> None:
        """Lines that are restored leave room for what is added later: of each count a half."""
        self._latest, self._most_at_once, self._parts = inf, inf, 1
        if are_restored:
            self._latest, self._most_at_once, self._parts = time.time() * 1000 + _AHEAD, _MOST_RESTORED, 2
        self.header: dict[str, Any] = {}
        self.lines = 0
        self.counts = Counter[str]()
        self._kept = self._votes = 0
        self.messages = Counter[str]()  # of the request that is still to come
        self._modules = set[str]()
        self._newest = defaultdict[str, tuple[int, int]](lambda: (0, 0))
        self._entries = Counter[str]()

    def __str__(self) -> str:
        nouns = [pluralized(self.counts[noun], noun) for noun in ("account", "vote", "request", "act")]
        if admins := self.counts["admin"]:
            nouns[0] += f" ({pluralized(admins, 'admin')})"
        return ", ".join(nouns)

    def add(self, line: Line) -> None:
        """Count a line. Raises one of DAMAGED for one that cannot be the next."""
        size = len(encoded(json.dumps(line, ensure_ascii=False)))
        if size * _LONGEST_ESCAPE >= _LONGEST:
            expect(len(_written(line)) < _LONGEST)
        commands(line)
        subject = subject_of(line)
        expect(subject != "renamed" or self.counts["renamed"] == self.lines)
        self.lines += 1
        self.counts[subject] += 1
        if subject in _IN_ONE_STEP:
            self._kept += max(size, _LEAST)
        elif subject == "votes":
            self.counts["vote"] += len(line["of"])
        elif subject == "account":
            self.counts["admin"] += line["fields"].get("role") == Role.ADMIN
        elif subject == "trend":
            self._votes += sum(map(abs, line["days"].values())) * self._parts
        self._check_request(subject, line)
        self._check_stream(subject, line)
        expect(self._kept <= _KEPT and self._votes < _VOTES and len(self._modules) <= _MOST_MODULES)
        expect(self.counts["registry"] <= 1)  # which is unpacked to be checked

    def _check_request(self, subject: str, line: Line) -> None:
        if subject == "message":
            self.messages[line["request"]] += 1
        elif subject == "request":
            expect(self.messages.pop(line["request"], 0))
            newest = max(int(line["fields"][name]) for name in ("version", "activity"))
            expect(newest * self._parts < MOST_ACTS)
            self._modules.add(line["fields"]["module"])
        expect(len(self.messages) <= (subject == "message") and self.messages.total() <= MOST_MESSAGES)

    def _check_stream(self, subject: str, line: Line) -> None:
        if subject in ("event", "act", "events"):
            stream = line["events"] if subject == "events" else line.get("of", "acts")
            id = entry_id(line["last"] if subject == "events" else line[subject])
            expect(id[0] <= self._latest and id[1] < self._most_at_once)  # so that it can have more entries
            if subject == "events":
                expect(self._entries[stream] and self._newest[stream] <= id)
                expect(self._entries[stream] <= line["added"] <= self._latest)
            else:
                expect(self._newest[stream] < id)
                self._entries[stream] += 1
            self._newest[stream] = id
        elif subject == "delivery":  # whose counts are less than any time
            numbers = [text for name, text in line["fields"].items() if name not in ("holder", "reason")]
            expect(all(int(text.partition("-")[0]) <= self._latest for text in numbers))


def write(file: IO[bytes], lines: Iterable[Line], wrote: Callable[[int], object] = lambda number: None) -> Contents:
    """Write a backup, and return what is in it; `wrote` is told of each line.

    Raises BackupFailed for a line that could not be restored.
    """
    contents, digest = Contents(), sha256()
    at = datetime.now(UTC).isoformat(timespec="seconds")
    header = {"backup_of": "module-registry", "format": FORMAT, "service": version("module-registry"), "at": at}
    with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL) as whole:

        def add(value: dict[str, Any]) -> None:
            line = _written(value)
            digest.update(line)
            whole.write(line)

        add(header)
        for line in lines:
            try:
                contents.add(line)
            except DAMAGED as error:
                raise BackupFailed(
                    f"{_shown(line, error)} holds what this service never writes, and could not be restored: mend or "
                    "delete it (`module-registry doctor --data` says what else does not agree)"
                ) from None
            add(line)
            wrote(1)
        add({"lines": contents.lines, "sha256": digest.hexdigest()})
    return contents


def check(file: IO[bytes], name: str) -> Contents:
    """Read a whole file, and return what it holds. Raises InvalidBackup for one that cannot be restored."""
    contents = Contents(are_restored=True)
    for _ in lines(file, name, contents):
        pass
    return contents


def lines(file: IO[bytes], name: str, contents: Contents | None = None) -> Iterator[Line]:
    """The lines of a file, from its beginning, which are added to `contents`. Raises as `check` does."""
    contents = contents or Contents(are_restored=True)
    reader, line = _Reader(file, name), Line()
    try:
        values = reader.values()
        contents.header = reader.header(next(values, {}))
        for line in told(of_format_1(values, _KEPT)) if contents.header["format"] == 1 else values:
            contents.add(line)
            yield line
            line = Line()
        expect(not contents.messages)
    except InvalidBackup:
        raise
    except DAMAGED as error:
        what = f"{_shown(line, error)} " if subject_of(line) in SUBJECTS else ""
        raise reader.error(f"{what}is no line of a backup") from None


def _written(line: Line) -> bytes:
    return json_text(line).encode() + b"\n"


def _shown(line: Line, error: Exception) -> str:
    field = f" (its field {error})" if isinstance(error, InField) else ""
    subject = subject_of(line)
    return f"the {subject.replace('_', ' ')} {printable(shortened(str(line[subject]), 200))}{field}"


class _Reader:
    """Reads a file line by line, and knows which it has read last. Raises InvalidBackup, and DAMAGED of a line."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name, self._number = file, name, 0

    def error(self, reason: str) -> InvalidBackup:
        """What to raise for the line that was read last."""
        return InvalidBackup(f"{self._name}:{self._number}: {reason}")

    def header(self, said: dict[str, Any]) -> dict[str, Any]:
        """What the first line says."""
        number, shown = said.get("format"), [said.get(name) for name in ("at", "service")]
        if said.get("backup_of") != "module-registry" or type(number) is not int or number < 1:
            raise self.error("is no backup that `module-registry backup` has written")
        if number > FORMAT:
            known = f"in version {number} of the format, this service knows {FORMAT}: update it"
            raise InvalidBackup(f"{self._name}: the backup was written {known}")
        if not all(isinstance(text, str) and len(text) <= _LONGEST_SHOWN for text in shown):
            raise self.error(f"at and service must be texts of at most {_LONGEST_SHOWN} characters")
        return said

    def values(self) -> Iterator[dict[str, Any]]:
        """The JSON of each line but the last, which tells of all others."""
        digest, lines = sha256(), self._lines()
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

    def _lines(self) -> Iterator[bytes]:
        try:
            self._file.seek(0)
            with gzip.GzipFile(fileobj=self._file, mode="rb") as plain:
                while line := plain.readline(_LONGEST):
                    if len(line) == _LONGEST:
                        raise InvalidBackup(f"{self._name}: a line is longer than {_LONGEST:,} bytes")
                    if plain.tell() > _UNPACKED + _RATIO * self._file.tell():
                        raise InvalidBackup(f"{self._name}: unpacks to more than a backup does")
                    self._number += 1
                    yield line
        except EOFError:
            raise InvalidBackup(f"{self._name}: its end is missing: it was cut") from None
        except (OSError, zlib.error) as error:
            reason = printable(shortened(str(error), 200))
            raise InvalidBackup(f"{self._name}: is no backup, or damaged: {reason}") from None
