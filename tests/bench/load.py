"""Load by wrk: requests, runs of it, and what it reports."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

from bench.errors import SIGNALS, Wrong

from service.cli.signals import put_off

T = TypeVar("T")

#: Connections, unless a series is about their number.
CONNECTIONS = 16
#: wrk would stop by itself after this long, in seconds; each run is stopped before, to the millisecond.
_LONGEST = 60
#: How far the mean size of a response may be from that of the one that was looked at: counts have more or fewer digits.
_TOLERANCE = 0.2

_SCRIPT = Path(__file__).with_name("wrk.lua")


class Request(NamedTuple):
    """One request of many that are sent in turn."""

    method: str
    path: str
    cookie: str


@dataclass(frozen=True)
class Sample:
    """What one run of wrk saw."""

    answers: int  # how many answers came
    rate: float  # answers a second
    size: float  # bytes of one answer with its headers, on average
    p50: float  # half of the answers came within this many milliseconds
    p99: float  # 99 of 100 answers came within this many milliseconds
    errors: int  # connections that failed, answers that came after more than 2 s, and answers with a status above 399


def parse(output: str) -> Sample:
    """A run's figures from what wrk and the script have printed. Raises Wrong if there are none."""
    for line in output.splitlines():
        if line.startswith("{"):
            found = json.loads(line)
            if not found["requests"]:
                raise Wrong("wrk got no answer at all")
            return Sample(
                answers=found["requests"],
                rate=found["requests"] / found["microseconds"] * 1e6,
                size=found["bytes"] / found["requests"],
                p50=found["p50"] / 1000,
                p99=found["p99"] / 1000,
                errors=sum(found["errors"].values()),
            )
    raise Wrong(f"wrk has no figures to tell: {output.strip() or 'it printed nothing'}")


def write_script(path: Path, requests: Sequence[Request] = ()) -> Path:
    """Write the Lua script that sends these requests in turn (without any, wrk's own: one and the same)."""
    table = ",\n".join(f"{{{', '.join(map(_quoted, request))}}}" for request in requests)
    path.write_text(f"local REQUESTS = {{\n{table}\n}}\n{_SCRIPT.read_text()}", encoding="utf-8")
    return path


def _quoted(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        raise ValueError(f"{text!r} cannot be written into a script")
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{quoted}'"


@dataclass
class Load:
    """Requests to one server, at which it is measured again and again."""

    url: str
    script: Path
    size: int | None = None
    """What one answer should weigh with its headers, in bytes: a 200 in place of a 304 is no error to wrk."""
    headers: Mapping[str, str] = field(default_factory=dict)
    connections: int = CONNECTIONS
    sent: int = 0  # the requests sent so far: the next run goes on from there

    def run(self, seconds: float) -> Sample:
        """Measure for `seconds`. Raises Wrong if there is nothing to measure."""
        command = ["wrk", "--threads", "1", "--connections", str(self.connections), "--duration", f"{_LONGEST}s"]
        command += ["--script", str(self.script)]
        command += [part for name, value in self.headers.items() for part in ("--header", f"{name}: {value}")]
        command += [self.url, "--", str(self.sent)]
        sample = parse(_stopped_after(command, seconds))
        self.sent += sample.answers
        return sample

    def complaint(self, sample: Sample) -> str | None:
        """What is wrong with a run, if anything is."""
        if sample.errors:
            return f"{sample.errors} errors, and {sample.answers} answers"
        if self.size is not None and abs(sample.size / self.size - 1) > _TOLERANCE:
            return f"an answer had {sample.size:.0f} bytes on average, not {self.size}"
        return None


def _stopped_after(command: Sequence[str], seconds: float) -> str:
    """What wrk prints, when it is stopped this long after it has begun."""
    process = None
    try:
        with put_off(SIGNALS):
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
            )
        assert process.stdout is not None
        output = process.stdout.readline()
        if output.startswith("ready"):
            time.sleep(seconds)
            process.send_signal(signal.SIGINT)  # it stops and reports, as at the end of its time
        return output + process.stdout.read()
    finally:
        if process is not None:
            process.kill()
            process.communicate()


def interleaved(contenders: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Run every contender in turn, `periodic_task` times, each time beginning with another one."""
    results: dict[str, list[T]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            results[name].append(contenders[name]())
    return results


def ratio(ours: Sequence[float], beside: Sequence[float]) -> float:
    """The median of the ratios of each round: what slows a machine down for a while slows down both."""
    return median(one / other for one, other in zip(ours, beside, strict=True))
