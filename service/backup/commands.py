"""The commands that write a record again, run in one step unless it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from service.backup.format import ITEMS, Record
from service.backup.keys import SAVED, kind_of
from service.storage.client import Client
from service.storage.script import Script

_COMMANDS = Script.load("backup/commands", returns=int)

Command = tuple[bytes, ...]


def restore_unless_there(client: Client, key: bytes, commands: Iterable[Command]) -> bool:
    """Run commands, all of them on keys of one slot, unless a key is there; returns whether they were run.

    One of them writes the key. Raises StorageUnavailable.
    """
    return bool(client.run(_COMMANDS, [key], _arguments(commands)))


def restore_each_unless_there(client: Client, records: Sequence[Record]) -> None:
    """Write records, of which each is a key by itself, unless it is there.

    All of them in one step, on a Cluster in one for each. Raises StorageUnavailable.
    """
    steps = [[record] for record in records] if client.is_cluster else [records]
    for step in steps:
        client.run(
            _COMMANDS, [record.key for record in step], [part for each in step for part in _arguments(writing(each))]
        )


def _arguments(commands: Iterable[Command]) -> list[bytes]:
    args = [part for command in commands for part in (b"%d" % len(command), *command)]
    return [b"%d" % len(args), *args]


def writing(record: Record) -> Iterator[Command]:
    """The commands that write what a record holds."""
    key, items, of_type = record.key, record.items, SAVED[kind_of(record.key) or ""]
    if of_type == "string":
        yield b"SET", key, items[0]
    elif of_type == "stream":
        yield from ((b"XADD", key, *entry) for entry in items)
        if record.state is not None:
            last, added, deleted = record.state
            yield b"XSETID", key, last, b"ENTRIESADDED", added, b"MAXDELETEDID", deleted
    else:
        if of_type == "zset":
            items = [part for at in range(0, len(items), 2) for part in (items[at + 1], items[at])]
        name = {"hash": b"HSET", "set": b"SADD", "list": b"RPUSH", "zset": b"ZADD"}[of_type]
        yield from ((name, key, *items[at : at + ITEMS]) for at in range(0, len(items), ITEMS))
    if record.expires is not None:
        yield b"PEXPIREAT", key, b"%d" % record.expires
