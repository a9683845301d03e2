"""What keys of Redis hold, in parts, as a store is read; and the lines of a backup that are made of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf
from sys import getsizeof
from typing import Any

from service.backup.subjects import Line
from service.feedback.model import MESSAGE_SIZE

#: What a message is stored as (feedback/lua/threads.lua).
_OF_MESSAGE = ("id", "author", "by", "name", "at", "text")

#: What a pair takes in memory beside its two texts, in bytes.
_PAIR = 200

_WHOLE = re.compile("0|-?[1-9][0-9]{0,17}")

#: Each kind of key of which something is saved, and its type.
KINDS = {
    "renames": "hash",
    "trend": "hash",
    "votes": "set",
    "dismissed": "hash",
    "open": "hash",
    "messages": "list",
    "thread": "hash",
    "requests": "stream",
    "requests-delivery": "hash",
    "requests-given-up": "hash",
    "registry": "hash",
    "revisions": "zset",
    "changes": "stream",
    "released": "hash",
    "changes-delivery": "hash",
    "changes-given-up": "hash",
    "pseudonyms": "hash",
    "outcomes": "hash",
    "entries": "stream",
    "account": "hash",
}


@dataclass(frozen=True, slots=True)
class Part:
    """What a key of a kind holds, or a part of it; `name` is what the key's name ends in, such as an account's id.

    Of a hash and a sorted set, `items` are fields and values, or members and scores, in turn; of a stream they are its
    entries, an id, fields and values each, and `state` are its last id, how many entries it ever had, and the last id
    that was deleted. The key ends at the millisecond `expires` since 1970, if it does.
    """

    kind: str
    name: bytes
    items: Sequence[Any]
    expires: int | None = None
    state: list[bytes] | None = None


def split(key: bytes, names: Mapping[str, str]) -> tuple[str, bytes] | None:
    """The kind of a key and what follows in its name, by the names of kinds; None for a key of another kind.

    A name of a kind is that of a key, or ends in a colon, behind which names begin.
    """
    text = key.decode("utf-8", "surrogateescape")
    if text in names:
        return names[text], b""
    for name, kind in names.items():
        if name.endswith(":") and text.startswith(name):
            return kind, key[len(name.encode()) :]
    return None


def told(parts: Iterable[Part], most: float = inf) -> Iterator[Line]:
    """The lines of parts that are in the order of `reading.parts`. What is damaged makes lines that no check takes.

    Raises ValueError where more than `most` bytes would have to be kept for later lines.
    """
    teller = _Teller(most)
    for (kind, name), group in groupby(parts, key=lambda part: (part.kind, part.name)):
        if kind == "account":  # as a whole, which one line tells
            found = list(group)
            group = iter([Part(kind, name, [item for part in found for item in part.items], found[0].expires)])
        for part in group:
            yield from teller.lines(part)


class _Teller:
    """Makes lines, and remembers what goes into later ones."""

    def __init__(self, most: float) -> None:
        self._open = defaultdict[str, list[str]](list)
        self._outcomes: dict[str, str] = {}
        self._room = most

    def _take(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Count what is kept from now on."""
        self._room -= sum(map(_size, pairs))
        if self._room < 0:
            raise ValueError

    def lines(self, part: Part) -> Iterator[Line]:
        """What is to be told of a part."""
        name, kind = _text(part.name), part.kind
        queue, _, what = kind.partition("-")
        pairs = _pairs(part.items) if KINDS[kind] in ("hash", "zset") else {}
        if kind in _OF_PAIRS:
            yield from _OF_PAIRS[kind](name, pairs)
        elif what:
            yield from _deliveries(queue, what, pairs)
        elif kind == "votes":
            yield Line("votes", name, {"of": [_text(voter) for voter in part.items]})
        elif kind == "messages":
            yield from _messages(name, [_text(item) for item in part.items])
        elif kind == "account":
            ends = {} if part.expires is None else {"expires": part.expires}
            yield Line("account", name, {"fields": pairs, **ends})
        elif kind in ("open", "outcomes"):
            self._take(pairs.items())
            self._keep(kind, pairs)
        elif kind == "thread":
            slugs = self._open.pop(name, [])
            self._room += sum(_size((slug, name)) for slug in slugs)
            yield Line("request", name, {"fields": pairs, "open": slugs})
        elif kind == "entries":
            yield from map(self._act, part.items)
        else:
            yield from _events(kind, part)

    def _keep(self, kind: str, pairs: Mapping[str, str]) -> None:
        """Remember what goes into the lines of requests, or of acts."""
        if kind == "outcomes":
            self._outcomes |= pairs
        else:
            for slug, request in pairs.items():
                self._open[request].append(slug)

    def _act(self, entry: Sequence[bytes]) -> Line:
        fields = _pairs(entry[1:])
        said: dict[str, Any] = {"fields": fields}
        act = fields.get("act", "")
        if (outcome := self._outcomes.pop(act, None)) is not None:
            self._room += _size((act, outcome))
            said["outcome"] = outcome
        return Line("act", _text(entry[0]), said)


