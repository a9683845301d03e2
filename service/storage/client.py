"""How to talk to a Redis (or Valkey) server: a client with a time limit on every call, and one error for its absence.

Knows no subject. Stores call `run_script` or a plain command inside `answering()`, so that every fault of the
server becomes `StorageUnavailable` at this boundary and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha1
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.problems import InvalidSetting, StorageUnavailable


def connect(url: str, timeout: float) -> redis.Redis:
    """A client for the server at `url`; nothing is sent until its first command.

    `timeout` limits connecting and each answer, in seconds. A connection that the server has closed is opened again
    once; a server that does not answer in time is not asked twice. Raises InvalidSetting for a URL that
    redis-py cannot use.
    """
    try:
        client = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        client.connection_pool.make_connection()
    except (ValueError, TypeError) as error:
        raise InvalidSetting("REDIS_URL", f"cannot be used: {error}") from error
    return client


@contextmanager
def answering() -> Iterator[None]:
    """Translate every failure of the server inside the block into StorageUnavailable."""
    try:
        yield
    except redis.TimeoutError as error:
        raise StorageUnavailable("Redis did not answer within its time limit.") from error
    except redis.RedisError as error:
        raise StorageUnavailable(f"Redis cannot be used at the moment: {error}") from error


class Script:
    """A Lua script and the SHA-1 digest that Redis knows it by."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = sha1(source.encode(), usedforsecurity=False).hexdigest()


def run_script(client: redis.Redis, script: Script, keys: Sequence[str], args: Sequence[str]) -> Any:
    """Run a script, in one atomic step and one round trip.

    A server that does not know the digest (it was restarted, or its scripts were flushed) is sent the source.
    Raises StorageUnavailable.
    """
    with answering():
        try:
            return client.evalsha(script.digest, len(keys), *keys, *args)
        except redis.exceptions.NoScriptError:
            return client.eval(script.source, len(keys), *keys, *args)


def ping(client: redis.Redis) -> None:
    """Return if the server answers; raises StorageUnavailable otherwise."""
    with answering():
        client.ping()
