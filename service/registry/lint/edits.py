"""Edits of parts of a text: items and fields that are removed, lines that are indented, names that are respelled."""

import re

from service.problems import Edit
from service.registry.lint.nodes import Edits, Node, line_start, next_line


def column(text: str, offset: int) -> int:
    """Return the column of an offset, counted from 0."""
    return offset - line_start(text, offset)


def indent_lines(text: str, offset: int, end: int, by: int) -> list[Edit]:
    """Return the edits that indent the lines from that of an offset on. If `by` is negative, they dedent."""
    lines = re.compile(rf"(?<![^\r\n]) {{{max(0, -by)}}}(?=[^\r\n]*\S)").finditer(text, line_start(text, offset), end)
    return [Edit(line.start(), line.end(), " " * by) for line in lines]


def remove_part(text: str, start: int, end: int, lead: str = "") -> Edit:
    """Return the edit that removes a field or an item: whole lines if only `lead` precedes it."""
    line = line_start(text, start)
    if text[line:start].strip() == lead:
        return Edit(line, next_line(text, end), "")
    comma = re.compile(r"\s*,\s*").match(text, end)
    return Edit(start, comma.end(), "") if comma else Edit(len(text[:start].rstrip(", ")), end, "")


def remove_item(text: str, listed: Node, number: int) -> Edits:
    """Return the edits that remove an item of a list: its line, or its part of the brackets."""
    item = listed.children[number]
    if len(listed.children) == 1 and not listed.style:
        return (Edit(listed.place, listed.end, "[]"),)
    return (remove_part(text, item.place, item.end, "-"),)


def respell(text: str, node: Node, name: str) -> Edits:
    """Return the edits that replace a name by another one, inside its quotes."""
    start = text.find(node.text, node.offset, node.end) if node.used_at is None else -1
    return (Edit(start, start + len(node.text), name),) if start >= 0 else ()
