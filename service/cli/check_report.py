"""What `check` and `code-references` say of files: text with the offending line, JSON, and reports for code hosts.

For these, GitHub's annotations and step summary, GitLab's Code Quality, and SARIF 2.1.0.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from service.cli.output import Styled, say, say_document, say_error, say_json
from service.cli.shared import FAILED, UNREADABLE
from service.cli.tables import code_span, first_lines, markdown_row
from service.problems import Diagnostic, UnreadableRegistry, UnwritableFile
from service.registry.edit.references import RULES
from service.registry.lint.catalogue import Rule, address, rules
from service.registry.lint.nodes import LINE_BREAK, SourceMap
from service.settings.settings import rules_page
from service.wording import pluralized, printable

#: Problems and warnings that a format lists. GitHub shows ten errors and ten warnings of a step as annotations, and 50
#: of a job; it takes 5,000 results of an analysis, as many as its step summary and GitLab's report have.
_MOST_IN_TEXT, _MOST_ANNOTATIONS, _MOST_RESULTS, _MOST_IN_JSON = 100, 50, 5_000, 10_000
#: Longest part of an offending line that is shown, in characters.
_WIDTH = 120
#: What GitHub takes of a step summary, in bytes, and what stands around its rows at most.
_LARGEST_SUMMARY, _AROUND = 1024 * 1024, 1_000
#: The longest message that there is, in characters.
_LONGEST_MESSAGE = 2_000
#: What GitHub, SARIF and the summary call a problem, and a warning.
_LEVELS = ("error", "warning")

#: A problem or a warning, and whether it is a warning.
Finding = tuple[Diagnostic, bool]
#: What those of one file are sorted by.
_PLACE = attrgetter("line", "column", "rule")


class Checked(NamedTuple):
    """One file: its text, and its problems and warnings. A registry that is valid has so many modules."""

    file: str
    problems: Sequence[Diagnostic] = ()
    warnings: Sequence[Diagnostic] = ()
    text: str = ""
    modules: int | None = 0

    def strict(self) -> Checked:
        """The same with its warnings among its problems."""
        return self._replace(problems=sorted([*self.problems, *self.warnings], key=_PLACE), warnings=())


def looked_at(files: Iterable[str], look: Callable[[str], Checked | None]) -> tuple[list[Checked], list[Checked]]:
    """What is wrong with each file that a look is worth, and those that cannot be read or written, once it is said why.

    Each is looked at once, also where several names have it.
    """
    results, unreadable = list[Checked](), list[Checked]()
    for file in dict.fromkeys(files):
        try:
            if checked := look(file):
                results.append(checked)
        except (UnreadableRegistry, UnwritableFile) as error:
            say_error(error)
            problem = Diagnostic("unreadable", 0, str(error), file=error.file)
            unreadable.append(Checked(error.file, [problem]))
    return results, unreadable


def say_results(style: str, results: Sequence[Checked], unreadable: Sequence[Checked]) -> int:
    """Say in a format what is wrong with files, and return the exit code that means the same."""
    # A document must not read as if the file were fine; people are told on standard error.
    FORMATS[style](results if style == "text" else [*results, *unreadable])
    return UNREADABLE if unreadable else FAILED if any(result.problems for result in results) else 0


def _found(results: Sequence[Checked]) -> list[Finding]:
    """The problems of all files, and then the warnings: a format lists the first of these."""
    problems = [(problem, False) for result in results for problem in result.problems]
    return problems + [(warning, True) for result in results for warning in result.warnings]


def _counted(found: Sequence[Finding]) -> tuple[int, int]:
    """How many problems and warnings there are."""
    warnings = sum(is_warning for _, is_warning in found)
    return len(found) - warnings, warnings


def _others(unlisted: Sequence[Finding]) -> Iterator[tuple[Finding, str]]:
    """The last problem of those that a format does not list, and how many there are, in words; likewise of warnings."""
    for is_warning, several in groupby(unlisted, itemgetter(1)):
        others = [*several]
        yield others[-1], pluralized(len(others), "other warning" if is_warning else "other problem")


def _text(results: Sequence[Checked]) -> None:
    """As compilers do: each problem with its line and a caret, then a summary."""
    found, of_file = _found(results), defaultdict[str, list[Finding]](list)
    for finding in found[:_MOST_IN_TEXT]:
        of_file[finding[0].file].append(finding)
    for result in results:
        lines = LINE_BREAK.split(result.text) if of_file[result.file] else []
        for problem, is_warning in sorted(of_file[result.file], key=lambda finding: _PLACE(finding[0])):
            place = f"{problem.file}:{problem.line}:{problem.column}:"
            mark = (" ", Styled("warning:", fg="yellow", bold=True)) if is_warning else ()
            say(Styled(place, bold=True), *mark, f" {problem.text} ", Styled(f"[{problem.rule}]", dim=True))
            _say_excerpt(lines, problem)
        if result.modules is not None and not result.problems:
            say(f"{result.file}: valid, {pluralized(result.modules, 'module')}")
    _say_totals(results, found)


def _say_totals(results: Sequence[Checked], found: Sequence[Finding]) -> None:
    if others := [said for _, said in _others(found[_MOST_IN_TEXT:])]:
        say(f"... and {' and '.join(others)}")
    problems, warnings = _counted(found)
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
    found, sources = _found(results), {result.file: SourceMap(result.text) for result in results}
    listed = [(_as_json(each, sources[each.file]), kind) for each, kind in found[:_MOST_IN_JSON]]
    problems, warnings = ([each for each, kind in listed if kind is is_warning] for is_warning in (False, True))
    others, other_warnings = _counted(found[_MOST_IN_JSON:])
    return {
        "valid": not problems,
        "problems": problems,
        "others": others,
        "warnings": warnings,
        "other_warnings": other_warnings,
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


def _github(results: Sequence[Checked]) -> None:
    """Workflow commands, which GitHub shows at the line in a pull request; and the summary of the step, if any."""
    found = _found(results)
    for problem, is_warning in found[:_MOST_ANNOTATIONS]:
        where = f"file={_property(problem.file)},line={problem.line},col={problem.column}"
        end_line, end_column = problem.end
        if end_line == problem.line:  # GitHub takes no columns of a place on several lines
            where += f",endColumn={end_column}"
        say_document(f"::{_LEVELS[is_warning]} {where},title={_property(problem.rule)}::{_data(problem.text)}\n")
    for (last, is_warning), others in _others(found[_MOST_ANNOTATIONS:]):
        say_document(f"::{_LEVELS[is_warning]} file={_property(last.file)}::and {others}\n")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(summary).open("a", encoding="utf-8") as file:  # which may have said something already
                file.writelines(f"{line}\n" for line in _summary(found, _LARGEST_SUMMARY - file.tell()))
        except OSError as error:  # for want of which no check fails
            say(f"GITHUB_STEP_SUMMARY: {summary}: cannot be written: {error.strerror}", err=True)


def _data(value: str) -> str:
    return printable(value).replace("%", "%25")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _summary(found: Sequence[Finding], room: int) -> Iterator[str]:
    """All problems and warnings as a table in GitHub's Markdown, as far as `room` bytes hold it, without line ends."""
    if room < _AROUND:
        return
    problems, warnings = _counted(found)
    counted = [pluralized(problems, "problem"), *[pluralized(warnings, "warning")] * bool(warnings)]
    shown = first_lines([_summary_row(*finding) for finding in found[:_MOST_RESULTS]], room - _AROUND)
    yield from ("## Registry check", "", f"**{' and '.join(counted) if found else 'No problems'}.**", "")
    if shown:
        yield from ("| | Place | What is wrong | Rule |", "| --- | --- | --- | --- |", *shown)
    if more := len(found) - len(shown):
        yield from ("", f"… and {more} more: the format `json` lists more.")


