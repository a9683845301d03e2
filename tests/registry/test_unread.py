"""More syntax errors than are told: what comes before the last of them is checked, and that the rest is not is said."""

from __future__ import annotations

import re

from checking import problems

from service.registry.edit.mending import mended
from service.registry.loading import examine

#: Syntax errors that are told.
MOST_TOLD = 50

HEAD = """modules:
  - { slug: first, category: tool, label: { fr: A, en: B }, needs: [last], coming_soon: true }
"""
BROKEN = """  - slug: broken{0}
    category: tools
    label: {{ fr: A{0}, en: B{0}
    coming_soon: true
"""
TAIL = """  - slug: last
    category: tool
    label: { fr: Y, en: Z }
    produces: [last]
    api_endpoint: /api/last
"""
LEGACY = "legacy_features: [old, old]\n"


def file(number: int) -> str:
    return HEAD + "".join(map(BROKEN.format, range(number))) + TAIL + LEGACY


def test_what_comes_before_the_last_is_checked_and_what_it_may_have_is_not_missing() -> None:
    told = problems(file(MOST_TOLD + 9))
    print(*told, sep="\n")
    assert [problem.rule for problem in told] == ["enum"] + ["syntax"] * MOST_TOLD
    first = file(MOST_TOLD - 1).count("\n", 0, file(MOST_TOLD - 1).index(TAIL)) + 1
    assert re.search(rf"; the rest of the file, from line {first} on,? is not read", told[-1].hint)
    assert not any("not read" in problem.hint for problem in told[:-1])
    fewer = [problem.rule for problem in problems(file(MOST_TOLD - 1))]
    assert fewer == ["enum"] + ["syntax"] * (MOST_TOLD - 1) + ["enum", "repeated-item"]


def test_the_lines_that_were_not_read_are_counted_from_the_entry_on() -> None:
    text = file(MOST_TOLD)
    examined = examine(text.encode(), "", 100)
    assert text.splitlines()[-examined.linted.unread + 1] == f"  - slug: broken{MOST_TOLD - 1}"
    assert not examine(file(1).encode(), "", 100).linted.unread


def test_all_are_mended_in_several_rounds() -> None:
    after, number, *_ = mended(file(2 * MOST_TOLD + 9).encode())
    assert number == 2 * MOST_TOLD + 9 + 3
    assert problems(after) == []
