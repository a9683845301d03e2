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

#: How many files the long version reads.
FILES = int(os.environ.get("FILES", "3000"))

#: How many of them one process reads, so that its memory is that of a few files at most.
_AT_ONCE = 2_500

#: What reading one may take: seconds of the processor, and MiB with all of Python.
MOST_SECONDS, MOST_MEMORY = 5, 400


def test_a_file_that_is_broken_at_random_is_a_registry_or_a_list_of_problems() -> None:
    for number in range(101, 221):  # none of the large ones
        mutated.outcome(mutated.mutated(number))


@pytest.mark.long
def test_no_file_takes_five_seconds_or_400_mib() -> None:
    found = []
    for first in range(0, FILES, _AT_ONCE):
        numbers = [str(first), str(min(first + _AT_ONCE, FILES))]
        ended = subprocess.run(
            [sys.executable, Path(mutated.__file__), *numbers],
            cwd=REPOSITORY,
            env=clean_environ(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        found.append(json.loads(ended.stdout))
    slowest, largest = max(found, key=lambda one: one["seconds"]), max(found, key=lambda one: one["mib"])
    files, valid = (sum(one[name] for one in found) for name in ("files", "valid"))
    print(
        f"{files:,} files, {valid:,} of them valid; "
        f"the longest {slowest['seconds']:.2f} s (file {slowest['slowest']}), "
        f"the largest {largest['mib']:.0f} MiB (file {largest['largest']})"
    )
    assert files == FILES
    assert slowest["seconds"] < MOST_SECONDS, slowest
    assert largest["mib"] < MOST_MEMORY, largest
