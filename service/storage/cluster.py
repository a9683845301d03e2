"""How to talk to a Redis Cluster: each command goes to the server that has its key.

redis-py's own RedisCluster connects when it is made, and inside a call that failed it waits, looks for the servers anew
and tries again: with one of them silent, a call takes ten times its time limit. Here a server that was silent is tried
by one call at a time, as in `client`, and the others go on.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit

import redis
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterCrossSlotError,
    ClusterDownError,
    MovedError,
    NoScriptError,
    TryAgainError,
)

from service.problems import StorageUnavailable
from service.storage.breaker import CircuitBreaker
from service.storage.opening import open_client

T = TypeVar("T")

#: Pause before a command is sent again whose keys are on their way to another server, in seconds.
_PAUSE = 0.01

_SCRIPTS = ("EVAL", "EVALSHA")

#: What a server of a Cluster answers to who takes it for one that stands alone.
_FROM_A_CLUSTER = (AskError, TryAgainError, ClusterCrossSlotError, ClusterDownError)
_SCRIPT_REFUSALS = ("non local key", "do not hash to the same slot")


def is_from_a_cluster(error: redis.RedisError) -> bool:
    """Whether only a server of a Cluster answers with this error: it knows one key, or slot, and not another."""
    return isinstance(error, _FROM_A_CLUSTER) or any(words in str(error) for words in _SCRIPT_REFUSALS)


class _Server:
    """One server of the cluster."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url = url
        self.failed = False
        self._breaker = CircuitBreaker("A server of the Redis Cluster")
        self._client = open_client(redis.Redis, url, timeout)

    def call(self, use: Callable[[redis.Redis], T]) -> T:
        """What `use` gets from this server. Raises StorageUnavailable, a redirection, or NoScriptError."""
        failed = False
        try:
            return self._breaker.call(use, self._client)
        except (AskError, TryAgainError, NoScriptError):
            raise
        except StorageUnavailable:
            failed = True
            raise
        except redis.RedisError as error:
            failed = True
            if "cluster support disabled" in str(error):
                raise StorageUnavailable(
                    "The Redis server is not part of a Cluster: write redis:// or rediss:// in REDIS_URL."
                ) from error
            raise StorageUnavailable("Redis Cluster cannot be used at the moment.") from error
        finally:
            self.failed = failed

    def close(self) -> None:
        self._client.close()


