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
from service.registry.check.nodes import MAX_MISTAKES
from service.registry.check.source import MAX_BYTES, MAX_ITEMS
from service.registry.loading import parse

#: What a check of any file may take: processor time, as a multiple of that of a good file of 2,000 entries (seconds are
#: longer on a machine that does other things as well), and memory with all of Python, in MiB. JSON takes the most: it
#: has up to 10,000 problems in words.
MOST_TIMES, MOST_MEMORY = 25, 400

CHECK = """
import json, sys, time
from pathlib import Path
from service.cli import main
from service.registry.loading import parse

fields = "category: tools, label: {fr: A, en: B}, produces: [a]"
good = "modules:\\n" + "".join(f"  - {{slug: m{n}, api_endpoint: /api/m{n}, {fields}}}\\n" for n in range(2_000))
began = time.process_time()
parse(good.encode(), "good.yaml")
between = time.process_time()
try:
    main(["check", "--format", "json", "-"])
finally:
    high = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    times = (time.process_time() - between) / (between - began)
    print(json.dumps([times, int(high) / 1024]), file=sys.stderr)
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


END = "since: 2026-03-01, removed_after: 2026-03-01, because: {fr: A, en: B}"


def removed(number: int) -> str:
    """Modules that are gone, in favour of what is not there."""
    entry = "  - {{slug: r{0}, date: 2026-03-01, use: r{0}x, because: {{fr: A, en: B}}}}\n"
    return "removed:\n" + "".join(map(entry.format, range(number)))


def deep_keys() -> str:
    """Many mistakes below long names, none of which is longer than a pointer may be."""
    levels = "".join(f"{' ' * depth}{'- ' * (depth == 1)}{'😀' * 190}{depth}:\n" for depth in range(3, 28))
    return f"modules:\n  -\n{levels}" + f"{' ' * 30}? []\n{' ' * 30}: 1\n" * 10_000


def alike(need: int) -> str:
    """Names of two letters each, that many needed, which are as hard to compare as any."""
    letters = Random(1)
    made, needed = ({"".join(letters.choices("ab", k=64)) for _ in range(number)} for number in (2_000, need))
    return "modules:\n" + module(0, f", produces: [{', '.join(made)}]") + module(1, f", needs: [{', '.join(needed)}]")


def repeated(number: int) -> str:
    once = ", ".join(f"k{one:x}: 0" for one in range(number))
    return f"{once}, {once}"


def merged(levels: int, keys: int) -> str:
    """Mappings that are merged into each other, each with an anchor, though nothing refers to it."""
    inner = "&a0 {" + ",".join(f"k{one:x}: 0" for one in range(keys)) + "}"
    for level in range(levels):
        inner = f"&a{level + 1} {{<<: {inner}}}"
    return f"modules: []\nx: {inner}\n"


#: Files, each with the number of its problems.
SHAPES: dict[str, tuple[Callable[[], str], int]] = {
    "integers among names": (lambda: legacy(8_000), 8_000),
    "a list without end": (lambda: legacy(500_000), 1),
    "needs without end": (lambda: unknown_needs(25_000), 1),
    "needs that nobody produces": (lambda: unknown_needs(19_000), 19_000),
    "needs of many entries": (
        lambda: modules(lambda n: module(n, f", needs: [{names(19_000, f'n{n}x')}]"), 19),
        MAX_MISTAKES + 1,
    ),
    "successors that are nowhere": (
        lambda: modules(lambda n: module(n, f", deprecated: {{{END}, use: m{n}x}}"), 9_000) + removed(3_000),
        12_000,
    ),
    "entries without end": (lambda: "modules:\n" + "  -\n" * 838_000, 1),
    "wrong values everywhere": (lambda: modules(lambda number: f"  - needs: [{'1,' * 15}]\n"), MAX_MISTAKES + 1),
    "keys without end": (lambda: modules(lambda n: f"    k{n}: x\n", 260_000, "modules:\n  - slug: a\n"), 1),
    "unknown fields": (
        lambda: "modules:\n  - slug: a\n" + "".join(f"    {n:x}q: x\n" for n in range(190_000)),
        MAX_MISTAKES + 1,
    ),
    "unknown fields of many entries": (
        lambda: modules(lambda n: " - {" + ",".join(f"{k:x}: 0" for k in range(n * 500, n * 500 + 500)) + "}\n", 380),
        MAX_MISTAKES + 1,
    ),
    "merge keys of what is repeated": (
        lambda: f"b: &b {{x: 0, x: 0}}\nm: {{<<: [{{{repeated(45_000)}}}{', *b' * 19_900}]}}\n",
        3,
    ),
    "merge keys in merge keys": (lambda: merged(28, 180_000), 1),
    "a slug of blanks that all wait for": (
        lambda: (
            "modules:\n"
            + f"  - {{slug: '{' ' * 3_500_000}x', category: tools, coming_soon: true, produces: [{names(19_000)}]}}\n"
            + module(1, f", needs: [{names(19_000)}]")
        ),
        3,
    ),
    "keys that are no text": (lambda: "legacy_features:\n  - {" + "? [] ," * 150_000 + "}\n", MAX_MISTAKES + 1),
    "names that come again": (
        lambda: modules(lambda n: module(n, f", needs: [{'a,' * 18_000}]"), 20),
        MAX_MISTAKES + 1,
    ),
    "long names around mistakes": (deep_keys, 10_005),
    "a long key that is repeated": (
        lambda: f"modules:\n  - &a\n    ? {'x' * 3_000_000}\n    : 1\n" + "  - *a\n" * 19_990,
        1,
    ),
    "a long slug": (
        lambda: (
            "modules:\n"
            + module(0, f", needs: [{names(15_000, '')}]").replace("slug: m0", f"slug: '{' ' * 3_000_000}x'")
        ),
        15_001,
    ),
    "names that are alike": (lambda: alike(20), 20),
    "directives": (lambda: "".join(f"%TAG !{n}! x\r" for n in range(60_000)) + "---\nmodules: []\n", 1),
    "tags that say more than is written": (
        lambda: f"%TAG !e! {'x' * 2_000_000}\n---\nmodules: [{'!e!y a, ' * 19_900}]\n",
        1,
    ),
    "documents": (lambda: "modules: []\n" + "---\n" * 1_040_000, 1),
    "a deep second document": (
        lambda: modules(module, 15_000) + "---\n" + "[" * 990 + "! &a x," * 380_000,
        1,
    ),
    "knots": (lambda: modules(lambda n: module(n, f", needs: [a{n}], produces: [a{n ^ 1}]")), 10_000),
}


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
def test_any_file_is_checked_in_the_time_of_a_good_one_and_400_mib(shape: str) -> None:
    text, problems = SHAPES[shape]
    data = text().encode()
    assert len(data) <= MAX_BYTES
    ended = subprocess.run(
        [sys.executable, "-c", CHECK], input=data, cwd=REPOSITORY, env=clean_environ(), capture_output=True, check=False
    )
    found = json.loads(ended.stdout)
    times, memory = json.loads(ended.stderr)
    assert len(found["problems"]) + found["others"] == problems
    assert times < MOST_TIMES
    assert memory < MOST_MEMORY


@pytest.mark.long
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


TOO_MANY_MISTAKES: list[Callable[[], str]] = [
    lambda: modules(lambda number: "  - {}\n", 10_000),  # breaks of the schema
    lambda: "modules:\n" + f"  - {{{names(15_000)}}}\n" * 2,  # unknown fields
    lambda: f"modules: [{'{? [] , ? []}, ' * 15_000}]\n",  # keys that are no text
    lambda: modules(lambda n: module(n, f", needs: [{names(15_000, f'n{n}x')}]"), 2),  # rules across entries
]


@pytest.mark.parametrize("text", TOO_MANY_MISTAKES)
def test_a_file_with_too_many_mistakes_says_first_that_not_all_were_looked_for(text: Callable[[], str]) -> None:
    with pytest.raises(InvalidRegistry) as caught:
        parse(text().encode(), "registry.yaml")
    first = caught.value.problems[0]
    assert (first.line, first.rule) == (1, "size")
    assert "more than 20,000 times, and is not checked further" in first.message
    assert len(caught.value.problems) + caught.value.others == MAX_MISTAKES + 1


def test_only_the_first_problems_are_put_into_words() -> None:
    with pytest.raises(InvalidRegistry) as caught:
        parse(legacy(8_000).encode(), "registry.yaml", most=20)
    assert len(caught.value.problems) == 20
    assert caught.value.others == 7_980
    assert caught.value.message.startswith("registry.yaml:2:19: legacy_features: YAML reads 0 as a number")
    assert str(caught.value).endswith("\nand 7,980 other problems")
