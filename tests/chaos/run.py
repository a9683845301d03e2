"""One run: start everything, break it while people vote, let it settle, and say what was seen."""

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from threading import Event
from typing import NamedTuple

from chaos import verdict
from chaos.ledger import Ledger, Outcome
from chaos.people import Editor, Person
from chaos.stores import RECOVERY, Fault
from chaos.town import Town
from support import wait_until

from service.history.model import Event as Change
from service.history.model import Kind

PEOPLE, ACCOUNTS_EACH = 6, 3
#: How often a worker is killed while another fault lasts.
ALSO_A_WORKER = 0.2
#: How many changes have to be acknowledged between two faults.
CHANGES = 10


@dataclass(frozen=True)
class Plan:
    """What is to happen: faults on a kind of store, all that there are or those that are named, in an order of a seed.

    A fault lasts `lasts` seconds at most, and an edit follows the one before it `between` so many. Whoever is told of
    events waits for the last of them, for a minute or three.
    """

    on: str
    faults: int = 150
    seed: int = 13
    durability: str | None = None
    only: Sequence[str] = ()
    lasts: float = 2.5
    between: tuple[float, float] = (0.3, 3.0)
    tells: bool = True


class Happened(NamedTuple):
    """A fault, and the longest time without a vote that was acknowledged from it to the next one, in seconds."""

    name: str
    without: float


@dataclass
class Report:
    """What was seen. `lost` and `miscounted` are of votes, `untold` of events: a sentence each."""

    plan: Plan
    durability: str
    seconds: float = 0.0
    happened: list[Happened] = field(default_factory=list)
    edits: Counter[str] = field(default_factory=Counter)
    answers: dict[Outcome, int] = field(default_factory=dict)
    looks: int = 0
    lost: list[str] = field(default_factory=list)
    #: Changes that were seen, not acknowledged, and lost.
    rolled_back: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    events: int = 0
    deliveries: int = 0
    to_event: list[float] = field(default_factory=list)
    to_delivery: list[float] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        """Which promises were broken: a promotion loses what the promoted server does not have, unless each has it."""
        of_one_server = self.lost + self.rolled_back + self.untold if self.plan.on in ("embedded", "server") else []
        of_all_replicas = self.lost if self.durability == "replica:2" else []
        return self.miscounted + of_one_server + of_all_replicas

    def text(self) -> str:
        """All of it, as Markdown."""
        without: defaultdict[str, list[float]] = defaultdict(list)
        for fault in self.happened:
            without[fault.name].append(fault.without)
        answers = ", ".join(f"{number:,} {outcome.value}" for outcome, number in self.answers.items())
        edits = ", ".join(f"{number} {name}" for name, number in sorted(self.edits.items()))
        lines = [
            f"{self.plan.on}, VOTE_DURABILITY={self.durability}, seed {self.plan.seed}: {len(self.happened)} faults "
            f"and {sum(self.edits.values())} edits ({edits}) in {self.seconds:.0f} s",
            f"changes: {answers}; {len(self.lost)} lost; "
            f"{len(self.rolled_back)} seen before they were acknowledged, and lost; {self.looks:,} looks; "
            f"{len(self.miscounted)} miscounted",
            f"events: {self.events}, {len(self.untold)} missing or doubled, {self.deliveries} deliveries tried; from "
            f"edit to event {_said(self.to_event)}, from edit to delivery {_said(self.to_delivery)}",
            "",
            "| fault | times | seconds without a vote, median | most |",
            "|---|---|---|---|",
            *(f"| {name} | {len(each)} | {median(each):.1f} | {max(each):.1f} |" for name, each in without.items()),
        ]
        return "\n".join([*lines, "", *(self.lost + self.rolled_back + self.miscounted + self.untold)[:20]])


def run(plan: Plan, folder: Path, say: Callable[[str], None] = lambda _: None) -> Report:
    """Have it happen, in a folder with a short path; each fault is said when it is over."""
    town = Town(plan.on, folder, plan.seed, plan.durability, tells=plan.tells)
    try:
        return _run(town, Report(plan, town.durability), say)
    finally:
        town.stop()


