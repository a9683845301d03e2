"""The connections that scripts go over: each thread keeps one.

By redis-py's pool votes are 14 % slower (eight threads of one worker, 16 connections, medians of interleaved pairs). By
its `single_connection_client`, one a thread, they are as well, and 3 to 5 % without `can_read` before each command; but
that has to be, since what is left unread would be taken for an answer.
"""

from __future__ import annotations

import os
import select
from collections.abc import Sequence
from threading import local
from typing import Any
from weakref import WeakSet

import redis
from hiredis import pack_command
from redis.exceptions import NoScriptError
from redis.sentinel import SentinelConnectionPool

from service.storage.script import Script

_Command = Sequence[str | bytes | int]


class ScriptConnections:
    """Connections beside those of a pool, with its settings."""

    def __init__(self, pool: redis.ConnectionPool, tries: int) -> None:
        """`tries`: how often a script is sent at most where its connection is lost, once or twice."""
        self._pool: Any = pool
        self._follows = isinstance(pool, SentinelConnectionPool)
        self._tries = tries
        self._kept = local()
        self._open: WeakSet[Any] = WeakSet()

    def run(self, script: Script, keys: _Command, args: _Command, more: Sequence[_Command]) -> list[Any]:
        """The answers of a script, and of commands right behind it, in one round trip. Raises redis.RedisError."""
        try:
            return self._ask(("EVALSHA", script.digest, len(keys), *keys, *args), *more)
        except NoScriptError:
            return self._ask(("EVAL", script.source, len(keys), *keys, *args), *more)

    def renew(self) -> None:
        """Have every thread open a new connection: one that timed out says that the others may be dead as well."""
        self._kept = local()

    def close(self) -> None:
        """Close all connections; a later script opens one again."""
        for connection in list(self._open):
            connection.disconnect()

    def _ask(self, *commands: _Command) -> list[Any]:
        packed = [pack_command(command) for command in commands]  # type: ignore[arg-type]  # its stub knows tuples
        connection = self._connection()
        was_open = connection.is_connected
        try:
            return _exchange(connection, packed)
        except redis.ConnectionError:
            if not was_open or self._tries == 1:
                raise
            return _exchange(connection, packed)  # the server has closed it since

    def _connection(self) -> Any:
        kept = self._kept
        connection = getattr(kept, "connection", None)
        if connection is None or connection.pid != os.getpid():  # that of a parent is not a fork's own
            # Not by the pool, which would keep it when the thread has ended.
            connection = kept.connection = self._pool.connection_class(**self._pool.connection_kwargs)
            connection.register_connect_callback(self._prepare)
            self._open.add(connection)
        elif connection.is_connected and (
            connection._parser._reader.has_data() or kept.unread.poll(0) or self._is_elsewhere(connection)
        ):
            # A reply that nobody asked for would be taken for that of the next command; or the server has closed, or is
            # the primary no more.
            connection.disconnect()
        return connection

    def _is_elsewhere(self, connection: Any) -> bool:
        """Whether sentinels have named another primary since."""
        return self._follows and self._pool.master_address not in (None, (connection.host, connection.port))

    def _prepare(self, connection: Any) -> None:
        self._kept.unread = select.poll()
        self._kept.unread.register(connection._sock, select.POLLIN)


def _connect(connection: Any) -> None:
    try:
        connection.connect()  # which asks the sentinels, where there are some
    except (AttributeError, TypeError, ValueError) as error:  # redis-py takes any reply to HELLO for one
        connection.disconnect()
        raise redis.ConnectionError(f"the server's greeting makes no sense: {error}") from error


def _exchange(connection: Any, packed: Sequence[bytes]) -> list[Any]:
    if not connection.is_connected:
        _connect(connection)
    connection.send_packed_command(packed)
    answers = []
    refusal: redis.ResponseError | None = None
    for _ in packed:
        try:
            answers.append(connection.read_response())
        except redis.ResponseError as error:
            refusal = refusal or error  # the others' answers have to be read all the same
    try:
        if refusal:
            raise refusal
        return answers
    finally:
        del refusal  # an error whose traceback has this frame would keep the connection when its thread has ended
