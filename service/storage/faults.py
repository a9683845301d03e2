"""Faults of Redis: what callers are told, without addresses and names of keys, which are for the log; and that a server
that does not answer holds no more than one thread, which is said once.
"""

from __future__ import annotations

import logging
import ssl
import sys
import time
from collections.abc import Iterable, Iterator
from threading import Lock, get_ident

import redis
from redis.exceptions import (
    AskError,
    ClusterCrossSlotError,
    ClusterDownError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    TryAgainError,
)
from redis.sentinel import MasterNotFoundError

from service.metrics import counting
from service.metrics.counting import OTHER
from service.metrics.definitions import BREAKERS
from service.problems import StorageUnavailable, WritesRefused, WriteUnconfirmed
from service.storage.data_dir import LOG
from service.storage.redis_url import Kind, RedisUrl

#: What redis-py raises: its error of a Cluster is none of its others.
RedisFault = (redis.RedisError, RedisClusterException)

#: What it raises for an answer of another kind than it expects, as of what is no Redis.
SENSELESS = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError)

#: What only a server of a Cluster answers, and says of a script: it knows the keys of one slot, and not another's.
_FROM_A_CLUSTER = (MovedError, AskError, TryAgainError, ClusterCrossSlotError, ClusterDownError)
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

#: How long the last call, or one that has no answer yet, has taken where a server counts as slow, in seconds.
_SLOW = 0.25

_logger = logging.getLogger(__name__)


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
    if isinstance(error, OutOfMemoryError | ReadOnlyError) or says(error, _WRITES_REFUSED):
        return "writes_refused", WritesRefused(f"{url.title} takes no votes or other writes at the moment.")
    return OTHER, unusable


def in_words(error: BaseException, url: RedisUrl) -> str:
    """What operators are told."""
    text, advice = str(error) or type(error).__name__, _advice(error, url)
    return f"{text.removesuffix('.')}.{advice}" if advice else text


def _advice(error: BaseException, url: RedisUrl) -> str:
    """What REDIS_URL may have to say instead, as a sentence behind another, as far as an error tells."""
    scheme, kind = url.urls[0].partition(":")[0], f"+{url.kind.value}".removesuffix(f"+{Kind.SERVER.value}")
    is_plain, is_tls = scheme == "redis", scheme == "rediss"
    # Why sentinels cannot be reached, redis-py says by the names of classes alone.
    missing = str(error) if isinstance(error, MasterNotFoundError) else ""
    causes = list(_chain(error))
    is_ungreeted = Ungreeted.__name__ in missing or any(isinstance(cause, Ungreeted) for cause in causes)
    is_no_tls = redis.TimeoutError.__name__ in missing or any(map(_is_no_tls, causes))
    is_refused = redis.AuthenticationError.__name__ in missing
    is_misplaced = url.kind is not Kind.CLUSTER and (type(error) in _FROM_A_CLUSTER or says(error, _SCRIPT_REFUSALS))
    possible = {
        "It is not part of a Cluster: write redis:// or rediss://": says(error, _NO_CLUSTER),
        "It is part of a Cluster: write redis+cluster:// or rediss+cluster://": is_misplaced,
        "Sentinels refuse the password: name theirs by sentinel_password": is_refused,
        f"If TLS is asked for there, write rediss{kind}://": is_ungreeted and is_plain,
        "If a certificate is asked for, name yours by ssl_certfile and ssl_keyfile": is_ungreeted and is_tls,
        f"If there is no TLS, write redis{kind}://": is_no_tls and is_tls,
    }
    return next((f" {advice} in REDIS_URL." for advice, is_so in possible.items() if is_so), "")


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


class CircuitBreaker:
    """What calls to Redis go through, each in a `with` block.

    Once one has run into its time limit, one at a time finds out whether Redis answers again; once one has taken long,
    at most as many wait as may; the others are refused at once. A frozen server therefore holds one thread, and a slow
    one leaves some free for what needs no Redis. While it is as quick as ever all may ask: to make them wait for each
    other took a fifth of all votes, and kept no thread free either.
    """

    def __init__(self, url: RedisUrl, timeout: float, most: int | None, *, logs: bool) -> None:
        """A call that fails after `timeout` seconds or more has met silence. At most `most` threads wait for a slow
        server, or any number. Outages are said in the log if it `logs`."""
        self._url = url
        self._timeout = timeout
        self._most = most or sys.maxsize
        self._logs = logs
        self._lock = Lock()
        self._entered: dict[int, float] = {}
        self._took = 0.0
        self._silent = False
        #: Since when calls fail, by the clock that only goes forward; None while they work, or where nobody says so.
        self._failing_since: float | None = None
        self._failed = 0
        self._only_writes = False

    def __enter__(self) -> None:
        """Take a place. Raises StorageUnavailable where there is none."""
        with self._lock:
            now = time.monotonic()
            waiting = len(self._entered)
            if self._silent and waiting:
                raise StorageUnavailable(f"{self._url.title} has not answered in time and is being tried again.")
            if waiting >= self._most and max(now - min(self._entered.values()), self._took) > _SLOW:
                raise StorageUnavailable(f"{self._url.title} answers too slowly for all who ask.")
            self._entered[get_ident()] = now

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Leave it to the next one."""
        with self._lock:
            self._took = time.monotonic() - self._entered.pop(get_ident())
            is_late = isinstance(error, RedisFault) and self._took >= self._timeout
            silent = is_late or isinstance(error, redis.TimeoutError)  # silent sentinels are called missing
            if silent != self._silent:
                counting.add(BREAKERS, value=int(silent) - int(self._silent))
                self._silent = silent

    def failed(self, fault: StorageUnavailable, cause: Exception | None, *, writes: bool, was_tried: bool) -> None:
        """Count a call that failed, and say so of the first that was tried. Where only those fail that are to write,
        only such a one ends the outage."""
        if isinstance(fault, WritesRefused) and self._url.is_embedded:
            return  # of whose disk its keeper tells
        with self._lock:
            self._failed += 1
            self._only_writes = writes and (self._only_writes or self._failing_since is None)
            if self._failing_since is None and self._logs and was_tried:
                self._failing_since, self._failed = time.monotonic(), 1
                where = f"; its log is {self._url.data_dir / LOG}" if self._url.data_dir else ""
                _logger.warning("%s cannot be used: %s%s", self._url.title, in_words(cause or fault, self._url), where)

    def worked(self, *, wrote: bool) -> None:
        """Note a call that worked, and whether it wrote: say so after some that failed."""
        if self._failing_since is None or (self._only_writes and not wrote):
            return
        with self._lock:
            if self._failing_since is not None:
                length = time.monotonic() - self._failing_since
                self._failing_since = None
                said = "%s can be used again, after %.1f s in which %d calls were refused."
                _logger.warning(said, self._url.title, length, self._failed)
