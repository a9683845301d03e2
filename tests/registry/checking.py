"""What the tests of the registry share: the problems of a text, and a valid one."""

from __future__ import annotations

from collections.abc import Iterable

from support import DOCUMENTED

from service.problems import Edit, InvalidRegistry, Problem
from service.registry.loading import examine, parse

VALID = DOCUMENTED.read_text(encoding="utf-8")

#: Marks, in the text of a test, the place where a problem must be reported.
HERE = "¦"


def problems(text: str | bytes) -> list[Problem]:
    """Everything that is wrong with a registry file; nothing if it is valid."""
    data = text.encode() if isinstance(text, str) else text
    try:
        parse(data, "registry.yaml")
    except InvalidRegistry as invalid:
        return list(invalid.problems)
    return []


def warnings(text: str | bytes) -> list[Problem]:
    """What a registry file is warned of."""
    data = text.encode() if isinstance(text, str) else text
    return list(examine(data, "registry.yaml", warnings=True).warnings)


def replaced(text: str, old: str, new: str) -> str:
    """The text with the first `old` replaced; fails where there is none."""
    assert old in text, old
    return text.replace(old, new, 1)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits, whatever their order."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


def unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its marks, and the line and column of each."""
    places = []
    for number, line in enumerate(marked.split("\n"), 1):
        for mark in range(line.count(HERE)):
            column = [i for i, character in enumerate(line) if character == HERE][mark]
            places.append((number, column - mark + 1))
    return marked.replace(HERE, ""), places
