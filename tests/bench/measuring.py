"""What all parts of the benchmark share: measuring in rounds, and the table and JSON of what was measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

T = TypeVar("T")

#: How each unit is written: the number of its decimals, and the text behind it.
_UNITS = {"/s": (0, "/s"), "s": (2, " s"), "ms": (2, " ms"), "MiB": (0, " MiB"), "": (0, "")}

#: Where the text of each column of the table stands.
_SIDES = "<><><"


class Wrong(Exception):
    """Something answered otherwise than it should: its figures would mean nothing."""


@dataclass(frozen=True)
class Row:
    """One line of the table: medians of all rounds."""

    what: str
    ours: float
    beside: float | None = None  # the same of something else
    ratio: float | None = None  # the median of each round's ratio, so made that more is better
    name: str = ""
    """What is beside it; or a remark."""
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
        beside = self.name if self.beside is None else f"{self.name} {_figure(self.beside, self.unit)}"
        ratio = "" if self.ratio is None else f"{self.ratio:.{3 if self.ratio < 1 else 2}f}"
        target = ""
        if self.target is not None:
            target = f"at most {self.target:g}" if self.ratio is None else f"{self.target:g}"
            target += "" if self.met else " (missed)"
        return self.what, _figure(self.ours, self.unit), beside, ratio, target


def _figure(value: float, unit: str) -> str:
    decimals, text = _UNITS[unit]
    return f"{value:,.{decimals}f}{text}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [f"{cell:{side}{width}}" for cell, side, width in zip(cells, _SIDES, widths, strict=True)]
    return f"| {' | '.join(padded)} |"


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
        rule = ["-" * (width - 1) + ("-" if side == "<" else ":") for width, side in zip(widths, _SIDES, strict=True)]
        return "\n".join([machine, "", *(_line(cells, widths) for cells in (lines[0], rule, *lines[1:]))])

    def json(self) -> str:
        """All of it, with the figures of every round."""
        document = asdict(self) | {"rows": [asdict(row) | {"met": row.met} for row in self.rows]}
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Bench:
    """How to measure, and where to put what was found."""

    core: int  # which the server has to itself; the load shares the other one with Redis
    folder: Path  # an empty folder of this part's own, on a disk
    rounds: int
    seconds: int  # how long one contender is measured in one round
    report: Report

    def on_core(self, *command: str) -> list[str]:
        """A command line that stays on the server's core."""
        return ["taskset", "-c", str(self.core), *command]

    def turns(self, series: str, contenders: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
        """What each contender gives in each round, which begins with another one each time."""
        print(f"  {series}: {', '.join(contenders)}", file=sys.stderr, flush=True)
        results: dict[str, list[T]] = {name: [] for name in contenders}
        names = list(contenders)
        for number in range(self.rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                try:
                    results[name].append(contenders[name]())
                except Wrong as error:
                    raise Wrong(f"{series}: {name}: {error}") from error
        self.report.rounds[series] = dict(results)
        return results

    def add(self, row: Row) -> None:
        """Put a line into the table."""
        self.report.rows.append(row)


def ratio(ours: Sequence[float], beside: Sequence[float]) -> float:
    """The median of the ratios of each round: what slows a machine down for a while slows down both."""
    return median(mine / other for mine, other in zip(ours, beside, strict=True))
