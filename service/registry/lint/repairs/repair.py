"""The type of a repair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from service.problems import Edit
from service.registry.lint.repairs.lines import Lines


class Repair(NamedTuple):
    """Edits to try, and the diagnosis if they help: the cheapest repair that leaves the fewest mistakes.

    Offsets are those of the text before the repair. A guess (`is_guess`) is a suggestion, which nothing applies without
    a look. The diagnostic is at `place`, and mistakes before `until` are part of it. `words` fill the message and the
    hint of the row in repairs.yaml. `find_all` returns the same edits on all lines of a file, if they are one mistake.
    """

    cost: float
    edits: tuple[Edit, ...]
    message: str = ""
    hint: str = ""
    rule: str = "syntax"
    is_guess: bool = False
    place: int = -1
    until: int = -1
    words: Mapping[str, object] = {}
    find_all: Callable[[Lines], tuple[Edit, ...]] | None = None


Repairs = Iterator[Repair]
