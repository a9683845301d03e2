"""What `check` says to people and programs: text with the offending line, and JSON. Code hosts: `check_hosts`."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from service.cli.check_hosts import MOST_ANNOTATIONS, MOST_RESULTS, github, gitlab, sarif
from service.cli.checked import Checked, total, unlisted
from service.cli.output import Styled, say, say_json
from service.problems import Diagnostic
from service.wording import pluralized, printable

#: Longest part of an offending line that is shown, in characters.
_WIDTH = 120


def text(results: Sequence[Checked]) -> None:
    """As compilers do: each problem with its line and a caret, then a summary."""
    for result in results:
        for problem, is_warning in result.listed:
            place = f"{problem.file}:{problem.line}:{problem.column}:"
            mark: list[str | Styled] = [" ", Styled("warning:", fg="yellow", bold=True)] if is_warning else []
            say(Styled(place, bold=True), *mark, f" {problem.text} ", Styled(f"[{problem.rule}]", dim=True))
            _say_excerpt(result.lines, problem)
        if result.is_valid:
            say(f"{result.file}: valid, {pluralized(result.modules, 'module')}")
    others = [counted for _, counted in unlisted(results, [each for result in results for each in result.listed])]
    if others:
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
    margin = f"  {number} | "
    before = printable(margin + shown[: problem.column - 1 - start])[len(margin) :]
    indent = " " * sum(map(_cells, before))
    say(margin + shown)
    say(f"  {' ' * len(number)} | {indent}", Styled("^", fg="red", bold=True))


def _cells(character: str) -> int:
    """How many cells of a terminal a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


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


#: Each format, and the most problems and warnings that it lists.
FORMATS: dict[str, tuple[Callable[[Sequence[Checked]], None], int]] = {
    "text": (text, 100),
    "json": (as_json, 10_000),
    "github": (github, MOST_ANNOTATIONS),
    "gitlab": (gitlab, MOST_RESULTS),
    "sarif": (sarif, MOST_RESULTS),
}
