"""What a bad file costs: it grows with the file, and not with its mistakes, so that no edit stalls the service."""

import gc
import json
from pathlib import Path

import pytest
from checking import assert_cheap, problems
from costly import SHAPES, module, modules, names
from support import REPOSITORY
from test_examples import NEGATIVE

from service.problems import InvalidRegistry
from service.registry.lint.linter import MAX_BYTES
from service.registry.lint.nodes import MAX_MISTAKES
from service.registry.lint.reading import MAX_ITEMS
from service.registry.loading import examine, parse

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    "shape",
    [pytest.param(shape, marks=[pytest.mark.nightly] * bool(number % 24)) for number, shape in enumerate(SHAPES)],
)
def test_any_file_is_checked_and_mended_in_the_time_of_a_good_one_and_400_mib(shape: str, tmp_path: Path) -> None:
    text, number = SHAPES[shape]
    file = tmp_path / "registry.yaml"
    file.write_bytes(data := text().encode())
    assert len(data) <= MAX_BYTES
    check = "from service.cli import main; took(lambda: main(['check', '--format', 'json', *sys.argv[1:]]))"
    for options in [], ["--fix"]:
        report = json.loads(assert_cheap(check, *options, str(file)))
        if not options:
            assert len(report["problems"]) + report["others"] == number
    assert file.stat().st_size <= len(data) + 20_000


def test_nothing_of_a_file_is_left_once_its_problems_are_told() -> None:
    """Not even for the garbage collector, which may not come by for long: ten bad files would be in memory at once."""
    gc.disable()
    try:
        for turn in range(2):  # the first makes what is made once
            gc.collect()
            gc.freeze()
            for file in (*NEGATIVE, REPOSITORY / "registry.yaml"):
                examine(file.read_bytes(), "registry.yaml", warnings=True)
                assert not gc.collect() or not turn, file.name
    finally:
        gc.unfreeze()
        gc.enable()


def test_a_list_of_too_many_entries_is_one_problem_at_the_first_that_is_too_many() -> None:
    lines = ["modules:", *["  - 1"] * MAX_ITEMS, "  - 2", "  - 3: [", "legacy_features: ["]
    (problem,) = problems("\n".join(lines))
    assert (problem.rule, problem.line) == ("size", MAX_ITEMS + 2)
    assert "more than 20,000 entries" in problem.message


def test_a_file_with_too_many_mistakes_says_first_that_not_all_were_looked_for() -> None:
    text = modules(lambda number: module(number, f", needs: [{names(15_000, f'n{number}x')}]"), 2)
    examined = examine(text.encode(), "registry.yaml", 1)
    (first,) = examined.problems
    assert (first.line, first.rule, examined.others) == (1, "size", MAX_MISTAKES)
    assert "more than 20,000 times, and is not checked further" in first.message


def test_only_the_first_problems_are_put_into_words() -> None:
    with pytest.raises(InvalidRegistry) as caught:
        parse(f"modules: []\nlegacy_features: [{names(800, '')}]\n".encode(), "registry.yaml", most=20)
    assert (len(caught.value.problems), caught.value.others) == (20, 780)
    assert caught.value.message.startswith("registry.yaml:2:19: legacy_features: YAML reads 0 as a number")
    assert str(caught.value).endswith("\nand 780 other problems")


def test_ten_thousand_modules_that_say_what_they_are_have_room() -> None:
    def entry(number: int) -> str:
        words = ", ".join(f"keyword {number} {letter}" for letter in "abcdef")
        description = f"{{ fr: Ce que le module {number} fait pour vous., en: What module {number} does for you. }}"
        more = f"    description: {description}\n    keywords: [{words}]\n    produces: [a{number}]\n"
        label = f"{{ fr: F{number}, en: E{number} }}"
        return f"  - slug: m{number}\n    category: tools\n    label: {label}\n{more}    api_endpoint: /api/m{number}\n"

    data = modules(entry, 10_000).encode()
    assert 3_300_000 < len(data) < MAX_BYTES
    assert len(parse(data, "registry.yaml").modules) == 10_000
