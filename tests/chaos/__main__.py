"""Break the service at random while people vote, and see what became of their votes: `python tests/chaos --help`."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # tests/, where `python tests/chaos` puts tests/chaos/

from chaos.run import Plan, run  # noqa: E402
from chaos.town import KINDS  # noqa: E402

from service.settings.durability import Durability  # noqa: E402


def main() -> int:
    """Run each kind in turn, and print its report. The exit code: 0, or 1 where a promise was broken."""
    options = _parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    broken = 0
    for on in options.on or KINDS:
        with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder:  # a socket's path is short
            plan = Plan(on, options.faults, options.seed, options.durability, options.only or ())
            report = run(plan, Path(folder), lambda text: print(text, file=sys.stderr, flush=True))
        print(report.text(), flush=True)
        broken += len(report.broken)
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python tests/chaos",
        description="Break the service at random while people vote and the registry is edited; then hold what is "
        "stored against what people were told.",
        epilog="Exit code 0: nothing was lost that is promised. 1: something was. 2: the command line is wrong.",
    )
    parser.add_argument("--on", choices=KINDS, action="append", help="the kind of store (default: each in turn)")
    parser.add_argument("--faults", metavar="N", type=int, default=150, help="how many (default: 150)")
    parser.add_argument("--seed", metavar="S", type=int, default=13, help="which, and in which order (default: 13)")
    parser.add_argument("--durability", choices=[*Durability], help="VOTE_DURABILITY, if not that of the kind")
    parser.add_argument("--only", metavar="FAULT", action="append", help="one that may come, as the table calls it")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
