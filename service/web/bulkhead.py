"""Of the threads of a worker, those that wait for somebody else: for a client's body, or for a provider's answer.

Nobody knows how long these take, so they have a part of the threads and no more, as a ship has bulkheads (M. Nygard,
Release It!). One half is for documents, votes and reads.
"""

from threading import Condition
from time import monotonic

#: How many threads run views in each worker of `serve`: votes and counts peak at 4 to 8.
THREADS = 8


class Bulkhead:
    """Half of the threads of a worker. Whoever has no active account has a half of these at most, and each one who
    sends bodies has one place, as have all of those together whose account is not active.

    Places are held by the id of an active account that sends a body, by nothing ("") of those whose account is not
    active, and by None for whoever waits for a provider.
    """

    def __init__(self) -> None:
        self._held: list[str | None] = []
        self._moved = 0.0
        self._changed = Condition()

    def enter(self, who: str | None, patience: float = 0.0) -> bool:
        """Take a place, to be left by `leave`. False where there is none for them.

        Waits up to `patience` seconds for a place of others, unless no member has come or left for as long: a body that
        is there is read in less than a millisecond, and where none comes, a wait would only keep one more thread.
        """
        with self._changed:
            if not self._is_free(who):
                if self._is_sending(who) or monotonic() - self._moved > patience:
                    return False
                if not self._changed.wait_for(lambda: self._is_free(who), patience):
                    return False
            self._held.append(who)
            self._note(who)
            return True

    def _is_free(self, who: str | None) -> bool:
        strangers = sum(not other for other in self._held)
        is_full = len(self._held) >= THREADS // 2 or (strangers >= THREADS // 4 and not who)
        return not is_full and not self._is_sending(who)

    def _is_sending(self, who: str | None) -> bool:
        return who is not None and who in self._held

    def leave(self, who: str | None) -> None:
        """Give a place back."""
        with self._changed:
            self._held.remove(who)
            self._note(who)
            self._changed.notify_all()  # not each of those who wait may have this one

    def _note(self, who: str | None) -> None:
        if who:
            self._moved = monotonic()
