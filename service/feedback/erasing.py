"""What is left of an account in threads, erased. The account itself is removed first."""

from __future__ import annotations

from service.feedback.keys import FEEDBACK_KEYS
from service.storage.client import Client
from service.storage.script import Script

_ERASE = Script.load("feedback/threads", "feedback/erase", returns=(int, int))

#: Threads that one step erases: a step of this size keeps requests waiting for a few milliseconds.
_BATCH = 20


def erase(client: Client, account_id: str) -> int:
    """Erase an account's threads, and its id and name from what it has answered as an admin.

    Returns how many threads there were. What an interrupted run has left, another erases. Raises StorageUnavailable.
    """
    erased = 0
    while (step := client.run(_ERASE, FEEDBACK_KEYS, [account_id, _BATCH], writes=True)) != [0, 0]:
        erased += step[0]
    return erased
