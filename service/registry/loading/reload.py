"""The registry in force: notices edits of its file, and keeps the last good one.

The file's status is polled rather than subscribed to: a stat() costs microseconds, and sees an edit in place, the
rename with which an editor saves, and the symlink swap of a Kubernetes ConfigMap alike, on any file system.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from service.metrics import counting
from service.metrics.definitions import REFUSALS, RELOADS, STALE
from service.problems import InvalidRegistry, UnreadableRegistry
from service.registry.loading.loader import LastGood, keep, kept_registry, parse, read_file
from service.registry.loss import loss
from service.registry.model import Registry
from service.wording import pluralized, printable, shortened

T = TypeVar("T")

#: Time between two polls of the file, in seconds. An edit is loaded once two polls find the same file.
POLL_INTERVAL = 0.2

#: What the log and /readyz say of a bad edit, in problems and characters of each: everybody may read the latter.
_MOST_PROBLEMS = 20
_LONGEST_PROBLEM = 500

#: What the log says of a bad edit, and then why.
_REFUSED = "%s: the edit is not in force, the last good registry stays"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReloadError:
    """Why the file as it is now is not in force: its first problems, a line each, and the number of the others.

    `since` is when the first of the edits came that are not in force, and `revision` that of the last of them, which is
    empty where the file cannot be read.
    """

    since: datetime
    revision: str
    problems: tuple[str, ...]
    others: int = 0


def revision_of(data: bytes) -> str:
    """What tells a registry file from every other one: the SHA-256 digest of its bytes, in hexadecimal."""
    return sha256(data).hexdigest()


def is_revision(text: str) -> bool:
    """Whether this may be a revision."""
    return re.fullmatch("[0-9a-f]{64}", text) is not None


class FileSignature(NamedTuple):
    """What changes when the file or its permissions do; times are in nanoseconds since 1970."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> FileSignature | None:
        """The signature of the file as it is now, or None for no regular file; symlinks are followed."""
        try:
            status = path.stat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class ReloadingRegistry(Generic[T]):
    """What `prepare` makes of the registry in force, its revision and the time its file was modified, in seconds since
    1970.

    `current` is replaced as a whole: whoever reads it once sees one registry in everything made of it. `reload_error`
    says why an edit is not in force, and is None where the file is. The first file must be good: making one raises
    UnreadableRegistry or InvalidRegistry if it is not. What can be had later is left to `complete`, which is called
    from the thread that watches the file, for what is in force by then.

    `kept` is where the last good registry is kept for other processes (see `loading`). Where there is one, the first
    file is an edit of it.
    """

    def __init__(
        self,
        path: Path,
        prepare: Callable[[Registry, str, float], T],
        complete: Callable[[T], None] = lambda current: None,
        kept: Path | None = None,
    ) -> None:
        self._path = path
        self._name = path.name  # where the file lies is not for everybody who reads /readyz
        self._prepare = prepare
        self._complete = complete
        self._kept = kept
        self._loaded = self._seen = FileSignature.of(path)
        self.reload_error: ReloadError | None = None
        last_good = kept_registry(kept)
        if last_good is None:
            data = read_file(path)
            last_good = LastGood(parse(data, str(path)), data, modified_at(self._loaded))
        self._put_into_force(last_good)
        if kept:
            self._loaded = self._seen = FileSignature.of(path)  # again, as the file may have been edited meanwhile
            if not self._is_in_force():
                self._replace(self._loaded)

    def watch(self) -> None:
        """Poll the file from now on, in a thread that ends with this object; a forked child gets its own."""
        reference = weakref.ref(self)
        _start(reference)
        os.register_at_fork(after_in_child=lambda: _start(reference))

    def refresh(self) -> None:
        """Poll once: load the file if it has changed since it was loaded, and not since the last poll.

        Whatever is wrong, be it the file or this service, the last good registry stays in force.
        """
        seen, before = FileSignature.of(self._path), self._seen
        self._seen = seen
        if seen != before or seen == self._loaded:
            return
        try:
            self._replace(seen)
        except Exception as error:  # a defect must not end the watch, or no later edit would be seen
            said = f"{self._name}: the service failed to read the edit ({type(error).__name__}); see its log"
            _logger.exception(_REFUSED, self._name, extra={"details": self._keep([said])})
        finally:
            self._loaded = seen  # only now: a child that is forked meanwhile has this edit still before it

    def complete(self) -> None:
        """Make what can be had later, where it is not there yet."""
        try:
            self._complete(self.current)
        except Exception:  # a defect must not end the watch here either; whoever asks for what is missing is told
            _logger.exception("%s: not all that is made of it could be made", self._name)
            self._complete = lambda current: None

    def _replace(self, seen: FileSignature | None) -> None:
        """Put the file into force, or keep what is and say why."""
        if seen is None:
            self._refuse([f"{self._name}: cannot be read: it is not there, or not a regular file"])
            return
        data = b""
        try:
            data = read_file(self._path)
            if self.reload_error and revision_of(data) == self.reload_error.revision:
                return  # it was touched, or had changed between a look at its status and its reading
            registry = parse(data, self._name, _MOST_PROBLEMS)
        except InvalidRegistry as invalid:
            problems = [str(replace(problem, file=self._name)) for problem in invalid.problems]
            self._refuse(problems, invalid.others, data)
        except UnreadableRegistry as error:
            self._refuse([f"{self._name}: {error.reason}"])
        else:
            if lost := loss(self._last_good.registry, registry):  # it cannot be meant
                self._refuse([f"{self._name}: {lost.message}; {lost.hint}"], data=data)
                return
            self._put_into_force(LastGood(registry, data, modified_at(seen)))
            self.reload_error = None
            counting.add(RELOADS)
            counting.slot().set(STALE, 0.0)
            _logger.info("%s: the edited registry is in force", self._name, extra={"once": True})
            if self._kept:
                keep(self._kept, data, modified_at(seen))

    def _put_into_force(self, good: LastGood) -> None:
        revision = revision_of(good.data)
        self.current = self._prepare(good.registry, revision, good.modified)
        self._last_good = good
        counting.slot().serves(revision)

    def _is_in_force(self) -> bool:
        """Whether the file has just the bytes of the registry in force."""
        try:
            return read_file(self._path) == self._last_good.data
        except (InvalidRegistry, UnreadableRegistry):
            return False

    def _refuse(self, problems: Sequence[str], others: int = 0, data: bytes = b"") -> None:
        """Keep the last good registry, and say why, and not what is in `data`."""
        _logger.error(_REFUSED, self._name, extra={"once": True, "details": self._keep(problems, others, data)})

    def _keep(self, problems: Sequence[str], others: int = 0, data: bytes = b"") -> tuple[str, ...]:
        """Have `reload_error` say why the last good registry stays; returns the same for the log."""
        since = self.reload_error.since if self.reload_error else datetime.now(UTC)
        lines = tuple(shortened(printable(problem), _LONGEST_PROBLEM) for problem in problems)
        self.reload_error = ReloadError(since, revision_of(data) if data else "", lines, others)
        counting.add(REFUSALS)
        counting.slot().set(STALE, 1.0)
        return (*lines, f"{self._name}: and {pluralized(others, 'other problem')}") if others else lines


def modified_at(seen: FileSignature | None) -> float:
    """When a file was modified, in seconds since 1970; now, where there is none."""
    return seen.modified / 1e9 if seen else time.time()


def _start(reference: weakref.ref[ReloadingRegistry[T]]) -> None:
    threading.Thread(target=_watch, args=(reference,), name="registry-watch", daemon=True).start()


def _watch(reference: weakref.ref[ReloadingRegistry[T]]) -> None:
    pause = threading.Event()
    while (registry := reference()) is not None:
        registry.refresh()
        del registry
        pause.wait(POLL_INTERVAL)
        if (registry := reference()) is not None:
            registry.complete()