class ClusterClient(redis.Redis):
    """A client of a whole cluster, whose commands raise StorageUnavailable.

    A command is sent where its first key is, and one without a key to every primary. Nothing is sent before the first
    command. Which server has which keys is asked again after every fault, and learned from redirections.
    """

    def __init__(self, urls: Sequence[str], timeout: float) -> None:
        """`urls` are redis:// addresses of some of the servers; `timeout` limits each answer of one, in seconds.

        Raises InvalidSetting for a URL that redis-py cannot use.
        """
        self._timeout = timeout
        self._servers = {url: _Server(url, timeout) for url in urls}
        self._given = tuple(self._servers.values())
        self._slots: dict[int, _Server] = {}
        self._outdated = True
        self._lookup = Lock()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        def send(client: redis.Redis) -> Any:
            return client.execute_command(*args, **options)  # type: ignore[no-untyped-call]

        if len(args) == 1:
            return [self._call(server, send) for server in self._primaries()][-1]
        slot = _slot(args)
        server = self._owner(slot)
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                return self._call(server, send)
            except MovedError as error:
                server = self._slots[slot] = self._named(server, error.host, error.port)
            except AskError as error:
                try:
                    return self._asking(self._named(server, error.host, error.port), args, options)
                except (AskError, TryAgainError):
                    time.sleep(_PAUSE)
            except TryAgainError:
                time.sleep(_PAUSE)
            if time.monotonic() > deadline:
                raise StorageUnavailable("Redis Cluster is moving these keys to another server at the moment.")

    def read_all(self, commands: Sequence[tuple[str, ...]]) -> list[Any]:
        """The answers to reading commands, in their order: one round trip to each server that has a key of theirs.

        Commands with keys of one slot are carried out in their order.
        """
        batches: dict[_Server, list[int]] = defaultdict(list)
        for index, command in enumerate(commands):
            batches[self._owner(_slot(command))].append(index)
        answers: list[Any] = [None] * len(commands)
        for server, indexes in batches.items():

            def send(client: redis.Redis, indexes: list[int] = indexes) -> list[Any]:
                pipeline = client.pipeline(transaction=False)
                for index in indexes:
                    pipeline.execute_command(*commands[index])  # type: ignore[no-untyped-call]
                return pipeline.execute()

            try:
                for index, answer in zip(indexes, self._call(server, send), strict=True):
                    answers[index] = answer
            except (AskError, TryAgainError):
                for index in indexes:
                    answers[index] = self.execute_command(*commands[index])
        return answers

    def scan_iter(self, *args: Any, **options: Any) -> Iterator[Any]:
        """Every key, of every primary. Raises StorageUnavailable."""
        for server in self._primaries():
            cursor = 0
            while True:
                cursor, keys = self._call(server, lambda client, c=cursor: client.scan(c, *args, **options))  # type: ignore[misc]
                yield from keys
                if cursor == 0:
                    break

    def close(self) -> None:
        """Close all connections."""
        for server in list(self._servers.values()):
            server.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._servers)} servers)"

    def _call(self, server: _Server, use: Callable[[redis.Redis], T]) -> T:
        try:
            return server.call(use)
        except StorageUnavailable:
            self._outdated = True
            raise

    def _asking(self, server: _Server, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Send a command for a key that a server is still taking over."""

        def send(client: redis.Redis) -> Any:
            pipeline = client.pipeline(transaction=False)
            pipeline.execute_command("ASKING")  # type: ignore[no-untyped-call]
            pipeline.execute_command(*args, **options)  # type: ignore[no-untyped-call]
            return pipeline.execute()[-1]

        return self._call(server, send)

    def _named(self, by: _Server, host: str, port: int) -> _Server:
        """The server at an address that another one gave, which may leave the host out if it is its own."""
        parts = urlsplit(by.url)
        user, at, _ = parts.netloc.rpartition("@")
        host = host or parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        url = parts._replace(netloc=f"{user}{at}{host}:{port}").geturl()
        if url not in self._servers:
            self._servers[url] = _Server(url, self._timeout)
        return self._servers[url]

    def _primaries(self) -> list[_Server]:
        self._look_up()
        if not self._slots:
            self._outdated = True
            raise StorageUnavailable("The servers of the Redis Cluster serve no keys yet.")
        return list(dict.fromkeys(self._slots.values()))

    def _owner(self, slot: int) -> _Server:
        self._look_up()
        try:
            return self._slots[slot]
        except KeyError:
            self._outdated = True
            raise StorageUnavailable("A part of the Redis Cluster has no server at the moment.") from None

    def _look_up(self) -> None:
        """Ask which server has which slots, if that is not known: one that has not failed, if there is one."""
        if not self._outdated:
            return
        if not self._lookup.acquire(timeout=self._timeout):
            raise StorageUnavailable("The servers of the Redis Cluster are being looked for.")
        try:
            deadline = time.monotonic() + self._timeout
            candidates = sorted(self._servers.values(), key=lambda server: server.failed)
            while self._outdated:
                server = candidates.pop(0)
                try:
                    ranges = server.call(lambda client: client.execute_command("CLUSTER SLOTS"))  # type: ignore[no-untyped-call]
                except StorageUnavailable:
                    if not candidates or time.monotonic() > deadline:
                        raise
                else:
                    self._learn(server, ranges)
        finally:
            self._lookup.release()

    def _learn(self, by: _Server, ranges: list[Any]) -> None:
        """Take in what CLUSTER SLOTS says: from and to which slot which primary serves, and its replicas."""
        slots: dict[int, _Server] = {}
        known = set(self._given)
        for first, last, *servers in ranges:
            primary, *replicas = (self._named(by, host or "", port) for host, port, *_ in servers)
            slots.update(dict.fromkeys(range(first, last + 1), primary))
            known.update([primary, *replicas])
        self._slots = slots
        self._servers = {server.url: server for server in self._servers.values() if server in known}
        self._outdated = False


def _slot(command: Sequence[Any]) -> int:
    """The slot of a command's first key."""
    key = command[3] if command[0] in _SCRIPTS else command[1]
    return key_slot(str(key).encode())
