"""What all parts of the benchmark share: requests, measuring in rounds, and the table and JSON of what was measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

#: How each unit is written: the number of its decimals, and the text behind it.
_UNITS = {"/s": (0, "/s"), "s": (2, " s"), "ms": (2, " ms"), "MiB": (0, " MiB"), "": (0, "")}

#: Where the text of each column of the table stands.
_SIDES = "<><><"

#: How much the heads of an answer weigh at most, in bytes, and how far a mean may be from a body: counts have digits.
_HEAD, _TOLERANCE = 2_000, 0.2

_SCRIPT = Path(__file__).with_name("wrk.lua")


class Wrong(Exception):
    """Something answered otherwise than it should: its figures would mean nothing."""


@dataclass(frozen=True)
class Row:
    """One line of the table: medians of all rounds."""

    what: str
    ours: float
    beside: float | None = None  # the same of something else
    ratio: float | None = None  # the median of each round's ratio, so made that more is better
    name: str = ""  # what is beside it; or a remark
    unit: str = "/s"
    target: float | None = None  # what the ratio should be at least; without a ratio, what `ours` should be at most

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None if there is none."""
        if self.target is None:
            return None
        return self.ours <= self.target if self.ratio is None else self.ratio >= self.target

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table shows."""
        beside = self.name if self.beside is None else f"{self.name} {self._figure(self.beside)}"
        ratio = "" if self.ratio is None else f"{self.ratio:.{3 if self.ratio < 1 else 2}f}"
        target = ""
        if self.target is not None:
            target = f"{'at most ' if self.ratio is None else ''}{self.target:g}{'' if self.met else ' (missed)'}"
        return self.what, self._figure(self.ours), beside, ratio, target

    def _figure(self, value: float) -> str:
        decimals, text = _UNITS[self.unit]
        return f"{value:,.{decimals}f}{text}"


@dataclass
class Report:
    """Everything that was measured, and what went wrong."""

    machine: Mapping[str, Any]
    options: Mapping[str, Any]
    rows: list[Row] = field(default_factory=list)
    rounds: dict[str, dict[str, list[Any]]] = field(default_factory=dict)  # series -> contender -> what each round gave
    failures: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """The table, under a line that says where it was measured."""
        machine = "{cpu}, {cores} cores (load {load:.1f} when it began), Python {python}".format(**self.machine)
        lines = [("", "ours", "beside it", "ratio", "target"), *(row.cells for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        padded = [map("{:{}{}}".format, line, _SIDES, widths) for line in lines]
        rule = ["-" * (width - 1) + ("-" if side == "<" else ":") for side, width in zip(_SIDES, widths, strict=True)]
        return "\n".join([machine, "", *(f"| {' | '.join(cells)} |" for cells in (padded[0], rule, *padded[1:]))])

    def json(self) -> str:
        """All of it, with the figures of every round."""
        document = asdict(self) | {"rows": [asdict(row) | {"met": row.met} for row in self.rows]}
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Bench:
    """How to measure, and where to put what comes of it."""

    core: int  # which the server has to itself; the load shares the other one with Redis
    folder: Path  # an empty folder of this part's own, on a disk
    rounds: int
    seconds: int  # how long one contender is measured in one round
    report: Report

    def on_core(self, *command: str) -> list[str]:
        """A command line that stays on the server's core."""
        return ["taskset", "-c", str(self.core), *command]

    def add(self, what: str, ours: float, **more: Any) -> None:
        """Put a line into the table; the rest as a Row has it."""
        self.report.rows.append(Row(what, ours, **more))

    def turns(
        self, series: str, contenders: Mapping[str, Callable[[], T]], *, at_once: bool = False
    ) -> dict[str, list[T]]:
        """What each contender gives in each round, which begins with another one each time; or all of them at once."""
        print(f"  {series}: {', '.join(contenders)}", file=sys.stderr, flush=True)
        results: dict[str, list[T]] = {name: [] for name in contenders}
        names = list(contenders)
        for number in range(self.rounds):
            first = number % len(names)
            with ThreadPoolExecutor(len(names) if at_once else 1) as pool:
                running = {name: pool.submit(contenders[name]) for name in names[first:] + names[:first]}
            for name, each in running.items():
                try:
                    results[name].append(each.result())
                except Wrong as error:
                    raise Wrong(f"{series}: {name}: {error}") from error
        self.report.rounds[series] = dict(results)
        return results

    def compare(self, what: str, ours: Sequence[float], beside: Sequence[float], **more: Any) -> None:
        """Put a line into the table that compares what each round gave; of a rate more is better, of a time less.

        The ratio is the median of those of each round: what slows a machine down for a while slows down both.
        """
        pairs = zip(beside, ours, strict=True) if "unit" in more else zip(ours, beside, strict=True)
        self.add(what, median(ours), beside=median(beside), ratio=median(mine / other for mine, other in pairs), **more)

    def race(self, series: str, loads: Mapping[str, Load], what: str = "", **targets: float) -> dict[str, list[Sample]]:
        """Measure loads in turns, or at once where the processor time of their servers is told, with a line in the
        table for each that has a target, beside which ours is put.
        """
        at_once = all(load.server for load in loads.values())
        seen = self.turns(series, {name: load.run for name, load in loads.items()}, at_once=at_once)
        rates = {name: [sample.rate for sample in samples] for name, samples in seen.items()}
        for name, target in targets.items():
            self.compare(what or series, rates["ours"], rates[name], name=name, target=target)
        return seen


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(url: str, path: str, method: str = "GET", **headers: str) -> Answer:
    """Send one request as wrk does. Raises Wrong if nothing answers in time."""
    length = {"Content-Length": "0"} if method == "POST" else {}
    try:
        with closing(HTTPConnection(urlsplit(url).netloc, timeout=5)) as connection:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers | length).items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    except (OSError, HTTPException) as error:
        raise Wrong(f"{method} {url}{path} is not answered: {error!r}") from error


