"""A mistake in the layout or a value of a line, and those that are the same on other lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from service.problems import Edit
from service.registry.text.lines import LONGEST, Window, known_keys
from service.wording import pluralized


class Mistake(NamedTuple):
    """What is wrong at an offset of the text.

    After the `edits`, the rest of the text can be read. `is_mended` says whether they are certain to be what was meant.
    Where the file was `cut` off there, the whole entry cannot be read, since nobody knows what else it had.
    """

    offset: int
    message: str
    hint: str
    edits: Sequence[Edit] = ()
    rule: str = "syntax"
    is_mended: bool = True
    cut: bool = False
    fix: Sequence[Edit] | None = None
    """What mends it, where that is another thing than the `edits`, which let the rest be read in its place."""


#: So many lines with the same mistake are one: whoever made it made it everywhere.
_EVERYWHERE = 5


def here_and_below(count: int) -> str:
    """How a message goes on where so many lines, one after the other, have the same."""
    return f", here and on {pluralized(count - 1, 'line')} below" if count > 1 else ""


def with_those_alike(
    asked: Callable[[Window, int], Mistake | None], window: Window, number: int, found: Mistake
) -> Mistake:
    """The mistake of a line, and of those below it that have the same, where there are many of them."""
    if not found.edits or not found.is_mended:
        return found
    edits, count, kind = list(found.edits), 1, _kind(found)
    start = window.lines[number].start
    window = Window(window.text, start, len(window.text), window.budget)
    number = window.number(start)
    for index in range(number + 1, len(window.lines)):
        line = window.lines[index]
        if line.is_blank or line.start < edits[-1].end or len(line.text) > LONGEST:
            continue
        one = asked(window, index)
        if one is not None and one.edits and one.is_mended and _kind(one) == kind:
            edits += one.edits
            count += 1
    if count < _EVERYWHERE:
        return found
    return found._replace(message=found.message + here_and_below(count), edits=edits)


def _kind(mistake: Mistake) -> str:
    """What is wrong, whichever field it is wrong with."""
    return re.sub(rf"\b(?:{'|'.join(known_keys())})\b", "", mistake.message)
