"""What is sent of an event: its id, and a body as Standard Webhooks has it."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any, NamedTuple

from service.accounts.model import Locale, account_key
from service.feedback.keys import thread_key
from service.storage.client import Client
from service.storage.script import Script
from service.storage.times import moment_of
from service.tracing import traceparent
from service.webhooks.keys import CHANGES, Queue

_LOCALE = Script.load("webhooks/locale", returns=str | None)


class Message(NamedTuple):
    """One event to be sent; the id is the same at each try, and no other event's. The body is JSON, in ASCII.

    `traceparent` is that of the request which it comes from, where there was one.
    """

    id: str
    body: str
    traceparent: str | None = None


def message(queue: Queue, entry: str, event: str, client: Client | None = None) -> Message:
    """The message of an entry of a stream, whose event is JSON. Raises ValueError for what is damaged.

    The language of whoever asked is that of their account at this moment, where there is a client to look. Raises
    StorageUnavailable.

    The type is `module.released` or `request.opened`: identifiers with full stops between them, in the characters that
    the specification recommends.
    """
    said = json.loads(event)
    if not isinstance(said, dict) or not isinstance(said.get("kind"), str):
        raise ValueError("it is no event")
    trace = traceparent(str(said.pop("traceparent", "")))
    time = moment_of(entry).isoformat(timespec="milliseconds")  # RFC 3339
    if queue is CHANGES:
        said.setdefault("votes", None)  # as GET /api/changes has it
    else:
        keys = [thread_key(str(said.get("thread", ""))), account_key("")]
        said["locale"] = Locale.of(client.run(_LOCALE, keys, [])) if client else None
    kind = f"{queue.subject}.{said['kind'].replace('-', '_')}"
    return Message(f"{queue.subject}-{entry}", _body(kind, time, {"id": entry, "time": time, **said}), trace)


def trial() -> Message:
    """A message of the type `test`, for a receiver that is being set up."""
    said = "A test, sent by `module-registry webhooks test`. Nothing has changed."
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Message(f"test-{secrets.token_hex(8)}", _body("test", time, {"message": said}))


def _body(kind: str, time: str, data: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "timestamp": time, "data": data}, separators=(",", ":"))
