"""What the tests of the registry share: the problems of a text, a valid one, and what it takes to read others."""

import json
import subprocess
import sys
from functools import partial

from support import DOCUMENTED, REPOSITORY, clean_environ

from service.problems import Diagnostic
from service.registry.lint.catalogue import rules
from service.registry.loading.loader import examine
from service.registry.schema import module_fields

VALID = DOCUMENTED.read_text(encoding="utf-8")

#: Marks, in the text of a test, the place where a problem must be reported.
HERE = "¦"


def problems(text: str | bytes, warnings: bool = False) -> list[Diagnostic]:
    """Everything that is wrong with a registry file, or what it is warned of, all by rules of the catalogue."""
    examined = examine(text.encode() if isinstance(text, str) else text, "registry.yaml", warnings=warnings)
    told = list(examined.warnings if warnings else examined.problems)
    assert {each.rule for each in told} <= rules().keys()
    return told


warnings = partial(problems, warnings=True)


def expanded(text: str) -> str:
    """An expected message, with the names of all fields of a module in place of {fields}."""
    return text.replace("{fields}", ", ".join(module_fields()))


def replaced(text: str, old: str, new: str) -> str:
    """The text with the first `old` replaced; fails where there is none."""
    assert old in text, old
    return text.replace(old, new, 1)


def unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its marks, and the line and column of each."""
    places, text = [], marked
    while HERE in text:
        before, _, after = text.partition(HERE)
        places.append((before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1))
        text = before + after
    return text, places


#: What a check of any file may take: processor time, as a multiple of that of a good file of 2,000 entries (seconds are
#: longer on a machine that does other things as well), and memory with all of Python, in MiB. JSON takes the most: it
#: has up to 10,000 problems in words.
MOST_TIMES, MOST_MEMORY = 25, 400

_MEASURED = """
import json, sys, time
from pathlib import Path
from service.registry.loading.loader import parse

def took(act):
    began = time.process_time()
    try:
        act()
    finally:
        times.append((time.process_time() - began) / unit)

times, unit, fields = [], 1, "category: tools, label: {fr: A, en: B}, produces: [a]"
good = "modules:\\n" + "".join(f"  - {{slug: m{n}, api_endpoint: /api/m{n}, {fields}}}\\n" for n in range(2_000))
took(lambda: parse(good.encode(), "good.yaml"))
unit = times.pop()
try:
    PROGRAM
finally:
    high = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    print(json.dumps([max(times), int(high) / 1024]), file=sys.stderr)
"""


def assert_cheap(program: str, *options: str, data: bytes = b"") -> bytes:
    """What a program prints, in which nothing that `took` may take longer than that, nor all of it more memory."""
    start = [sys.executable, "-c", _MEASURED.replace("PROGRAM", program), *options]
    ended = subprocess.run(start, input=data, cwd=REPOSITORY, env=clean_environ(), capture_output=True, check=False)
    times, memory = json.loads(ended.stderr.splitlines()[-1])
    assert times < MOST_TIMES
    assert memory < MOST_MEMORY
    return ended.stdout
