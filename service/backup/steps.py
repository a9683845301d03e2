"""Commands that run in one step, and Redis' bytes as text, in which lone surrogates stand for what is no UTF-8."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from service.storage.client import Client

Command = tuple[str | int, ...]


def step(client: Client, commands: Iterable[Command]) -> list[Any]:
    """The answers to commands, in one step and of one moment; None of XINFO of no stream. Raises StorageUnavailable."""

    def ask(redis: Any) -> list[Any]:
        with redis.pipeline(transaction=True) as pipeline:
            for command, *parts in commands:
                pipeline.execute_command(command, *map(encoded, parts))
            answers = list(pipeline.execute(raise_on_error=False))
        for number, answer in enumerate(answers):
            if isinstance(answer, Exception):
                if "no such key" not in str(answer):
                    raise type(answer)(str(answer).rpartition(" caused error: ")[2])  # the command names people
                answers[number] = None
        return answers

    commands = list(commands)  # which may be sent twice
    return client.ask(ask)


def encoded(part: str | int) -> bytes:
    """A part of a command. Raises ValueError for text that Redis cannot have."""
    return str(part).encode("utf-8", "surrogateescape")


def text(part: str | bytes) -> str:
    """What Redis holds, or a backup, as text."""
    return part if isinstance(part, str) else part.decode("utf-8", "surrogateescape")


def pairs(value: Any) -> dict[str, str]:
    """Names and values, of which redis-py makes no dictionary in a MULTI on a Cluster."""
    items = zip(value[::2], value[1::2], strict=True) if isinstance(value, list) else value.items()
    return {text(name): text(each) for name, each in items}