def expect(answer: Answer, status: int, body: bytes | None = None, who: str = "serve") -> Answer:
    """The answer, if it is the right one. Raises Wrong otherwise."""
    if answer.status != status or (body is not None and answer.body != body):
        raise Wrong(f"{who} answers {answer.status}, not {status}, or other bytes: {answer.body[:200]!r}")
    return answer


class Request(NamedTuple):
    """One request of many that are sent in turn."""

    method: str
    path: str
    cookie: str


@dataclass(frozen=True)
class Sample:
    """What one run of wrk saw."""

    answers: int
    rate: float  # answers a second, of the clock or of the server's processor time
    p50: float  # half of the answers came within this many milliseconds
    p99: float
    errors: int  # connections that failed, answers that came after more than 2 s, and answers with a status above 399


@dataclass
class Load:
    """Requests to one server, at which it is measured again and again; without any, one and the same."""

    bench: Bench
    url: str
    size: int  # what the body of an answer weighs, in bytes: a 200 in place of a 304 is no error to wrk
    requests: Sequence[Request] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    connections: int = 16
    server: int | None = None  # the process whose seconds on the processor count in place of the clock's
    sent: int = 0  # the requests sent so far: the next run goes on from there

    def run(self) -> Sample:
        """Measure once. What is wrong with it goes into the report's failures; Wrong if there is nothing to measure."""
        script = self.bench.folder / f"wrk-{urlsplit(self.url).port}.lua"
        table = ",\n".join(f"{{{', '.join(map(json.dumps, request))}}}" for request in self.requests)
        script.write_text(f"local REQUESTS = {{\n{table}\n}}\n{_SCRIPT.read_text()}", encoding="utf-8")
        command = ["wrk", "-t1", f"-c{self.connections}", f"-d{self.bench.seconds}s", "-s", str(script)]
        command += [part for name, value in self.headers.items() for part in ("-H", f"{name}: {value}")]
        began = self._on_processor()
        done = subprocess.run([*command, self.url, "--", str(self.sent)], capture_output=True, text=True, timeout=300)
        told = [line for line in done.stdout.splitlines() if line.startswith("{")]
        seen = json.loads(told[0]) if told else {"requests": 0}
        answers = seen["requests"]
        if not answers:
            raise Wrong(f"wrk has no figures to tell: {done.stdout.strip()}{done.stderr.strip()}")
        self.sent += answers
        errors, size = sum(seen["errors"].values()), seen["bytes"] / answers
        if errors:
            self.bench.report.failures.append(f"{self.url}: {errors} errors, and {answers} answers")
        elif not self.size * (1 - _TOLERANCE) < size < self.size * (1 + _TOLERANCE) + _HEAD:
            said = f"{self.url}: an answer had {size:.0f} bytes on average, with a body of {self.size}"
            self.bench.report.failures.append(said)
        seconds = self._on_processor() - began or seen["microseconds"] / 1e6
        return Sample(answers, answers / seconds, seen["p50"] / 1000, seen["p99"] / 1000, errors)

    def _on_processor(self) -> float:
        """How long the server has been running, in seconds (proc(5), schedstat); 0 where that is not counted."""
        return int(Path(f"/proc/{self.server}/schedstat").read_text().split()[0]) / 1e9 if self.server else 0.0
