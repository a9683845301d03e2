"""Keep a server that does not answer from holding every thread, and say once that it does not."""

import logging
import sys
import time
from threading import Lock, get_ident

import redis

from service.metrics import counting
from service.metrics.definitions import BREAKERS
from service.problems import StorageUnavailable
from service.settings.redis_url import RedisUrl
from service.storage.data_dir import LOG
from service.storage.faults import RedisFault, in_words

#: How long the last call, or one that has no answer yet, has taken where a server counts as slow, in seconds.
_SLOW = 0.25

_logger = logging.getLogger(__name__)


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

    def failed(self, error: BaseException, *, writes: bool, was_tried: bool) -> None:
        """Count a call that failed, and say so of the first that was tried.

        Where only those fail that are to write, only such a one ends the outage.
        """
        with self._lock:
            self._failed += 1
            self._only_writes = writes and (self._only_writes or self._failing_since is None)
            if self._failing_since is None and self._logs and was_tried:
                self._failing_since, self._failed = time.monotonic(), 1
                where = f"; its log is {self._url.data_dir / LOG}" if self._url.data_dir else ""
                _logger.warning("%s cannot be used: %s%s", self._url.title, in_words(error, self._url), where)

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
