"""Tables that spreadsheets and mail merges open: CSV (RFC 4180) in which no cell acts as a formula.

What people and the platform write, such as names, may begin like one (OWASP, "CSV Injection").
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from service.wording import printable

#: A cell; what is None is empty.
Cell = str | int | None

#: Where a formula begins in a text, in Excel, LibreOffice and Google Sheets; also in the wide forms of East Asian
#: keyboards. Blanks and quotes may come before it. Behind a comma or a semicolon it would begin a cell of its own in a
#: program that takes the other one for what separates cells.
_FORMULA = re.compile('(^|[,;])(?=[ "]*[=+@\t\r\n＝＋＠－-])')


class _Lines:
    """In place of a file: what a writer writes there, it returns."""

    def write(self, line: str) -> str:
        return line


def text(value: str) -> str:
    """Text that no spreadsheet takes for a formula: what begins like one has an apostrophe before it."""
    return _FORMULA.sub(r"\1'", printable(value))


def pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]], lang: str | None = None) -> Iterator[str]:
    """A table as text, line by line: for the spreadsheets of a language, or else for programs of Unix.

    Excel separates cells as the system writes lists, in French by semicolons, since the comma is in numbers; and
    without a byte order mark it takes UTF-8 for the code page of the system.
    """
    begin, line_end = ("\ufeff", "\r\n") if lang else ("", "\n")
    writer = csv.writer(_Lines(), delimiter=";" if lang == "fr" else ",", lineterminator=line_end)
    yield begin + writer.writerow(header)
    for row in rows:
        yield writer.writerow([text(cell) if isinstance(cell, str) else cell for cell in row])
