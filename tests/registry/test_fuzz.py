"""Whatever a file contains, it is a registry or a list of problems, each with a place and words of its own."""

import json
import os
import re
import subprocess
import sys

import mutated
import pytest
from checking import VALID
from hypothesis import example, given
from hypothesis import strategies as st
from mutated import outcome
from support import REPOSITORY, clean_environ

LINES = VALID.split("\n")
WORDS = [
    *("no", "~", "12", "[]", "{}", "&a", "*a", "<<", "!!x", '"', "'", ":", "- ", "#", "true", "2024-01-01", "\t", "é")
]
#: What jsonschema and Python say, which nobody is to read.
RAW = re.compile(
    "is not valid under|does not match|is a required property|is not of type|was unexpected|was expected|non-unique"
    "|should not be valid|is not one of|Traceback|None"
)


@given(st.binary(max_size=200) | st.text("ab:-[]{}&*!?|>'\"#,\n \t<%@`~1é\u2028🚀", max_size=60).map(str.encode))
@example(b"? [a]\n: b\n")
@example(b"{a, b: }")
@example(b"modules: &a [*a]\n")
@example(rb'modules: [{ slug: a, needs: "\x7f", keywords: "\x9b, \uffff" }]')  # which no YAML can have as they are
@example(b"? !x a\n: b\n")
@example(b"*a : b\n")
@example(b"modules: !x []\nlegacy_features: !y z\n")
@example(b"modules: [!x {}, *b]\n")
@example(b"- &a : *a\n")
@example(b"modules: []\nmodules:\n  - slug: *a\n")
@example(b"modules: []\nlegacy_features: [{a: b}]\nlegacy_features: [c]\n")
@example(b"modules: [{slug: a, coming_soon: true, is_meta: b}]\n")
@example(b"modules:\n  - {slug: a, <<: !x [b]}\n")
def test_bytes(data: bytes) -> None:
    assert outcome(data) == outcome(data)


@given(st.dictionaries(st.integers(0, len(LINES) - 1), st.tuples(st.sampled_from(WORDS), st.booleans()), max_size=4))
def test_edits_of_a_valid_file(edits: dict[int, tuple[str, bool]]) -> None:
    """Another value, or another key, on some lines."""
    lines = list(LINES)
    for number, (word, is_key) in edits.items():
        key, colon, _ = lines[number].partition(":")
        lines[number] = lines[number].replace(key.strip() or " ", word, 1) if is_key else f"{key}{colon} {word}"
    result = outcome("\n".join(lines).encode())
    if isinstance(result, list):
        assert not [line for line in result if RAW.search(line)]


#: How many files the nightly version reads, and of these one process, so that its memory is that of a few at most.
FILES, _AT_ONCE = int(os.environ.get("FILES", "3000")), 2_500


def test_a_file_that_is_broken_at_random_is_a_registry_or_a_list_of_problems() -> None:
    for number in range(101, 161):  # none of the large ones
        outcome(mutated.mutated(number))


@pytest.mark.parametrize(
    "files",
    [pytest.param(range(200, 302), marks=pytest.mark.long), pytest.param(range(FILES), marks=pytest.mark.nightly)],
    ids=["some", "all"],
)
def test_no_file_takes_five_seconds_or_400_mib(files: range) -> None:
    """Of the processor, and with all of Python. Of 12,000 files the longest took 1.6 s."""
    for first in range(files.start, files.stop, _AT_ONCE):
        numbers = [str(first), str(min(first + _AT_ONCE, files.stop))]
        command = [sys.executable, mutated.__file__, *numbers]
        ended = subprocess.run(command, cwd=REPOSITORY, env=clean_environ(), capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        seconds, slowest, memory = json.loads(ended.stdout)
        assert seconds < 5, slowest
        assert memory < 400, numbers
