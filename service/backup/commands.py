"""Commands that are run in one step, or unless something is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import NoneType
from typing import Any

from service.accounts.model import account_key
from service.backup.subjects import ITEMS, Line, flat
from service.interest.keys import RENAMES_KEY
from service.storage.client import Client
from service.storage.script import Script

_COMMANDS = Script.load("backup/commands", returns=int)
_WRITE = Script.load("backup/write", returns=NoneType)

Command = tuple[str | bytes | int, ...]


def step(client: Client, commands: Sequence[Command]) -> list[Any]:
    """The answers to commands, in one step and of one moment. Raises StorageUnavailable."""

    def ask(redis: Any) -> list[Any]:
        with redis.pipeline(transaction=True) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            answers = list(pipeline.execute(raise_on_error=False))
        for answer in answers:
            if isinstance(answer, Exception) and "no such key" not in str(answer):  # as XINFO says of no stream
                raise type(answer)(str(answer).rpartition(" caused error: ")[2])  # the command names people
        # redis-py makes no dictionaries in a MULTI on a Cluster.
        both = zip(commands, answers, strict=True)
        return [_paired(answer) if command[0] == "HGETALL" else answer for command, answer in both]

    return client.ask(ask) if commands else []


def _paired(answer: Any) -> Any:
    return dict(zip(answer[::2], answer[1::2], strict=True)) if isinstance(answer, list) else answer


def write(client: Client, commands: Iterable[Command]) -> None:
    """Run commands that write, in one step. Raises StorageUnavailable."""
    client.run(_WRITE, [RENAMES_KEY], _parts(commands))


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
    items = flat(account.said["fields"])
    yield from ((b"HSET", key, *items[at : at + ITEMS]) for at in range(0, len(items), ITEMS))
    if (ends := account.said.get("expires")) is not None:
        yield b"PEXPIREAT", key, b"%d" % ends


def _arguments(commands: Iterable[Command]) -> list[str | bytes | int]:
    args = _parts(commands)
    return [len(args), *args]


def _parts(commands: Iterable[Command]) -> list[str | bytes | int]:
    """Of each command the number of its parts, then these."""
    return [part for command in commands for part in (len(command), *command)]
