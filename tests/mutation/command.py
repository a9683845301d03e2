"""The command line: which places, how many at once, and what became of them."""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from mutation.changes import Change
from mutation.covering import MEASURING, Covering
from mutation.places import EQUIVALENT, all_changes, chosen
from mutation.running import LONG, PLAIN, Copy, Outcome
from support import REPOSITORY

#: Of the changes that can be told, what share has to be noticed: by the plain tests, and by all.
_ENOUGH_PLAIN, _ENOUGH = 0.86, 0.90
#: For so many changes it is quicker to run all tests of their rooms than to see first which ones run the lines.
_FEW = 5


def main(arguments: list[str] | None = None) -> int:
    """Change, run, print. The exit code: 0, or 1 where too few changes were noticed."""
    options = _parser().parse_args(arguments)
    changes = all_changes(REPOSITORY)
    if options.place:
        places = [change for several in changes.values() for change in several if change.place in options.place]
    else:
        places = list(dict.fromkeys(place for seed in options.seed for place in chosen(changes, seed, options.places)))
    known = {(row["file"], row["before"], row["after"]) for row in EQUIVALENT}
    equivalent = [change for change in places if (change.path, change.before, change.after) in known]
    outcomes = _looked_at([change for change in places if change not in equivalent], options.jobs)
    for change in equivalent:
        print(f"equivalent {change.title}")
    plain, noticed = (sum(outcome.kind in kinds for outcome in outcomes) for kinds in ([PLAIN], [PLAIN, LONG]))
    print(f"\n{plain} of {len(outcomes)} changes noticed by the plain tests ({plain / max(1, len(outcomes)):.1%}),")
    print(f"{noticed} by all ({noticed / max(1, len(outcomes)):.1%}); {len(equivalent)} equivalent ones beside them.")
    return 0 if plain >= _ENOUGH_PLAIN * len(outcomes) and noticed >= _ENOUGH * len(outcomes) else 1


def _looked_at(places: list[Change], jobs: int) -> list[Outcome]:
    """What became of each change, with as many copies of the repository as run at once."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(jobs):
            copies.put(Copy(Path(folder, str(number))))
        measured = Copy(Path(folder, "measured"))
        if len(places) > _FEW:
            print("Running the plain tests once, to see which of them runs which line.", file=sys.stderr)
            measured.run(PLAIN, [], "-p", "pytest_cov", "-p", "xdist", *MEASURING)
        covering = Covering(measured.folder)

        def look(change: Change) -> Outcome:
            copy = copies.get()
            try:
                outcome = copy.look(change, covering)
            finally:
                copies.put(copy)
            print(outcome, flush=True)
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
    return [Outcome(outcome.change) if outcome.by in failing else outcome for outcome in outcomes]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python tests/mutation",
        description="Change the code in random places, one at a time and in a copy, and run the tests that run that "
        "line, and then others of that room: do they notice? Prints each change that none notices, and shares.",
        epilog="Exit code 0: of the changes that tests/mutation/equivalent.yaml does not name, the plain tests noticed "
        "at least 86 %%, and all of them at least 90 %%. 1: fewer were.",
    )
    parser.add_argument(
        "--seed", type=int, nargs="+", default=[1], help="which places; the same for the same seed (default: 1)"
    )
    parser.add_argument("--places", type=int, default=150, help="how many of each seed, over all rooms (default: 150)")
    parser.add_argument("--place", nargs="+", metavar="ID", help="exactly these, by the names that a run has printed")
    parser.add_argument("--jobs", type=int, default=1, help="how many at once, in a copy each (default: 1)")
    return parser
