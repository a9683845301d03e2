"""What `check` knows of files once it has looked at them, for all formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.problems import Diagnostic, others_counted

#: A problem or a warning, and whether it is a warning.
Finding = tuple[Diagnostic, bool]


class Checked(NamedTuple):
    """One file that could be read: its text by lines, and its first problems with the number of the others.

    Its warnings are as many as there is room for beside the problems. If it is valid, `modules` says how many it has.
    """

    file: str
    lines: Sequence[str] = ()
    problems: tuple[Diagnostic, ...] = ()
    others: int = 0
    warnings: tuple[Diagnostic, ...] = ()
    other_warnings: int = 0
    modules: int = 0

    @property
    def is_valid(self) -> bool:
        """Whether it has no problem; it may have warnings."""
        return not self.problems and not self.others

    @property
    def listed(self) -> list[Finding]:
        """Problems and warnings by their place."""
        listed = [*((each, False) for each in self.problems), *((each, True) for each in self.warnings)]
        return sorted(listed, key=lambda finding: (finding[0].line, finding[0].column, finding[0].rule))


def first(results: Sequence[Checked], most: int) -> list[Finding]:
    """The first problems of all files and then, as far as there is room, the first warnings."""
    problems = [(each, False) for result in results for each in result.problems]
    warnings = [(each, True) for result in results for each in result.warnings]
    return (problems + warnings)[:most]


def total(results: Sequence[Checked]) -> tuple[int, int]:
    """How many problems and warnings there are, those that are not listed among them."""
    problems = sum(len(result.problems) + result.others for result in results)
    return problems, sum(len(result.warnings) + result.other_warnings for result in results)


def unlisted(results: Sequence[Checked], listed: Sequence[Finding]) -> Iterator[tuple[bool, str]]:
    """In words, how many problems there are beside those that are listed, and with True how many warnings."""
    problems, warnings = total(results)
    listed_warnings = sum(is_warning for _, is_warning in listed)
    if others := problems - (len(listed) - listed_warnings):
        yield False, others_counted(others)
    if others := warnings - listed_warnings:
        yield True, others_counted(others, "warning")
