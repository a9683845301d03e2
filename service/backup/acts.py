"""Restoring what admins did. Entries of a stream come in the order of time, so the stream is put together anew."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby, islice
from types import NoneType

from service.audit.keys import ENTRIES_KEY, OUTCOMES_KEY, PEOPLE_KEY, PSEUDONYMS_KEY
from service.audit.model import Way
from service.backup.keys import RESTORED_KEY
from service.backup.subjects import ITEMS, Line, encoded, entry_id
from service.storage.client import Client
from service.storage.script import Script

_PEOPLE = Script.load("backup/people", returns=list)
_APPEND = Script.load("backup/append", returns=NoneType)
_PUT_IN_PLACE = Script.load("backup/put_in_place", returns=NoneType)

_Entry = list[bytes]


def restore(client: Client, lines: Iterator[Line]) -> Iterator[int]:
    """Restore acts that are missing, among those that are there. Raises StorageUnavailable.

    Who has a pseudonym in the store keeps it, in the acts of the file as well, so that there is one to be forgotten.
    """
    pseudonyms: dict[str, str] = {}
    steps: list[int] = []

    def entries() -> Iterator[_Entry]:
        for subject, found in groupby(lines, lambda line: line.subject):
            while some := list(islice(found, ITEMS)):
                if subject == "pseudonym":
                    people = [part for line in some for part in (line.said["of"], line.name)]
                    others = client.run(_PEOPLE, [PSEUDONYMS_KEY, PEOPLE_KEY], people)
                    pseudonyms.update(zip(others[::2], others[1::2], strict=True))
                else:
                    yield from (_entry(client, line, pseudonyms) for line in some)
                steps.append(len(some))

    client.command("DEL", RESTORED_KEY)
    with closing(Client(client.url, client.timeout, tries=1, decodes=False)) as raw:
        last = _last(raw)
        both = heapq.merge(_own(raw, last), entries(), key=lambda entry: entry_id(entry[0].decode()))
        for batch in _batches(_once(both)):
            client.run(_APPEND, [RESTORED_KEY], batch)
            yield sum(steps)
            steps.clear()
    client.run(_PUT_IN_PLACE, [ENTRIES_KEY, RESTORED_KEY], [last])
    yield sum(steps)


def _own(raw: Client, last: bytes) -> Iterator[_Entry]:
    """The entries of the store, up to one of them."""
    begin = b"-"
    while page := raw.command("XRANGE", ENTRIES_KEY, begin, last, "COUNT", ITEMS):
        for entry, fields in page:
            yield [entry, *(part for pair in fields.items() for part in pair)]
        begin = b"(" + page[-1][0]


def _last(raw: Client) -> bytes:
    newest = raw.command("XREVRANGE", ENTRIES_KEY, "+", "-", "COUNT", 1)
    return bytes(newest[0][0]) if newest else b"0-0"


def _entry(client: Client, line: Line, pseudonyms: dict[str, str]) -> _Entry:
    """An entry in which people have the pseudonyms of the store, once it is kept how it ended."""
    fields = dict(line.said["fields"])
    for name in ("whom", *(["who"] if fields["way"] == Way.ACCOUNT else [])):
        fields[name] = pseudonyms.get(fields[name], fields[name])
    if (outcome := line.said.get("outcome")) is not None:
        client.command("HSETNX", OUTCOMES_KEY, fields["act"], encoded(outcome))
    return [line.name.encode(), *(encoded(part) for field in fields.items() for part in field)]


def _once(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    """Entries that are sorted, the first of each id."""
    before: bytes | None = None
    for entry in entries:
        if entry[0] != before:
            yield entry
        before = entry[0]


def _batches(entries: Iterable[_Entry]) -> Iterator[Sequence[bytes]]:
    """What lua/append.lua is called with, for some entries at a time."""
    args: list[bytes] = []
    for number, entry in enumerate(entries, start=1):
        args += [b"%d" % len(entry), *entry]
        if number % ITEMS == 0:
            yield args
            args = []
    if args:
        yield args
