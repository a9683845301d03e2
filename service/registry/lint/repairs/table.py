"""Repairs of lines that cannot be read: the rows of repairs.yaml, each with a pattern or with a function."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import takewhile

from service.problems import Edit
from service.registry.lint.nodes import Edits
from service.registry.lint.repairs import misplaced_lines, signs
from service.registry.lint.repairs.lines import Line, Lines, Repair, Repairs, list_field_names
from service.registry.lint.repairs.misplaced_lines import MARK
from service.registry.lint.repairs.signs import invisible_margin
from service.registry.lint.vocabulary import read_repairs
from service.wording import shortened

#: A longer line is not repaired, in characters.
_LONGEST = 2_000
#: The same mistake on this many lines is one mistake: it was made everywhere.
EVERYWHERE = 5

#: The functions that rows name.
_FUNCTIONS = vars(misplaced_lines) | vars(signs)


@dataclass(frozen=True)
class Row:
    """A row of the table: a pattern of a line with its replacement, or the name of a function."""

    says: str
    hint: str = ""
    cost: float = 1.0
    line: str = ""
    new: str | None = None
    function: str = ""
    run: bool = False
    guess: bool = False
    rule: str = "syntax"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern of a line."""
        return re.compile(self.line.replace("{field}", f"(?:{'|'.join(list_field_names())})"))

    def list_repairs(self, lines: Lines, line: Line) -> Repairs:
        """Yield the repairs of a line, and the repairs of all lines that have the same mistake."""
        for repair in self._find(lines, line):
            if len(edits := self._edit_all(lines)) > len(repair.edits):
                yield self._describe(repair._replace(edits=edits, cost=repair.cost + 0.1))
            if repair.edits:
                yield self._describe(repair)

    def edit_everywhere(self, lines: Lines) -> Edits:
        """Return the edits of all lines of a file if many have the mistake, or some are removed; else none."""
        edits = self._edit_all(lines)
        return edits if len(edits) >= (2 if self.line and self.new is None else EVERYWHERE) else ()

    def _edit_all(self, lines: Lines) -> Edits:
        if not self.run or self.line[:1] not in ("", "^"):
            return ()
        return tuple(edit for line in lines for repair in self._find(lines, line) for edit in repair.edits)

    def _find(self, lines: Lines, line: Line) -> Repairs:
        if self.function:
            yield from _FUNCTIONS[self.function](lines, line)
        elif match := self.pattern.search(line.text):
            dash = " " * (line.style.field - line.style.dash) if line.is_item else ""
            new = self.new and self.new.replace("{dash}", dash).replace("{entry}", line.style.margin)
            text = new if new is None else self.pattern.sub(new, line.text, count=0 if self.run else 1)
            words = {name: shortened(value or "", 40) for name, value in match.groupdict().items()}
            yield Repair(0, lines.replace_line(line, text), words=words)

    def _describe(self, repair: Repair) -> Repair:
        return repair._replace(
            cost=self.cost + repair.cost,
            place=repair.edits[0].start if repair.place < 0 else repair.place,
            is_guess=self.guess or repair.is_guess,
            message=self.says.format(**repair.words),
            hint=self.hint.format(**repair.words),
            rule=self.rule,
            find_all=self.edit_everywhere,
        )


@cache
def read_rows(table: str) -> tuple[Row, ...]:
    """Return the rows of a table of repairs.yaml."""
    return tuple(Row(**row) for row in read_repairs()[table])


def repair_lines(lines: Lines, first: int, last: int) -> Repairs:
    """Yield every repair of some lines, counted from 0."""
    for line in lines[first : last + 1]:
        if line.text.strip(" ") and len(line.text) <= _LONGEST:
            for row in read_rows("lines"):
                yield from row.list_repairs(lines, line)


#: The beginning of a file that is checked: in characters, and in lines.
_MOST_CHARACTERS, _MOST_LINES = 20_000, 200
_MODULES = re.compile(r"[\"']?modules[\"']?[ \t]*:")
_LIST = re.compile(r"[\"']?modules[\"']?[ \t]*:[ \t]*(?:[\[{#&!]|$)|\{")


def recognize_file(text: str) -> tuple[str, str] | None:
    """Return the message and the hint for a file of another kind, such as a table; None if it may be a registry."""
    rows = (row for row in read_rows("files") if row.pattern.match(text[:_MOST_CHARACTERS]))
    return next(
        (
            (row.says, row.hint or "write modules: and below it an entry for each module, which begins with - slug:")
            for row in rows
        ),
        None,
    )


def repair_file(lines: Lines) -> list[Repair]:
    """Return the repairs of the first kind of mistake that a whole file has."""
    kinds = (blank_margin, preface, missing_heading, merge_conflict)
    return next(filter(None, ([*find(lines)] for find in kinds)), [])


def blank_margin(lines: Lines) -> Repairs:
    """Replace invisible characters that indent many lines."""
    margins = [repair for line in lines for repair in invisible_margin(lines, line)]
    if len(margins) >= EVERYWHERE:
        sign = margins[0].words["called"]
        edits = tuple(repair.edits[0] for repair in margins)
        yield Repair(
            0,
            edits,
            f"{len(margins)} lines are indented with the invisible character {sign}, not with plain spaces",
            "write plain spaces",
            place=edits[0].start,
        )


def preface(lines: Lines) -> Repairs:
    """Remove text above the registry, such as the head of a mail."""
    first = next((line for line in lines[:_MOST_LINES] if _MODULES.match(line.text)), lines[0])
    above = [*takewhile(lambda line: not line.is_top, (line for line in lines[: first.number] if not line.is_blank))]
    if above and not re.match("---|%|`", above[0].text) and not any(line.is_entry for line in above):
        yield Repair(
            0,
            lines.remove_lines(above),
            f"text that is no registry stands above it, lines {above[0].number + 1} to {above[-1].number + 1}",
            "remove these lines, or begin each with #",
            is_guess=True,
            place=above[0].start,
        )


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


def merge_conflict(lines: Lines) -> Repairs:
    """Keep one side of each conflict, to read on. The other side may be right, so this is a guess."""
    begin = middle = None
    for line in lines:
        sign = mark[1][0] if (mark := MARK.match(line.text)) else ""
        if sign == "<":
            begin = line
            middle = None
        elif sign in ("|", "="):
            middle = middle or line
        elif sign == ">" and begin and middle:
            edits = (*lines.remove_lines([begin]), Edit(middle.start, lines.after(line), ""))
            yield Repair(
                0,
                edits,
                f"unresolved merge conflict, lines {begin.number + 1} to {line.number + 1}",
                "keep one side, or both one after the other, and delete the lines with <<<<<<<, ======= and >>>>>>>",
                "merge-conflict",
                True,
                begin.start,
                edits[-1].end,
            )
            begin = None
