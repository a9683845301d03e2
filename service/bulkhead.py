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

    def __init__(self) -> None:
        self._held: list[Waiting] = []
        self._queued = 0
        self._changed = Condition()

    def enter(self, who: Waiting, patience: float = 0.0) -> bool:
        """Take a place, to be left by `leave`. False where there is none for them.

        A quarter of the threads may wait for a place of others, for `patience` seconds: a body that has come is read in
        less than a millisecond.
        """
        with self._changed:
            if not self._is_free(who):
                if self._queued >= THREADS // 4 or self._is_sending(who):
                    return False
                self._queued += 1
                came_free = self._changed.wait_for(lambda: self._is_free(who), patience)
                self._queued -= 1
                if not came_free:
                    return False
            self._held.append(who)
            return True

    def _is_free(self, who: Waiting) -> bool:
        strangers = sum(not other.is_member for other in self._held)
        is_full = len(self._held) >= THREADS // 2 or (strangers >= THREADS // 4 and not who.is_member)
        return not is_full and not self._is_sending(who)

    def _is_sending(self, who: Waiting) -> bool:
        return who.sender is not None and who in self._held

    def leave(self, who: Waiting) -> None:
        """Give a place back."""
        with self._changed:
            self._held.remove(who)
            self._changed.notify_all()  # not each of those who wait may have this one

    @contextmanager
    def stranger(self) -> Iterator[bool]:
        """A place, for as long as the context lasts, of somebody who has not signed in yet; or False."""
        who = Waiting(is_member=False)
        is_in = self.enter(who)
        try:
            yield is_in
        finally:
            if is_in:
                self.leave(who)
