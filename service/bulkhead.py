"""Of the threads of a worker, those that wait for somebody else: for a client's body, or for a provider's answer.

Nobody knows how long these take, so they have a part of the threads and no more, as a ship has bulkheads (M. Nygard,
Release It!). One half is for documents, votes and reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from typing import NamedTuple

#: How many threads run views in each worker of `serve`: votes and counts peak at 4 to 8.
THREADS = 8


class Waiting(NamedTuple):
    """A thread that waits for somebody: with an active account or not, and for whose body, if for one."""

    is_member: bool
    sender: str | None = None


class Bulkhead:
    """Half of the threads of a worker. Whoever has no active account has a half of these at most, and each one who
    sends bodies has one place, as have all of those together whose account is not active.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._most, self._quarter = threads // 2, threads // 4
        self._held: list[Waiting] = []
        self._queued = 0
        self._changed = Condition()

    def enter(self, one: Waiting, patience: float = 0.0) -> bool:
        """Take a place, to be left by `leave`. False where there is none for this one.

        A quarter of the threads may wait for a place of others, for `patience` seconds: a body that has come is read in
        less than a millisecond.
        """
        with self._changed:
            if not self._is_free(one):
                if self._queued >= self._quarter or self._is_sending(one):
                    return False
                self._queued += 1
                try:
                    if not self._changed.wait_for(lambda: self._is_free(one), patience):
                        return False
                finally:
                    self._queued -= 1
            self._held.append(one)
            return True

    def _is_free(self, one: Waiting) -> bool:
        strangers = sum(not other.is_member for other in self._held)
        is_full = len(self._held) >= self._most or (strangers >= self._quarter and not one.is_member)
        return not is_full and not self._is_sending(one)

    def _is_sending(self, one: Waiting) -> bool:
        return one.sender is not None and one in self._held

    def leave(self, one: Waiting) -> None:
        """Give a place back."""
        with self._changed:
            self._held.remove(one)
            self._changed.notify_all()  # not each of those who wait may have this one

    @contextmanager
    def stranger(self) -> Iterator[bool]:
        """A place, for as long as the context lasts, of somebody who has not signed in yet; or False."""
        one = Waiting(is_member=False)
        is_in = self.enter(one)
        try:
            yield is_in
        finally:
            if is_in:
                self.leave(one)
