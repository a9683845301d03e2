"""Requests: one at a time, to see that its answer is right, and by the thousand with wrk."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.measuring import Bench, Row, Wrong, ratio

#: How far the mean size of a response may be from that of the one that was looked at: counts have more or fewer digits.
_TOLERANCE = 0.2

_SCRIPT = Path(__file__).with_name("wrk.lua")


class Answer(NamedTuple):
    """A response, and the bytes that it had with its status line and headers."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int


def ask(url: str, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request as wrk does. Raises Wrong if nothing answers in time."""
    try:
        with closing(HTTPConnection(urlsplit(url).netloc, timeout=5)) as connection:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if method == "POST":
                connection.putheader("Content-Length", "0")
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
    except (OSError, HTTPException) as error:
        raise Wrong(f"{method} {url}{path} is not answered: {error!r}") from error
    head = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{name}: {value}" for name, value in answer.getheaders())]
    fields = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, fields, body, sum(len(line) + 2 for line in head) + 2 + len(body))


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

    answers: int  # how many answers came
    rate: float  # answers a second
    p50: float  # half of the answers came within this many milliseconds
    p99: float  # 99 of 100 answers came within this many milliseconds
    errors: int  # connections that failed, answers that came after more than 2 s, and answers with a status above 399


@dataclass
class Load:
    """Requests to one server, at which it is measured again and again; without any, one and the same."""

    bench: Bench
    url: str
    size: int
    """What one answer should weigh with its headers, in bytes: a 200 in place of a 304 is no error to wrk."""
    requests: Sequence[Request] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    connections: int = 16
    sent: int = 0  # the requests sent so far: the next run goes on from there

    def run(self) -> Sample:
        """Measure once. What is wrong with it goes into the report's failures; Wrong if there is nothing to measure."""
        script = self.bench.folder / "wrk.lua"
        table = ",\n".join(f"{{{', '.join(map(json.dumps, request))}}}" for request in self.requests)
        script.write_text(f"local REQUESTS = {{\n{table}\n}}\n{_SCRIPT.read_text()}", encoding="utf-8")
        command = ["wrk", "-t1", f"-c{self.connections}", f"-d{self.bench.seconds}s", "-s", str(script)]
        command += [part for name, value in self.headers.items() for part in ("-H", f"{name}: {value}")]
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
        elif abs(size / self.size - 1) > _TOLERANCE:
            said = f"{self.url}: an answer had {size:.0f} bytes on average, not {self.size}"
            self.bench.report.failures.append(said)
        return Sample(answers, answers / seen["microseconds"] * 1e6, seen["p50"] / 1000, seen["p99"] / 1000, errors)


def rates(bench: Bench, series: str, loads: Mapping[str, Load]) -> dict[str, list[Sample]]:
    """Measure each load in each round."""
    return bench.turns(series, {name: partial(Load.run, load) for name, load in loads.items()})


def compare(
    bench: Bench,
    what: str,
    seen: Mapping[str, list[Sample]],
    name: str,
    target: float | None = None,
    ours: str = "ours",
) -> None:
    """Put a line into the table that compares the rates of ours and another."""
    mine, other = ([sample.rate for sample in seen[who]] for who in (ours, name))
    bench.add(Row(what, median(mine), median(other), ratio(mine, other), name=name, target=target))
