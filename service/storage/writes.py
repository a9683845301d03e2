"""How a write is confirmed: the commands that ask for it, and what their answer means."""

from typing import Any

from service.problems import WriteUnconfirmed
from service.settings.durability import Durability
from service.storage.form import key

#: How much sooner than REDIS_TIMEOUT a server gives up, in seconds: it looks ten times a second, and its answer must
#: come in time. Of a short REDIS_TIMEOUT, half.
_SOONER = 0.2
#: String: written so that there is something to wait for; and how long it stays, in milliseconds.
BARRIER_KEY = key("barrier")
_BARRIER_LIFETIME = 1000


def confirmation_commands(durability: Durability, timeout: float) -> list[tuple[str | int, ...]]:
    """Return the commands to send after a write, on the same connection.

    WAIT and WAITAOF count only the writes of their own connection. A retry changes nothing, so that it would have
    nothing to wait for; that is why the first command writes a key that expires after a second.
    """
    if durability is Durability.SERVER:
        return []
    limit = int(1000 * max(timeout - _SOONER, timeout / 2))
    is_fsync = durability is Durability.FSYNC
    wait = ("WAITAOF", 1, 0, limit) if is_fsync else ("WAIT", durability.replicas, limit)
    return [("SET", BARRIER_KEY, "", "PX", _BARRIER_LIFETIME), wait]


def check_confirmation(durability: Durability, answer: Any) -> None:
    """Check the server's answer to the last of the commands.

    Raises: WriteUnconfirmed if the disk, or a replica, did not confirm the write in time.
    """
    if durability is Durability.FSYNC:
        confirmed, needed, missing = answer[0], 1, "Its disk has not"
    else:
        confirmed, needed = answer, durability.replicas
        missing = "No replica has" if needed == 1 else f"Fewer than {needed} replicas have"
    if confirmed < needed:
        raise WriteUnconfirmed(
            f"{missing} confirmed what Redis wrote within its time limit. Try again: nothing counts twice."
        )
