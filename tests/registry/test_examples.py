"""The example files: what is wrong with each of negative/ is written in it, as `#! LINE:COLUMN RULE: message; hint`."""

import re
from pathlib import Path

import pytest
from checking import expanded, problems

from service.registry.loading.loader import examine

FOLDER = Path(__file__).parent
NEGATIVE = sorted((FOLDER / "negative").glob("*.yaml"))
POSITIVE = sorted((FOLDER / "positive").glob("*.yaml"))


def expected(path: Path) -> list[str]:
    return re.findall(r"^ *#! (.*)$", expanded(path.read_text(encoding="utf-8")), re.MULTILINE)


@pytest.mark.parametrize("path", NEGATIVE, ids=lambda path: path.stem)
def test_a_broken_file_gives_exactly_what_it_says(path: Path) -> None:
    assert [f"{p.line}:{p.column} {p.rule}: {p.text}" for p in problems(path.read_bytes())] == expected(path)
    assert expected(path)


@pytest.mark.parametrize("path", NEGATIVE, ids=lambda path: path.stem)
def test_the_first_of_all_problems_are_those_that_are_told_where_so_many_are_asked_for(path: Path) -> None:
    """`check --fix` has all of them in words, `check` as many as it lists: both are to say the same."""
    data = path.read_bytes()
    whole = examine(data, "", 1_000, warnings=True)
    for most in range(len(whole.problems) + len(whole.warnings) + 1):
        first = examine(data, "", most, warnings=True)
        assert (*first.problems, *first.warnings) == (*whole.problems, *whole.warnings)[:most]
        assert first.others == len(whole.problems) - len(first.problems)


def test_there_is_a_file_with_ten_mistakes_that_gives_ten_problems() -> None:
    assert len(expected(FOLDER / "negative" / "ten_mistakes.yaml")) == 10
