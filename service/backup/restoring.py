"""Restoring a backup into a store that is empty, but for accounts of the platform and for what a `serve` has written.

Nobody is signed in before all else is there, since accounts come last.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby, islice

from service.audit.store import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.backup import requests
from service.backup.commands import Command, restore_accounts, write
from service.backup.events import Events
from service.backup.subjects import Line, encoded, flat
from service.feedback.keys import thread_key
from service.history import store as history
from service.history.store import MOST_OF_SLUG
from service.interest.keys import RENAMES_KEY, dismissed_key, interest_key, trend_key
from service.storage.client import Client
from service.webhooks.keys import CHANGES, REQUESTS

#: How many lines, accounts and renames one step restores.
_LINES, _ACCOUNTS, _RENAMES = 20, 100, 1000

#: Renames that lead from one to the next are followed one by one, by every script.
_LONGEST_CHAIN = 100

_Lines = Iterator[Line]


def holdings(client: Client) -> list[str]:
    """What a store has of votes, requests and acts of admins: nothing where it is empty. Raises StorageUnavailable."""
    kinds = {"votes": interest_key("*"), "requests": thread_key("*")}
    nouns = [noun for noun, pattern in kinds.items() if next(client.scan(pattern), None) is not None]
    return [*nouns, *(["acts of admins"] if client.command("XLEN", ENTRIES_KEY) else [])]


def restore(client: Client, lines: Iterable[Line]) -> Iterator[int]:
    """Restore what the lines of a backup tell, in their order, and say after each step how many it took.

    Accounts that are there stay as they are. Raises StorageUnavailable; what was restored until then stays.
    """
    for restorer, some in groupby(lines, _restorer):
        yield from restorer(client, some)


def _renames(client: Client, lines: _Lines) -> Iterator[int]:
    """Renames as they were, but for those that make a circle, and chains so long that to follow them would be felt."""
    known = {line.name: line.said["to"] for line in lines}
    ends: dict[str, tuple[str, int] | None] = {}  # where a chain ends, and how long it is; nothing for a circle
    for feature in known:
        path: dict[str, None] = {}
        while feature in known and feature not in ends and feature not in path:
            path[feature] = None
            feature = known[feature]
        end = None if feature in path else ends.get(feature, (feature, 0))
        for each in reversed(path):
            end = end and (end[0], end[1] + 1)
            ends[each] = end
    pairs = [(feature, known[feature] if end[1] < _LONGEST_CHAIN else end[0]) for feature, end in ends.items() if end]
    for start in range(0, len(pairs), _RENAMES):
        write(client, [(b"HSET", RENAMES_KEY, *(part for pair in pairs[start : start + _RENAMES] for part in pair))])
    yield len(known)


def _trend(line: Line) -> Iterator[Command]:
    yield b"HSET", trend_key(line.name).encode(), *flat(line.said["days"])


def _votes(line: Line) -> Iterator[Command]:
    yield b"SADD", interest_key(line.name).encode(), *map(encoded, line.said["of"])


def _dismissed(line: Line) -> Iterator[Command]:
    yield b"HSET", dismissed_key(line.name).encode(), *flat(line.said["modules"])


def _pseudonym(line: Line) -> Iterator[Command]:
    pseudonym, account = line.name.encode(), encoded(line.said["of"])
    yield b"HSET", PSEUDONYMS_KEY.encode(), account, pseudonym
    yield b"HSET", PEOPLE_KEY.encode(), pseudonym, account


def _act(line: Line) -> Iterator[Command]:
    fields = line.said["fields"]
    yield b"XADD", ENTRIES_KEY.encode(), line.name.encode(), *flat(fields)
    if (outcome := line.said.get("outcome")) is not None:
        yield b"HSET", OUTCOMES_KEY.encode(), encoded(fields["act"]), encoded(outcome)


def _written(of: Callable[[Line], Iterator[Command]], client: Client, lines: _Lines) -> Iterator[int]:
    """Restore what takes these commands of each line, some lines in a step."""
    while some := list(islice(lines, _LINES)):
        write(client, [command for line in some for command in of(line)])
        yield len(some)


def _changes(client: Client, lines: _Lines) -> Iterator[int]:
    """The record of changes as a whole, where the store has none of its own but the registry that it began with."""
    registry, revisions, released = map(str.encode, (history.REGISTRY_KEY, history.REVISIONS_KEY, history.RELEASED_KEY))
    events = Events(CHANGES, history.REGISTRY_KEY, history.REVISIONS_KEY)
    of_slug: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if line.subject == "registry":
            events.write(b"HSET", registry, *flat({"revision": line.name, **line.said}))
        elif line.subject == "revision":
            events.write(b"ZADD", revisions, str(line.said["at"]), line.name)
        elif line.subject == "released":
            events.write(b"HSET", released, line.name, str(line.said["at"]))
        else:
            events.add(line)
            if line.subject == "event":
                of_slug[json.loads(line.said["says"])["slug"]].insert(0, line.name)
        yield 1
    for slug, ids in of_slug.items():
        events.write(b"RPUSH", history.of_key(slug).encode(), *ids[:MOST_OF_SLUG])
    events.restore(client)


def _accounts(client: Client, lines: _Lines) -> Iterator[int]:
    while some := list(islice(lines, _ACCOUNTS)):
        restore_accounts(client, some)
        yield len(some)


_Restorer = Callable[[Client, _Lines], Iterator[int]]

_RESTORERS: dict[str, _Restorer] = {
    "renamed": _renames,
    "trend": partial(_written, _trend),
    "votes": partial(_written, _votes),
    "dismissed": partial(_written, _dismissed),
    **dict.fromkeys(("message", "request", REQUESTS.name), requests.restore),
    **dict.fromkeys(("registry", "revision", "released", CHANGES.name), _changes),
    "pseudonym": partial(_written, _pseudonym),
    "act": partial(_written, _act),
    "account": _accounts,
}


def _restorer(line: Line) -> _Restorer:
    """What restores a line, which for events and what goes with them depends on whose they are."""
    return _RESTORERS[line.subject if line.subject in _RESTORERS else line.said.get("of", line.name)]
