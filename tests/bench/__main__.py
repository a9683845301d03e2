"""Measure the service beside its peers and its own floor: `make bench`, or `python tests/bench --help`."""

import argparse
import os
import platform
import re
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # tests/, where `python tests/bench` puts tests/bench/

from bench import rates, servers, times  # noqa: E402
from bench.measuring import Bench, Report, Wrong  # noqa: E402
from support import REPOSITORY  # noqa: E402

from service.problems import ModuleRegistryError  # noqa: E402

PARTS = {
    "a": ("the registry", rates.measure_registry),
    "b": ("features and votes", rates.measure_interest),
    "c": ("growth", rates.measure_growth),
    "d": ("start-up and memory", times.measure_start),
    "e": ("check", times.measure_check),
    "f": ("pages", rates.measure_pages),
    "g": ("what people want", times.measure_insights),
    "h": ("published as files", rates.measure_published),
}
#: What runs on an idle machine, on average of the last minute.
_IDLE = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write the JSON. The exit code: 0, 1 after errors, 2 if it cannot be done here."""
    options = _parser().parse_args(arguments)
    if lack := servers.lack():
        print(lack, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    servers.raise_file_limit()
    report = Report(machine=_machine(), options={"rounds": options.rounds, "seconds": options.seconds})
    if report.machine["load"] > _IDLE:
        print(f"This machine is busy (load {report.machine['load']:.1f}): no figure will mean much.", file=sys.stderr)
    server, load = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, {load})  # and with it every child that is not given the server's core
    work = REPOSITORY / "var"  # a disk, where /tmp may be memory
    work.mkdir(exist_ok=True)
    for part in options.only:
        title, measure = PARTS[part]
        print(f"({part}) {title}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="bench-", dir=work) as folder:
            try:
                measure(Bench(server, Path(folder), options.rounds, options.seconds, report))
            except (Wrong, ModuleRegistryError) as error:
                report.failures.append(f"({part}) {error}")
    print(report.markdown())
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(report.json(), encoding="utf-8")
    for failure in report.failures:
        print(f"error: {failure}", file=sys.stderr)
    return 1 if report.failures else 0


def _machine() -> dict[str, Any]:
    """What the figures depend on."""
    model = re.search("(?m)^model name\\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": model[1] if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


def _parts(text: str) -> list[str]:
    parts = text.split(",")
    if unknown := [part for part in parts if part not in PARTS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is not one of {', '.join(PARTS)}")
    return parts


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python tests/bench",
        description="Measure the service beside its peers, on two cores: one for the server, one for the load and "
        "Redis. Prints a table of medians and ratios. Contenders take turns, since machines are noisy.",
        epilog="Exit code 0: measured (the table shows which targets were missed). 1: something answered wrongly. "
        "2: the command line is wrong, or a tool or a second core is missing.",
    )
    listed = "; ".join(f"{part}: {title}" for part, (title, _) in PARTS.items())
    parser.add_argument("--only", metavar="PARTS", type=_parts, default=[*PARTS], help=f"such as a,b ({listed})")
    output = REPOSITORY / "var" / "bench.json"
    parser.add_argument("--output", type=Path, default=output, help="where to write every figure, as JSON")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contender (default: 5)")
    parser.add_argument("--seconds", type=int, default=1, help="how long one turn takes (default: 1)")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
