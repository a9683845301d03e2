"""What is delivered, and how far each queue of it is, in Redis. Each step is one script, which may be run twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import NoneType
from typing import NamedTuple

from service.feedback.keys import EVENTS_KEY as REQUESTS_KEY
from service.history.store import EVENTS_KEY as CHANGES_KEY
from service.storage.client import Client
from service.storage.entries import moment
from service.storage.script import Script, Shape
from service.wording import printable, shortened


class Queue(NamedTuple):
    """A stream of events that is delivered in its order. One that fails holds up no other stream.

    `subject` begins the type of its events, and their ids, since two streams can have an entry of the same id.
    """

    name: str
    subject: str
    stream: str

    @property
    def state_key(self) -> str:
        """Hash: how far it was delivered, by whom, and how it went; its fields are listed in lua/queue.lua."""
        return f"{self.stream.rpartition(':')[0]}:webhooks"

    @property
    def given_up_key(self) -> str:
        """Hash: id -> event, of those that were given up."""
        return f"{self.state_key}:given-up"

    @property
    def keys(self) -> list[str]:
        """What every script of webhooks is called with: see lua/queue.lua."""
        return [self.stream, self.state_key, self.given_up_key]


CHANGES = Queue("changes", "module", CHANGES_KEY)
REQUESTS = Queue("requests", "request", REQUESTS_KEY)

QUEUES = (CHANGES, REQUESTS)


def _load(name: str, returns: Shape, *, or_nothing: bool = False) -> Script:
    return Script.load("webhooks/queue", f"webhooks/{name}", returns=returns, or_nothing=or_nothing)


_LOOK = _load("look", int)
_TAKE = _load("take", (str, str, str, int, int, int), or_nothing=True)
_PASS = _load("pass", int)
_FAIL = _load("fail", NoneType)
_STATE = _load("state", ([str], int, int, int, int, int, int))


class Taken(NamedTuple):
    """An entry that is to be delivered, and the position before it.

    Its first try was so many `milliseconds` ago, and `tries` have failed. `lost` entries were dropped before it.
    """

    position: str
    entry: str
    event: str
    milliseconds: int
    tries: int
    lost: int


@dataclass(frozen=True, slots=True)
class Happened:
    """The last delivery or failure: of which entry, when, and why it failed."""

    entry: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """How far a queue is delivered. `position` is empty where nothing was ever to be delivered.

    Of the entries, `waiting` are to be delivered, the first of which has failed `tries` times and is tried again in
    `next_in` seconds, and was added `lag` seconds ago; `lost` were dropped before their turn. `holder` delivers, if
    somebody does.
    """

    position: str
    waiting: int
    given_up: int
    lost: int
    tries: int
    next_in: float
    holder: str | None
    delivered: Happened | None
    failed: Happened | None
    lag: float = 0.0


def is_due(client: Client, queue: Queue, holder: str, lease: float, age: float) -> bool:
    """Look whether there is something to deliver now, and keep others from it for `lease` seconds, unless one does it.

    Where nothing was ever delivered, deliveries begin with what was added in the last `age` seconds. Raises
    StorageUnavailable.
    """
    return bool(client.run(_LOOK, queue.keys, [holder, _milliseconds(lease), _milliseconds(age)]))


def take(client: Client, queue: Queue, holder: str, lease: float) -> Taken | None:
    """Begin to deliver the next entry, and keep others from it for `lease` seconds; None where another delivers.

    What VOTE_DURABILITY asks has confirmed it then: nobody is told what the store may not keep. Raises
    StorageUnavailable.
    """
    taken = client.run(_TAKE, queue.keys, [holder, _milliseconds(lease)], writes=True)
    return Taken(*taken) if taken else None


def go_on(client: Client, queue: Queue, taken: Taken, reason: str = "") -> bool:
    """Go on behind an entry that was delivered, or is given up for a reason, and kept for `retry`.

    False where others have gone on. Raises StorageUnavailable.
    """
    return bool(client.run(_PASS, queue.keys, [taken.position, taken.entry, reason, taken.event]))


def fail(client: Client, queue: Queue, taken: Taken, pause: float, reason: str) -> None:
    """Note that a try has failed, and that the next one is in `pause` seconds. Raises StorageUnavailable."""
    client.run(_FAIL, queue.keys, [taken.entry, taken.tries, _milliseconds(pause), reason])


def hurry(client: Client, queue: Queue) -> None:
    """Have the entry that waits tried now. Raises StorageUnavailable."""
    client.command("HDEL", queue.state_key, "next")


def given_up(client: Client, queue: Queue) -> list[tuple[str, str]]:
    """The entries that were given up, oldest first, and their events. Raises StorageUnavailable."""
    events = dict(client.command("HGETALL", queue.given_up_key))
    return sorted(events.items(), key=lambda each: [part.zfill(20) for part in each[0].split("-")])


def forget(client: Client, queue: Queue, entry: str) -> None:
    """Keep an entry no longer that was given up. Raises StorageUnavailable."""
    client.command("HDEL", queue.given_up_key, entry)


def state(client: Client, queue: Queue) -> State:
    """How far a queue is delivered. Raises StorageUnavailable."""
    flat, waiting, lost, kept, held, next_in, lag = client.run(_STATE, queue.keys, [])
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    try:
        return State(
            position=fields.get("position", ""),
            waiting=waiting,
            given_up=kept,
            lost=int(fields.get("lost", 0)) + lost,
            tries=int(fields.get("tries", 0)),
            next_in=next_in / 1000,
            holder=fields.get("holder") if held else None,
            delivered=_happened(fields, "delivered"),
            failed=_happened(fields, "failed"),
            lag=lag / 1000,
        )
    except ValueError as error:
        raise client.damaged(f"{queue.state_key}: {printable(shortened(str(error)))}") from None


def _happened(fields: Mapping[str, str], name: str) -> Happened | None:
    if name not in fields:
        return None
    at = moment(int(fields.get(f"{name}_at", 0)))
    return Happened(fields[name], at, fields.get("reason", "") if name == "failed" else "")


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
