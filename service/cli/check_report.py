"""What `check` says to people and programs: text with the offending line, and JSON. Code hosts: `check_hosts`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from service.cli.output import Styled, say, say_json
from service.problems import Diagnostic, others_counted
from service.wording import pluralized, printable

#: Longest part of an offending line that is shown, in characters.
_WIDTH = 120

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

    def strict(self) -> Checked:
        """The same with its warnings among its problems."""
        problems = tuple(problem for problem, _ in self.listed)
        return self._replace(problems=problems, others=self.others + self.other_warnings, warnings=(), other_warnings=0)

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


def text(results: Sequence[Checked]) -> None:
    """As compilers do: each problem with its line and a caret, then a summary."""
    for result in results:
        for problem, is_warning in result.listed:
            place = f"{problem.file}:{problem.line}:{problem.column}:"
            mark = (" ", Styled("warning:", fg="yellow", bold=True)) if is_warning else ()
            say(Styled(place, bold=True), *mark, f" {problem.text} ", Styled(f"[{problem.rule}]", dim=True))
            _say_excerpt(result.lines, problem)
        if result.is_valid:
            say(f"{result.file}: valid, {pluralized(result.modules, 'module')}")
    if others := [counted for _, counted in unlisted(results, first(results, sys.maxsize))]:
        say(f"... and {' and '.join(others)}")
    problems, warnings = total(results)
    broken = sum(not result.is_valid for result in results)
    files = f" in {broken} of {len(results)} files" if len(results) > 1 else ""
    if problems:
        say(Styled(f"{pluralized(problems, 'problem')}{files}", fg="red", bold=True))
    if warnings:
        say(Styled(pluralized(warnings, "warning"), fg="yellow", bold=True))


def _say_excerpt(lines: Sequence[str], problem: Diagnostic) -> None:
    line = lines[problem.line - 1] if problem.line <= len(lines) else ""
    start = max(0, problem.column - _WIDTH // 2)
    shown = line[start : start + _WIDTH].rstrip("\r").replace("\t", " ")
    number = str(problem.line)
    before = printable(f" | {shown[: problem.column - 1 - start]}")
    say(f"  {number} | {shown}")
    say(f"  {' ' * len(number)} | {' ' * (len(before) - 3)}", Styled("^", fg="red", bold=True))


def as_json(results: Sequence[Checked]) -> None:
    """One document for all files."""
    document = {
        "valid": all(result.is_valid for result in results),
        "problems": [_as_json(problem) for result in results for problem in result.problems],
        "others": sum(result.others for result in results),
        "warnings": [_as_json(warning) for result in results for warning in result.warnings],
        "other_warnings": sum(result.other_warnings for result in results),
    }
    say_json(document)


def _as_json(problem: Diagnostic) -> dict[str, Any]:
    end_line, end_column = problem.end
    names = ("file", "line", "column", "rule", "message", "hint", "pointer")
    return {name: getattr(problem, name) for name in names} | {"end_line": end_line, "end_column": end_column}
