"""Problems for people and machines: text with the offending line, JSON, GitHub annotations, SARIF 2.1.0."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from service.cli.output import Styled, say, say_document, say_json
from service.problems import Problem, others_counted
from service.registry.check.catalogue import rules
from service.wording import pluralized, printable

#: Longest part of an offending line that is shown, in characters.
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Checked:
    """One file that could be read: its text by lines, and its first problems with the number of the others.

    If it is valid, `modules` says how many it has.
    """

    file: str
    lines: Sequence[str] = field(default=(), repr=False)
    problems: tuple[Problem, ...] = ()
    others: int = 0
    modules: int = 0

    @property
    def is_valid(self) -> bool:
        """Whether it has no problem."""
        return not self.problems and not self.others


def _others(results: Sequence[Checked]) -> int:
    return sum(result.others for result in results)


def text(results: Sequence[Checked]) -> None:
    """As compilers do: each problem with its line and a caret, then a summary."""
    for result in results:
        for problem in result.problems:
            place = f"{problem.file}:{problem.line}:{problem.column}:"
            say(Styled(place, bold=True), f" {problem.text} ", Styled(f"[{problem.rule}]", dim=True))
            _say_excerpt(result.lines, problem)
        if result.is_valid:
            say(f"{result.file}: valid, {pluralized(result.modules, 'module')}")
    broken = [result for result in results if not result.is_valid]
    if broken:
        others = _others(results)
        if others:
            say(f"... and {others_counted(others)}")
        total = sum(len(result.problems) for result in broken) + others
        files = f" in {len(broken)} of {len(results)} files" if len(results) > 1 else ""
        say(Styled(f"{pluralized(total, 'problem')}{files}", fg="red", bold=True))


def _say_excerpt(lines: Sequence[str], problem: Problem) -> None:
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
    problems = [_as_json(problem) for result in results for problem in result.problems]
    valid = all(result.is_valid for result in results)
    say_json({"valid": valid, "problems": problems, "others": _others(results)})


def _as_json(problem: Problem) -> dict[str, Any]:
    return {name: value for name, value in asdict(problem).items() if name != "fix"}


def github(results: Sequence[Checked]) -> None:
    """Workflow commands, which GitHub shows at the line in a pull request."""
    for result in results:
        for problem in result.problems:
            where = f"file={_property(problem.file)},line={problem.line},col={problem.column}"
            say_document(f"::error {where},title={_property(problem.rule)}::{_data(problem.text)}\n")
        if result.others:
            say_document(f"::error file={_property(result.file)}::and {others_counted(result.others)}\n")


def _data(value: str) -> str:
    return printable(value).replace("%", "%25")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def sarif(results: Sequence[Checked]) -> None:
    """SARIF 2.1.0 (OASIS), for code scanning."""
    from importlib.metadata import version  # a fifth of the time that a check takes, and only wanted here

    problems = [problem for result in results for problem in result.problems]
    used = sorted({problem.rule for problem in problems})
    known = rules()
    descriptions = [
        {"id": rule, "shortDescription": {"text": known[rule].title}, "help": {"text": known[rule].why}}
        for rule in used
    ]
    driver = {"name": "module-registry", "version": version("module-registry"), "rules": descriptions}
    others = _others(results)
    said = [{"level": "warning", "message": {"text": f"and {others_counted(others)}"}}] if others else []
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": said}],
        "results": [_sarif_result(problem, used.index(problem.rule)) for problem in problems],
    }
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    say_json(document)


def _sarif_result(problem: Problem, index: int) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column}
    location = {"artifactLocation": {"uri": quote(problem.file, errors="surrogateescape")}, "region": region}
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": problem.text},
        "locations": [{"physicalLocation": location}],
    }


#: Each format, and the most problems it lists. GitHub shows 50 annotations of a job, and 5,000 results of an analysis.
FORMATS: dict[str, tuple[Callable[[Sequence[Checked]], None], int]] = {
    "text": (text, 100),
    "json": (as_json, 10_000),
    "github": (github, 50),
    "sarif": (sarif, 5_000),
}
