"""What `check` says to code hosts: GitHub's annotations and step summary, GitLab's Code Quality, and SARIF 2.1.0."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from service.cli.check_report import Checked, first, total, unlisted
from service.cli.markdown import code_span, first_lines, row
from service.cli.output import say, say_document, say_json
from service.problems import Diagnostic
from service.registry.lint.catalogue import Rule, address, rules
from service.registry.references import RULES
from service.wording import pluralized, printable

#: GitHub shows ten errors and ten warnings of a step as annotations, and 50 of a job.
MOST_ANNOTATIONS = 50
#: GitHub takes 5,000 results of an analysis. A step summary and GitLab's report list as many.
MOST_RESULTS = 5_000
#: What GitHub takes of a step summary, in bytes, and what stands around its rows at most.
_LARGEST_SUMMARY, _AROUND = 1024 * 1024, 1_000
#: The longest message that there is, in characters.
_LONGEST_MESSAGE = 2_000


#: What GitHub, SARIF and the summary call a problem, and a warning.
_LEVELS = ("error", "warning")


def github(results: Sequence[Checked]) -> None:
    """Workflow commands, which GitHub shows at the line in a pull request; and the summary of the step, if any."""
    shown = first(results, MOST_ANNOTATIONS)
    for problem, is_warning in shown:
        where = f"file={_property(problem.file)},line={problem.line},col={problem.column}"
        end_line, end_column = problem.end
        if end_line == problem.line:  # GitHub takes no columns of a place on several lines
            where += f",endColumn={end_column}"
        say_document(f"::{_LEVELS[is_warning]} {where},title={_property(problem.rule)}::{_data(problem.text)}\n")
    for is_warning, others in unlisted(results, shown):
        *_, last = (result for result in results if total([result])[is_warning])
        say_document(f"::{_LEVELS[is_warning]} file={_property(last.file)}::and {others}\n")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(summary).open("a", encoding="utf-8") as file:  # which may have said something already
                file.writelines(f"{line}\n" for line in summary_lines(results, _LARGEST_SUMMARY - file.tell()))
        except OSError as error:  # for want of which no check fails
            say(f"GITHUB_STEP_SUMMARY: {summary}: cannot be written: {error.strerror}", err=True)


def _data(value: str) -> str:
    return printable(value).replace("%", "%25")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def summary_lines(results: Sequence[Checked], room: int = _LARGEST_SUMMARY) -> Iterator[str]:
    """All problems and warnings as a table in GitHub's Markdown, as far as `room` bytes hold it, without line ends."""
    if room < _AROUND:
        return
    problems, warnings = total(results)
    counted = [pluralized(problems, "problem"), *[pluralized(warnings, "warning")] * bool(warnings)]
    rows = [_summary_row(*finding) for finding in first(results, MOST_RESULTS)]
    shown = first_lines(rows, room - _AROUND)
    yield from ("## Registry check", "", f"**{' and '.join(counted) if problems or warnings else 'No problems'}.**", "")
    if shown:
        yield from ("| | Place | What is wrong | Rule |", "| --- | --- | --- | --- |", *shown)
    if len(shown) < problems + warnings:
        more = problems + warnings - len(shown)
        yield from ("", f"… and {more} more: the format `json` lists more.")


def _summary_row(problem: Diagnostic, is_warning: bool) -> str:
    place = code_span(f"{problem.file}:{problem.line}:{problem.column}")
    rule = code_span(problem.rule)
    if where := _described(problem.rule)[1]:
        rule = f"[{rule}](<{where}>)"
    return row([_LEVELS[is_warning], place, code_span(problem.text, _LONGEST_MESSAGE), rule])


def _described(name: str) -> tuple[Rule, str | None]:
    """A rule, also of `code-references`, and where it is explained, if that is known."""
    from service.settings import rules_page  # and all that parses settings, for what `check` does not print by default

    return (RULES[name], None) if name in RULES else (rules()[name], address(name, rules_page(os.environ)))


def gitlab(results: Sequence[Checked]) -> None:
    """GitLab's Code Quality report, a list. What tells an issue from others is where it is and what it says."""
    from hashlib import sha256  # which takes milliseconds to import, and is only wanted here

    issues = []
    for problem, is_warning in first(results, MOST_RESULTS):
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


def sarif(results: Sequence[Checked]) -> None:
    """SARIF 2.1.0 (OASIS), for code scanning."""
    from importlib.metadata import version  # a fifth of the time that a check takes, and only wanted here

    shown = first(results, MOST_RESULTS)
    used = sorted({problem.rule for problem, _ in shown})
    driver = {"name": "module-registry", "version": version("module-registry"), "rules": list(_sarif_rules(used))}
    said = [{"level": "warning", "message": {"text": f"and {others}"}} for _, others in unlisted(results, shown)]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": said}],
        "results": [_sarif_result(problem, is_warning, used.index(problem.rule)) for problem, is_warning in shown],
    }
    say_json({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _sarif_rules(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name in names:
        rule, where = _described(name)
        described = {"id": name, "shortDescription": {"text": rule.title}, "help": {"text": rule.why}}
        level = {"defaultConfiguration": {"level": _LEVELS[rule.is_warning]}}
        yield described | level | ({"helpUri": where} if where else {})


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
