"""Repairs of lines that cannot be read: the rows of repairs.yaml, each with a pattern or with a function."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

from service.problems import Edit
from service.registry.lint.repairs import columns, leftovers, signs
from service.registry.lint.repairs.lines import Line, Lines, list_field_names
from service.registry.lint.repairs.repair import Repair, Repairs
from service.registry.lint.vocabulary import read_repairs
from service.wording import shortened

#: A longer line is not repaired, in characters.
_LONGEST = 2_000
#: The same mistake on this many lines is one mistake: it was made everywhere.
EVERYWHERE = 5

#: The functions that rows name.
_FUNCTIONS = {
    function.__name__: function
    for function in (
        leftovers.conflict_marker,
        leftovers.piece_of_diff,
        leftovers.entry_after_list,
        leftovers.cut_off_entry,
        leftovers.any_line,
        columns.missing_dash,
        columns.tab,
        columns.wrong_column,
        signs.invisible_margin,
        signs.invisible_sign,
        signs.look_alike_sign,
        signs.unquoted_text,
        signs.unclosed_bracket,
        signs.unopened_bracket,
        signs.unclosed_quote,
    )
}


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

    def edit_everywhere(self, lines: Lines) -> tuple[Edit, ...]:
        """Return the edits of all lines of a file if many have the mistake, or some are removed; else none."""
        edits = self._edit_all(lines)
        return edits if len(edits) >= (2 if self.line and self.new is None else EVERYWHERE) else ()

    def _edit_all(self, lines: Lines) -> tuple[Edit, ...]:
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
