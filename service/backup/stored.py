"""What keys of Redis hold, and the lines that are made of it: of a store that is read, and of a backup of format 1."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from math import inf
from sys import getsizeof
from typing import Any, NamedTuple, TypeVar

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.backup.subjects import ITEMS, Command, Line, encoded, expect
from service.feedback import keys as feedback
from service.feedback.model import MESSAGE_SIZE
from service.history import store as history
from service.interest.keys import RENAMES_KEY, dismissed_key, interest_key, trend_key
from service.storage.client import Client
from service.webhooks.keys import CHANGES, REQUESTS, Queue

T = TypeVar("T")

#: What a message is stored as (feedback/lua/threads.lua).
OF_MESSAGE = ("id", "author", "by", "name", "at", "text")

#: What a pair takes in memory beside its two texts, in bytes.
_PAIR = 200

_WHOLE = re.compile("0|-?[1-9][0-9]{0,17}")


class Held(NamedTuple):
    """What a key holds, or a part of it, as Redis sends it.

    `more` is when it ends, in milliseconds since 1970, or -1; behind the last part of a stream its last id, how many
    entries it ever had, and the last id that was deleted.
    """

    key: str
    value: Any
    more: Any = -1


class Kept:
    """What goes into the lines of requests and of acts, of which each comes behind it."""

    def __init__(self, room: float = inf) -> None:
        """At most so many bytes of memory."""
        self._room = room
        self.opened, self.outcomes = defaultdict[str, list[str]](list), dict[str, str]()

    def take(self, kept: Mapping[str, str]) -> None:
        """Count what is kept from now on. Raises ValueError where that is too much."""
        self._room -= sum(_PAIR + getsizeof(name) + getsizeof(value) for name, value in kept.items())
        expect(self._room >= 0)


def step(client: Client, commands: Iterable[Command]) -> list[Any]:
    """The answers to commands, in one step and of one moment; None of XINFO of no stream. Raises StorageUnavailable."""

    def ask(redis: Any) -> list[Any]:
        with redis.pipeline(transaction=True) as pipeline:
            for command, *parts in commands:
                pipeline.execute_command(command, *map(encoded, parts))
            answers = list(pipeline.execute(raise_on_error=False))
        for number, answer in enumerate(answers):
            if isinstance(answer, Exception):
                if "no such key" not in str(answer):
                    raise type(answer)(str(answer).rpartition(" caused error: ")[2])  # the command names people
                answers[number] = None
        return answers

    commands = list(commands)  # which may be sent twice
    return client.ask(ask)


def text(part: str | bytes) -> str:
    """What Redis holds, or a backup, as text."""
    return part if isinstance(part, str) else part.decode("utf-8", "surrogateescape")


def pairs(value: Any) -> dict[str, str]:
    """Names and values, of which redis-py makes no dictionary in a MULTI on a Cluster."""
    items = zip(value[::2], value[1::2], strict=True) if isinstance(value, list) else value.items()
    return {text(name): text(each) for name, each in items}


_Teller = Callable[[str, Held, Kept], Iterable[Line]]


def told(keys: Iterable[Held], kept: Kept) -> Iterator[Line]:
    """The lines of keys. What is damaged makes lines that no check takes. Raises ValueError for too much of it."""
    for held in keys:
        if held.value:
            begin, name = split(held.key)
            yield from KEYS[begin](name, held, kept)


def split(key: str) -> tuple[str, str]:
    """What a key of KEYS is or begins with, and the name that follows. Raises ValueError for another one."""
    begin = _BEGINNING.match(key)
    if begin is None:
        raise ValueError(key)
    return begin[0], key[begin.end() :]


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """All items, so many at a time."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def _number(stored: str) -> int | str:
    return int(stored) if _WHOLE.fullmatch(stored) else stored


def _nothing(*_: Any) -> Iterable[Line]:
    return ()


def _each(subject: str, field: str, read: Callable[[str], Any] = str, **said: str) -> _Teller:
    """A line for each pair of a hash, or of a sorted set."""
    return lambda _, held, kept: (
        Line(subject, name, {**said, field: read(value)}) for name, value in pairs(held.value).items()
    )


def _numbers(subject: str, field: str) -> _Teller:
    """Lines of a hash whose values are numbers, some of them in each."""
    return lambda name, held, kept: (
        Line(subject, name, {field: {each: _number(value) for each, value in batch}})
        for batch in batches(pairs(held.value).items(), ITEMS)
    )


