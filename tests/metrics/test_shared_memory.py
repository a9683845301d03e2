"""Numbers in memory that processes share: none is lost, none goes backwards, whatever ends a process."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from scraping import samples
from support import clean_environ

from service.metrics import counting
from service.metrics.counting import OTHER, SUM, Counted, Memory, Slot
from service.metrics.definitions import BOUNDS, METRICS, REQUESTS, STALE, VOTES
from service.metrics.exposition import Exposition


def test_threads_of_a_worker_lose_nothing() -> None:
    """There is no lock: this fails on a Python that switches between threads where it must not."""
    slot, times = Slot(), 20_000
    place = slot.place(REQUESTS, "/", "GET", "200")

    def count() -> None:
        for _ in range(times):
            slot.observe(place, 0.5)
            slot.add(VOTES, "linkedin")

    with ThreadPoolExecutor(4) as pool, ExitStack() as stack:
        stack.callback(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-6)
        for counted in [pool.submit(count) for _ in range(4)]:
            counted.result()
    assert slot.numbers[place + BOUNDS.index(0.5)] == 4 * times
    assert slot.numbers[place + SUM] == 2 * times
    assert slot.numbers[slot.place(VOTES, "linkedin")] == 4 * times


def test_a_bucket_has_what_took_up_to_its_limit() -> None:
    for seconds, bucket in ((0.0, 0), (0.001, 0), (0.0011, 1), (5.0, 11), (5.1, 12), (1e9, 12)):
        slot = Slot()
        place = slot.place(REQUESTS, "/", "GET", "200")
        slot.observe(place, seconds)
        assert [slot.numbers[place + number] for number in range(SUM)] == [number == bucket for number in range(SUM)]


def test_what_does_not_fit_is_counted_as_other() -> None:
    """The last rows are kept for that, so that each metric has one of its own."""
    slot = Slot()
    for number in range(2000):
        slot.add(VOTES, f"feature_{number}")
        slot.add(REQUESTS, f"/{number}", "GET", "200")
    rows = dict(counting._rows(slot._memory))
    assert len(rows) == counting._ROWS - 1 - len(METRICS) + 2
    voted = sum(slot.numbers[place] for key, place in rows.items() if key[0] == VOTES.name)
    assert (voted, slot.numbers[rows[VOTES.name, OTHER]] > 1000) == (2000, True)
    assert slot.numbers[rows[REQUESTS.name, OTHER, OTHER, OTHER]] > 1000
    slot.add(STALE)
    assert slot.numbers[slot.place(STALE)] == 1
    slot = Slot()
    slot.add(VOTES, "é" * 100)  # which is too long
    assert slot.numbers[slot.place(VOTES, OTHER)] == 1


def test_counters_are_of_all_workers_and_gauges_of_those_that_live() -> None:
    rows = {(VOTES.name, "linkedin"): [1.0] * (SUM + 1), (STALE.name,): [1.0] * (SUM + 1)}
    _, body = Exposition([Counted(True, "a", rows), Counted(False, "b", rows)], []).encoded("")
    told = samples(body.decode())
    assert (told['votes_total{feature="linkedin"}'], told["registry_stale_workers"], told["workers"]) == (2, 1, 1)
    assert [name for name in told if name.startswith("registry_info")] == ['registry_info{revision="a"}']


#: Forks while it has one thread, which pytest has not.
PROCESSES = """
import os, signal
from service.metrics.definitions import *
from service.metrics.counting import Memory

memory = Memory(2)

def begin():
    ready, told = os.pipe()
    if (pid := os.fork()) == 0:
        slot = memory.claim()
        slot.add(VOTES, "linkedin")
        slot.set(STALE, 1.0)
        slot.serves("abc")
        os.write(told, b"1")
        signal.pause()
    os.read(ready, 1)
    return pid

def kill(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

def show():
    counted = list(memory.read())
    votes = [int(slot.rows[VOTES.name, "linkedin"][0]) for slot in counted]
    stale = [int(slot.rows[STALE.name,][0]) for slot in counted]
    deaths = sum(int(slot.rows[DEATHS.name,][0]) for slot in counted)
    print(votes, stale, deaths, [slot.is_alive for slot in counted], [slot.revision for slot in counted], flush=True)

first, second = begin(), begin()
show()
kill(first)
show()
third = begin()   # goes on in the slot of the first
show()
fourth = begin()  # comes before the one that it is to replace has ended
show()
kill(second)
show()
kill(third)
kill(fourth)
if (pid := os.fork()) == 0:
    memory.claim()
    show()
    os._exit(0)
os.waitpid(pid, 0)
all_taken = [begin() for _ in range(6)]
one_more = begin()  # which works all the same
show()
for each in (*all_taken, one_more):
    kill(each)
"""


def test_a_slot_has_one_writer_and_keeps_what_the_dead_have_counted() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROCESSES], env=clean_environ(), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == [
        "[1, 1] [1, 1] 0 [True, True] ['abc', 'abc']",
        "[1, 1] [1, 1] 0 [False, True] ['abc', 'abc']",
        "[2, 1] [1, 1] 1 [True, True] ['abc', 'abc']",
        "[2, 1, 1] [1, 1, 1] 1 [True, True, True] ['abc', 'abc', 'abc']",
        "[2, 1, 1] [1, 1, 1] 1 [True, False, True] ['abc', 'abc', 'abc']",
        "[2, 1, 1] [0, 1, 1] 2 [True, False, False] ['', 'abc', 'abc']",
        f"[3, 2, 2, 1, 1, 1] {[1] * 6} 5 {[True] * 6} {['abc'] * 6}",
    ]


def test_a_name_that_was_not_finished_is_not_there() -> None:
    """A worker that is killed while it adds a row leaves nothing, and the next one writes over it."""
    made = Memory(1)
    slot = made.claim()
    used = int(slot.numbers[0])
    slot._memory[(used + 1) * counting._ROW : (used + 1) * counting._ROW + 5] = b"votes"
    [counted] = made.read()
    assert len(counted.rows) == used
    slot.add(VOTES, "linkedin")
    [counted] = made.read()
    assert counted.rows[VOTES.name, "linkedin"][0] == 1
