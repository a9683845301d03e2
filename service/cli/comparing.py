"""What `serve` says of a store that does not agree with itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from service.interest.consistency import differences
from service.problems import StorageUnavailable
from service.storage.client import Client
from service.storage.lock import NO_FORK
from service.storage.redis_url import RedisUrl
from service.wording import printable

#: How many differences are named; of the others, the number.
_NAMED = 20
#: Time limit of one call, in seconds.
_COMPARING_TIMEOUT = 10.0

_logger = logging.getLogger(__name__)


@contextmanager
def compared_in_background(url: RedisUrl) -> Iterator[None]:
    """While the block begins to serve, look through the store once, and log what is wrong in it."""
    stopping = threading.Event()
    threading.Thread(target=_compare, args=(url, stopping), name="store-compare", daemon=True).start()
    try:
        yield
    finally:
        stopping.set()


def _compare(url: RedisUrl, stopping: threading.Event) -> None:
    count = 0
    try:
        with closing(Client(url, _COMPARING_TIMEOUT)) as client:
            for count, sentence in enumerate(differences(client), start=1):
                if stopping.is_set():
                    return
                if count <= _NAMED:
                    _say("The store does not agree with itself: %s.", sentence)
    except StorageUnavailable as error:
        if not stopping.is_set():
            _say("The store was not compared with itself: %s", str(error))
    if count > _NAMED:
        _say("The store does not agree with itself in %s more places.", str(count - _NAMED))


def _say(message: str, detail: str) -> None:
    with NO_FORK:  # a worker that is forked meanwhile would inherit the lock of sys.stderr, held for ever
        _logger.warning(message, printable(detail))