def _votes(feature: str, held: Held, _: Kept) -> Iterable[Line]:
    return (Line("votes", feature, {"of": batch}) for batch in batches(map(text, held.value), ITEMS))


def _open(_: str, held: Held, kept: Kept) -> Iterable[Line]:
    kept.take(opened := pairs(held.value))
    for slug, request in opened.items():
        kept.opened[request].append(slug)
    return ()


def _messages(request: str, held: Held, _: Kept) -> Iterator[Line]:
    for message in batches(map(text, held.value), MESSAGE_SIZE):
        said: dict[str, Any] = dict(zip(OF_MESSAGE, message, strict=True))
        yield Line("message", said.pop("id"), {"request": request, **said, "at": _number(said["at"])})


def _request(id: str, held: Held, kept: Kept) -> Iterable[Line]:
    return [Line("request", id, {"fields": pairs(held.value), "open": kept.opened.pop(id, [])})]


def _of_queue(queue: Queue) -> dict[str, _Teller]:
    def events(_: str, held: Held, kept: Kept) -> Iterator[Line]:
        for id, fields in held.value:
            yield Line("event", text(id), {"of": queue.name, "says": pairs(fields).get("event")})
        if held.more != -1:
            last, added, deleted = map(text, held.more)
            yield Line("events", queue.name, {"last": last, "added": _number(added), "deleted": deleted})

    return {
        queue.stream: events,
        queue.state_key: lambda _, held, kept: [Line("delivery", queue.name, {"fields": pairs(held.value)})],
        queue.given_up_key: _each("given_up", "says", of=queue.name),
    }


def _registry(_: str, held: Held, kept: Kept) -> Iterable[Line]:
    said = pairs(held.value)
    return [Line("registry", said.pop("revision", ""), said)]


def _pseudonyms(_: str, held: Held, kept: Kept) -> Iterable[Line]:
    return (Line("pseudonym", name, {"of": account}) for account, name in pairs(held.value).items())


def _outcomes(_: str, held: Held, kept: Kept) -> Iterable[Line]:
    kept.take(outcomes := pairs(held.value))
    kept.outcomes |= outcomes
    return ()


def _acts(_: str, held: Held, kept: Kept) -> Iterator[Line]:
    for id, fields in ((text(id), pairs(fields)) for id, fields in held.value):
        outcome = kept.outcomes.get(fields.get("act", ""))
        yield Line("act", id, {"fields": fields} if outcome is None else {"fields": fields, "outcome": outcome})


def _account(id: str, held: Held, _: Kept) -> Iterable[Line]:
    ends = {} if held.more == -1 else {"expires": held.more}
    return [Line("account", id, {"fields": pairs(held.value), **ends})]


#: The types of keys; others are hashes.
TYPES = {
    interest_key(""): "set",
    feedback.messages_key(""): "list",
    feedback.SEQUENCE_KEY: "string",
    history.REVISIONS_KEY: "zset",
    **dict.fromkeys((CHANGES.stream, REQUESTS.stream, ENTRIES_KEY), "stream"),
}

#: Each key, or what it begins with where a name follows -> its lines.
KEYS: dict[str, _Teller] = {
    RENAMES_KEY: _each("renamed", "to"),
    trend_key(""): _numbers("trend", "days"),
    interest_key(""): _votes,
    dismissed_key(""): _numbers("dismissed", "modules"),
    feedback.open_key(""): _open,
    feedback.messages_key(""): _messages,
    feedback.thread_key(""): _request,
    history.REGISTRY_KEY: _registry,
    history.REVISIONS_KEY: _each("revision", "at", _number),
    history.RELEASED_KEY: _each("released", "at", _number),
    **_of_queue(CHANGES),
    **_of_queue(REQUESTS),
    PSEUDONYMS_KEY: _pseudonyms,
    OUTCOMES_KEY: _outcomes,
    ENTRIES_KEY: _acts,
    account_key(""): _account,
    # These are made again of the others.
    **dict.fromkeys((feedback.of_key(""), feedback.queue_key(""), feedback.answers_key(""), PEOPLE_KEY), _nothing),
    **dict.fromkeys((feedback.SLUGS_KEY, feedback.SEQUENCE_KEY, history.of_key("")), _nothing),
}

_BEGINNING = re.compile("|".join(re.escape(key) + ("" if key.endswith(":") else r"\Z") for key in KEYS))