def _each(subject: str, said: Callable[[str], dict[str, Any]]) -> Callable[[str, dict[str, str]], Iterator[Line]]:
    """A line for each pair of a key."""
    return lambda _, pairs: (Line(subject, first, said(second)) for first, second in pairs.items())


#: What is told of the keys of a kind, by what their names end in, and what they hold.
_OF_PAIRS: dict[str, Callable[[str, dict[str, str]], Iterator[Line]]] = {
    "renames": _each("renamed", lambda new: {"to": new}),
    "revisions": _each("revision", lambda at: {"at": _number(at)}),
    "released": _each("released", lambda at: {"at": _number(at)}),
    "pseudonyms": lambda _, pairs: (Line("pseudonym", each, {"of": account}) for account, each in pairs.items()),
    "trend": lambda name, pairs: iter([Line("trend", name, {"days": _numbers(pairs)})]),
    "dismissed": lambda name, pairs: iter([Line("dismissed", name, {"modules": _numbers(pairs)})]),
    "registry": lambda _, pairs: iter([Line("registry", pairs.pop("revision", ""), pairs)]),
}


def _deliveries(queue: str, what: str, pairs: dict[str, str]) -> Iterator[Line]:
    if what == "delivery":
        yield Line("delivery", queue, {"fields": pairs})
    else:
        yield from (Line("given_up", each, {"of": queue, "says": says}) for each, says in pairs.items())


def _events(kind: str, part: Part) -> Iterator[Line]:
    for entry in part.items:
        yield Line("event", _text(entry[0]), {"of": kind, "says": _pairs(entry[1:]).get("event")})
    if part.state is not None:
        last, added, deleted = map(_text, part.state)
        yield Line("events", kind, {"last": last, "added": _number(added), "deleted": deleted})


def _messages(request: str, items: Sequence[str]) -> Iterator[Line]:
    for start in range(0, len(items), MESSAGE_SIZE):
        said: dict[str, Any] = dict(zip(_OF_MESSAGE, items[start : start + MESSAGE_SIZE], strict=False))
        said["at"] = _number(said.get("at", ""))
        yield Line("message", said.pop("id"), {"request": request, **said})


def _size(pair: tuple[str, str]) -> int:
    return _PAIR + sum(map(getsizeof, pair))


def _pairs(items: Sequence[Any]) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in zip(items[::2], items[1::2], strict=True)}


def _text(item: bytes) -> str:
    """Bytes that are no UTF-8, which others may have written, stand in text as lone surrogates."""
    return item.decode("utf-8", "surrogateescape")


def _numbers(pairs: Mapping[str, str]) -> dict[str, int | str]:
    return {name: _number(text) for name, text in pairs.items()}


def _number(text: str) -> int | str:
    return int(text) if _WHOLE.fullmatch(text) else text
