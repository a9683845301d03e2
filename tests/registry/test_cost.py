"""What a bad file costs: it grows with the file, and not with its mistakes, so that no edit stalls the service."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import takewhile
from random import Random

import pytest
from support import REPOSITORY, clean_environ

from service.problems import InvalidRegistry
from service.registry.loading import parse
from service.registry.nodes import MAX_FINDINGS
from service.registry.source import MAX_BYTES, MAX_ITEMS

#: What a check of any file may take: processor time, as a multiple of that of a good file of 2,000 entries beside it
#: (0.25 s on an idle core, so that this is 5 s), and memory with all of Python, in MiB.
MOST_TIME, MOST_MEMORY = 20, 400

CHECK = """
import json, sys, time
from pathlib import Path
from service.problems import InvalidRegistry
from service.registry.loading import parse
found = 0
good, data = sys.stdin.buffer.read().split(b"\\0")
began = time.process_time()
parse(good, "registry.yaml")
between = time.process_time()
try:
    parse(data, "registry.yaml")
except InvalidRegistry as invalid:
    found = len(invalid.problems) + invalid.others
    if "is not checked further" in invalid.problems[0].message:
        found = "more than are looked for"
high = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(json.dumps([found, (time.process_time() - between) / (between - began), int(high) / 1024]))
"""


def module(number: int, more: str = "") -> str:
    """A good entry, with more fields."""
    return f"  - {{slug: m{number}, category: tools, label: {{fr: A, en: B}}, api_endpoint: /api/m{number}{more}}}\n"


def modules(entry: Callable[[int], str], most: int = MAX_ITEMS, head: str = "modules:\n") -> str:
    """A file of so many entries, or as many as fit into one."""
    room = MAX_BYTES - len(head)

    def fits(text: str) -> bool:
        nonlocal room
        room -= len(text.encode())
        return room >= 0

    return head + "".join(takewhile(fits, map(entry, range(most))))


def names(number: int, prefix: str = "n") -> str:
    return ", ".join(f"{prefix}{one}" for one in range(number))


def legacy(number: int) -> str:
    return f"modules: []\nlegacy_features: [{names(number, '')}]\n"


def unknown_needs(number: int) -> str:
    return "modules:\n" + module(0, f", needs: [{names(number)}]")


def fields(first: int, number: int) -> str:
    return ", ".join(f"{one:x}: 0" for one in range(first, first + number))


def alike(produced: int, needed: int) -> str:
    """Names of two letters, in which difflib looks for the longest matches longest."""
    letters = Random(1)

    def name(length: int) -> str:
        return "".join(letters.choices("ab", k=length))

    made, wanted = (", ".join(name(length) for _ in range(count)) for length, count in ((63, produced), (64, needed)))
    return "modules:\n" + module(0, f", produces: [{made}]") + module(1, f", needs: [{wanted}]")


MORE = "more than are looked for"

#: Files, each with the number of its problems.
SHAPES: dict[str, tuple[Callable[[], str], int | str]] = {
    "integers among names": (lambda: legacy(8_000), 8_000),
    "a list without end": (lambda: legacy(500_000), 1),
    "needs without end": (lambda: unknown_needs(25_000), 1),
    "needs that nobody produces": (lambda: unknown_needs(19_000), 19_000),
    "entries without end": (lambda: "modules:\n" + "  -\n" * 838_000, 1),
    "wrong values everywhere": (lambda: modules(lambda number: f"  - needs: [{'1,' * 15}]\n"), MORE),
    "keys without end": (lambda: modules(lambda n: f"    k{n}: x\n", 260_000, "modules:\n  - slug: a\n"), 1),
    "unknown fields": (
        lambda: "modules:\n  - slug: a\n" + "".join(f"    {n:x}q: x\n" for n in range(190_000)),
        MORE,
    ),
    "unknown fields everywhere": (
        lambda: "modules:\n" + "".join(f"  - {{{fields(500 * n, 500)}}}\n" for n in range(380)),
        MORE,
    ),
    "keys that are no text": (lambda: f"legacy_features:\n  - {{{'? [] ,' * 150_000}}}\n", MORE),
    "a long key that aliases repeat": (
        lambda: f"modules:\n  - &a\n    ? {'x' * 3_000_000}\n    : 1\n" + "  - *a\n" * 19_000,
        1,
    ),
    "artifacts that look alike": (lambda: alike(2_000, 20), 20),
    "directives on lines of other systems": (
        lambda: "".join(f"%TAG !{n}! x\r" for n in range(200_000)) + "---\nmodules: []\n",
        1,
    ),
    "knots": (lambda: modules(lambda n: module(n, f", needs: [a{n}], produces: [a{n ^ 1}]")), 10_000),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_any_file_is_checked_in_the_time_of_a_good_one_and_400_mib(shape: str) -> None:
    text, problems = SHAPES[shape]
    good = modules(lambda n: module(n, f", produces: [a{n}]"), 2_000)
    data = text().encode()
    assert len(data) <= MAX_BYTES
    both = good.encode() + b"\0" + data
    ended = subprocess.run(
        [sys.executable, "-c", CHECK], input=both, cwd=REPOSITORY, env=clean_environ(), capture_output=True, check=True
    )
    found, times, memory = json.loads(ended.stdout)
    assert found == problems
    assert times < MOST_TIME
    assert memory < MOST_MEMORY


@pytest.mark.parametrize("shape", [legacy, unknown_needs])
def test_twice_the_mistakes_cost_twice_as_much(shape: Callable[[int], str]) -> None:
    """Of what once took four times as much. The best of three: another process may take the rest of a core's time."""

    def cost(data: bytes) -> float:
        start = time.process_time()
        with pytest.raises(InvalidRegistry):
            parse(data, "registry.yaml")
        return time.process_time() - start

    half, whole = shape(5_000).encode(), shape(10_000).encode()
    runs = [(cost(half), cost(whole)) for _ in range(3)]
    assert min(whole for _, whole in runs) < 3 * min(half for half, _ in runs)


def test_a_list_of_too_many_entries_is_one_problem_at_the_first_that_is_too_many() -> None:
    lines = ["modules:", *["  - 1"] * MAX_ITEMS, "  - 2", "  - 3: [", "legacy_features: ["]
    with pytest.raises(InvalidRegistry) as caught:
        parse("\n".join(lines).encode(), "registry.yaml")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.line, caught.value.others) == ("size", MAX_ITEMS + 2, 0)
    assert "more than 20,000 entries" in problem.message


def test_a_file_with_too_many_mistakes_says_first_that_not_all_were_looked_for() -> None:
    with pytest.raises(InvalidRegistry) as caught:
        parse(modules(lambda number: "  - {}\n", 10_000).encode(), "registry.yaml")
    first = caught.value.problems[0]
    assert (first.line, first.rule) == (1, "size")
    assert "more than 20,000 mistakes, and is not checked further" in first.message
    assert len(caught.value.problems) + caught.value.others <= MAX_FINDINGS + 1


def test_only_the_first_problems_are_put_into_words() -> None:
    with pytest.raises(InvalidRegistry) as caught:
        parse(legacy(8_000).encode(), "registry.yaml", most=20)
    assert len(caught.value.problems) == 20
    assert caught.value.others == 7_980
    assert caught.value.message.startswith("registry.yaml:2:19: legacy_features: YAML reads 0 as a number")
    assert str(caught.value).endswith("\nand 7,980 other problems")
