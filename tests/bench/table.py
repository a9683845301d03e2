"""What was measured: as a table for people, and as JSON with every single figure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: How each unit is written: the number of its decimals, and the text behind it.
_UNITS = {"/s": (0, "/s"), "s": (2, " s"), "ms": (2, " ms"), "µs": (0, " µs"), "MiB": (0, " MiB"), "": (0, "")}
#: The columns of figures.
_RIGHT = (1, 3)


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
        rule = ["-" * width for width in widths]
        for column in _RIGHT:
            rule[column] = rule[column][1:] + ":"
        lines.insert(1, tuple(rule))
        return "\n".join([machine, "", *(_line(cells, widths) for cells in lines)])

    def json(self) -> str:
        """All of it, with the figures of every round."""
        document = asdict(self)
        document["rows"] = [asdict(row) | {"met": row.met} for row in self.rows]
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [f"{cell:{'>' if at in _RIGHT else '<'}{widths[at]}}" for at, cell in enumerate(cells)]
    return f"| {' | '.join(padded)} |"
