"""What it costs to edit large files: two looks at them, however much there is to do."""

import time
from collections.abc import Callable
from timeit import timeit

import pytest
from costly import module, modules, names

from service.registry.edit.modules import Opened, add, release, remove, rename
from service.registry.loading import examine
from service.registry.model import Label


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
    "name", [pytest.param(name, marks=pytest.mark.nightly if name in NIGHTLY else pytest.mark.long) for name in EDITS]
)
def test_an_edit_takes_no_longer_than_a_check_of_the_largest_file(name: str, check: float) -> None:
    """It reads a file twice, which has a part of the size."""
    edit, text = EDITS[name]
    data = (text or modules(entry, MOST)).encode()
    assert processor(lambda: edit(Opened(data, "registry.yaml"))) < (check if text else 1.2 * check)
