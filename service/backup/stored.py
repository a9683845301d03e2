"""What keys of Redis hold, and the lines that are made of it: of a store that is read, and of a backup of format 1."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from math import inf
from sys import getsizeof
from typing import Any, NamedTuple, TypeVar

from redis.exceptions import ResponseError

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.backup.subjects import ITEMS, REASONS, Command, Line, encoded, expect
from service.feedback import keys as feedback
from service.feedback.model import MESSAGE_SIZE
from service.history import store as history
from service.history.uses import uses_key
from service.interest.keys import RENAMES_KEY, dismissed_key, interest_key, reasons_key, trend_key, voted_key
from service.interest.reason import parsed
from service.storage.client import Client
from service.webhooks.store import CHANGES, REQUESTS, Queue

T = TypeVar("T")

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


class _Kept(NamedTuple):
    """What goes into later lines: the slugs under which requests are open, and how acts have ended."""

    opened: defaultdict[str, list[str]]
    outcomes: dict[str, str]


def step(client: Client, commands: Iterable[Command]) -> list[Any]:
    """The answers to commands, in one step and of one moment; None of XINFO of no stream. Raises StorageUnavailable."""

    def ask(redis: Any) -> list[Any]:
        with redis.pipeline(transaction=True) as pipeline:
            for command, *parts in commands:
                pipeline.execute_command(command, *map(encoded, parts))
            try:
                answers = list(pipeline.execute(raise_on_error=False))
            except ResponseError as error:  # to a command, so that none was run
                answers = [error]
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


def told(keys: Iterable[Held], room: float = inf) -> Iterator[Line]:
    """The lines of keys. What is damaged makes lines that no check takes.

    Raises ValueError where more than `room` bytes would have to be kept for later lines.
    """
    kept = _Kept(defaultdict(list), {})
    for held in keys:
        begin, name = split(held.key)
        if held.value and begin in LINES:
            value = pairs(held.value) if TYPES.get(begin, "hash") in ("hash", "zset") else held.value
            if begin in (feedback.open_key(""), OUTCOMES_KEY):
                room -= sum(_PAIR + getsizeof(each) + getsizeof(value[each]) for each in value)
                expect(room >= 0)
            yield from LINES[begin](name, value, held.more, kept)


def split(key: str) -> tuple[str, str]:
    """What a key is or begins with, and the name that follows. Raises ValueError for another one."""
    begin = _BEGINNING.match(key)
    if begin is None:
        raise ValueError(key)
    return begin[0], key[begin.end() :]


def batches(items: Iterable[T], size: int, weigh: Callable[[T], int] = lambda _: 1) -> Iterator[list[T]]:
    """All items, so many at a time, or as many as weigh so much together."""
    batch, weight = list[T](), 0
    for item in items:
        batch.append(item)
        weight += weigh(item)
        if weight >= size:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


#: The lines of a key: what its name ends in, its value, what is told of it beside that, and what was kept.
_Lines = Callable[[str, Any, Any, _Kept], Iterable[Line]]


def _number(stored: str) -> int | str:
    return int(stored) if _WHOLE.fullmatch(stored) else stored


def _each(subject: str, field: str, read: Callable[[str], Any] = str, **said: str) -> _Lines:
    """A line for each pair of a hash, or of a sorted set."""
    return lambda _, pairs, *__: ({subject: name, **said, field: read(value)} for name, value in pairs.items())


def _numbers(subject: str, field: str) -> _Lines:
    """Lines of a hash whose values are numbers, some of them in each."""
    return lambda name, pairs, *_: (
        {subject: name, field: {each: _number(value) for each, value in batch}}
        for batch in batches(pairs.items(), ITEMS)
    )


def _days(feature: str, days: dict[str, str], *_: Any) -> Iterable[Line]:
    return ({"voted": feature, "on": dict(some)} for some in batches(days.items(), ITEMS))


def _reasons(feature: str, reasons: dict[str, str], *_: Any) -> Iterable[Line]:
    return (
        {"reasons": feature, "by": {account: list(parsed(kept)) for account, kept in some}}
        for some in batches(reasons.items(), REASONS)
    )


def _open(_: str, opened: dict[str, str], __: Any, kept: _Kept) -> Iterable[Line]:
    for slug, request in opened.items():
        kept.opened[request].append(slug)
    return ()


def _messages(request: str, items: Any, *_: Any) -> Iterator[Line]:
    for message in batches(map(text, items), MESSAGE_SIZE):
        line: Line = dict(zip(("message", "author", "by", "name", "at", "text"), message, strict=False))
        yield line | {"request": request, "at": _number(line.get("at", ""))}


def _of_queue(queue: Queue) -> dict[str, _Lines]:
    def events(_: str, entries: Any, info: Any, __: _Kept) -> Iterator[Line]:
        for id, fields in entries:
            yield {"event": text(id), "of": queue.name, "says": pairs(fields).get("event")}
        if info != -1:
            last, added, deleted = map(text, info)
            yield {"events": queue.name, "last": last, "added": _number(added), "deleted": deleted}

    return {
        queue.stream: events,
        queue.state_key: lambda _, fields, *__: [{"delivery": queue.name, "fields": fields}],
        queue.given_up_key: _each("given_up", "says", of=queue.name),
    }


def _outcomes(_: str, outcomes: dict[str, str], __: Any, kept: _Kept) -> Iterable[Line]:
    kept.outcomes.update(outcomes)
    return ()


def _acts(_: str, entries: Any, __: Any, kept: _Kept) -> Iterator[Line]:
    for id, fields in ((text(id), pairs(fields)) for id, fields in entries):
        outcome = kept.outcomes.get(fields.get("act", ""))
        yield {"act": id, "fields": fields} | ({} if outcome is None else {"outcome": outcome})


def _account(id: str, fields: dict[str, str], ends: Any, _: _Kept) -> Iterable[Line]:
    return [{"account": id, "fields": fields} | ({} if ends == -1 else {"expires": ends})]


#: The types of keys; others are hashes.
TYPES = {
    interest_key(""): "set",
    feedback.messages_key(""): "list",
    feedback.SEQUENCE_KEY: "string",
    history.REVISIONS_KEY: "zset",
    **dict.fromkeys((CHANGES.stream, REQUESTS.stream, ENTRIES_KEY), "stream"),
}

#: Each key of which something is saved, or what it begins with where a name follows -> its lines.
LINES: dict[str, _Lines] = {
    RENAMES_KEY: _each("renamed", "to"),
    trend_key(""): _numbers("trend", "days"),
    interest_key(""): lambda id, voters, *_: ({"votes": id, "of": some} for some in batches(map(text, voters), ITEMS)),
    voted_key(""): _days,
    reasons_key(""): _reasons,
    dismissed_key(""): _numbers("dismissed", "modules"),
    feedback.open_key(""): _open,
    feedback.messages_key(""): _messages,
    feedback.thread_key(""): lambda id, fields, _, kept: [
        {"request": id, "fields": fields, "open": kept.opened.pop(id, [])}
    ],
    history.REGISTRY_KEY: lambda _, fields, *__: [{"registry": fields.pop("revision", ""), **fields}],
    history.REVISIONS_KEY: _each("revision", "at", _number),
    history.RELEASED_KEY: _each("released", "at", _number),
    uses_key(""): lambda name, fields, ends, _: (
        {"uses": name, "counted": {each: _number(value) for each, value in some}, "expires": ends}
        for some in batches(fields.items(), ITEMS)
    ),
    **_of_queue(CHANGES),
    **_of_queue(REQUESTS),
    PSEUDONYMS_KEY: lambda _, names, *__: ({"pseudonym": name, "of": account} for account, name in names.items()),
    OUTCOMES_KEY: _outcomes,
    ENTRIES_KEY: _acts,
    account_key(""): _account,
}

#: Those that are made again of the others.
_MADE_AGAIN = [feedback.of_key(""), feedback.queue_key(""), feedback.answers_key(""), history.of_key(""), PEOPLE_KEY]
_MADE_AGAIN += [feedback.SLUGS_KEY, feedback.SEQUENCE_KEY]

_BEGINNING = re.compile(
    "|".join(re.escape(key) + ("" if key.endswith(":") else r"\Z") for key in (*LINES, *_MADE_AGAIN))
)