def _summary_row(problem: Diagnostic, is_warning: bool) -> str:
    place = code_span(f"{problem.file}:{problem.line}:{problem.column}")
    rule = code_span(problem.rule)
    if where := _described(problem.rule)[1]:
        rule = f"[{rule}](<{where}>)"
    return markdown_row([_LEVELS[is_warning], place, code_span(problem.text, _LONGEST_MESSAGE), rule])


def _described(name: str) -> tuple[Rule, str | None]:
    """A rule, also of `code-references`, and where it is explained, if that is known."""
    return (RULES[name], None) if name in RULES else (rules()[name], address(name, rules_page(os.environ)))


def _gitlab(results: Sequence[Checked]) -> None:
    """GitLab's Code Quality report, a list. What tells an issue from others is where it is and what it says."""
    from hashlib import sha256  # which takes milliseconds to import, and is only wanted here

    issues = []
    for problem, is_warning in _found(results)[:_MOST_RESULTS]:
        said = f"{problem.file}\n{problem.line}\n{problem.column}\n{problem.rule}\n{problem.text}"
        issues.append(
            {
                "description": problem.text,
                "check_name": problem.rule,
                "fingerprint": sha256(said.encode(errors="surrogateescape")).hexdigest(),
                "severity": "minor" if is_warning else "major",
                "location": {"path": problem.file, "lines": {"begin": problem.line, "end": problem.end[0]}},
            }
        )
    say_json(issues)


def _sarif(results: Sequence[Checked]) -> None:
    """SARIF 2.1.0 (OASIS), for code scanning."""
    from importlib.metadata import version  # a fifth of the time that a check takes, and only wanted here

    found = _found(results)
    shown = found[:_MOST_RESULTS]
    used = sorted({problem.rule for problem, _ in shown})
    driver = {"name": "module-registry", "version": version("module-registry"), "rules": [*map(_sarif_rule, used)]}
    said = [{"level": "warning", "message": {"text": f"and {others}"}} for _, others in _others(found[_MOST_RESULTS:])]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": said}],
        "results": [_sarif_result(problem, is_warning, used.index(problem.rule)) for problem, is_warning in shown],
    }
    say_json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _sarif_rule(name: str) -> dict[str, Any]:
    rule, where = _described(name)
    described = {"id": name, "shortDescription": {"text": rule.title}, "help": {"text": rule.why}}
    level = {"defaultConfiguration": {"level": _LEVELS[rule.is_warning]}}
    return described | level | ({"helpUri": where} if where else {})


def _sarif_result(problem: Diagnostic, is_warning: bool, index: int) -> dict[str, Any]:
    (end_line, end_column), uri = problem.end, quote(problem.file, errors="surrogateescape")
    region = {"startLine": problem.line, "startColumn": problem.column, "endLine": end_line, "endColumn": end_column}
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": _LEVELS[is_warning],
        "message": {"text": problem.text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
    }


FORMATS: dict[str, Callable[[Sequence[Checked]], None]] = {
    "text": _text,
    "json": lambda results: say_json(document(results)),
    "github": _github,
    "gitlab": _gitlab,
    "sarif": _sarif,
}
