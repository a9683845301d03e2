"""What all parts of the benchmark share: the machine, and measuring in rounds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

from bench.errors import Wrong
from bench.load import Load, Sample, interleaved, ratio
from bench.servers import Cores
from bench.table import Report, Row

T = TypeVar("T")


@dataclass(frozen=True)
class Bench:
    """How to measure, and where to put what was found."""

    cores: Cores
    folder: Path  # an empty folder of this part's own, on a disk
    rounds: int
    seconds: float  # how long one contender is measured in one round
    report: Report

    def say(self, text: str) -> None:
        """Tell how far it is."""
        print(text, file=sys.stderr, flush=True)

    def rates(self, series: str, loads: Mapping[str, Load]) -> dict[str, list[Sample]]:
        """Measure each load in each round. What is wrong with a run goes into the report's failures."""

        def measured(name: str, load: Load) -> Sample:
            try:
                sample = load.run(self.seconds)
            except Wrong as error:
                raise Wrong(f"{series}: {name}: {error}") from error
            complaint = load.complaint(sample)
            if complaint:
                self.report.failures.append(f"{series}: {name}: {complaint}")
            return sample

        return self.turns(series, {name: partial(measured, name, load) for name, load in loads.items()})

    def turns(self, series: str, contenders: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
        """What each contender gives in each round."""
        self.say(f"  {series}: {', '.join(contenders)}")
        found = interleaved(contenders, self.rounds)
        self.report.rounds[series] = {name: list(values) for name, values in found.items()}
        return found

    def add(self, row: Row) -> None:
        """Put a line into the table."""
        self.report.rows.append(row)

    def compare(
        self, what: str, ours: Sequence[Sample], name: str, beside: Sequence[Sample], target: float | None = None
    ) -> None:
        """Put a line into the table that compares rates."""
        mine, other = [sample.rate for sample in ours], [sample.rate for sample in beside]
        self.add(Row(what, median(mine), median(other), ratio(mine, other), name=name, target=target))
