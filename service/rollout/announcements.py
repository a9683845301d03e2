"""Which registry each worker of every host serves, as the workers themselves say in Redis, with a time limit.

`wait-live` and `status` read it.
"""

import json
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.form import key
from service.storage.periodic_task import PeriodicTask
from service.storage.script import Script

#: Hash: a worker's id -> what it says, and until when that holds.
WORKERS_KEY = key("workers")

#: How long what a worker says holds, in seconds: one that was killed is counted for that long.
LIFETIME = 30.0
#: How often it is looked whether there is something new to say, in seconds.
INTERVAL = 0.2
#: How often the same is said again, in seconds; a few of them may fail.
_AGAIN = LIFETIME / 6

_WORKERS = Script.load("rollout/announce", returns=[str])


@dataclass(frozen=True, slots=True)
class Announcement:
    """Which registry a worker serves.

    `revision` is the SHA-256 digest of the bytes of its file, in hexadecimal, and `since` when it came into force, in
    seconds since 1970. Where the file has another revision by now that was refused, `refused` is that one, which is
    empty where the file cannot be read, and `problems` says why, the first of them, with the number of the `others`.
    """

    host: str
    pid: int
    revision: str
    since: float
    refused: str | None = None
    problems: tuple[str, ...] = ()
    others: int = 0


def announce(client: Client, worker_id: str, announcement: Announcement) -> None:
    """Say what a worker serves, in place of what it said before. Raises StorageUnavailable."""
    text = json.dumps(asdict(announcement))
    client.run(_WORKERS, [WORKERS_KEY], [worker_id, text, int(LIFETIME * 1000)])


def announcements(client: Client) -> list[Announcement]:
    """What every worker that lives says, by host and process. Raises StorageUnavailable."""
    try:
        all_said = map(json.loads, client.run(_WORKERS, [WORKERS_KEY], []))
        said = [Announcement(**fields | {"problems": tuple(map(str, fields["problems"]))}) for fields in all_said]
        return sorted(said, key=lambda each: (each.host, each.pid))
    except (ValueError, TypeError, KeyError):
        raise client.damaged(f"{WORKERS_KEY} has an announcement that makes no sense") from None


class Announcer(PeriodicTask):
    """Says what `look` returns whenever that is new, and every few seconds, in a thread of its own.

    The thread has a client of its own as well: a Redis that is silent keeps no request waiting, and no edit. While
    Redis cannot be used nothing is said: requests tell of that.
    """

    def __init__(self, look: Callable[[], Announcement], client: Client) -> None:
        """`look` says what is served at this moment, and `client` is nobody else's."""
        super().__init__(self.say, "announcer", INTERVAL)
        self._look = look
        self._client = client
        self._origin = secrets.token_hex(8)
        self._said: Announcement | None = None
        self._said_at = 0.0
        self.ends_with_process()

    def say(self) -> None:
        """Say what is served, if it is new or was said a while ago."""
        now, current = time.monotonic(), self._look()
        if current != self._said or now > self._said_at + _AGAIN:
            announce(self._client, self._id, current)
            self._said, self._said_at = current, now

    def end(self) -> None:
        """Say no more, and that this worker is gone: what it said would hold for a while otherwise."""
        super().end()  # a call to Redis has a limit
        with suppress(StorageUnavailable):
            self._client.command("HDEL", WORKERS_KEY, self._id)
        self._client.close()

    @property
    def _id(self) -> str:
        return f"{self._origin}:{os.getpid()}"
