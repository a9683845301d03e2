"""How to talk to a Redis (or Valkey) server: a time limit on every call, and one error for its absence.

Knows no subject. Every fault of the server becomes `StorageUnavailable` here and nowhere else.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Sequence
from hashlib import sha1
from threading import local
from typing import Any, TypeVar
from weakref import WeakSet

import redis
from hiredis import pack_command

from service.problems import StorageUnavailable, WritesRefused
from service.settings import cluster_servers
from service.storage.breaker import CircuitBreaker
from service.storage.cluster import ClusterClient, is_from_a_cluster
from service.storage.opening import open_client

T = TypeVar("T")


class Script:
    """A Lua script and the SHA-1 digest that Redis knows it by."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = sha1(source.encode(), usedforsecurity=False).hexdigest()


class Client(redis.Redis):
    """redis-py's client, whose commands raise StorageUnavailable and go through a CircuitBreaker."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._breaker = CircuitBreaker("Redis")
        self._kept = local()
        self._connections: WeakSet[Any] = WeakSet()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        return self._call(super().execute_command, *args, **options)

    def run(self, script: Script, keys: Sequence[str], args: Sequence[str]) -> Any:
        """As `run_script`, over a connection that this thread keeps: redis-py's own call takes twice the time."""
        return self._call(self._run, script, keys, args)

    def _call(self, function: Callable[..., T], *args: Any, **options: Any) -> T:
        try:
            return self._breaker.call(function, *args, **options)
        except redis.RedisError as error:
            if is_from_a_cluster(error):
                raise StorageUnavailable(
                    "The Redis server is part of a Cluster: write redis+cluster:// or rediss+cluster:// in REDIS_URL."
                ) from error
            if str(error).startswith("NOREPLICAS"):
                raise WritesRefused(
                    "Redis takes no votes or other writes: its disk is full, or replicas lack."
                ) from None
            raise StorageUnavailable("Redis cannot be used at the moment.") from error

    def _run(self, script: Script, keys: Sequence[str], args: Sequence[str]) -> Any:
        try:
            return self._ask("EVALSHA", script.digest, len(keys), *keys, *args)
        except redis.exceptions.NoScriptError:
            return self._ask("EVAL", script.source, len(keys), *keys, *args)

    def _ask(self, *command: str | int) -> Any:
        packed = [pack_command(command)]  # type: ignore[arg-type]  # its stub knows one argument only
        connection = self._connection()
        try:
            return _exchange(connection, packed)
        except redis.ConnectionError:  # the server has closed it since; no script does harm if it runs twice
            return _exchange(connection, packed)

    def _connection(self) -> Any:
        connection = getattr(self._kept, "connection", None)
        if connection is None or connection.pid != os.getpid():
            # Not by the pool, which would keep it when the thread has ended.
            pool = self.connection_pool
            connection = self._kept.connection = pool.connection_class(**pool.connection_kwargs)
            connection.register_connect_callback(self._limit_in_kernel)
            self._connections.add(connection)
        return connection

    def _limit_in_kernel(self, connection: Any) -> None:
        """Have the kernel end a call that takes too long: to see to it itself, Python polls before each one."""
        sock = connection._sock
        if type(sock) is not socket.socket:  # TLS would try again for ever
            return
        seconds, fraction = divmod(connection.socket_timeout, 1)
        limit = struct.pack("ll", int(seconds), int(fraction * 1e6))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        sock.settimeout(None)
        if not os.get_blocking(sock.fileno()):  # gevent's, which the kernel never lets wait
            sock.settimeout(connection.socket_timeout)

    def close(self) -> None:
        """Close every connection; a later command opens one again."""
        super().close()
        for connection in list(self._connections):
            connection.disconnect()


def _exchange(connection: Any, packed: Sequence[bytes]) -> Any:
    try:
        connection.send_packed_command(packed)
        return connection.read_response()
    except redis.ConnectionError as error:
        if isinstance(error.__context__, BlockingIOError):  # what the kernel's limit looks like
            raise redis.TimeoutError(str(error)) from error
        raise


def connect(url: str, timeout: float) -> Client | ClusterClient:
    """A client for the server, or the Cluster, at `url`; nothing is sent until its first command.

    `timeout` limits connecting and each answer, in seconds. Raises InvalidSetting for a URL that redis-py cannot use.
    """
    if servers := cluster_servers(url):
        return ClusterClient(servers, timeout)
    return open_client(Client, url, timeout)


def run_script(client: redis.Redis, script: Script, keys: Sequence[str], args: Sequence[str]) -> Any:
    """Run a script, in one atomic step and one round trip.

    A server that does not know the digest (it was restarted, or its scripts were flushed) is sent the source. Raises
    StorageUnavailable.
    """
    if isinstance(client, Client):
        return client.run(script, keys, args)
    try:
        return client.evalsha(script.digest, len(keys), *keys, *args)
    except redis.exceptions.NoScriptError:
        return client.eval(script.source, len(keys), *keys, *args)
