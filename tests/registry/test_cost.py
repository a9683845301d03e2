"""What a bad file costs: it grows with the file, and not with its mistakes, so that no edit stalls the service."""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from costly import SHAPES, legacy, module, modules, names, unknown_needs
from support import REPOSITORY, clean_environ

from service.problems import InvalidRegistry
from service.registry.loading import examine, parse
from service.registry.text.nodes import MAX_MISTAKES
from service.registry.text.reading import MAX_ITEMS
from service.registry.text.source import MAX_BYTES, read

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
    main(["check", "--format", "json", *sys.argv[1:]])
finally:
    high = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    times = (time.process_time() - between) / (between - began)
    print(json.dumps([times, int(high) / 1024]), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(one, marks=pytest.mark.nightly if number % 24 else pytest.mark.long)
        for number, one in enumerate(SHAPES)
    ],
)
def test_any_file_is_checked_and_mended_in_the_time_of_a_good_one_and_400_mib(shape: str, tmp_path: Path) -> None:
    text, problems = SHAPES[shape]
    file = tmp_path / "registry.yaml"
    file.write_bytes(data := text().encode())
    assert len(data) <= MAX_BYTES
    for options in [], ["--fix"]:
        command = [sys.executable, "-c", CHECK, *options, file]
        ended = subprocess.run(command, cwd=REPOSITORY, env=clean_environ(), capture_output=True, check=False)
        found = json.loads(ended.stdout)
        times, memory = json.loads(ended.stderr.splitlines()[-1])
        if not options:
            assert len(found["problems"]) + found["others"] == problems
        assert times < MOST_TIMES
        assert memory < MOST_MEMORY
    assert file.stat().st_size <= len(data) + 20_000


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


def test_values_cost_the_same_however_deep_they_stand() -> None:
    """In pages of memory, of which each call that begins at the end of CPython's 16 KiB of frames costs some."""

    def nested(levels: int) -> bytes:
        inner = ",".join(f"k{number}: 0" for number in range(300))
        return f"{'{a: ' * levels}{{{inner}}}{'}' * levels}".encode()

    def pages(data: bytes, calls: int) -> int:
        if calls:
            return pages(data, calls - 1)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        read(data)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    flat, deep = nested(0), nested(28)
    for calls in range(0, 140, 4):
        assert pages(deep, calls) < 1.5 * pages(flat, calls) + 150, calls


def test_a_list_of_too_many_entries_is_one_problem_at_the_first_that_is_too_many() -> None:
    lines = ["modules:", *["  - 1"] * MAX_ITEMS, "  - 2", "  - 3: [", "legacy_features: ["]
    with pytest.raises(InvalidRegistry) as caught:
        parse("\n".join(lines).encode(), "registry.yaml")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.line, caught.value.others) == ("size", MAX_ITEMS + 2, 0)
    assert "more than 20,000 entries" in problem.message


TOO_MANY_MISTAKES = {
    "breaks of the schema": lambda: modules(lambda number: "  - {slug: 1, label: 1}\n", 10_000),
    "unknown fields": lambda: "modules:\n" + f"  - {{{names(15_000)}}}\n" * 2,
    "keys that are no text": lambda: f"modules: [{'{? [] , ? []}, ' * 15_000}]\n",
    "as many as are looked for, and a syntax error": lambda: f"modules: [{'{? [] , ? []}, ' * 10_000}\n",
    "rules across entries": lambda: modules(lambda n: module(n, f", needs: [{names(15_000, f'n{n}x')}]"), 2),
}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=name, marks=[] if name == "rules across entries" else pytest.mark.long)
        for name, text in TOO_MANY_MISTAKES.items()
    ],
)
def test_a_file_with_too_many_mistakes_says_first_that_not_all_were_looked_for(text: Callable[[], str]) -> None:
    with pytest.raises(InvalidRegistry) as caught:
        parse(text().encode(), "registry.yaml", most=1)
    first = caught.value.problems[0]
    assert (first.line, first.rule) == (1, "size")
    assert "more than 20,000 times, and is not checked further" in first.message
    assert len(caught.value.problems) + caught.value.others == MAX_MISTAKES + 1


def test_only_the_first_problems_are_put_into_words() -> None:
    with pytest.raises(InvalidRegistry) as caught:
        parse(legacy(800).encode(), "registry.yaml", most=20)
    assert len(caught.value.problems) == 20
    assert caught.value.others == 780
    assert caught.value.message.startswith("registry.yaml:2:19: legacy_features: YAML reads 0 as a number")
    assert str(caught.value).endswith("\nand 780 other problems")
