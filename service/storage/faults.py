"""What callers are told of a fault of Redis: no address and no name of a key, which are for the log."""

from __future__ import annotations

from collections.abc import Iterable

import redis
from redis.exceptions import (
    AskError,
    ClusterCrossSlotError,
    ClusterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    TryAgainError,
)
from redis.sentinel import MasterNotFoundError

from service.metrics.memory import OTHER
from service.problems import StorageUnavailable, WritesRefused, WriteUnconfirmed
from service.storage.redis_url import Kind, RedisUrl

#: What redis-py raises: its error of a Cluster is none of its others.
RedisFault = (redis.RedisError, RedisClusterException)

#: What only a server of a Cluster answers: it knows the keys of one slot, and not another's.
_FROM_A_CLUSTER = (AskError, TryAgainError, ClusterCrossSlotError, ClusterDownError)
_SCRIPT_REFUSALS = ("non local key", "do not hash to the same slot")
#: What a server says that is none of a Cluster.
_NO_CLUSTER = ("cluster support disabled", "Cluster mode is not enabled")
#: What answers say where a key holds what no command of ours has put there.
DAMAGED = ("WRONGTYPE", "no number", "no status", "not an integer")
#: What the answer to WAITAOF or WAIT says where a server can never confirm what was written.
CANNOT_CONFIRM = ("appendonly is disabled", "unknown command", "unknown redis command")
#: How a call is counted that was refused here, since the server is silent or slow.
NOT_TRIED = "not_tried"
#: What answers to writes say where reading may work all the same.
_WRITES_REFUSED = ("NOREPLICAS", "READONLY", "MISCONF", "OOM")  # some within a script's error


def says(error: BaseException | None, texts: Iterable[str]) -> bool:
    """Whether one of these texts is in what an error says."""
    return any(text in str(error) for text in texts)


def reason(error: Exception) -> str:
    """The kind of a fault in a word or two, as it is counted."""
    if isinstance(error, redis.TimeoutError):
        return "timeout"
    if isinstance(error, WriteUnconfirmed):
        return "unconfirmed"
    if isinstance(error, StorageUnavailable):  # which the breaker raises
        return NOT_TRIED
    if isinstance(error, redis.ConnectionError):
        return "connection"
    return "writes_refused" if _refuses_writes(error) else OTHER


def _refuses_writes(error: Exception) -> bool:
    return isinstance(error, OutOfMemoryError | ReadOnlyError) or says(error, (*_WRITES_REFUSED, *CANNOT_CONFIRM))


def told(error: Exception, url: RedisUrl) -> StorageUnavailable:
    """What callers are told: no address and no name of a key, which are for the log."""
    if isinstance(error, StorageUnavailable):
        return error
    title = url.title
    if isinstance(error, MasterNotFoundError):
        return StorageUnavailable(f"No sentinel can be reached that knows the primary {url.service}.")
    if isinstance(error, redis.TimeoutError):
        return StorageUnavailable(f"{title} did not answer within its time limit.")
    if _refuses_writes(error):
        return WritesRefused(f"{title} takes no votes or other writes at the moment.")
    if says(error, _NO_CLUSTER):
        return StorageUnavailable(f"{title} is not part of a Cluster: write redis:// or rediss:// in REDIS_URL.")
    from_a_cluster = isinstance(error, _FROM_A_CLUSTER) and not isinstance(error, redis.exceptions.MasterDownError)
    if url.kind is not Kind.CLUSTER and (from_a_cluster or says(error, _SCRIPT_REFUSALS)):
        return StorageUnavailable(
            f"{title} is part of a Cluster: write redis+cluster:// or rediss+cluster:// in REDIS_URL."
        )
    return StorageUnavailable(f"{title} cannot be used at the moment.")
