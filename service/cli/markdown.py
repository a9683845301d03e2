"""Text that may hold anything, in GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate, count

from service.wording import printable, shortened

#: Characters of a value: a description is shown whole, since an edit may change its end.
LONGEST_VALUE = 300


def code_span(value: str, most: int = LONGEST_VALUE) -> str:
    """A code span (CommonMark 0.31, 6.1): nothing in it is a tag, a link, a mention or an image.

    It begins and ends with the shortest run of backticks that the value has nowhere, of at most 24, since all runs up
    to 24 do not fit into LONGEST_VALUE (and of at most 63 in 2,000 characters). One more than the longest would not do:
    GitHub takes no run of more than 80. A
    space that is not part of the value keeps it apart from its own, keeps the value's own spaces, and makes an empty
    one a span at all.
    """
    line = shortened(printable(value), most)
    runs = set(re.findall("`+", line))
    fence = next(run for run in map("`".__mul__, count(1)) if run not in runs)
    pad = " " if not line or line[0] in " `" or line[-1] in " `" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def row(cells: Iterable[str]) -> str:
    """A row of a table (GFM 4.10), which is cut into cells before anything else is looked at: no bar in a cell cuts."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def first_lines(lines: Sequence[str], room: int) -> Sequence[str]:
    """As many of the lines as so many bytes hold with their ends: one that was cut could end within a code span."""
    sizes = accumulate(len(line.encode()) + 1 for line in lines)
    return lines[: sum(size <= room for size in sizes)]
