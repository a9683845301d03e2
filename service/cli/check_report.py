"""What `check` says to people and programs: text with the offending line, and JSON. Code hosts: `check_hosts`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from service.cli.output import Styled, say
from service.problems import Diagnostic
from service.registry.lint.nodes import LINE_BREAK, SourceMap
from service.wording import pluralized, printable

#: Problems and warnings that each format lists.
_MOST_IN_TEXT, _MOST_IN_JSON = 100, 10_000
#: Longest part of an offending line that is shown, in characters.
_WIDTH = 120

#: A problem or a warning, and whether it is a warning.
Finding = tuple[Diagnostic, bool]


class Checked(NamedTuple):
    """One file: its text, and its problems and warnings. A registry that is valid has so many modules."""

    file: str
    problems: Sequence[Diagnostic] = ()
    warnings: Sequence[Diagnostic] = ()
    text: str = ""
    modules: int | None = 0

    def strict(self) -> Checked:
        """The same with its warnings among its problems."""
        return self._replace(problems=sorted([*self.problems, *self.warnings], key=_place), warnings=())


def _place(problem: Diagnostic) -> tuple[int, int, str]:
    return problem.line, problem.column, problem.rule


def first(results: Sequence[Checked], most: int) -> list[Finding]:
    """The first problems of all files and then, as far as there is room, the first warnings."""
    problems = [(problem, False) for result in results for problem in result.problems]
    warnings = [(warning, True) for result in results for warning in result.warnings]
    return (problems + warnings)[:most]


def total(results: Sequence[Checked]) -> tuple[int, int]:
    """How many problems and warnings there are."""
    return sum(len(result.problems) for result in results), sum(len(result.warnings) for result in results)


def unlisted(results: Sequence[Checked], listed: Sequence[Finding]) -> Iterator[tuple[bool, str]]:
    """In words, how many problems there are beside those that are listed, and with True how many warnings."""
    for is_warning, noun in ((False, "problem"), (True, "warning")):
        others = total(results)[is_warning] - sum(kind is is_warning for _, kind in listed)
        if others:
            yield is_warning, pluralized(others, f"other {noun}")


def text(results: Sequence[Checked]) -> None:
    """As compilers do: each problem with its line and a caret, then a summary."""
    of_file, listed = defaultdict[str, list[Finding]](list), first(results, _MOST_IN_TEXT)
    for finding in listed:
        of_file[finding[0].file].append(finding)
    for result in results:
        lines = LINE_BREAK.split(result.text) if of_file[result.file] else []
        for problem, is_warning in sorted(of_file[result.file], key=lambda finding: _place(finding[0])):
            place = f"{problem.file}:{problem.line}:{problem.column}:"
            mark = (" ", Styled("warning:", fg="yellow", bold=True)) if is_warning else ()
            say(Styled(place, bold=True), *mark, f" {problem.text} ", Styled(f"[{problem.rule}]", dim=True))
            _say_excerpt(lines, problem)
        if result.modules is not None and not result.problems:
            say(f"{result.file}: valid, {pluralized(result.modules, 'module')}")
    _say_totals(results, [counted for _, counted in unlisted(results, listed)])


def _say_totals(results: Sequence[Checked], others: Sequence[str]) -> None:
    if others:
        say(f"... and {' and '.join(others)}")
    problems, warnings = total(results)
    broken = sum(bool(result.problems) for result in results)
    files = f" in {broken:,} of {len(results):,} files" if len(results) > 1 else ""
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


def document(results: Sequence[Checked]) -> dict[str, Any]:
    """One document for all files, as the format `json` has it."""
    sources = {result.file: SourceMap(result.text) for result in results}
    listed = [(_as_json(each, sources[each.file]), kind) for each, kind in first(results, _MOST_IN_JSON)]
    problems, warnings = ([each for each, kind in listed if kind is is_warning] for is_warning in (False, True))
    all_problems, all_warnings = total(results)
    return {
        "valid": not all_problems,
        "problems": problems,
        "others": all_problems - len(problems),
        "warnings": warnings,
        "other_warnings": all_warnings - len(warnings),
    }


def _as_json(problem: Diagnostic, source: SourceMap) -> dict[str, Any]:
    names = ("file", "line", "column", "rule", "message", "hint", "pointer")
    end_line, end_column = problem.end
    edits = [_placed(source, *edit) for edit in problem.edits]
    end = {"end_line": end_line, "end_column": end_column}
    return {name: getattr(problem, name) for name in names} | end | {"edits": edits}


def _placed(source: SourceMap, start: int, end: int, new: str) -> dict[str, Any]:
    (line, column), (end_line, end_column) = source.position(start), source.position(end)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column, "new": new}
