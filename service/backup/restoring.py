"""Restoring a backup: what is there stays, what is missing comes.

Into an empty store that is everything, and where people vote meanwhile nothing of theirs is lost. It may be done again,
after it was interrupted as well. Nobody is signed in before all else is there, since accounts come last.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from types import NoneType

from service.accounts.model import account_key
from service.audit.keys import ENTRIES_KEY
from service.backup import acts, requests
from service.backup.commands import restore_accounts
from service.backup.events import Events
from service.backup.subjects import Line
from service.feedback.keys import thread_key
from service.history import keys as history
from service.history.store import MOST_OF_SLUG
from service.interest.keys import VOTES_KEYS, dismissed_key, interest_key
from service.interest.store import today
from service.storage.client import Client
from service.storage.script import Script
from service.webhooks.keys import CHANGES, REQUESTS

_RENAME = Script.load("interest/votes", "backup/rename", returns=NoneType)
_DAYS = Script.load("interest/votes", "backup/days", returns=NoneType)
_VOTERS = Script.load("interest/votes", "backup/voters", returns=int)

#: How many accounts one step restores.
_ACCOUNTS = 100

_Lines = Iterator[Line]


def holdings(client: Client) -> list[str]:
    """What a store has of accounts, votes, requests and acts of admins: nothing where it is empty.

    What a running `serve` has written by itself does not count. Raises StorageUnavailable.
    """
    kinds = {"accounts": account_key("*"), "votes": interest_key("*"), "requests": thread_key("*")}
    found = [noun for noun, pattern in kinds.items() if next(client.scan(pattern), None) is not None]
    return [*found, *(["acts of admins"] if client.command("XLEN", ENTRIES_KEY) else [])]


def restore(client: Client, lines: Iterable[Line]) -> Iterator[int]:
    """Restore what the lines of a backup tell, in their order, and say after each step how many it took.

    Raises StorageUnavailable; what was restored until then stays, and a second run restores the rest.
    """
    for restorer, found in groupby(lines, _restorer):
        yield from restorer(client, found)


def _renames(client: Client, lines: _Lines) -> Iterator[int]:
    """What was merged first comes first: each script follows the renames that it finds."""
    known: dict[str, str] = {}
    for line in lines:
        known[line.name] = line.said["to"]
        yield 1

    seen: set[str] = set()
    last_first: list[str] = []
    for feature in known:
        path = []
        while feature in known and feature not in seen:
            seen.add(feature)
            path.append(feature)
            feature = known[feature]
        last_first += reversed(path)
    for feature in reversed(last_first):
        client.run(_RENAME, VOTES_KEYS, [feature, known[feature], today()])


def _votes(client: Client, lines: _Lines) -> Iterator[int]:
    """A feature's trend, and then its votes."""
    day = today()
    for feature, found in groupby(lines, lambda line: line.name):
        days: set[str] = set()
        for line in found:
            if line.subject == "trend":
                days.update(line.said["days"])
                net = [part for each in line.said["days"].items() for part in each]
                client.run(_DAYS, VOTES_KEYS, [feature, day, *net])
            else:
                client.run(_VOTERS, VOTES_KEYS, [feature, day, int(day not in days), *line.said["of"]])
            yield 1


def _dismissed(client: Client, lines: _Lines) -> Iterator[int]:
    for line in lines:
        for slug, at in line.said["modules"].items():
            client.command("HSETNX", dismissed_key(line.name), slug, at)
        yield 1


def _changes(client: Client, lines: _Lines) -> Iterator[int]:
    """The record of changes as a whole, where the store has none of its own but the registry that it began with."""
    registry, revisions, released = map(str.encode, (history.REGISTRY_KEY, history.REVISIONS_KEY, history.RELEASED_KEY))
    events = Events(CHANGES, history.REGISTRY_KEY, history.REVISIONS_KEY)
    of_slug: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if line.subject == "registry":
            fields = {"revision": line.name, **line.said}
            events.write(b"HSET", registry, *(part for field in fields.items() for part in field))
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
    "trend": _votes,
    "votes": _votes,
    "dismissed": _dismissed,
    **dict.fromkeys(("message", "request", REQUESTS.name), requests.restore),
    **dict.fromkeys(("registry", "revision", "released", CHANGES.name), _changes),
    **dict.fromkeys(("pseudonym", "act"), acts.restore),
    "account": _accounts,
}


def _restorer(line: Line) -> _Restorer:
    """What restores a line, which for events and what goes with them depends on whose they are."""
    return _RESTORERS[line.subject if line.subject in _RESTORERS else line.said.get("of", line.name)]
