"""What a worker says of itself in Redis, with a time limit, and what all of them say."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from types import NoneType

from service.storage.client import Client
from service.storage.form import key
from service.storage.script import Script

#: Hash: a worker's id -> what it says, and until when that holds.
WORKERS_KEY = key("workers")

#: How long what a worker says holds, in seconds: one that was killed is counted for that long.
LIFETIME = 30.0

_ANNOUNCE = Script.load("workers/workers", "workers/announce", returns=NoneType)
_LIST = Script.load("workers/workers", "workers/list", returns=[str])


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
    client.run(_ANNOUNCE, [WORKERS_KEY], [worker_id, text, int(LIFETIME * 1000)])


def withdraw(client: Client, worker_id: str) -> None:
    """Say that a worker is gone. Raises StorageUnavailable."""
    client.command("HDEL", WORKERS_KEY, worker_id)


def announcements(client: Client) -> list[Announcement]:
    """What every worker that lives says, by host and process. Raises StorageUnavailable."""
    said = [_parsed(client, text) for text in client.run(_LIST, [WORKERS_KEY], [])]
    return sorted(said, key=lambda each: (each.host, each.pid))


def _parsed(client: Client, text: str) -> Announcement:
    try:
        fields = json.loads(text)
        problems = tuple(str(problem) for problem in fields.pop("problems"))
        return Announcement(**fields, problems=problems)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise client.damaged(f"{WORKERS_KEY} has an announcement that makes no sense") from None
