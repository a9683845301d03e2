"""Restoring activation requests, each with its messages and its places in lists, in one step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from service.backup.commands import Command, restore_unless_there, writing
from service.backup.format import Record
from service.backup.keys import kind_of
from service.feedback.keys import (
    EVENTS_KEY,
    SEQUENCE_KEY,
    SLUGS_KEY,
    answers_key,
    messages_key,
    of_key,
    open_key,
    queue_key,
    thread_key,
)
from service.storage.client import Client
from service.webhooks.keys import REQUESTS

#: What the keys of requests match.
PATTERN = thread_key("*")

_LISTS = (of_key(""), open_key(""), queue_key(""), answers_key(""))
_OF_EVENTS = (EVENTS_KEY, REQUESTS.state_key, REQUESTS.given_up_key)

#: The entries of SAVED that are restored here.
KINDS = (*_LISTS, *_OF_EVENTS, SLUGS_KEY, SEQUENCE_KEY, messages_key(""), thread_key(""))


def restore(client: Client, records: Iterator[Record]) -> Iterator[int]:
    """Restore requests that are missing. Raises StorageUnavailable.

    Events are those of the file where the store has none, with how far they are delivered.
    """
    places: dict[bytes, list[Command]] = defaultdict(list)
    events: list[Record] = []
    said: list[Command] = []
    for record in records:
        kind = kind_of(record.key)
        if kind in _LISTS:
            _add_places(places, record, kind)
        elif kind in _OF_EVENTS:
            events.append(record)
        elif kind == SEQUENCE_KEY:
            _raise_sequence(client, int(record.items[0]))
        elif kind == SLUGS_KEY:
            client.command("SADD", SLUGS_KEY, *record.items)
        elif kind == messages_key(""):
            said = list(writing(record))
        else:
            restore_unless_there(client, record.key, [*said, *places.pop(record.name, ()), *writing(record)])
            said = []
        yield 1
    events.sort(key=lambda record: record.key == EVENTS_KEY.encode())
    if events:
        others = [name.encode() for name in _OF_EVENTS[1:]]
        commands = [command for record in events for command in writing(record)]
        restore_unless_there(client, EVENTS_KEY.encode(), [(b"DEL", *others), *commands])


def _add_places(places: dict[bytes, list[Command]], record: Record, kind: str) -> None:
    """Note where each request stands in a list."""
    key, items = record.key, record.items
    if kind == answers_key(""):
        for name in items:
            places[name].append((b"SADD", key, name))
    elif kind == open_key(""):
        for slug, name in zip(items[::2], items[1::2], strict=True):
            places[name].append((b"HSETNX", key, slug, name))
    else:
        for name, score in zip(items[::2], items[1::2], strict=True):
            places[name].append((b"ZADD", key, score, name))


def _raise_sequence(client: Client, number: int) -> None:
    """Have no activity in the file be newer than the next one here."""
    missing = number - int(client.command("GET", SEQUENCE_KEY) or 0)
    if missing > 0:
        client.command("INCRBY", SEQUENCE_KEY, missing)
