"""What is sent of an event, as Standard Webhooks 1.0.0 says, and one try to send it, signed, to WEBHOOK_URL.

Everything about a try has a limit: one for all of it (`http/client.py`), and one for what is read.
"""

import json
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any, NamedTuple

from standardwebhooks import Webhook

from service.accounts.model import Locale, account_key
from service.feedback.keys import thread_key
from service.http.client import answered
from service.http.tracing import traceparent
from service.storage.client import Client
from service.storage.entries import moment_of
from service.storage.script import Script
from service.webhooks.store import CHANGES, Queue
from service.wording import printable, shortened

#: How long one try may take in all, in seconds: the specification recommends 15 to 30.
LONGEST_TRY = 15.0
#: How much of an answer's body is read, in bytes, and how much of that is shown, in characters.
_MOST_READ, _SHOWN = 1024, 100

_SUCCESSES = range(200, 300)
_REDIRECTS = range(300, 400)

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


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is told. The URL may be a secret as well: whoever knows its path may be let in by it."""

    url: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def host(self) -> str:
        """What of the URL may be shown: its origin."""
        return "/".join(self.url.split("/", 3)[:3])


class Answer(NamedTuple):
    """What became of a try: the status that was answered, or None, and in words that are safe to print.

    It took so many `seconds`, and the receiver may have asked for so many before the next (`retry_after`).
    """

    status: int | None
    said: str
    seconds: float = 0.0
    retry_after: float = 0.0

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has it: any 2xx says so, and nothing else."""
        return self.status in _SUCCESSES


def send(receiver: Receiver, message: Message, limit: float = LONGEST_TRY) -> Answer:
    """Send a message once, within `limit` seconds. What goes wrong is in the answer."""
    began = time.monotonic()
    status, said, retry_after = None, "", 0.0
    headers, body = _headers(receiver, message), message.body.encode("ascii")
    try:
        with answered("POST", receiver.url, began + limit, headers, body) as response:
            status, said = response.status, f"answered {response.status}"
            retry_after = _seconds(response.getheader("Retry-After"))
            if status not in _SUCCESSES:  # which say all
                said += _reason(status, response.read(_MOST_READ))
    except (OSError, HTTPException, UnicodeError) as error:
        if status is None:  # else it counts, whatever becomes of the body
            said = _fault(error, limit)
    return Answer(status, printable(said), time.monotonic() - began, retry_after)


def _fault(error: Exception, limit: float) -> str:
    if isinstance(error, TimeoutError):
        return f"did not answer within {limit:g} s"
    what = "could not be reached" if isinstance(error, OSError) else "answered what is no HTTP"
    return f"{what}: {shortened(str(error) or type(error).__name__, 2 * _SHOWN)}"


def _reason(status: int, body: bytes) -> str:
    text = " ".join(body.decode("utf-8", "replace").split())
    said = "; redirects are not followed" if status in _REDIRECTS else ""
    return f"{said}: {shortened(text, _SHOWN)}" if text else said


def _headers(receiver: Receiver, message: Message) -> dict[str, str]:
    now = datetime.now(UTC)
    trace = {"traceparent": message.traceparent} if message.traceparent else {}
    return trace | {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(receiver.secret).sign(message.id, now, message.body),
    }


def _seconds(retry_after: str | None) -> float:
    """What Retry-After asks for, where it is a number (RFC 9110, 10.2.3)."""
    return float(retry_after) if retry_after and re.fullmatch("[0-9]{1,6}", retry_after) else 0.0
