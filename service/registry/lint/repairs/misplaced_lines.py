"""Repairs of the columns of lines: of dashes, tabs, and lines that are indented too far or not far enough."""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from service.problems import Edit
from service.registry.lint.nodes import UNREAD, Edits
from service.registry.lint.repairs.lines import Line, Lines, Repair, Repairs, list_field_names
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
    style = line.style
    key = line.key
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


def _move_block(block: list[Line], column: int) -> Edits:
    """Return the edits that move the first line of a block to a column, and the others by as many columns.

    There are none if the line is in that column, or one of the others cannot move as far.
    """
    first = block[0]
    by = column - block[0].indent
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


#: A line of a merge conflict, and a line that only a diff has.
MARK = re.compile(r"[ \t]*(<{7}|\|{7}|={7}|>{7})(?: |$)")
_OF_DIFF = re.compile(r"@@|diff --git |index [0-9a-f]+\.\.|\+|\\ No newline")
#: A field of a line, and the number of fields that a repair may remove without a cost.
_FIELD, _FEW = re.compile(r"\w[\"']?[ \t]*:(?=\s|$)"), 3


def conflict_marker(lines: Lines, line: Line) -> Repairs:
    """Remove forgotten markers of a merge conflict."""
    if MARK.match(line.text):
        yield Repair(0, lines.remove_lines(other for other in lines if MARK.match(other.text)))


def piece_of_diff(lines: Lines, line: Line) -> Repairs:
    """Apply a piece of a diff. The piece may end in the last lines that have no sign of a diff."""
    if not _OF_DIFF.match(line.text):
        return
    below = lines[line.number :]
    piece = [*takewhile(lambda lower: lower.text[:1] in " -+@" or _OF_DIFF.match(lower.text), below)]
    signed = [number for number, part in enumerate(piece) if part.text[:1] not in ("", " ")]
    for last in sorted({*range(signed[-1], min(len(piece), signed[-1] + 5)), len(piece) - 1} - {0}):
        edits: list[Edit] = []
        for part in piece[: last + 1]:
            stays = part.text[:1] in (" ", "+", "") and not part.text.startswith("+++")
            edits += lines.replace_line(part, part.text[1:] if stays else None)
        yield Repair(0, tuple(edits), place=line.start, until=piece[last].end, words={"number": last})


def entry_after_list(lines: Lines, line: Line) -> Repairs:
    """Move an entry that follows the end of the list of modules to the end of that list."""
    top = next((upper for upper in lines.above(line) if upper.is_top and upper.key != "modules"), None)
    if top is None or not line.is_entry or not line.is_item:
        return
    by = line.style.dash - line.indent
    last = [line, *lines.block(line, is_deeper=True)][-1]
    moved = [
        (" " * by + part.text if by > 0 else part.text[-by:]).rstrip() for part in lines[line.number : last.number + 1]
    ]
    edits = (Edit(top.start, top.start, line.style.eol.join([*moved, "", ""])), Edit(line.start, lines.after(last), ""))
    yield Repair(0, edits, place=line.place, until=last.end, words={"key": top.key})


def cut_off_entry(lines: Lines, line: Line) -> Repairs:
    """Remove an entry that ends in the middle."""
    below = next(lines.below(line), None)
    begin = next((upper for upper in (line, *lines.above(line)) if upper.begins), line)
    if begin.is_entry and (below is None or below.begins):
        edits = (Edit(begin.start, lines.after(line), ""),)
        cost = _price(lines[begin.number : line.number + 1])
        place, subject = (begin.start, "this entry") if below else (line.start, "the file")
        yield Repair(cost, edits, place=place, words={"what": subject})


def _price(lines: Iterable[Line]) -> float:
    """Return the cost to remove lines. Each field costs as much as a mistake, except a few."""
    return 2.0 * max(0, sum(len(_FIELD.findall(line.text)) for line in lines) - _FEW)


def any_line(lines: Lines, line: Line) -> Repairs:
    """Remove a line if no other repair helps. The line and the rest of the entry are not checked then."""
    words = {"text": quoted(line.text.strip(), 40)}
    last = [line, *lines.block(line, is_deeper=False)][-1]
    cost = _price([line])
    for extra, new in ((0.0, f"{' ' * line.style.field}{UNREAD} x: x"), (0.2, None)):
        yield Repair(cost + extra, lines.replace_line(line, new), place=line.place, until=last.end, words=words)
