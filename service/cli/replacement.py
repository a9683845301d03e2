"""Replacing the workers while they serve, one after the other."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Container, Iterator, Mapping
from typing import TYPE_CHECKING

from service.cli.worker import LONGEST_LEAVE, LONGEST_STOP, Progress
from service.wording import how_it_ended, pluralized

if TYPE_CHECKING:
    from granian.server.mp import WorkerProcess

#: How long a worker may take until it serves, in seconds.
_LONGEST_START = 60.0

_logger = logging.getLogger(__name__)


def replaced(
    workers: list[WorkerProcess],
    start: Callable[[int], WorkerProcess],
    progress: Mapping[WorkerProcess, Progress],
    without: Container[int],
) -> Iterator[None]:
    """Start a worker beside each, let the old one finish once the new one serves, and go on when it has ended.

    Yields whenever there is something to wait for. Whoever is beside the workers stands behind them in the list
    meanwhile. Places `without` a worker are left out. One that does not serve ends it, and nobody was told to finish.
    """
    began, count = time.monotonic(), len(workers)
    _logger.info("Replacing %s (SIGUSR2).", pluralized(count, "worker"))
    for place in range(count):
        if place in without:
            continue
        new = start(place)
        workers.append(new)
        deadline = time.monotonic() + _LONGEST_START
        while not progress[new].serves and new.is_alive() and time.monotonic() < deadline:
            yield
        if not (progress[new].serves and new.is_alive()):
            _give_up(place, count, new)
            workers.remove(new)
            return
        old = workers[place]
        workers[place], workers[-1] = new, old
        progress[old].is_replaced = True
        old.terminate()
        deadline = time.monotonic() + LONGEST_LEAVE + LONGEST_STOP
        while old.is_alive():
            if time.monotonic() > deadline:
                old.kill()
            yield
        workers.remove(old)
    _logger.info("Replaced %s in %.1f s.", pluralized(count, "worker"), time.monotonic() - began)


def _give_up(place: int, count: int, new: WorkerProcess) -> None:
    if new.is_alive():
        end = f"does not serve after {_LONGEST_START:g} s"
        new.kill()
    else:
        end = how_it_ended(new.inner.exitcode)
    _logger.error("Worker %d of %d is not replaced: the new one %s. The old one serves on.", place + 1, count, end)
