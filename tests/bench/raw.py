"""What Redis itself costs: the commands of a request on bare sockets, without HTTP, Flask, sessions and scripts."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import hiredis
from bench.errors import Wrong
from bench.load import CONNECTIONS, Sample

from service.accounts.store import account_key
from service.interest.keys import interest_key, trend_key
from service.interest.store import today

Command = tuple[str, ...]


def read_commands(account: str, features: Sequence[str]) -> list[Command]:
    """The account's status, every count, and all of the caller's votes."""
    keys = [interest_key(feature) for feature in features]
    status = ("HGET", account_key(account), "status")
    return [status, *(("SCARD", key) for key in keys), *(("SISMEMBER", key, account) for key in keys)]


def vote_commands(account: str, feature: str, change: int) -> list[Command]:
    """The account's status, the set and the trend, for a voter whom no other request names; `change` is 1 or -1."""
    command = "SADD" if change == 1 else "SREM"
    return [
        ("HGET", account_key(account), "status"),
        (command, interest_key(feature), f"raw-{account}"),
        ("HINCRBY", trend_key(feature), today(), str(change)),
    ]


def pipelines(redis_url: str, requests: Sequence[list[Command]], seconds: float, core: int) -> Callable[[], Sample]:
    """A function that sends these pipelines in turn for `seconds`, from one thread on `core`, on 16 connections."""
    packed = [(b"".join(map(hiredis.pack_command, commands)), len(commands)) for commands in requests]

    def run() -> Sample:
        mine = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {core})
        lines = [_Line(urlsplit(redis_url).path) for _ in range(CONNECTIONS)]
        try:
            began, count = time.perf_counter(), 0
            while (passed := time.perf_counter() - began) < seconds:
                sent = [packed[(count + index) % len(packed)] for index in range(len(lines))]
                for line, (data, _) in zip(lines, sent, strict=True):
                    line.socket.sendall(data)
                for line, (_, replies) in zip(lines, sent, strict=True):
                    line.read(replies)
                count += len(lines)
        finally:
            os.sched_setaffinity(0, mine)
            for line in lines:
                line.socket.close()
        return Sample(answers=count, rate=count / passed, size=0, p50=0, p99=0, errors=0)

    return run


class _Line:
    """One connection to the store's Unix socket."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(5)
        self.socket.connect(path)
        self._reader = hiredis.Reader(notEnoughData=Ellipsis)

    def read(self, replies: int) -> None:
        """Raises Wrong for a reply that is an error."""
        for _ in range(replies):
            while (reply := self._reader.gets()) is Ellipsis:
                self._reader.feed(self.socket.recv(65536))
            if isinstance(reply, hiredis.ReplyError):
                raise Wrong(f"Redis answers {reply}")