def _run(town: Town, report: Report, say: Callable[[str], None]) -> Report:
    plan = report.plan
    accounts = [f"voter{number}" for number in range(PEOPLE * ACCOUNTS_EACH)]
    town.start(accounts)
    before, ledger, ending = town.declared.buckets, Ledger(), Event()
    people = [Person(town, ledger, accounts[number::PEOPLE], ending, plan.seed + number) for number in range(PEOPLE)]
    editor = Editor(town, ending, plan.seed, plan.between)
    began = time.monotonic()
    with ThreadPoolExecutor(PEOPLE + 1) as pool:
        acting = [pool.submit(each.run) for each in (*people, editor)]
        try:
            for number, fault in enumerate(happen(town, ledger, plan.faults, plan.only, plan.lasts), 1):
                report.happened.append(fault)
                say(f"{plan.on} {number}/{plan.faults}: {fault.name}, {fault.without:.1f} s; {len(ledger.wrong)} wrong")
                if any(each.done() for each in acting):
                    break  # which raises what ended it
        finally:
            ending.set()
    for each in acting:
        each.result()
    report.seconds = time.monotonic() - began
    report.lost, report.miscounted = verdict.of_votes(town, ledger, accounts)
    report.rolled_back = ledger.rolled_back
    report.answers, report.looks, report.edits = ledger.counts, ledger.looks, editor.done
    if plan.tells:
        town.fails = 0.0
        events = verdict.settled(town, hashlib.sha256(town.declared.text.encode()).hexdigest())
        report.untold = verdict.of_events(town, before, events)
        report.events, report.deliveries = len(events), len(town.receiver.received)
        _time(town, report, events)
    return report


def happen(town: Town, ledger: Ledger, number: int, only: Sequence[str], lasts: float) -> Iterator[Happened]:
    """Have so many faults happen, of those that are named, or of all, each after votes are possible again.

    They come in any order, each as often as it is to come beside the others. One lasts `lasts` seconds at most, but for
    those that wait until another server is promoted.
    """
    there: dict[str, tuple[int, Fault]] = {
        "a worker killed": (2, town.kill_worker),
        "a worker suspended": (1, town.suspend_worker),
        "a serve killed": (1, town.kill_serve),
        "a serve restarted": (1, town.restart_serve),
        "everything killed": (1, town.kill_everything),
    }
    if town.kind:
        there |= town.kind.faults()
    else:
        there["the store killed"] = (3, town.kill_embedded_store)
        there["the store suspended"] = (2, town.suspend_embedded_store)
    if unknown := set(only) - there.keys():
        raise ValueError(f"{unknown.pop()!r} is none of {', '.join(there)}")
    cards: list[tuple[str, Fault]] = []
    for _ in range(number):
        if not cards:
            cards = [(name, fault) for name, (times, fault) in there.items() for _ in range(times)]
            cards = [card for card in cards if not only or card[0] in only]
            town.dice.shuffle(cards)
        name, fault = cards.pop()
        yield _happen(name, fault, town, ledger, lasts)


def _happen(name: str, fault: Fault, town: Town, ledger: Ledger, lasts: float) -> Happened:
    dice = town.dice
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


def _time(town: Town, report: Report, events: tuple[Change, ...]) -> None:
    """How long each release took to be an event, and to be delivered."""
    at = {webhook.body["data"]["id"]: webhook.at for webhook in town.delivered}
    for event in events:
        if event.kind is Kind.RELEASED and event.slug in town.released:
            report.to_event.append(event.time.timestamp() - town.released[event.slug])
            if event.id in at:
                report.to_delivery.append(at[event.id] - town.released[event.slug])


def _said(seconds: list[float]) -> str:
    return f"{median(seconds):.1f} s (median), {max(seconds):.1f} s at most" if seconds else "no time"
