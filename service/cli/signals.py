"""Signals to stop a command: what it has started is ended, whenever they come."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType


def exit_on(numbers: Sequence[int], code: int) -> None:
    """From now on, one of these signals unwinds what runs, and ends the process with this exit code."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the unwinding
        raise SystemExit(code)

    for number in numbers:
        signal.signal(number, leave)


@contextmanager
def put_off(numbers: Sequence[int]) -> Iterator[None]:
    """Let these signals wait until the block has ended: one could leave a process behind that nobody knows of yet."""
    came: list[int] = []
    previous = {number: signal.signal(number, lambda number, _: came.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])
