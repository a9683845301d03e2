"""Repairs of a whole file: another kind of file, text above the registry, and merge conflicts."""

import re
from itertools import takewhile

from service.problems import Edit
from service.registry.lint.catalogue import rule
from service.registry.lint.repairs.leftovers import MARK
from service.registry.lint.repairs.lines import Lines
from service.registry.lint.repairs.repair import Repair, Repairs
from service.registry.lint.repairs.signs import invisible_margin
from service.registry.lint.repairs.table import EVERYWHERE, read_rows

#: The beginning of a file that is checked: in characters, and in lines.
_MOST_CHARACTERS, _MOST_LINES = 20_000, 200
_MODULES = re.compile(r"[\"']?modules[\"']?[ \t]*:")
_LIST = re.compile(r"[\"']?modules[\"']?[ \t]*:[ \t]*(?:[\[{#&!]|$)|\{")


def recognize_file(text: str) -> tuple[str, str] | None:
    """Return the message and the hint for a file of another kind, such as a table; None if it may be a registry."""
    rows = (row for row in read_rows("files") if row.pattern.match(text[:_MOST_CHARACTERS]))
    hint = "write modules: and below it an entry for each module, which begins with - slug:"
    return next(((row.says, row.hint or hint) for row in rows), None)


def repair_file(lines: Lines) -> list[Repair]:
    """Return the repairs of the first kind of mistake that a whole file has."""
    kinds = (blank_margin, preface, missing_heading, merge_conflict)
    return next(filter(None, ([*find(lines)] for find in kinds)), [])


def blank_margin(lines: Lines) -> Repairs:
    """Replace invisible characters that indent many lines."""
    margins = [repair for line in lines for repair in invisible_margin(lines, line)]
    if len(margins) >= EVERYWHERE:
        sign, edits = margins[0].words["called"], tuple(repair.edits[0] for repair in margins)
        message = f"{len(margins)} lines are indented with the invisible character {sign}, not with plain spaces"
        yield Repair(0, edits, message, "write plain spaces", place=edits[0].start)


def preface(lines: Lines) -> Repairs:
    """Remove text above the registry, such as the head of a mail."""
    first = next((line for line in lines[:_MOST_LINES] if _MODULES.match(line.text)), lines[0])
    above = [*takewhile(lambda line: not line.is_top, (line for line in lines[: first.number] if not line.is_blank))]
    if above and not re.match("---|%|`", above[0].text) and not any(line.is_entry for line in above):
        message = f"text that is no registry stands above it, lines {above[0].number + 1} to {above[-1].number + 1}"
        hint = "remove these lines, or begin each with #"
        yield Repair(0, lines.remove_lines(above), message, hint, is_guess=True, place=above[0].start)


def missing_heading(lines: Lines) -> Repairs:
    """Write the line `modules:` if it is lost, indented, or has text next to it."""
    content = [line for line in lines if not line.is_blank]
    if not any(line.is_entry for line in content) or any(_LIST.match(line.text) for line in content):
        return
    for row in read_rows("headings"):
        for line in content if row.run else content[:1]:
            if row.pattern.match(line.text):
                edits = lines.replace_line(line, row.pattern.sub(row.new or "", line.text, count=1))
                yield Repair(0, edits, row.says, row.hint, place=line.place)
                return


@rule("merge-conflict")
def merge_conflict(lines: Lines) -> Repairs:
    """Keep one side of each conflict, to read on. The other side may be right, so this is a guess."""
    begin = middle = None
    for line in lines:
        sign = mark[1][0] if (mark := MARK.match(line.text)) else ""
        if sign == "<":
            begin, middle = line, None
        elif sign in ("|", "="):
            middle = middle or line
        elif sign == ">" and begin and middle:
            edits = (*lines.remove_lines([begin]), Edit(middle.start, lines.after(line), ""))
            message = f"unresolved merge conflict, lines {begin.number + 1} to {line.number + 1}"
            hint = "keep one side, or both one after the other, and delete the lines with <<<<<<<, ======= and >>>>>>>"
            yield Repair(0, edits, message, hint, "merge-conflict", True, begin.start, edits[-1].end)
            begin = None
