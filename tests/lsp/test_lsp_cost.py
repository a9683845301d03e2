"""What a bad file costs while it is open in an editor: no more than to check it, in time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from timeit import repeat

import pytest
from registry.costly import SHAPES
from support import REPOSITORY, clean_environ

from service.lsp.document import Document
from service.lsp.server import diagnostics
from service.registry.lint.linter import MAX_BYTES
from service.registry.loading import examine

#: Processor time, as a multiple of that to check a good file of 2,000 entries, and memory with all of Python, in MiB:
#: those of `check`, of tests/registry/test_cost.py.
MOST_TIMES, MOST_MEMORY = 25, 400

#: Opens a text, changes it, and asks everything that can be asked in the middle of it.
OPEN = """
import json, sys, time
from pathlib import Path
from service.lsp import completion
from service.lsp.document import Document
from service.lsp.server import diagnostics
from service.registry.loading import parse

fields = "category: tools, label: {fr: A, en: B}, produces: [a]"
good = "modules:\\n" + "".join(f"  - {{slug: m{n}, api_endpoint: /api/m{n}, {fields}}}\\n" for n in range(2_000))
began = time.process_time()
parse(good.encode(), "good.yaml")
unit = time.process_time() - began

text = sys.stdin.buffer.read().decode()
middle, times, document = len(text) // 2, {}, None
for version in range(2):
    document = Document("registry.yaml", text + "#" * version, "utf-16", document)
    for name, look in {
        "typing": lambda: completion.complete(document, middle),
        "diagnostics": lambda: diagnostics(document),
        "completion": lambda: completion.complete(document, middle),
        "hover": lambda: completion.hover(document, middle),
        "definition": lambda: document.definitions(middle),
        "fixes": lambda: [*document.fixes(0, len(text))],
    }.items():
        began = time.process_time()
        look()
        times[f"{name} {version}"] = (time.process_time() - began) / unit
high = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(json.dumps([times, int(high) / 1024]))
"""


#: Each takes seconds: three are enough for an edit of the code.
SOME = [
    pytest.param(name, marks=pytest.mark.nightly if number % 40 else pytest.mark.long)
    for number, name in enumerate(SHAPES)
]


@pytest.mark.parametrize("shape", SOME)
def test_whatever_is_open_is_looked_at_in_the_time_and_memory_of_a_check(shape: str) -> None:
    data = SHAPES[shape][0]().encode()
    assert len(data) <= MAX_BYTES
    ended = subprocess.run(
        [sys.executable, "-c", OPEN], input=data, cwd=REPOSITORY, env=clean_environ(), capture_output=True, check=True
    )
    times, memory = json.loads(ended.stdout)
    assert {name: took for name, took in times.items() if took > MOST_TIMES} == {}
    assert memory < MOST_MEMORY


@pytest.mark.long
def test_to_look_at_the_shipped_file_costs_little_more_than_to_check_it() -> None:
    """With a mistake in each entry, as many as are shown. The best of five: another process may take a core's time."""
    text = (REPOSITORY / "registry.yaml").read_text("utf-8").replace("    category: ", "    categroy: ")

    def look() -> None:
        assert len(diagnostics(Document("registry.yaml", text, "utf-16"))) > 50

    def check() -> None:
        assert len(examine(text.encode(), "registry.yaml").problems) > 50

    looked, checked = (min(repeat(each, timer=time.process_time, number=1)) for each in (look, check))
    assert looked < 2 * checked
