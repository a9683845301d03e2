"""What callers are told of a fault of Redis: no address and no name of a key, which are for the log."""

import ssl
from collections.abc import Iterable, Iterator

import redis
from redis.exceptions import AskError, ClusterCrossSlotError, ClusterDownError, MasterDownError, TryAgainError
from redis.sentinel import MasterNotFoundError

from service.metrics.counting import OTHER
from service.problems import StorageUnavailable, WritesRefused, WriteUnconfirmed
from service.settings.redis_url import Kind, RedisUrl

#: What redis-py raises: its error of a Cluster is none of its others.
RedisFault = (redis.RedisError, redis.RedisClusterException)

#: What it raises for an answer of another kind than it expects, as of what is no Redis.
SENSELESS = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError)

#: What only a server of a Cluster answers, which knows the keys of one slot and not another's, and says of a script.
_FROM_A_CLUSTER = (AskError, TryAgainError, ClusterCrossSlotError, ClusterDownError)
_SCRIPT_REFUSALS = ("non local key", "do not hash to the same slot")
#: What a server says that is none of a Cluster.
_NO_CLUSTER = ("cluster support disabled", "Cluster mode is not enabled")
#: What answers say where a key holds what no command of ours has put there.
DAMAGED = ("WRONGTYPE", "no number", "no status", "not an integer")
#: What the answer to WAITAOF or WAIT says where a server can never confirm what was written.
CANNOT_CONFIRM = ("appendonly is disabled", "unknown command", "unknown redis command")
#: What answers to writes say where reading may work all the same, some within a script's error.
_WRITES_REFUSED = ("NOREPLICAS", "READONLY", "MISCONF", "OOM", *CANNOT_CONFIRM)
#: How a call is counted that was refused here, since the server is silent or slow.
NOT_TRIED = "not_tried"


class Ungreeted(redis.ConnectionError):
    """The connection was closed, or TLS alerted, before the server had greeted."""


def says(error: BaseException | None, texts: Iterable[str]) -> bool:
    """Whether one of these texts is in what an error says."""
    return any(text in str(error) for text in texts)


def classified(error: Exception, url: RedisUrl) -> tuple[str, StorageUnavailable]:
    """How a fault is counted, in a word or two, and what callers are told of it."""
    if isinstance(error, WriteUnconfirmed):
        return "unconfirmed", error
    if isinstance(error, StorageUnavailable):  # which the breaker raises
        return NOT_TRIED, error
    advice = _advice(error, url)
    unusable = StorageUnavailable(f"{url.title} cannot be used at the moment.{advice}")
    if isinstance(error, MasterNotFoundError):
        said = f"No sentinel can be reached that knows the primary {url.service}.{advice}"
        return "connection", StorageUnavailable(said)
    if isinstance(error, redis.TimeoutError):
        return "timeout", StorageUnavailable(f"{url.title} did not answer within its time limit.{advice}")
    if isinstance(error, redis.ConnectionError):
        return "connection", unusable
    if isinstance(error, redis.OutOfMemoryError | redis.ReadOnlyError) or says(error, _WRITES_REFUSED):
        return "writes_refused", WritesRefused(f"{url.title} takes no votes or other writes at the moment.")
    return OTHER, unusable


def in_words(error: BaseException, url: RedisUrl) -> str:
    """What operators are told."""
    text, advice = str(error) or type(error).__name__, _advice(error, url)
    return f"{text.removesuffix('.')}.{advice}" if advice else text


def _advice(error: BaseException, url: RedisUrl) -> str:
    """What REDIS_URL may have to say instead, as a sentence behind another, as far as an error tells."""
    if says(error, _NO_CLUSTER):
        return " It is not part of a Cluster: write redis:// or rediss:// in REDIS_URL."
    is_of_a_cluster = isinstance(error, _FROM_A_CLUSTER) and not isinstance(error, MasterDownError)
    if url.kind is not Kind.CLUSTER and (is_of_a_cluster or says(error, _SCRIPT_REFUSALS)):
        return " It is part of a Cluster: write redis+cluster:// or rediss+cluster:// in REDIS_URL."
    # Why sentinels cannot be reached, redis-py says by the names of classes alone.
    missing = str(error) if isinstance(error, MasterNotFoundError) else ""
    if redis.AuthenticationError.__name__ in missing:
        return " Sentinels refuse the password: name theirs by sentinel_password in REDIS_URL."
    causes = list(_chain(error))
    is_ungreeted = Ungreeted.__name__ in missing or any(isinstance(cause, Ungreeted) for cause in causes)
    is_no_tls = redis.TimeoutError.__name__ in missing or any(map(_is_no_tls, causes))
    return _advice_on_tls(url, is_ungreeted, is_no_tls)


def _advice_on_tls(url: RedisUrl, is_ungreeted: bool, is_no_tls: bool) -> str:
    scheme, kind = url.urls[0].partition(":")[0], "" if url.kind is Kind.SERVER else f"+{url.kind.value}"
    if is_ungreeted and scheme == "redis":
        return f" If TLS is asked for there, write rediss{kind}:// in REDIS_URL."
    if is_ungreeted and scheme == "rediss":
        return " If a certificate is asked for, name yours by ssl_certfile and ssl_keyfile in REDIS_URL."
    if is_no_tls and scheme == "rediss":
        return f" If there is no TLS, write redis{kind}:// in REDIS_URL."
    return ""


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
