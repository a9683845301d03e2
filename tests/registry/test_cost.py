"""What a bad file costs, and an edit of a large one: it grows with the file, and not with what is to be done."""

import gc
import json
import time
from collections.abc import Callable
from pathlib import Path
from timeit import timeit

import pytest
from checking import assert_cheap, problems
from costly import SHAPES, module, modules, names
from support import REPOSITORY

from service.registry.edit.modules import Opened, add, release, remove, rename
from service.registry.lint.linter import MAX_BYTES
from service.registry.lint.nodes import MAX_MISTAKES
from service.registry.lint.reading import MAX_ITEMS
from service.registry.loading.loader import examine, parse
from service.registry.model import Label

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
    files = [*sorted((REPOSITORY / "tests/registry/negative").glob("*.yaml")), REPOSITORY / "registry.yaml"]
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for turn in range(2):  # the first makes what is made once
            gc.collect()
            gc.freeze()
            for file in files:
                examine(file.read_bytes(), "registry.yaml", warnings=True)
                assert not gc.collect() or not turn, file.name
    finally:
        gc.unfreeze()
        if was_enabled:
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


def entry(number: int) -> str:
    """An entry of some lines."""
    label = f"label: {{ fr: {'A' * 20}, en: {'B' * 20} }}\n    keywords: [one, another]"
    return f"  - slug: m{number}\n    category: tools\n    {label}\n    coming_soon: true\n"


def processor(act: Callable[[], object]) -> float:
    """Seconds of the processor that it takes."""
    return timeit(act, timer=time.process_time, number=1)


#: Entries of what may be edited at most, and of what a registry may have at most.
MOST, MOST_OF_ALL = 6_500, 17_500


@pytest.fixture(scope="module")
def check() -> float:
    """Seconds that it takes to check the largest file."""
    return processor(lambda: examine(modules(entry, MOST_OF_ALL).encode(), "registry.yaml", warnings=True))


NEW = {"slug": "z", "category": "tools", "label": {"fr": "A", "en": "B"}, "is_meta": True}
FORMERLY = "modules:\n" + module(0, f", formerly: [{names(3_000, 'f')}]") + module(1)
REMOVED = [f"{{slug: r{number}, date: 2026-01-01, because: {{fr: A, en: B}}}}" for number in range(3_000)]
REMOVALS = {
    "former slugs and blank lines": f"{FORMERLY}removed:\n  - {REMOVED[0]}\n" + "\n" * 9_000 + f"  - {REMOVED[1]}\n",
    "former slugs and removed modules": FORMERLY + f"removed: [{', '.join(REMOVED)}]\n",
    "comments": f"modules:\n{module(1)}" + "  #\n" * 250_000 + module(0),
    "blank lines": f"modules:\n{module(1)}" + "\n" * 1_000_000 + module(0),
}


def removed(opened: Opened) -> object:
    return remove(opened, "m0", "2026-01-01", "m1", Label("A", "B"))


#: What is done to which file: those that may be edited at most, and those in which a removal once took up to a minute.
EDITS = {
    "rename": (lambda opened: rename(opened, "m5000", "z"), ""),
    "add": (lambda opened: add(opened, NEW), ""),
    "release": (lambda opened: release(opened, "m5000", "/api/z"), ""),
    **{name: (removed, text) for name, text in REMOVALS.items()},
}
NIGHTLY = ("add", "release", "former slugs and blank lines", "blank lines")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.nightly] * (name in NIGHTLY)) for name in EDITS]
)
def test_an_edit_takes_no_longer_than_a_check_of_the_largest_file(name: str, check: float) -> None:
    """It reads a file twice, which has a part of the size."""
    edit, text = EDITS[name]
    data = (text or modules(entry, MOST)).encode()
    assert processor(lambda: edit(Opened(data, "registry.yaml"))) < (check if text else 1.2 * check)
