"""What callers are told of a fault of Redis: no address and no name of a key, which are for the log."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator

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

#: What it raises for an answer of another kind than it expects, as of what is no Redis.
SENSELESS = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError)

#: What only a server of a Cluster answers, and says of a script.
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


class Ungreeted(redis.ConnectionError):
    """The connection was closed, or TLS alerted, before the server had greeted."""


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
    title, advised = url.title, _advice(error, url)
    if isinstance(error, MasterNotFoundError):
        return StorageUnavailable(f"No sentinel can be reached that knows the primary {url.service}.{advised}")
    if isinstance(error, redis.TimeoutError):
        return StorageUnavailable(f"{title} did not answer within its time limit.{advised}")
    if _refuses_writes(error):
        return WritesRefused(f"{title} takes no votes or other writes at the moment.")
    return StorageUnavailable(f"{title} cannot be used at the moment.{advised}")


def in_words(error: Exception, url: RedisUrl) -> str:
    """What operators are told."""
    text, advised = str(error) or type(error).__name__, _advice(error, url)
    return f"{text.removesuffix('.')}.{advised}" if advised else text


def _advice(error: Exception, url: RedisUrl) -> str:
    """What REDIS_URL may have to say instead, as a sentence behind another, as far as an error tells."""
    # Why sentinels cannot be reached, redis-py says by the names of classes alone.
    missing = str(error) if isinstance(error, MasterNotFoundError) else ""
    chain = list(_chain(error))
    scheme, kind = url.urls[0].partition(":")[0], "" if url.kind is Kind.SERVER else f"+{url.kind.value}"
    is_ungreeted = Ungreeted.__name__ in missing or any(isinstance(cause, Ungreeted) for cause in chain)
    is_no_tls = redis.TimeoutError.__name__ in missing or any(map(_is_no_tls, chain))
    advice = {
        "It is not part of a Cluster: write redis:// or rediss:// in REDIS_URL.": says(error, _NO_CLUSTER),
        "It is part of a Cluster: write redis+cluster:// or rediss+cluster:// in REDIS_URL.": (
            url.kind is not Kind.CLUSTER and _is_from_a_cluster(error)
        ),
        "Sentinels refuse the password: name theirs by sentinel_password in REDIS_URL.": (
            redis.AuthenticationError.__name__ in missing
        ),
        f"If TLS is asked for there, write rediss{kind}:// in REDIS_URL.": is_ungreeted and scheme == "redis",
        "If a certificate is asked for, name yours by ssl_certfile and ssl_keyfile in REDIS_URL.": (
            is_ungreeted and scheme == "rediss"
        ),
        f"If there is no TLS, write redis{kind}:// in REDIS_URL.": is_no_tls and scheme == "rediss",
    }
    return next((f" {sentence}" for sentence, fits in advice.items() if fits), "")


def _is_from_a_cluster(error: Exception) -> bool:
    """Whether only a server of a Cluster says so: it knows the keys of one slot, and not another's."""
    is_known = isinstance(error, _FROM_A_CLUSTER) and not isinstance(error, redis.exceptions.MasterDownError)
    return is_known or says(error, _SCRIPT_REFUSALS)


def _is_no_tls(error: BaseException) -> bool:
    """Whether the other side of a handshake said nothing, or what is no TLS: an alert or a certificate is."""
    if isinstance(error, ssl.SSLError):
        return not isinstance(error, ssl.SSLCertVerificationError) and not says(error, ["ALERT"])
    return says(error, ["handshake operation timed out"])


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
