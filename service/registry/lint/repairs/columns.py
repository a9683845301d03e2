"""Repairs of the columns of lines: of dashes, tabs, and lines that are indented too far or not far enough."""

import re
from collections.abc import Iterator
from itertools import takewhile

from service.problems import Edit
from service.registry.lint.repairs.lines import Line, Lines, list_field_names
from service.registry.lint.repairs.repair import Repair, Repairs
from service.registry.schema import inlined, module_fields, removal_fields
from service.wording import quoted

#: The end of a line after which deeper lines are text.
_BLOCK = re.compile(r"[:-] +[|>][-+1-9]*\s*(?:#.*)?$")


def missing_dash(lines: Lines, line: Line) -> Repairs:
    """Write the dash of an entry before its first field."""
    above = next((upper for upper in lines.above(line) if upper.text.strip()), None)
    is_first = above is None or above.is_top or above.number < line.number - 1
    if is_first and line.key in module_fields() and not line.is_item:
        edits = lines.replace_line(line, line.style.margin + line.text.strip())
        yield Repair(0, edits, place=line.place, words={"key": line.key})


def tab(lines: Lines, line: Line) -> Repairs:
    """Replace tabs in the indentation by the blanks up to the column of the key."""
    if "\t" in line.text[: line.indent]:
        column = _list_columns(lines, line)[0] if line.text.strip() else 0
        yield Repair(0, (line.edit(0, line.indent, " " * column),))


def _list_columns(lines: Lines, line: Line) -> list[int]:
    """Return the columns in which a line may belong, by its key."""
    style, key = line.style, line.key
    if line.is_item:
        is_entry = key in list_field_names() or line.text[line.indent + 1 :].strip()[:1] == "{"
        return [style.dash] if is_entry else [style.field + 2, style.field]
    if key in inlined()["properties"]:
        return [0]
    if key in module_fields() or key in removal_fields():
        return [style.field, style.field + 2]
    above = next((upper.indent + 2 for upper in lines.above(line) if not upper.is_blank), style.field)
    return [style.field + 2, style.field + 4, *([] if key in list_field_names() else [above])]


def wrong_column(lines: Lines, line: Line) -> Repairs:
    """Move a line, with the lines that belong to it, to another column."""
    if line.is_blank:
        return
    subject = "the dash" if line.is_item else line.key or f"the line {quoted(line.text.strip(), 30)}"
    above = next((upper.text for upper in lines.above(line) if not upper.is_blank), "")
    is_guess = not (line.key or line.is_item) or _BLOCK.search(above) is not None
    for column in _list_columns(lines, line):
        do = f"indent it by {column} space{'s' * (column != 1)}" if column else "begin it at the left margin"
        words = {"what": subject, "at": line.indent + 1, "column": column + 1, "do": do}
        for cost, block in _list_blocks(lines, line):
            if edits := _move_block(block, column):
                cost += 0.8 * line.is_item
                yield Repair(cost, edits, is_guess=is_guess, place=line.place, until=block[-1].end, words=words)


def _move_block(block: list[Line], column: int) -> tuple[Edit, ...]:
    """Return the edits that move the first line of a block to a column, and the others by as many columns.

    There are none if the line is in that column, or one of the others cannot move as far.
    """
    first, by = block[0], column - block[0].indent
    if not by or any(line.indent < -by for line in block):
        return ()
    return (first.edit(0, first.indent, " " * column), *(line.edit(0, max(0, -by), " " * by) for line in block[1:]))


def _list_blocks(lines: Lines, line: Line) -> Iterator[tuple[float, list[Line]]]:
    """Yield the lines that may have to move, with a cost: the line alone, similar items, and more lines below it."""
    deeper = lines.block(line, is_deeper=True)
    below = takewhile(lambda lower: not lower.begins and lower.key not in module_fields(), lines.below(line))
    similar = [lower for lower in below if line.is_item and lower.is_item and lower.indent == line.indent]
    own = [*takewhile(lambda lower: lower.key not in module_fields(), deeper)]
    yield 0.0, [line]
    for cost, block in (0.01, similar), (0.02, own), (0.05, deeper), (0.15, lines.block(line, is_deeper=False)):
        if block:
            yield cost, [line, *block]
