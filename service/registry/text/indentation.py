"""What is wrong with the column in which a line begins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from service.problems import Edit
from service.registry.schema import module_fields
from service.registry.text.lines import Line, Style, Window, inner_keys, top_keys
from service.registry.text.mistakes import Mistake
from service.wording import pluralized

#: Lines of one mistake, such as those that are indented with tabs.
_MOST_LINES = 5_000


def tabs(window: Window, number: int) -> Mistake | None:
    """A tab where only blanks may stand: they are all of one mistake as far as each line has one."""
    line = window.lines[number]
    blanks = line.text[: line.first]
    if "\t" not in blanks:
        return None
    edits: list[Edit] = []
    field, count, is_certain, has_content = window.style.field, 0, True, False
    for one in islice(window.below(number), _MOST_LINES):
        if "\t" not in one.text[: one.first]:
            continue
        count += 1
        has_content |= not one.is_blank
        want, field = _beginning(one, window.style, field)
        if want is None:
            is_certain = False
            continue
        edits.append(Edit(one.start, one.start + one.first, want))
    if line.is_blank and not is_certain:
        edits, count, is_certain, has_content = edits[:1], 1, True, False
    several = f"this line and {count - 1} below it are" if count > 1 else "this line is"
    message = f"{several} indented with a tab, where YAML takes only spaces"
    hint = "indent with spaces, and set the editor to do so"
    if not line.text[: line.indent].count("\t"):
        message = "a tab follows the dash, where YAML takes only spaces"
        hint = "write a space, and set the editor to do so"
    elif not has_content and not line.text.strip():
        message = "a tab stands on a line that has nothing else, where YAML takes only spaces"
        message = message if count == 1 else f"{message}, and on {pluralized(count - 1, 'line')} below"
        hint = "remove it"
    return Mistake(line.start + blanks.index("\t"), message, hint, edits if is_certain else ())


def _beginning(line: Line, form: Style, field: int) -> tuple[str | None, int]:
    """What a line should begin with, by its key, below a field in a column; and the column of the last field then.

    None where that is not certain.
    """
    key = line.key
    if line.is_blank:
        return (" " * field if "#" in line.text else ""), field
    if line.has_dash and not key:
        return " " * (field + 2) + "- ", field
    if line.has_dash or key == "slug":
        return form.beginning, field
    if key in module_fields():
        return " " * form.field, form.field
    return (" " * (field + 2) if key in inner_keys() else None), field


def dash_indent(window: Window, number: int) -> Mistake | None:
    """A dash that stands elsewhere than those of the other entries, or whose slug does."""
    line = window.lines[number]
    style = window.style
    if not line.has_dash or line.key != "slug":
        return None
    below = window.lines[number + 1 : window.entry_end(number)]
    first = next((one for one in below if not one.is_blank), None)
    if line.indent != style.dash:
        what = f"the dash stands in column {line.indent + 1}, and those of the other entries in column {style.dash + 1}"
        edits = [Edit(line.start, line.start + line.indent, " " * style.dash)]
        if first is not None and first.indent - line.indent == style.field - style.dash:
            edits += shifted(below, style.dash - line.indent)
        elif first is not None and first.indent == line.indent:
            edits += by_key(below, style)
            edits = edits if len(edits) > 1 else []
        elif first is not None and first.indent != style.field:
            edits = []
        hint = f"indent it by {style.dash} spaces" if style.dash else "begin it at the left margin"
        return Mistake(line.start + line.indent, what, hint, edits)
    if line.first != style.field and first is not None and first.indent == style.field and first.key:
        message = f"slug begins in column {line.first + 1}, and the fields below it in column {first.indent + 1}"
        new = " " * (style.field - style.dash - 1)
        edits = [Edit(line.start + line.indent + 1, line.start + line.first, new)]
        return Mistake(line.start + line.first, message, f"write -{new}slug:", edits)
    return None


def by_key(lines: Sequence[Line], form: Style) -> list[Edit]:
    """The edits that indent the fields of an entry by their names; none where one line has no known one."""
    edits, field = [], form.field
    for line in lines:
        if not line.is_blank:
            want, field = _beginning(line, form, field)
            if want is None:
                return []
            edits.append(Edit(line.start, line.start + line.first, want))
    return edits


def shifted(lines: Sequence[Line], by: int) -> list[Edit]:
    """The edits that indent lines deeper, or less deep; none where one has not so many blanks."""
    if any(not line.is_blank and line.indent + by < 0 for line in lines):
        return []
    return [
        Edit(line.start, line.start, " " * by) if by > 0 else Edit(line.start, line.start - by, "")
        for line in lines
        if not line.is_blank
    ]


def off_indent(window: Window, number: int) -> Mistake | None:
    """A field that does not begin in the column of those around it."""
    line = window.lines[number]
    key = line.key
    if line.has_dash or not key or window.is_json:
        return None
    want = window.indent_of(number, key)
    if want is None or line.indent == want or abs(line.indent - want) > max(8, want) or _is_field(window, number):
        return None
    by = want - line.indent
    end = number + 1
    while end < len(window.lines):
        other = window.lines[end]
        if not other.is_blank:
            wanted = window.indent_of(end, other.key) if other.key and not other.has_dash else None
            parent = window.parent(end) if other.key in inner_keys() else None
            if parent is not None and wanted is not None and parent.start >= line.start:
                wanted += by  # what it belongs to moves as well
            is_part = other.indent > line.indent and (wanted is None or wanted > want)
            if not (is_part and not other.has_dash) and (wanted is None or wanted - other.indent != by):
                break
        end += 1
    edits = shifted(window.lines[number:end], by)
    those = "the other fields"
    if key in top_keys() and want == 0:
        those = "the keys of the file"
    elif key in inner_keys() and want > window.style.field:
        those = f"what belongs to {window.parent(number).key}" if window.parent(number) else those  # type: ignore[union-attr]
    message = f"{key} begins in column {line.indent + 1}, and {those} in column {want + 1}"
    hint = f"indent it by {want} spaces" if want else "begin it at the left margin"
    return Mistake(line.start + line.indent, message, hint, edits)


def _is_field(window: Window, number: int) -> bool:
    """Whether YAML takes a line for a field of its entry, whichever key it has: there the parser has not failed."""
    begin = window.entry(number - 1)
    line = window.lines[number]
    after = window.following(number)
    is_deeper = after is not None and after.indent > line.indent
    return begin is not None and line.indent == window.lines[begin].first and not is_deeper
