"""The documentation as tests read it: pages, and tables that are held against what the service does."""

import re
from pathlib import Path

from support import REPOSITORY

DOCS = REPOSITORY / "service" / "docs"


def page(name: str) -> str:
    """The text of a page of `service/docs/`."""
    return (DOCS / name).read_text(encoding="utf-8")


def anchors(file: Path) -> set[str]:
    """What a link to a title of a page may name."""
    titles = re.findall("^#+ (.*)", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).replace(" ", "-").lower() for title in titles}


def table(name: str, header: str) -> dict[str, list[str]]:
    """The rows of the table of a page whose first line begins with `header`: the first cell, and the other ones."""
    _, beginning, rest = page(name).partition(f"\n{header}")
    assert beginning, f"{name} has no table that begins with {header}"
    lines = rest.partition("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0]: row[1:] for row in rows}
