"""Rows for people and spreadsheets: an aligned table, Markdown, CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.cli.markdown import code_span, row
from service.cli.output import say, say_document, say_json
from service.insights.sheet import pieces
from service.wording import printable


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


def markdown(header: Sequence[str], rows: Sequence[Row]) -> None:
    """A table of GitHub's Markdown (GFM, 4.10). Texts stand in code spans: nothing in them is markup."""
    say(f"| {' | '.join(header)} |")
    say(f"| {' | '.join('---:' if right else '---' for right in _numeric(header, rows))} |")
    for cells in rows:
        say(row([str(cell) if isinstance(cell, int) or not cell else code_span(cell) for cell in cells]))


def as_csv(header: Sequence[str], rows: Sequence[Row]) -> None:
    """Comma-separated values, in which no cell acts as a formula."""
    for piece in pieces(header, rows):
        say_document(piece)


def _numeric(header: Sequence[str], rows: Sequence[Row]) -> list[bool]:
    """Whether each column holds numbers."""
    return [bool(rows) and isinstance(rows[0][column], int) for column in range(len(header))]


STYLES: dict[str, Callable[[Sequence[str], Sequence[Row]], None]] = {
    "table": table,
    "markdown": markdown,
    "csv": as_csv,
}


def listing(style: str, header: Sequence[str], rows: Sequence[Row], document: object, empty: str) -> None:
    """Rows in a style, or in JSON a document. Where a table has none, standard error says so in words."""
    if style == "json":
        say_json(document)
    elif rows or style != "table":
        STYLES[style](header, rows)
    else:
        say(empty, err=True)
