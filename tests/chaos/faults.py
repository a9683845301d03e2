"""One fault after another, and how long nobody could vote at each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from chaos.ledger import Ledger
from chaos.stores import Fault
from chaos.town import Town
from support import wait_until

#: How often a worker is killed while another fault lasts.
ALSO_A_WORKER = 0.2
#: How many changes have to be acknowledged between two faults, and within how many seconds.
CHANGES, RECOVERY = 10, 60.0


@dataclass(frozen=True)
class Happened:
    """A fault, and the longest time without a vote that was acknowledged from it to the next one, in seconds."""

    name: str
    without: float


def deck(town: Town) -> dict[str, tuple[int, Fault]]:
    """What can happen, and how often beside the others."""
    cards: dict[str, tuple[int, Fault]] = {
        "a worker killed": (2, town.kill_worker),
        "a worker suspended": (1, town.suspend_worker),
        "a serve killed": (1, town.kill_serve),
        "a serve restarted": (1, town.restart_serve),
        "everything killed": (1, town.kill_everything),
    }
    if town.kind:
        return cards | town.kind.faults()
    cards["the store killed"] = (3, town.kill_embedded_store)
    cards["the store suspended"] = (2, town.suspend_embedded_store)
    return cards


def happen(town: Town, ledger: Ledger, number: int, only: Sequence[str], lasts: float) -> Iterator[Happened]:
    """Have so many faults happen, of those that are named, or of all, each after votes are possible again.

    They come in any order, each as often as it is to come beside the others. One lasts `lasts` seconds at most, but for
    those that wait until another server is promoted.
    """
    there = deck(town)
    if unknown := set(only) - there.keys():
        raise ValueError(f"{unknown.pop()!r} is none of {', '.join(there)}")
    cards: list[tuple[str, Fault]] = []
    for _ in range(number):
        if not cards:
            cards = [(name, fault) for name, (times, fault) in there.items() for _ in range(times)]
            cards = [card for card in cards if not only or card[0] in only]
            town.dice.shuffle(cards)
        name, fault = cards.pop()
        yield _happen(name, fault, town, ledger, lasts, town.dice)


def _happen(name: str, fault: Fault, town: Town, ledger: Ledger, lasts: float, dice: Random) -> Happened:
    first = len(ledger.times) - 1
    began = time.monotonic()
    heal = fault()
    time.sleep(dice.uniform(0, lasts))
    if dice.random() < ALSO_A_WORKER and town.workers:
        town.kill_worker()
    heal()
    acknowledged = len(ledger.times) + CHANGES

    def is_well() -> bool:
        town.start_what_has_ended()
        return len(ledger.times) >= acknowledged

    try:
        wait_until(is_well, RECOVERY)
    except AssertionError:
        said = "; ".join(ledger.wrong[-3:]) or "nothing is wrong with those before"
        raise AssertionError(f"{RECOVERY:g} s after this there are no votes again: {name} ({said})") from None
    time.sleep(dice.uniform(0, lasts / 5))
    times = [began, *ledger.times[first + 1 :]]
    return Happened(name, max(after - before for before, after in pairwise(times)))
