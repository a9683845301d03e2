"""The command line: which places, how many at once, and the table of what became of them."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from mutation.changes import Change
from mutation.places import all_changes, chosen, equivalents, room_of
from mutation.running import Copy, Outcome

_REPOSITORY = Path(__file__).resolve().parent.parent.parent
#: Of the changes that can be told, how many have to be noticed.
_ENOUGH = 0.97


def main(arguments: list[str] | None = None) -> int:
    """Change, run, print. The exit code: 0, or 1 where too few changes were noticed."""
    options = _parser().parse_args(arguments)
    changes = all_changes(_REPOSITORY)
    if options.place:
        places = [one for several in changes.values() for one in several if one.place in options.place]
    else:
        places = chosen(changes, options.seed, options.places)
        places = [one for one in places if options.room in (None, room_of(one.path))]
    known = {(one["file"], one["before"], one["after"]): one["reason"] for one in equivalents()}
    equivalent = [one for one in places if (one.path, one.before, one.after) in known]
    outcomes = _looked_at([one for one in places if one not in equivalent], options.jobs)
    print(_table(equivalent, outcomes))
    noticed = sum(outcome.noticed for outcome in outcomes)
    print(f"\n{noticed} of {len(outcomes)} changes noticed ({noticed / max(1, len(outcomes)):.1%}).")
    return 0 if noticed >= _ENOUGH * len(outcomes) else 1


def _looked_at(places: list[Change], jobs: int) -> list[Outcome]:
    """What became of each change, with as many copies of the repository as run at once."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(jobs):
            copies.put(Copy(_REPOSITORY, Path(folder, str(number))))

        def look(change: Change) -> Outcome:
            copy = copies.get()
            try:
                outcome = copy.look(change)
            finally:
                copies.put(copy)
            print(_described(outcome), flush=True)
            return outcome

        with ThreadPoolExecutor(jobs) as pool:
            try:
                outcomes = list(pool.map(look, places))
            except KeyboardInterrupt:
                pool.shutdown(cancel_futures=True)
                raise
        return _believed(outcomes, copies.get())


def _believed(outcomes: list[Outcome], copy: Copy) -> list[Outcome]:
    """The same, but for those whose test fails on the unchanged code as well, which says nothing."""
    tests = sorted({outcome.by for outcome in outcomes if outcome.by})
    failing = set(copy.run("", tests)[1]) if tests else set()
    for test in sorted(failing):
        print(f"fails without a change: {test}", file=sys.stderr)
    return [Outcome(one.change, False) if one.by in failing else one for one in outcomes]


def _described(outcome: Outcome) -> str:
    change = outcome.change
    title = f"{change.place} {change.path}:{change.line}"
    if outcome.noticed:
        return f"noticed  {title} by {outcome.by or 'a time limit'}"
    return f"SURVIVED {title}\n  - {change.before}\n  + {change.after}"


def _table(equivalent: Iterable[Change], outcomes: Iterable[Outcome]) -> str:
    """How many changes of each room were noticed, as Markdown."""
    same = Counter(room_of(change.path) for change in equivalent)
    noticed = Counter(room_of(one.change.path) for one in outcomes if one.noticed)
    survived = Counter(room_of(one.change.path) for one in outcomes if not one.noticed)
    rows = [
        (room, same[room] + noticed[room] + survived[room], noticed[room], same[room], survived[room])
        for room in sorted(same + noticed + survived)
    ]
    rows.append(("all", *(sum(row[column] for row in rows) for column in range(1, 5))))
    lines = ["| room | places | noticed | equivalent | survived |", "|---|---|---|---|---|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python tests/mutation",
        description="Change the code in random places, one at a time and in a copy, and run the tests of that room: do "
        "they notice? Prints each change that none notices, and a table.",
        epilog="Exit code 0: at least 97 %% were noticed, of the changes that tests/mutation/equivalent.yaml does not "
        "name. 1: fewer were.",
    )
    parser.add_argument("--seed", type=int, default=1, help="which places; the same for the same seed (default: 1)")
    parser.add_argument("--places", type=int, default=150, help="how many, over all rooms (default: 150)")
    parser.add_argument("--room", help="only those of one room, such as registry/check, lua, or service (in none)")
    parser.add_argument("--place", nargs="+", metavar="ID", help="exactly these, by the names that a run has printed")
    parser.add_argument("--jobs", type=int, default=1, help="how many at once, in a copy each (default: 1)")
    return parser
