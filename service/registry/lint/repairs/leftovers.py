"""Repairs of lines that do not belong to the file: of conflicts and diffs, and of entries that are cut or misplaced."""

import re
from collections.abc import Iterable
from itertools import takewhile

from service.problems import Edit
from service.registry.lint.nodes import UNREAD
from service.registry.lint.repairs.lines import Line, Lines
from service.registry.lint.repairs.repair import Repair, Repairs
from service.wording import quoted

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
    by, last = line.style.dash - line.indent, [line, *lines.block(line, is_deeper=True)][-1]
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
        edits, cost = (Edit(begin.start, lines.after(line), ""),), _price(lines[begin.number : line.number + 1])
        place, subject = (begin.start, "this entry") if below else (line.start, "the file")
        yield Repair(cost, edits, place=place, words={"what": subject})


def _price(lines: Iterable[Line]) -> float:
    """Return the cost to remove lines. Each field costs as much as a mistake, except a few."""
    return 2.0 * max(0, sum(len(_FIELD.findall(line.text)) for line in lines) - _FEW)


def any_line(lines: Lines, line: Line) -> Repairs:
    """Remove a line if no other repair helps. The line and the rest of the entry are not checked then."""
    words, last = {"text": quoted(line.text.strip(), 40)}, [line, *lines.block(line, is_deeper=False)][-1]
    cost = _price([line])
    for extra, new in ((0.0, f"{' ' * line.style.field}{UNREAD} x: x"), (0.2, None)):
        yield Repair(cost + extra, lines.replace_line(line, new), place=line.place, until=last.end, words=words)
