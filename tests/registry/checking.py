"""What the tests of the registry share: the problems of a text, and a valid one."""

from __future__ import annotations

from support import DOCUMENTED

from service.problems import Diagnostic
from service.registry.loading import examine

VALID = DOCUMENTED.read_text(encoding="utf-8")

#: Marks, in the text of a test, the place where a problem must be reported.
HERE = "¦"


def problems(text: str | bytes) -> list[Diagnostic]:
    """Everything that is wrong with a registry file; nothing if it is valid."""
    data = text.encode() if isinstance(text, str) else text
    return list(examine(data, "registry.yaml").problems)


def warnings(text: str | bytes) -> list[Diagnostic]:
    """What a registry file is warned of."""
    data = text.encode() if isinstance(text, str) else text
    return list(examine(data, "registry.yaml", warnings=True).warnings)


def replaced(text: str, old: str, new: str) -> str:
    """The text with the first `old` replaced; fails where there is none."""
    assert old in text, old
    return text.replace(old, new, 1)


def unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its marks, and the line and column of each."""
    places = []
    for number, line in enumerate(marked.split("\n"), 1):
        for mark in range(line.count(HERE)):
            column = [i for i, character in enumerate(line) if character == HERE][mark]
            places.append((number, column - mark + 1))
    return marked.replace(HERE, ""), places
