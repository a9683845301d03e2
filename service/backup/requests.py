"""Restoring activation requests, each with its messages and its places in lists, in one step."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType

from service.backup.events import Events
from service.backup.subjects import Line, encoded, flat
from service.feedback.keys import FEEDBACK_KEYS
from service.storage.client import Client
from service.storage.script import Script
from service.webhooks.keys import REQUESTS

_REQUEST = Script.load("feedback/threads", "backup/request", returns=NoneType)


def restore(client: Client, lines: Iterator[Line]) -> Iterator[int]:
    """Restore requests that are missing. Raises StorageUnavailable.

    Events are those of the file where the store has none, with how far they are delivered.
    """
    events = Events(REQUESTS)
    said: list[bytes] = []
    for line in lines:
        if line.subject == "message":
            named = {"id": line.name, **line.said}
            said += [encoded(str(named[name])) for name in ("id", "author", "by", "name", "at", "text")]
        elif line.subject == "request":
            fields, slugs = flat(line.said["fields"]), line.said["open"]
            args = [line.name, len(fields), *fields, len(slugs), *slugs, *said]
            client.run(_REQUEST, FEEDBACK_KEYS, args)
            said = []
        else:
            events.add(line)
        yield 1
    events.restore(client)
