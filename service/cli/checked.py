"""What `check` knows of one file once it has looked at it, for all formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.problems import Diagnostic


class Checked(NamedTuple):
    """One file that could be read: its text by lines, and its first problems with the number of the others.

    Its warnings are as many as there is room for beside the problems. If it is valid, `modules` says how many it has.
    """

    file: str
    lines: Sequence[str] = ()
    problems: tuple[Diagnostic, ...] = ()
    others: int = 0
    modules: int = 0
    warnings: tuple[Diagnostic, ...] = ()
    other_warnings: int = 0

    @property
    def is_valid(self) -> bool:
        """Whether it has no problem; it may have warnings."""
        return not self.problems and not self.others

    @property
    def said(self) -> list[tuple[Diagnostic, bool]]:
        """Problems and warnings by their place, and which of them are warnings."""
        said = [*((each, False) for each in self.problems), *((each, True) for each in self.warnings)]
        return sorted(said, key=lambda one: (one[0].line, one[0].column, one[0].rule))


def first(results: Sequence[Checked], most: int) -> Iterator[tuple[Diagnostic, bool]]:
    """The first problems of all files and then, as far as there is room, the first warnings."""
    problems = [(each, False) for result in results for each in result.problems]
    warnings = [(each, True) for result in results for each in result.warnings]
    yield from (problems + warnings)[:most]


def total(results: Sequence[Checked]) -> tuple[int, int]:
    """How many problems and warnings there are, those that are not listed among them."""
    problems = sum(len(result.problems) + result.others for result in results)
    return problems, sum(len(result.warnings) + result.other_warnings for result in results)
