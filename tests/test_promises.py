"""Each promise of promises.md names a test, and each of these tests exists."""

from __future__ import annotations

import re

from support import REPOSITORY

ROWS = re.findall(
    r"^\| (?!promise \||---)(.+?) \| (.+) \|$",
    (REPOSITORY / "service/docs/promises.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def exists(name: str) -> bool:
    file, test = name.split("::")
    path = REPOSITORY / file
    return path.is_file() and re.search(rf"^def {test}\(", path.read_text(encoding="utf-8"), re.MULTILINE) is not None


def test_each_promise_names_tests_that_exist() -> None:
    named = {promise: re.findall(r"`(tests/\S+\.py::test_\w+)`", tests) for promise, tests in ROWS}
    assert len(named) > 50
    assert [promise for promise, tests in named.items() if not tests] == []
    assert [test for tests in named.values() for test in tests if not exists(test)] == []
