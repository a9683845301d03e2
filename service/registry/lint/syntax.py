"""Mistakes of syntax: lines that libyaml cannot read, and files that are no registry.

Where libyaml fails, the entries around its mark are read again after each repair of their lines. The cheapest repair
after which the entries can be read, or at least more of them, is the diagnosis. Then the rest of the file is read.
"""

import re
from collections.abc import Iterable
from itertools import islice
from operator import itemgetter
from typing import Any

import yaml

from service.problems import Diagnostic, Edit
from service.registry.lint.draft import COST_OF_MISTAKE, Draft, Parsed, Part, find_marks, read_edited
from service.registry.lint.nodes import UNREAD, Abandoned, Node, fields, items, line_end, line_start
from service.registry.lint.reading import Reader
from service.registry.lint.repairs.lines import Lines, Repair
from service.registry.lint.repairs.table import recognize_file, repair_file, repair_lines
from service.registry.schema import inlined
from service.wording import closest, joined, pluralized, quoted

#: Syntax errors that are repaired, and characters that may be read again for them.
_MOST_ERRORS, _MOST_READ_AGAIN = 50, 3 * 1024 * 1024
#: Characters around an error that are searched for its entry, and characters of a file that is repaired as a whole.
_LONGEST_PART, _LONGEST_FILE = 60_000, 1024 * 1024
#: Lines between the beginning of a value and the error in it, and lines of an entry.
_FAR, _MOST_LINES = 12, 80
#: The cost of a part that still cannot be read, and of each line between a repair and the error.
_COST_OF_ERROR, _COST_OF_LINE = 1_000.0, 0.01
#: Keys at the top that are compared with the fields of a registry.
_MOST_KEYS = 8
_QUOTE = re.compile(r'(?<!\\)"')


def read_registry(draft: Draft) -> Parsed:
    """Return the root of a file after repairs of its syntax. Raises Abandoned if the file is no registry."""
    while True:
        reader, root = _read_lines(draft)
        root = _recognize_root(draft, root)
        if is_wrapped(root) or items(fields(root).get("modules")) or not _repair_file(draft):
            return Parsed(root, reader.anchors, reader.diagnostics)


def _read_lines(draft: Draft) -> tuple[Reader, Node | None]:
    """Read a file, and repair or remove each line that cannot be read. Raises Abandoned."""
    number = read_again = 0
    while True:
        reader = Reader(draft.text, draft.line)
        try:
            root = reader.read()
        except Abandoned:
            draft.diagnostics += reader.diagnostics
            raise
        except yaml.MarkedYAMLError as error:
            number = number + 1
            read_again = read_again + len(draft.text)
            if number == 1:
                _refuse_other_file(draft)
                if _repair_file(draft):
                    continue
            syntax(draft, error, number < _MOST_ERRORS and read_again < _MOST_READ_AGAIN)
        else:
            draft.values = reader.values
            return reader, root


# -- The whole file ---------------------------------------------------------------------


def _refuse_other_file(draft: Draft) -> None:
    """Report a file of another kind, such as a table. Raises Abandoned."""
    if words := recognize_file(draft.text):
        draft.report(Diagnostic("syntax", len(draft.text) - len(draft.text.lstrip()), *words))
        raise Abandoned


def _repair_file(draft: Draft) -> bool:
    """Repair mistakes of the whole file, such as conflicts. Returns whether there are any."""
    if len(draft.text) > _LONGEST_FILE:
        return False
    repairs = repair_file(Lines(draft.text, draft.style))[:_MOST_ERRORS]
    for repair in repairs:
        edits = () if repair.is_guess else repair.edits
        until = max(repair.until, 0)
        draft.report(Diagnostic(repair.rule, repair.place, repair.message, repair.hint), edits, until)
    draft.patch.apply(edit for repair in repairs for edit in repair.edits)
    return bool(repairs)


def _recognize_root(draft: Draft, root: Node | None) -> Node:
    """Return the root. If the file has no field of a registry, report that. Raises Abandoned."""
    own = fields(root)
    known = inlined()["properties"].keys()
    if root is not None and own.keys() & known:
        return root
    _refuse_other_file(draft)
    if root is None:
        empty(draft)
        raise Abandoned
    if not own or is_wrapped(root) or any(closest(name, known) for name in islice(own, _MOST_KEYS)):
        return root
    names = [*map(quoted, own)]
    keys = "the only key is" if len(names) == 1 else "the keys are"
    draft.report(
        Diagnostic(
            "missing-field",
            min(root.keys.values()),
            f"the file has no modules, and nothing else of a registry: {keys} {joined(names, 5)}",
            "write modules: at the left margin, and the list of modules under it; or is it another file?",
            path=("modules",),
        )
    )
    raise Abandoned


def empty(draft: Draft) -> None:
    """Report a file without content, unless an earlier diagnostic explains it."""
    if not draft.diagnostics:
        draft.report(Diagnostic("empty", 0, "the file has no content", "write modules:, and a list under it"))


def is_wrapped(root: Node) -> bool:
    """Whether the registry is the value of a key, or the root is an entry."""
    top = fields(root)
    return "slug" in top or any("modules" in fields(node) for node in top.values())


# -- An error of the parser -------------------------------------------------------------


