"""Restoring a backup: what is there stays, what is missing comes.

Into an empty store that is everything, and where people vote meanwhile nothing of theirs is lost. It may be done again,
after it was interrupted as well. Nobody is signed in before all else is there, since accounts come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby, islice
from types import NoneType

from service.accounts.model import account_key
from service.audit.keys import ENTRIES_KEY, OUTCOMES_KEY, PSEUDONYMS_KEY
from service.backup import acts, requests
from service.backup.commands import restore_each_unless_there, restore_unless_there, writing
from service.backup.format import Record
from service.backup.keys import kind_of
from service.history import keys as history
from service.interest.keys import RENAMES_KEY, VOTES_KEYS, dismissed_key, interest_key, trend_key
from service.interest.store import today
from service.storage.client import Client
from service.storage.script import Script
from service.webhooks.keys import CHANGES

_RENAME = Script.load("interest/votes", "backup/rename", returns=NoneType)
_DAYS = Script.load("interest/votes", "backup/days", returns=NoneType)
_VOTERS = Script.load("interest/votes", "backup/voters", returns=int)

#: How many accounts one step restores.
_ACCOUNTS = 100

_Records = Iterator[Record]


def holdings(client: Client) -> list[str]:
    """What a store has of accounts, votes, requests and acts of admins: nothing where it is empty.

    What a running `serve` has written by itself does not count. Raises StorageUnavailable.
    """
    kinds = {"accounts": account_key("*"), "votes": interest_key("*"), "requests": requests.PATTERN}
    found = [noun for noun, pattern in kinds.items() if next(client.scan(pattern), None) is not None]
    return [*found, *(["acts of admins"] if client.command("XLEN", ENTRIES_KEY) else [])]


def restore(client: Client, records: Iterable[Record]) -> Iterator[int]:
    """Restore the records of a backup, in their order, and say after each step how many it took.

    Raises StorageUnavailable; what was restored until then stays, and a second run restores the rest.
    """
    for restorer, found in groupby(records, lambda record: _RESTORERS[kind_of(record.key) or ""]):
        yield from restorer(client, found)


def _renames(client: Client, records: _Records) -> Iterator[int]:
    """What was merged first comes first: each script follows the renames that it finds."""
    known: dict[bytes, bytes] = {}
    for record in records:
        known.update(zip(record.items[::2], record.items[1::2], strict=True))
        yield 1

    def steps(feature: bytes) -> int:
        seen = {feature}
        while (feature := known.get(feature, b"")) and feature not in seen:
            seen.add(feature)
        return len(seen)

    for feature in sorted(known, key=steps, reverse=True):
        client.run(_RENAME, VOTES_KEYS, [feature, known[feature], today()])


def _votes(client: Client, records: _Records) -> Iterator[int]:
    """A feature's trend, and then its votes."""
    day = today()
    for feature, found in groupby(records, lambda record: record.name):
        days: set[bytes] = set()
        for record in found:
            if kind_of(record.key) == trend_key(""):
                days.update(record.items[::2])
                client.run(_DAYS, VOTES_KEYS, [feature, day, *record.items])
            else:
                has_today = day.encode() in days
                client.run(_VOTERS, VOTES_KEYS, [feature, day, int(not has_today), *record.items])
            yield 1


def _dismissed(client: Client, records: _Records) -> Iterator[int]:
    for record in records:
        for slug, at in zip(record.items[::2], record.items[1::2], strict=True):
            client.command("HSETNX", record.key, slug, at)
        yield 1


def _changes(client: Client, records: _Records) -> Iterator[int]:
    """The record of changes as a whole, where the store has none of its own but the registry that it began with."""
    found = list(records)
    names = (history.REGISTRY_KEY, history.REVISIONS_KEY, CHANGES.state_key, CHANGES.given_up_key)
    commands = [(b"DEL", *(name.encode() for name in names))]
    commands += [command for record in found for command in writing(record)]
    if found:
        restore_unless_there(client, history.EVENTS_KEY.encode(), commands)
    yield len(found)


def _accounts(client: Client, records: _Records) -> Iterator[int]:
    """Each as a whole: one with very many fields is in several records."""
    whole = (list(parts) for _, parts in groupby(records, lambda record: record.key))
    while some := list(islice(whole, _ACCOUNTS)):
        united = [replace(parts[0], items=[item for part in parts for item in part.items]) for parts in some]
        restore_each_unless_there(client, united)
        yield sum(map(len, some))


_Restorer = Callable[[Client, _Records], Iterator[int]]

_RESTORERS: dict[str, _Restorer] = {
    RENAMES_KEY: _renames,
    trend_key(""): _votes,
    interest_key(""): _votes,
    dismissed_key(""): _dismissed,
    **dict.fromkeys(requests.KINDS, requests.restore),
    **dict.fromkeys(
        (
            history.REGISTRY_KEY,
            history.REVISIONS_KEY,
            history.EVENTS_KEY,
            history.of_key(""),
            history.RELEASED_KEY,
            CHANGES.state_key,
            CHANGES.given_up_key,
        ),
        _changes,
    ),
    **dict.fromkeys((PSEUDONYMS_KEY, OUTCOMES_KEY, ENTRIES_KEY), acts.restore),
    account_key(""): _accounts,
}
