"""The keys of Redis that a backup reads, and how their values become lines."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from service.accounts.model import account_key
from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY
from service.backup.subjects import ITEMS, REASONS, Command, Line, encoded
from service.feedback import keys as feedback
from service.feedback.model import MESSAGE_SIZE
from service.history import store as history
from service.interest.keys import RENAMES_KEY, dismissed_key, interest_key, reasons_key, trend_key, voted_key
from service.interest.reason import parsed
from service.storage.client import Client
from service.usage.store import uses_key
from service.webhooks.store import CHANGES, REQUESTS, Queue

T = TypeVar("T")

_INTEGER = re.compile("0|-?[1-9][0-9]{0,17}")


class StreamInfo(NamedTuple):
    """What Redis knows of a stream in addition to its entries."""

    last_id: str
    entries_added: int
    max_deleted_id: str


class StoredKey(NamedTuple):
    """A key and its value, as Redis sends it. Of a large stream it can be a part."""

    name: str
    value: Any
    #: When the key expires, in milliseconds since 1970, or -1.
    expires: int = -1
    #: Comes with the last part of a stream, unless the stream holds acts.
    stream: StreamInfo | None = None


def run_in_one_step(client: Client, commands: Iterable[Command]) -> list[Any]:
    """Return the replies to commands that run in one MULTI.

    Raises:
        StorageUnavailable: Redis did not answer.
    """
    return client.commands([(command, *map(encoded, parts)) for command, *parts in commands], in_one_step=True)


def decode(part: bytes) -> str:
    """Return bytes from Redis as text. Bytes that are not UTF-8 become surrogates."""
    return part.decode("utf-8", "surrogateescape")


def decode_pairs(value: Any) -> dict[str, str]:
    """Return names and values. In a MULTI on a Cluster, redis-py makes no dictionary of them."""
    items = zip(value[::2], value[1::2], strict=True) if isinstance(value, list) else value.items()
    return {decode(name): decode(text) for name, text in items}


def make_batches(items: Iterable[T], size: int, weigh: Callable[[T], int] = lambda _: 1) -> Iterator[list[T]]:
    """Yield all items in batches. A batch ends when its weights add up to `size`."""
    batch, weight = list[T](), 0
    for item in items:
        batch.append(item)
        weight += weigh(item)
        if weight >= size:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def make_lines(keys: Iterable[StoredKey]) -> Iterator[Line]:
    """Yield the lines of keys. No check accepts a line of damaged values.

    A line of a request has the slugs under which it is open, and a line of an act has its
    outcome. Both come from keys that are read before.
    """
    open_slugs, outcomes = defaultdict[str, list[str]](list), dict[str, str]()
    for key in keys:
        prefix, name, kind = parse_key(key.name)
        if not key.value or prefix == feedback.SEQUENCE_KEY:
            continue
        value = decode_pairs(key.value) if kind in ("hash", "zset") else key.value
        if prefix == OUTCOMES_KEY:
            outcomes |= value
        elif prefix == _OPEN:
            for slug, request in value.items():
                open_slugs[request].append(slug)
        else:
            for line in _LINE_MAKERS[prefix](name, value, key):
                if prefix == feedback.thread_key(""):
                    line["open"] = open_slugs.pop(name, [])
                elif prefix == ENTRIES_KEY and (act := line["fields"].get("act", "")) in outcomes:
                    line["outcome"] = outcomes[act]
                yield line


#: Makes the lines of a key from the end of its name, its decoded value, and the key.
_LineMaker = Callable[[str, Any, StoredKey], Iterable[Line]]


def _parse_integer(text: str) -> int | str:
    """Return the integer, or other text as it is: the check of the line rejects that."""
    return int(text) if _INTEGER.fullmatch(text) else text


def _line_per_pair(subject: str, field: str, convert: Callable[[str], Any] = str, **constants: str) -> _LineMaker:
    """Make one line for each pair of a hash or a sorted set."""
    return lambda _, pairs, __: ({subject: name, **constants, field: convert(value)} for name, value in pairs.items())


def _line_per_batch(subject: str, field: str, convert: Callable[[str], Any] = str, size: int = ITEMS) -> _LineMaker:
    """Make one line for each `size` pairs of a hash."""
    return lambda name, pairs, _: (
        {subject: name, field: {key: convert(value) for key, value in batch}}
        for batch in make_batches(pairs.items(), size)
    )


def _make_vote_lines(feature: str, accounts: Any, _: StoredKey) -> Iterator[Line]:
    for batch in make_batches(map(decode, accounts), ITEMS):
        yield {"votes": feature, "of": batch}


def _make_use_lines(name: str, fields: dict[str, str], key: StoredKey) -> Iterator[Line]:
    for line in _line_per_batch("uses", "counted", _parse_integer)(name, fields, key):
        yield line | {"expires": key.expires}


def _make_message_lines(request: str, items: Any, _: StoredKey) -> Iterator[Line]:
    for message in make_batches(map(decode, items), MESSAGE_SIZE):
        names = ("message", "author", "by", "name", "at", "text")
        line: Line = dict(zip(names, message, strict=False))
        yield line | {"request": request, "at": _parse_integer(line.get("at", ""))}


def _make_account_lines(account: str, fields: dict[str, str], key: StoredKey) -> Iterator[Line]:
    expires = {} if key.expires == -1 else {"expires": key.expires}
    yield {"account": account, "fields": fields} | expires


def _line_makers_of(queue: Queue) -> dict[str, _LineMaker]:
    def make_event_lines(_: str, entries: Any, key: StoredKey) -> Iterator[Line]:
        for id, fields in entries:
            yield {"event": decode(id), "of": queue.name, "says": decode_pairs(fields).get("event")}
        if key.stream is not None:
            last, added, deleted = key.stream
            yield {"events": queue.name, "last": last, "added": added, "deleted": deleted}

    return {
        queue.stream: make_event_lines,
        queue.state_key: lambda _, fields, __: [{"delivery": queue.name, "fields": fields}],
        queue.given_up_key: _line_per_pair("given_up", "says", of=queue.name),
    }


_OPEN = feedback.open_key("")

#: What makes the lines of a key, by the name of the key or, if that ends in a colon, by
#: the beginning of the name.
_LINE_MAKERS: dict[str, _LineMaker] = {
    RENAMES_KEY: _line_per_pair("renamed", "to"),
    trend_key(""): _line_per_batch("trend", "days", _parse_integer),
    interest_key(""): _make_vote_lines,
    voted_key(""): _line_per_batch("voted", "on"),
    reasons_key(""): _line_per_batch("reasons", "by", lambda text: list(parsed(text)), REASONS),
    dismissed_key(""): _line_per_batch("dismissed", "modules", _parse_integer),
    feedback.messages_key(""): _make_message_lines,
    feedback.thread_key(""): lambda id, fields, _: [{"request": id, "fields": fields}],
    history.REGISTRY_KEY: lambda _, fields, __: [{"registry": fields.pop("revision", ""), **fields}],
    history.REVISIONS_KEY: _line_per_pair("revision", "at", _parse_integer),
    history.RELEASED_KEY: _line_per_pair("released", "at", _parse_integer),
    uses_key(""): _make_use_lines,
    **_line_makers_of(CHANGES),
    **_line_makers_of(REQUESTS),
    PEOPLE_KEY: _line_per_pair("pseudonym", "of"),  # without people who are being erased
    ENTRIES_KEY: lambda _, entries, __: ({"act": decode(id), "fields": decode_pairs(fields)} for id, fields in entries),
    account_key(""): _make_account_lines,
}

_PREFIX = re.compile(
    "|".join(
        re.escape(key) + ("" if key.endswith(":") else r"\Z")
        for key in (*_LINE_MAKERS, _OPEN, OUTCOMES_KEY, feedback.SEQUENCE_KEY)
    )
)

#: The types of keys. Other keys are hashes.
_KINDS = {
    interest_key(""): "set",
    feedback.messages_key(""): "list",
    feedback.SEQUENCE_KEY: "string",
    history.REVISIONS_KEY: "zset",
    **dict.fromkeys((CHANGES.stream, REQUESTS.stream, ENTRIES_KEY), "stream"),
}


def parse_key(key: str) -> tuple[str, str, str]:
    """Return the constant part of the name of a key, the rest of the name, and the type.

    Raises:
        ValueError: a backup has no such key.
    """
    prefix = _PREFIX.match(key)
    if prefix is None:
        raise ValueError(key)
    return prefix[0], key[prefix.end() :], _KINDS.get(prefix[0], "hash")