def syntax(draft: Draft, error: Any, may_repair: bool) -> None:
    """Report the mistake that a syntax error comes from, and apply its repair, or leave the entry out.

    Raises Abandoned if nothing is left of the file.
    """
    part, first, last = _find_lines(draft, error)
    repair = _choose_repair(draft, part, first, last) if may_repair else None
    if repair is None:
        _leave_out(draft, error, may_repair)
        return
    edits = part.to_file(repair.edits)
    start = part.locate(repair.place)
    message = repair.message
    lines = Lines(draft.text, draft.style) if len(draft.text) <= _LONGEST_FILE else None
    if lines and repair.find_all and (same := repair.find_all(lines)):
        others = pluralized(len(same) - 1, "other line")
        edits = same
        start = same[0].start
        message = f"{message}, as on {others}"
    until = max(line_end(draft.text, start), part.locate(repair.until))
    diagnostic = Diagnostic(repair.rule, start, message, repair.hint)
    draft.report(diagnostic, () if repair.is_guess else edits, until, line_start(draft.text, start))
    draft.patch.apply(edits)


def _choose_repair(draft: Draft, part: Part, first: int, last: int) -> Repair | None:
    """Return the cheapest repair of some lines after which the part can be read, or at least more of it."""
    text = part.patch.text
    before = read_edited(draft, part)
    lines = Lines(text, draft.style)
    failed = len(text) if before is None or before.failed is None else min(before.failed, len(text))
    line = lines.at(failed)
    costs = []
    for repair in repair_lines(lines, first, last):
        after = read_edited(draft, part, repair.edits)
        if after and after.failed is None:
            distance = min(20, abs(lines.at(repair.place).number - line.number))
            cost = COST_OF_MISTAKE * len(after.wrong) + _COST_OF_LINE * distance
            costs.append((cost + repair.cost, repair))
        elif after and after.failed is not None:
            further = after.failed - failed - _count_added(repair.edits)
            if failed + further > line.end:
                costs.append((_COST_OF_ERROR - min(900, further) / 10 + repair.cost, repair))
    return min(costs, key=itemgetter(0), default=(0.0, None))[1]


def _count_added(edits: Iterable[Edit]) -> int:
    return sum(len(edit.new) - edit.end + edit.start for edit in edits)


def _find_lines(draft: Draft, error: Any) -> tuple[Part, int, int]:
    """Return the entries around an error, and the first and the last of their lines that may have the mistake."""
    at, began, is_open = find_marks(error)
    began = began if is_open or draft.text.count("\n", began, at) <= _FAR else at
    lines = _read_near(draft, began)
    first = lines.at(began).number
    last = min(lines.at(at).number, first + _MOST_LINES)
    odd = [line.number for line in lines[max(0, last - 30) : last] if len(_QUOTE.findall(line.text)) % 2]
    first = min([first, *odd[-1:]])
    upward = lines[max(0, first - _MOST_LINES) : first + (is_open or first < last)]
    begin = next((line for line in reversed(upward) if line.begins), lines[max(0, first - _FAR)])
    number = min(lines.opening(begin), first)
    is_foreign = re.match(r"[^\s\w\"'#-]|- ", lines[last].text)
    below = lines[last + (3 if is_foreign else 1) : last + _MOST_LINES]
    end = next((lines.opening(line) for line in below if line.begins), min(len(lines), last + _FAR))
    start = lines[number].start
    stop = lines[end].start if end < len(lines) else lines.end
    part = _frame_part(draft.text, start, stop)
    shift = number - part.head.count("\n")
    return part, number - shift, min(last + 1, end - 1) - shift


def _read_near(draft: Draft, offset: int) -> Lines:
    """Return the lines around an offset."""
    start = line_start(draft.text, max(0, offset - _LONGEST_PART // 2))
    return Lines(draft.text, draft.style, start, offset + _LONGEST_PART // 2)


def _frame_part(text: str, start: int, stop: int) -> Part:
    """Return the part of entries, or of fields at the left margin, as a document."""
    inner = text[start:stop]
    top = "|".join(inlined()["properties"])
    if not start or re.match(r"[\"']?modules\W", inner):
        return Part(inner, start)
    if re.match(rf"[\"']?(?:{top})\W", inner):
        return Part(inner, start, head="modules:\n")
    above = [*re.finditer(rf"^[ \t]*[\"']?({top})[\"']?[ \t]*:[ \t]*(\[?)", text[:start], re.MULTILINE)]
    if not above or above[-1][1] == "legacy_features":
        return Part(inner, start)
    section, bracket = above[-1].groups()
    return Part(inner, start, *((f"{section}: [\n", "\n]") if bracket else (f"{section}:\n", "")))


def _leave_out(draft: Draft, error: Any, may_repair: bool) -> None:
    """Report an error that no repair explains, and leave the entry out, or the rest of the file.

    Raises Abandoned if nothing is left of the file, or the rest was left out before.
    """
    at, began, is_open = find_marks(error)
    lines = _read_near(draft, at)
    line = lines.at(at)
    begin = next((above for above in (line, *lines.above(line)) if above.is_entry), None)
    if begin is None or not may_repair or UNREAD in begin.text:
        if draft.stopped is not None:
            raise Abandoned
        start = at if begin is None else begin.start
        start = line_start(draft.text, min(start, began) if is_open else start)
        draft.stopped = draft.patch.place(start)
        where = f"the rest of the file, from line {draft.line(start)} on"
        edit = Edit(start, len(draft.text), "")
    else:
        following = (lines[lines.opening(below)].start for below in lines[line.number + 1 :] if below.begins)
        start = lines[lines.opening(begin)].start
        stop = next(following, lines.end)
        where = f"this entry, lines {draft.line(start)} to {draft.line(stop - 1)},"
        unread = f"{UNREAD} x," if begin.text.lstrip().startswith('"') else f"- {UNREAD} x"
        edit = Edit(start, stop, f"{' ' * draft.style.dash}{unread}{draft.style.eol}")
    draft.report(
        Diagnostic(
            "syntax",
            at,
            "not valid YAML, and no usual mistake explains it",
            f"write it as the entries around it are written; {where} is not read",
        )
    )
    draft.patch.apply([edit])
    if not draft.text.strip():
        raise Abandoned
