"""What keys of Redis hold, and the lines that are made of it: of a store that is read, and of a backup of format 1."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from sys import getsizeof
from typing import Any, NamedTuple, TypeVar

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.backup.subjects import ITEMS, REASONS, Command, Line, encoded, expect
from service.feedback import keys as feedback
from service.feedback.model import MESSAGE_SIZE
from service.history import store as history
from service.interest.keys import RENAMES_KEY, dismissed_key, interest_key, reasons_key, trend_key, voted_key
from service.interest.reason import parsed
from service.storage.client import Client
from service.storage.form import key
from service.usage.store import uses_key
from service.webhooks.store import CHANGES, REQUESTS, Queue

T = TypeVar("T")

#: What a name or a value takes in memory beside its text, in bytes.
_PART = 100

_WHOLE = re.compile("0|-?[1-9][0-9]{0,17}")


class Held(NamedTuple):
    """What a key holds, or a part of it, as Redis sends it.

    `more` is when it ends, in milliseconds since 1970, or -1; behind the last part of a stream its last id, how many
    entries it ever had, and the last id that was deleted.
    """

    key: str
    value: Any
    more: Any = -1


def step(client: Client, commands: Iterable[Command]) -> list[Any]:
    """The answers to commands, in one step and of one moment. Raises StorageUnavailable."""
    return client.commands([(command, *map(encoded, parts)) for command, *parts in commands], in_one_step=True)


def text(part: str | bytes) -> str:
    """What Redis holds, or a backup, as text."""
    return part if isinstance(part, str) else part.decode("utf-8", "surrogateescape")


def pairs(value: Any) -> dict[str, str]:
    """Names and values, of which redis-py makes no dictionary in a MULTI on a Cluster."""
    items = zip(value[::2], value[1::2], strict=True) if isinstance(value, list) else value.items()
    return {text(name): text(each) for name, each in items}


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


def told(keys: Iterable[Held]) -> Iterator[Line]:
    """The lines of keys. What is damaged makes lines that no check takes.

    Under which slugs requests are open, and how acts have ended, is kept for the lines of these, which come later.
    """
    opened, outcomes = defaultdict[str, list[str]](list), dict[str, str]()
    for held in keys:
        begin, name, kind = split(held.key)
        if not held.value or begin in _MADE_AGAIN:
            continue
        value = pairs(held.value) if kind in ("hash", "zset") else held.value
        if begin == OUTCOMES_KEY:
            outcomes |= value
        elif begin == _OPEN:
            for slug, request in value.items():
                opened[request].append(slug)
        else:
            for line in _LINES[begin](name, value, held.more):
                if begin == feedback.thread_key(""):
                    line["open"] = opened.pop(name, [])
                elif begin == ENTRIES_KEY and (act := line["fields"].get("act", "")) in outcomes:
                    line["outcome"] = outcomes[act]
                yield line


def of_format_1(values: Iterable[Mapping[str, Any]], room: int) -> Iterator[Held]:
    """What lines of format 1 hold, by their JSON: each was a key of Redis as it was called then.

    Raises one of DAMAGED for what is no such line, and where more than `room` bytes would be kept for later lines.
    """
    last = ""
    for value in values:
        if value.get("latin1"):  # by which each character stands for a byte
            value = {field: _of_bytes(part) for field, part in value.items()}
        # Of votes, and of each other room, keys began with its name in braces; those of accounts did not.
        name = key(re.sub(r"^\{(\w+)\}", r"\1", value["key"]).removeprefix("votes:"))
        begin, _, kind = split(name)
        expect(name != last or begin != account_key(""))  # of which a line tells the whole
        last = name
        items: Any = value.get(kind)
        if begin in (_OPEN, OUTCOMES_KEY):
            items = pairs(items or {})
            room -= sum(2 * _PART + getsizeof(each) + getsizeof(value) for each, value in items.items())
            expect(room >= 0)
        elif kind == "stream":
            items = [(id, fields) for id, *fields in items]
        yield Held(name, items, value.get("expires") or value.get("state") or -1)


def _of_bytes(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_of_bytes, value))
    return text(value.encode("latin-1")) if isinstance(value, str) else value


#: The lines of a key: what its name ends in, its value, and what is told of it beside that.
_Lines = Callable[[str, Any, Any], Iterable[Line]]


def _number(stored: str) -> int | str:
    return int(stored) if _WHOLE.fullmatch(stored) else stored


def _each(subject: str, field: str, read: Callable[[str], Any] = str, **said: str) -> _Lines:
    """A line for each pair of a hash, or of a sorted set."""
    return lambda _, pairs, __: ({subject: name, **said, field: read(value)} for name, value in pairs.items())


def _some(subject: str, field: str, read: Callable[[str], Any] = str, size: int = ITEMS) -> _Lines:
    """Lines of a hash, with some of its pairs in each."""
    return lambda name, pairs, _: (
        {subject: name, field: {each: read(value) for each, value in some}} for some in batches(pairs.items(), size)
    )


def _uses(name: str, fields: dict[str, str], ends: Any) -> Iterator[Line]:
    return (line | {"expires": ends} for line in _some("uses", "counted", _number)(name, fields, ends))


def _messages(request: str, items: Any, _: Any) -> Iterator[Line]:
    for message in batches(map(text, items), MESSAGE_SIZE):
        line: Line = dict(zip(("message", "author", "by", "name", "at", "text"), message, strict=False))
        yield line | {"request": request, "at": _number(line.get("at", ""))}


def _of_queue(queue: Queue) -> dict[str, _Lines]:
    def events(_: str, entries: Any, info: Any) -> Iterator[Line]:
        for id, fields in entries:
            yield {"event": text(id), "of": queue.name, "says": pairs(fields).get("event")}
        if info != -1:
            last, added, deleted = map(text, info)
            yield {"events": queue.name, "last": last, "added": _number(added), "deleted": deleted}

    return {
        queue.stream: events,
        queue.state_key: lambda _, fields, __: [{"delivery": queue.name, "fields": fields}],
        queue.given_up_key: _each("given_up", "says", of=queue.name),
    }


_OPEN = feedback.open_key("")

#: Each key of which lines are made, or what it begins with where a name follows.
_LINES: dict[str, _Lines] = {
    RENAMES_KEY: _each("renamed", "to"),
    trend_key(""): _some("trend", "days", _number),
    interest_key(""): lambda id, voters, _: ({"votes": id, "of": some} for some in batches(map(text, voters), ITEMS)),
    voted_key(""): _some("voted", "on"),
    reasons_key(""): _some("reasons", "by", lambda kept: list(parsed(kept)), REASONS),
    dismissed_key(""): _some("dismissed", "modules", _number),
    feedback.messages_key(""): _messages,
    feedback.thread_key(""): lambda id, fields, _: [{"request": id, "fields": fields}],
    history.REGISTRY_KEY: lambda _, fields, __: [{"registry": fields.pop("revision", ""), **fields}],
    history.REVISIONS_KEY: _each("revision", "at", _number),
    history.RELEASED_KEY: _each("released", "at", _number),
    uses_key(""): _uses,
    **_of_queue(CHANGES),
    **_of_queue(REQUESTS),
    PEOPLE_KEY: _each("pseudonym", "of"),  # whoever is being forgotten is in the other one alone
    PSEUDONYMS_KEY: lambda _, names, __: ({"pseudonym": name, "of": account} for account, name in names.items()),
    ENTRIES_KEY: lambda _, entries, __: ({"act": text(id), "fields": pairs(fields)} for id, fields in entries),
    account_key(""): lambda id, fields, ends: [
        {"account": id, "fields": fields} | ({} if ends == -1 else {"expires": ends})
    ],
}

#: Those that are made again of the others.
_MADE_AGAIN = [feedback.of_key(""), feedback.queue_key(""), feedback.answers_key(""), history.of_key("")]
_MADE_AGAIN += [feedback.SLUGS_KEY, feedback.SEQUENCE_KEY]

_BEGINNING = re.compile(
    "|".join(
        re.escape(key) + ("" if key.endswith(":") else r"\Z") for key in (*_LINES, _OPEN, OUTCOMES_KEY, *_MADE_AGAIN)
    )
)

#: The types of keys; others are hashes.
_KINDS = {
    interest_key(""): "set",
    feedback.messages_key(""): "list",
    feedback.SEQUENCE_KEY: "string",
    history.REVISIONS_KEY: "zset",
    **dict.fromkeys((CHANGES.stream, REQUESTS.stream, ENTRIES_KEY), "stream"),
}


def split(key: str) -> tuple[str, str, str]:
    """What a key is or begins with, the name that follows, and its type. Raises ValueError for another one."""
    begin = _BEGINNING.match(key)
    if begin is None:
        raise ValueError(key)
    return begin[0], key[begin.end() :], _KINDS.get(begin[0], "hash")
