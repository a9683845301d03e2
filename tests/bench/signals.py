"""Signals to stop: everything that was started is ended, whenever they come."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def exit_on_signals() -> None:
    """Let a signal to stop unwind what runs, once."""

    def leave(number: int, _frame: FrameType | None) -> None:
        for other in _NUMBERS:
            signal.signal(other, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the unwinding
        raise SystemExit(128 + number)

    for number in _NUMBERS:
        signal.signal(number, leave)


@contextmanager
def exit_put_off() -> Iterator[None]:
    """Let a signal to stop wait until the block has ended: it could leave a process behind that nobody knows of yet."""
    came: list[int] = []
    previous = {number: signal.signal(number, lambda number, _: came.append(number)) for number in _NUMBERS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])
