"""Files that are broken at random, by number: each is a registry or a list of problems, in bounded time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import mutated
import pytest
from support import REPOSITORY, clean_environ

#: How many files the nightly version reads. Of 12,000, none ended in a traceback, and the longest took 1.6 s.
FILES = int(os.environ.get("FILES", "3000"))

#: How many of them one process reads, so that its memory is that of a few files at most.
_AT_ONCE = 2_500

#: What reading one may take: seconds of the processor, and MiB with all of Python.
MOST_SECONDS, MOST_MEMORY = 5, 400


def test_a_file_that_is_broken_at_random_is_a_registry_or_a_list_of_problems() -> None:
    for number in range(101, 161):  # none of the large ones
        mutated.outcome(mutated.mutated(number))


@pytest.mark.parametrize(
    "files",
    [pytest.param(range(200, 302), marks=pytest.mark.long), pytest.param(range(FILES), marks=pytest.mark.nightly)],
    ids=["some", "all"],
)
def test_no_file_takes_five_seconds_or_400_mib(files: range) -> None:
    measured = []
    for first in range(files.start, files.stop, _AT_ONCE):
        numbers = [str(first), str(min(first + _AT_ONCE, files.stop))]
        ended = subprocess.run(
            [sys.executable, Path(mutated.__file__), *numbers],
            cwd=REPOSITORY,
            env=clean_environ(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        measured.append(json.loads(ended.stdout))
    slowest, largest = max(measured, key=lambda each: each["seconds"]), max(measured, key=lambda each: each["mib"])
    print(f"the longest and the largest: {slowest}, {largest}")
    assert sum(each["files"] for each in measured) == len(files)
    assert slowest["seconds"] < MOST_SECONDS, slowest
    assert largest["mib"] < MOST_MEMORY, largest
