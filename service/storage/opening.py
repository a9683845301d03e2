"""redis-py's client for one server, with this service's limits."""

from __future__ import annotations

from typing import TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.problems import InvalidSetting

R = TypeVar("R", bound=redis.Redis)


def open_client(kind: type[R], url: str, timeout: float) -> R:
    """A client for the server at `url`; nothing is sent until its first command.

    `timeout` limits connecting and each answer, in seconds. A connection that the server has closed is opened again
    once; a server that does not answer in time is not asked twice. Raises InvalidSetting for a URL that redis-py
    cannot use.
    """
    try:
        client: R = kind.from_url(  # type: ignore[assignment]  # it is a classmethod
            url,
            decode_responses=True,
            encoding_errors="backslashreplace",  # what others wrote, or a damaged file holds, need not be UTF-8
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        client.connection_pool.make_connection()
    except (ValueError, TypeError) as error:
        raise InvalidSetting("REDIS_URL", f"cannot be used: {error}") from error
    return client
