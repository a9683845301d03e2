"""The example files: what is wrong with each of negative/ is written in it, as `#! LINE:COLUMN RULE: message; hint`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from checking import problems
from support import REPOSITORY

from service.registry.check.catalogue import rules
from service.registry.loading import examine

FOLDER = Path(__file__).parent
NEGATIVE = sorted((FOLDER / "negative").glob("*.yaml"))
POSITIVE = sorted((FOLDER / "positive").glob("*.yaml"))

#: What a file that carries its problems in comments cannot show; tests/registry/test_source.py has them.
NOT_IN_EXAMPLES = {"empty", "size", "encoding"}


def expected(path: Path) -> list[str]:
    return re.findall(r"^ *#! (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", NEGATIVE, ids=lambda path: path.stem)
def test_a_broken_file_gives_exactly_what_it_says(path: Path) -> None:
    assert [f"{p.line}:{p.column} {p.rule}: {p.text}" for p in problems(path.read_bytes())] == expected(path)
    assert expected(path)


@pytest.mark.parametrize("path", POSITIVE, ids=lambda path: path.stem)
def test_a_valid_file_has_no_problem(path: Path) -> None:
    assert problems(path.read_bytes()) == []


@pytest.mark.parametrize("path", NEGATIVE, ids=lambda path: path.stem)
def test_the_first_of_all_problems_are_those_that_are_told_where_so_many_are_asked_for(path: Path) -> None:
    """`check --fix` has all of them in words, `check` as many as it lists: both are to say the same."""
    data = path.read_bytes()
    whole = examine(data, "", 1_000, warnings=True)
    for most in range(len(whole.problems) + len(whole.warnings) + 1):
        assert examine(data, "", most, warnings=True)[2:] == whole.first(most)[2:]


def test_there_is_a_file_with_ten_mistakes_that_gives_ten_problems() -> None:
    assert len(expected(FOLDER / "negative" / "ten_mistakes.yaml")) == 10


def test_every_rule_of_the_code_has_an_example() -> None:
    shown = {line.split(" ", 2)[1].rstrip(":") for path in NEGATIVE for line in expected(path)}
    warnings = {name for name, rule in rules().items() if rule.is_warning}  # tests/registry/test_warnings.py has them
    assert shown | NOT_IN_EXAMPLES == rules_of_the_code() - warnings


def rules_of_the_code() -> set[str]:
    """The rule ids: the words with hyphens (and few without) given as `rule` where findings are made."""
    words = set()
    for path in (REPOSITORY / "service" / "registry").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and (position := RULE_POSITION.get(ast.unparse(call.func))) is not None:
                values = ast.walk(call.args[position]) if len(call.args) > position else []
                words |= {v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)}
    return words | {"syntax", "not-a-mapping", "empty"}


#: Calls that are given a rule id, and at which place.
RULE_POSITION = dict.fromkeys(("Finding", "self.found", "reading.found", "self.abandon", "_advised", "Pasted"), 1) | {
    "_refused": 2,
    "unique": 3,
}
