"""Commands that write something again, run in one step unless it is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from service.accounts.model import account_key
from service.backup.subjects import ITEMS, Line, encoded
from service.storage.client import Client
from service.storage.script import Script

_COMMANDS = Script.load("backup/commands", returns=int)

Command = tuple[bytes, ...]


def restore_unless_there(client: Client, key: bytes, commands: Iterable[Command]) -> bool:
    """Run commands unless a key is there; returns whether they were run.

    One of them writes the key. Raises StorageUnavailable.
    """
    return bool(client.run(_COMMANDS, [key], _arguments(commands)))


def restore_accounts(client: Client, accounts: Sequence[Line]) -> None:
    """Write accounts that are not there, in one step. Raises StorageUnavailable."""
    keys = [account_key(account.name) for account in accounts]
    client.run(_COMMANDS, keys, [part for account in accounts for part in _arguments(_writing(account))])


def _writing(account: Line) -> Iterator[Command]:
    key = account_key(account.name).encode()
    items = [encoded(part) for field in account.said["fields"].items() for part in field]
    yield from ((b"HSET", key, *items[at : at + ITEMS]) for at in range(0, len(items), ITEMS))
    if (ends := account.said.get("expires")) is not None:
        yield b"PEXPIREAT", key, b"%d" % ends


def _arguments(commands: Iterable[Command]) -> list[bytes]:
    args = [part for command in commands for part in (b"%d" % len(command), *command)]
    return [b"%d" % len(args), *args]
