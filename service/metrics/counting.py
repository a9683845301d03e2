"""Where this process counts: one slot of the memory that workers share, wherever in the code something is counted.

A slot is written by one process at a time, which holds a lock of the kernel's on it: whatever ends a worker frees its
slot, and the numbers stay. The next worker goes on with them, so no counter ever goes backwards, and the sum over all
slots has what the dead have counted as well. While an old and a new worker overlap they have a slot each.

A row of a slot is 256 bytes: the name of a metric and its labels, and 14 numbers. Rows are only ever added. One counts
when the number of rows has grown: a worker that was killed before that leaves nothing behind.
"""

import fcntl
import logging
import mmap
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from threading import Lock
from typing import NamedTuple

from service.metrics.definitions import BOUNDS, DEATHS, METRICS, Kind, Metric

#: The name of a metric and the value of each label, or the latter alone.
Key = tuple[str, ...]

#: A number is a double of the machine's, written in one step: a reader never sees half of one.
_NUMBER = 8
#: The size of a row, and of the name at its beginning, in bytes.
_ROW, _NAME = 256, 144
#: How many rows a slot has. The first is no row but says how many there are, and which registry is in force.
_ROWS = 1024
_SLOT = _ROWS * _ROW
#: Where in the first row the registry's revision stands, in bytes.
_REVISION = slice(64, 192)

#: The number in a histogram's row that is the sum: it comes after those of the buckets.
SUM = len(BOUNDS) + 1
#: The label of whatever has no row of its own.
OTHER = "other"

_logger = logging.getLogger(__name__)


class Slot:
    """What one worker counts; made without memory, what nobody else reads.

    `numbers[place]` is the first number of a row: requests add to it directly, since a call takes a tenth of what they
    may take in all. There is no lock, which would take half of it: CPython switches between threads at calls and jumps,
    of which there is none between reading a number of a memoryview and writing it (`tests/metrics` sees to that).
    """

    def __init__(self, memory: memoryview | None = None) -> None:
        self._memory = memoryview(bytearray(_SLOT)) if memory is None else memory
        self.numbers = self._memory.cast("d")
        self._places = dict(_rows(self._memory))
        self._adding = Lock()

    def place(self, metric: Metric, *labels: str) -> int:
        """Where the numbers of a metric with these labels begin, or with "other" where there is no room for them."""
        place = self._places.get((metric.name, *labels))
        return self._added((metric.name, *labels)) if place is None else place

    def add(self, metric: Metric, *labels: str, value: float = 1.0) -> None:
        """Add to a counter or a gauge."""
        place = self.place(metric, *labels)
        self.numbers[place] += value

    def set(self, metric: Metric, value: float) -> None:
        """Say what a gauge is."""
        self.numbers[self.place(metric)] = value

    def observe(self, place: int, seconds: float) -> None:
        """Add how long something took to the histogram at a place."""
        self.numbers[place + bisect_left(BOUNDS, seconds)] += 1
        self.numbers[place + SUM] += seconds

    def serves(self, revision: str) -> None:
        """Say which registry is in force here."""
        self._memory[_REVISION] = _padded(revision, _REVISION.stop - _REVISION.start)

    def begin(self) -> None:
        """Be the slot of a process that has just started: whoever had it before, and left a row, has ended."""
        for key, place in self._places.items():
            if METRICS[key[0]].kind is Kind.GAUGE:
                self.numbers[place] = 0.0
        self.serves("")
        self.add(DEATHS, value=float(bool(self._places)))

    def _added(self, key: Key) -> int:
        with self._adding:
            # The last rows are for those that stand for others: there is one for each metric at most.
            if len(self._places) >= _ROWS - 1 - len(METRICS) or len("\t".join(key).encode()) > _NAME:
                key = (key[0], *[OTHER] * (len(key) - 1))
            if key not in self._places:
                row = len(self._places) + 1
                begin = row * _ROW
                self._memory[begin : begin + _NAME] = _padded("\t".join(key), _NAME)
                self._places[key] = (begin + _NAME) // _NUMBER
                self.numbers[0] = row  # from now on it counts
            return self._places[key]


class Counted(NamedTuple):
    """What one slot holds: whether its worker lives, the revision that it serves, and the numbers of each row."""

    is_alive: bool
    revision: str
    rows: dict[Key, list[float]]


class Memory:
    """The slots of all workers of one `serve`, which is made before they are forked."""

    def __init__(self, workers: int) -> None:
        """There are more slots than workers: old and new ones overlap while they are replaced, and a reader has the
        lock of one that is free for a moment."""
        self.workers = workers
        self._count = 2 * workers + 2
        self._memory = memoryview(mmap.mmap(-1, self._count * _SLOT))
        with tempfile.TemporaryFile() as file:
            self._locks = os.dup(file.fileno())  # a byte of it, which need not be there, is locked for each slot
        self.own: int | None = None
        """The number of the slot that this process has, if it has one."""

    def claim(self) -> Slot:
        """The slot of this process, from now until its end; one that nobody reads, where others have them all."""
        for number in range(self._count):
            if self._is_locked(number, fcntl.LOCK_EX):
                self.own = number
                slot = Slot(self._part(number))
                slot.begin()
                return slot
        _logger.error("What this worker counts is in no metrics: the slots are all taken.")
        return Slot()

    def read(self) -> Iterator[Counted]:
        """What each slot holds at this moment, of those that were ever claimed."""
        for number in range(self._count):
            part = self._part(number)
            numbers = part.cast("d")
            if rows := {key: list(map(float, numbers[place : place + SUM + 1])) for key, place in _rows(part)}:
                yield Counted(self._is_alive(number), _text(part[_REVISION]), rows)

    def _part(self, number: int) -> memoryview:
        return self._memory[number * _SLOT : (number + 1) * _SLOT]

    def _is_alive(self, number: int) -> bool:
        if number == self.own or not self._is_locked(number, fcntl.LOCK_SH):  # which several readers can have
            return True
        fcntl.lockf(self._locks, fcntl.LOCK_UN, 1, number)
        return False

    def _is_locked(self, number: int, kind: int) -> bool:
        """Take the lock of a slot, if no other process is in the way."""
        try:
            fcntl.lockf(self._locks, kind | fcntl.LOCK_NB, 1, number)
        except OSError:
            return False
        return True


def _rows(memory: memoryview) -> Iterator[tuple[Key, int]]:
    """Each row of a slot: its key, and where its numbers begin."""
    for row in range(1, int(memory.cast("d")[0]) + 1):
        begin = row * _ROW
        yield tuple(_text(memory[begin : begin + _NAME]).split("\t")), (begin + _NAME) // _NUMBER


def _padded(text: str, length: int) -> bytes:
    return text.encode()[:length].ljust(length, b"\0")


def _text(part: memoryview) -> str:
    return bytes(part).rstrip(b"\0").decode(errors="replace")


_slot = Slot()


def slot() -> Slot:
    """The slot of this process."""
    return _slot


def count_in(slot: Slot) -> None:
    """Have this process count in a slot from now on. What asked for another before goes on with that."""
    global _slot
    _slot = slot


def add(metric: Metric, *labels: str, value: float = 1.0) -> None:
    """Add to a counter or a gauge."""
    _slot.add(metric, *labels, value=value)


def observe(metric: Metric, seconds: float) -> None:
    """Add how long something took to a histogram without labels."""
    _slot.observe(_slot.place(metric), seconds)
