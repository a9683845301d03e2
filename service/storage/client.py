"""How to talk to a Redis (or Valkey) server: a time limit on every call, and one error for its absence.

Knows no subject. Every fault of the server becomes `StorageUnavailable` here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from threading import Lock
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.problems import InvalidSetting, StorageUnavailable


class Client(redis.Redis):
    """redis-py's client, whose commands raise StorageUnavailable.

    Once a call has run into its time limit, one call at a time finds out whether the server answers again; the others
    are refused at once. A frozen server therefore holds one thread, not all of them, and those go on serving what needs
    no Redis.
    """

    _silent = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._probe = Lock()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        probing = self._silent
        if probing and not self._probe.acquire(blocking=False):
            raise StorageUnavailable("Redis has not answered in time and is being tried again.")
        try:
            answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except redis.exceptions.NoScriptError:
            self._silent = False
            raise
        except redis.TimeoutError as error:
            self._silent = True
            raise StorageUnavailable("Redis did not answer within its time limit.") from error
        except redis.RedisError as error:
            self._silent = False
            raise StorageUnavailable("Redis cannot be used at the moment.") from error
        finally:
            if probing:
                self._probe.release()
        self._silent = False
        return answer


def connect(url: str, timeout: float) -> Client:
    """A client for the server at `url`; nothing is sent until its first command.

    `timeout` limits connecting and each answer, in seconds. A connection that the server has closed is opened again
    once; a server that does not answer in time is not asked twice. Raises InvalidSetting for a URL that redis-py
    cannot use.
    """
    try:
        client: Client = Client.from_url(  # type: ignore[assignment]  # it is a classmethod
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


class Script:
    """A Lua script and the SHA-1 digest that Redis knows it by."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = sha1(source.encode(), usedforsecurity=False).hexdigest()


def run_script(client: redis.Redis, script: Script, keys: Sequence[str], args: Sequence[str]) -> Any:
    """Run a script, in one atomic step and one round trip.

    A server that does not know the digest (it was restarted, or its scripts were flushed) is sent the source. Raises
    StorageUnavailable.
    """
    try:
        return client.evalsha(script.digest, len(keys), *keys, *args)
    except redis.exceptions.NoScriptError:
        return client.eval(script.source, len(keys), *keys, *args)
