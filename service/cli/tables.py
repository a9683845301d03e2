"""Rows for people and spreadsheets: an aligned table, CSV, and GitHub's Markdown, with text that may hold anything."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, count

from service.cli.output import say, say_document, say_json
from service.wording import printable, shortened

#: Characters of a value in Markdown: a description is shown whole, since an edit may change its end.
LONGEST_VALUE = 300


class Change(int):
    """A number that says by its sign in which direction something has changed."""

    def __str__(self) -> str:
        return format(self, "+") if self else "0"


#: A cell; a number stands at the right of its column.
Cell = str | int
Row = Sequence[Cell]


def table(header: Sequence[str], rows: Sequence[Row]) -> None:
    """Columns under a header, as wide as they have to be."""
    lines = [header, *([printable(str(cell)) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    numeric = _numeric(header, rows)
    for line in lines:
        cells = zip(line, widths, numeric, strict=True)
        say("  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in cells).rstrip())


def _markdown(header: Sequence[str], rows: Sequence[Row]) -> None:
    """A table of GitHub's Markdown. Texts stand in code spans: nothing in them is markup."""
    say(markdown_row(header))
    say(markdown_row("---:" if right else "---" for right in _numeric(header, rows)))
    for cells in rows:
        say(markdown_row(str(cell) if isinstance(cell, int) or not cell else code_span(cell) for cell in cells))


def markdown_row(cells: Iterable[str]) -> str:
    """A row of a table (GFM 4.10), which is cut into cells before anything else is looked at: no bar in a cell cuts."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def code_span(value: str, most: int = LONGEST_VALUE) -> str:
    """A code span (CommonMark 0.31, 6.1): nothing in it is a tag, a link, a mention or an image.

    It begins and ends with the shortest run of backticks that the value has nowhere, of at most 24, since all runs up
    to 24 do not fit into LONGEST_VALUE (and of at most 63 in 2,000 characters). One more than the longest would not do:
    GitHub takes no run of more than 80. A space that is not part of the value keeps it apart from its own, keeps the
    value's own spaces, and makes an empty one a span at all.
    """
    line = shortened(printable(value), most)
    runs = set(re.findall("`+", line))
    fence = next(run for run in map("`".__mul__, count(1)) if run not in runs)
    pad = " " if not line or line[0] in " `" or line[-1] in " `" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def first_lines(lines: Sequence[str], room: int) -> Sequence[str]:
    """As many of the lines as so many bytes hold with their ends: one that was cut could end within a code span."""
    sizes = accumulate(len(line.encode()) + 1 for line in lines)
    return lines[: sum(size <= room for size in sizes)]


def csv(header: Sequence[str], rows: Iterable[Sequence[Cell | None]]) -> None:
    """Comma-separated values, in which no cell acts as a formula."""
    from service.insights.sheet import pieces  # which `check` does without

    for piece in pieces(header, rows):
        say_document(piece)


def _numeric(header: Sequence[str], rows: Sequence[Row]) -> list[bool]:
    """Whether each column holds numbers."""
    return [bool(rows) and isinstance(rows[0][column], int) for column in range(len(header))]


STYLES: dict[str, Callable[[Sequence[str], Sequence[Row]], None]] = {
    "table": table,
    "markdown": _markdown,
    "csv": csv,
}


def listing(style: str, header: Sequence[str], rows: Sequence[Row], document: object, empty: str) -> None:
    """Rows in a style, or in JSON a document. Where a table has none, standard error says so in words."""
    if style == "json":
        say_json(document)
    elif rows or style != "table":
        STYLES[style](header, rows)
    else:
        say(empty, err=True)
