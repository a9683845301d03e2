"""Where this process counts: one slot, wherever in the code something is to be counted."""

from __future__ import annotations

from service.metrics.definitions import Metric
from service.metrics.memory import Slot

_slot = Slot()


def slot() -> Slot:
    """The slot of this process."""
    return _slot


def count_in(slot: Slot) -> None:
    """Have this process count in a slot from now on. What asked for another before goes on with that."""
    global _slot
    _slot = slot


def add(metric: Metric, *labels: str, value: float = 1.0) -> None:
    """Add to a counter or a gauge."""
    _slot.add(metric, *labels, value=value)


def observe(metric: Metric, seconds: float) -> None:
    """Add how long something took to a histogram without labels."""
    _slot.observe(_slot.place(metric), seconds)
