"""Restoring a stream of events, with how far they are delivered: as a whole, where the store has none."""

from __future__ import annotations

from service.backup.commands import Command, restore_unless_there
from service.backup.subjects import Line, encoded, flat
from service.storage.client import Client
from service.webhooks.keys import Queue


class Events:
    """The commands that write a stream and what goes with it again, gathered from lines."""

    def __init__(self, queue: Queue, *others: str) -> None:
        """`others` are keys that are written again with it, beside how far it is delivered."""
        self._stream, self._state, self._given_up = map(str.encode, queue.keys)
        self._commands: list[Command] = [(b"DEL", self._state, self._given_up, *map(str.encode, others))]
        self._ends: list[Command] = []

    def add(self, line: Line) -> None:
        """What a line tells of it."""
        said = line.said
        if line.subject == "event":
            self.write(b"XADD", self._stream, line.name, "event", said["says"])
        elif line.subject == "events":
            added = str(said["added"])
            state = ("ENTRIESADDED", added, "MAXDELETEDID", said["deleted"])
            self._ends.append((b"XSETID", self._stream, said["last"].encode(), *map(str.encode, state)))
        elif line.subject == "given_up":
            self.write(b"HSET", self._given_up, line.name, said["says"])
        else:
            self.write(b"HSET", self._state, *flat(said["fields"]))

    def write(self, command: bytes, key: bytes, *parts: str | bytes) -> None:
        """Run a command as well."""
        given = (part if isinstance(part, bytes) else encoded(part) for part in parts)
        self._commands.append((command, key, *given))

    def restore(self, client: Client) -> None:
        """Write all of it, unless there are events, or nothing was told. Raises StorageUnavailable."""
        if self._commands[1:]:
            restore_unless_there(client, self._stream, [*self._commands, *self._ends])
