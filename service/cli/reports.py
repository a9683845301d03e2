"""Problems for people and machines: text with the offending line, JSON, GitHub annotations, SARIF 2.1.0."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

import click

from service.problems import Problem
from service.registry.catalogue import rules
from service.registry.words import counted

#: Longest part of an offending line that is shown, in characters.
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Checked:
    """One file that could be read: its text by lines, its problems, and how many modules it has if it is valid."""

    file: str
    lines: Sequence[str] = field(repr=False)
    problems: tuple[Problem, ...]
    modules: int = 0


def text(results: Sequence[Checked]) -> Iterator[str]:
    """As compilers do: each problem with its line and a caret, then a summary. Styled; `click.echo` strips that."""
    for result in results:
        for problem in result.problems:
            place = f"{problem.file}:{problem.line}:{problem.column}:"
            yield f"{click.style(place, bold=True)} {problem.text} {click.style(f'[{problem.rule}]', dim=True)}"
            yield from _excerpt(result.lines, problem)
        if not result.problems:
            yield f"{result.file}: valid, {counted(result.modules, 'module')}"
    broken = [result for result in results if result.problems]
    if broken:
        total = sum(len(result.problems) for result in broken)
        files = f" in {len(broken)} of {len(results)} files" if len(results) > 1 else ""
        yield click.style(f"{counted(total, 'problem')}{files}", fg="red", bold=True)


def _excerpt(lines: Sequence[str], problem: Problem) -> Iterator[str]:
    line = lines[problem.line - 1] if problem.line <= len(lines) else ""
    start = max(0, problem.column - _WIDTH // 2)
    shown = line[start : start + _WIDTH].rstrip("\r").replace("\t", " ")
    indent = " " * sum(map(_cells, shown[: problem.column - 1 - start]))
    number = str(problem.line)
    yield f"  {number} | {shown}"
    yield f"  {' ' * len(number)} | {indent}{click.style('^', fg='red', bold=True)}"


def _cells(character: str) -> int:
    """How many cells of a terminal a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def as_json(results: Sequence[Checked]) -> Iterator[str]:
    """One document for all files."""
    problems = [asdict(problem) for result in results for problem in result.problems]
    yield json.dumps({"valid": not problems, "problems": problems}, ensure_ascii=False, indent=2)


def github(results: Sequence[Checked]) -> Iterator[str]:
    """Workflow commands, which GitHub shows at the line in a pull request."""
    for result in results:
        for problem in result.problems:
            where = f"file={_property(problem.file)},line={problem.line},col={problem.column}"
            yield f"::error {where},title={_property(problem.rule)}::{_data(problem.text)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def sarif(results: Sequence[Checked]) -> Iterator[str]:
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
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(problem, used.index(problem.rule)) for problem in problems],
    }
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    yield json.dumps(document, ensure_ascii=False, indent=2)


def _sarif_result(problem: Problem, index: int) -> dict[str, Any]:
    region = {"startLine": problem.line, "startColumn": problem.column}
    location = {"artifactLocation": {"uri": quote(problem.file)}, "region": region}
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": problem.text},
        "locations": [{"physicalLocation": location}],
    }


FORMATS: dict[str, Callable[[Sequence[Checked]], Iterator[str]]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}
