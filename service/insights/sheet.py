"""Tables that spreadsheets and mail merges open: CSV (RFC 4180) in which no cell acts as a formula.

What people and the platform write, such as names, may begin like one (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from service.wording import printable

#: A cell; what is None is empty.
Cell = str | int | None

#: Where a formula begins in a text, in Excel, LibreOffice and Google Sheets; also in the wide forms of East Asian
#: keyboards. Blanks and quotes may come before it. Behind a comma or a semicolon it would begin a cell of its own in a
#: program that takes the other one for what separates cells.
_FORMULA = re.compile('(^|[,;])(?=[ "]*[=+@\t\r\n＝＋＠－-])')

#: What the part of an address before the @ is made of, where it needs no quotes (RFC 5321, 4.1.2).
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")

#: How many rows are put into one piece of text.
_AT_ONCE = 500


class Dialect(NamedTuple):
    """What stands between cells, what ends a line, and what the text begins with."""

    separator: str
    line_end: str
    begin: str


#: For programs of Unix.
PLAIN = Dialect(",", "\n", "")

#: For spreadsheets of each language. Excel separates cells as the system writes lists, in French by semicolons, since
#: the comma is in numbers; and without a byte order mark it takes UTF-8 for the code page of the system.
DIALECTS = {"en": Dialect(",", "\r\n", "\ufeff"), "fr": Dialect(";", "\r\n", "\ufeff")}


def text(value: str) -> str:
    """Text that no spreadsheet takes for a formula: what begins like one has an apostrophe before it."""
    return _FORMULA.sub(r"\1'", printable(value))


def address(value: str) -> str:
    """An e-mail address that no spreadsheet takes for a formula.

    An apostrophe would make it another person's. What is before the @ is put into quotes instead, which means the same
    mailbox (RFC 5321, 4.1.2).
    """
    name, _, host = value.rpartition("@")
    if _FORMULA.match(value) and host.isprintable() and _ATOMS.fullmatch(name):
        return f'"{name}"@{host}'
    return text(value)


def pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]], dialect: Dialect = PLAIN) -> Iterator[str]:
    """A table as text, some hundred rows at a time. Texts of rows are made safe by whoever makes the rows."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=dialect.separator, lineterminator=dialect.line_end)
    written.write(dialect.begin)
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow(row)
        if number % _AT_ONCE == 0:
            yield written.getvalue()
            written.seek(0)
            written.truncate()
    yield written.getvalue()
