"""Mistakes of value: values that the JSON Schema refuses, and unsafe YAML.

Each entry with mistakes is read again after each repair of them, until it has none. The cheapest repair that leaves the
fewest mistakes is the diagnosis. A value without a certain repair becomes UNKNOWN, so that no rule reports it again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from operator import attrgetter, itemgetter

import yaml

from service.problems import Diagnostic, Edit
from service.registry.lint.document import name_entry
from service.registry.lint.draft import (
    COST_OF_MISTAKE,
    WHOLE_FILE,
    Draft,
    Parsed,
    Part,
    Reading,
    find_entry,
    read_edited,
    read_part,
)
from service.registry.lint.names import Names
from service.registry.lint.nodes import (
    MAX_MISTAKES,
    UNREAD,
    Abandoned,
    Edits,
    Node,
    fields,
    items,
    line_end,
    line_start,
    next_line,
)
from service.registry.lint.reading import Reader
from service.registry.lint.refusals import Refused, describe_refusal, identify, list_states
from service.registry.lint.repairs.lines import Lines, Repair
from service.registry.lint.repairs.refused_values import repair_value
from service.registry.lint.repairs.table import repair_lines
from service.registry.lint.shape import check_schema, check_texts
from service.registry.schema import is_valid

#: Characters of an entry that is repaired, and of a file that is repaired as a whole.
_LONGEST_PART, _LONGEST_FILE = 60_000, 240_000
#: Repairs of one part, its diagnostics that are repaired at a time, and diagnostics of a part that is repaired at all.
_MOST_REPAIRS, _MOST_TRIED, _MOST_WRONG = 50, 8, 100
#: The cost of a repair of a line if the value could be repaired instead.
_COST_OF_LINES = 0.6


def mend_values(draft: Draft, parsed: Parsed) -> Node:
    """Report every refused value of a file, and return the root after repairs. Raises Abandoned."""
    for is_whole in (True, False):
        parsed = _mend(draft, parsed, is_whole)
    return parsed.root


def _mend(draft: Draft, parsed: Parsed, is_whole: bool) -> Parsed:
    """Mend the mistakes of the whole file, or those of its entries."""
    every = chain(parsed.unsafe, check_schema(parsed.root), check_texts(parsed.root, draft.text))
    first = islice(every, MAX_MISTAKES + 1)
    wrong = [diagnostic for diagnostic in first if (find_entry(diagnostic) == WHOLE_FILE) is is_whole]
    edits = _mend_parts(draft, parsed, wrong) if wrong else []
    if not edits:
        return parsed
    draft.patch.apply(edits)
    reader = Reader(draft.text, draft.line)
    with suppress(yaml.MarkedYAMLError):
        if root := reader.read():
            return Parsed(root, reader.anchors, reader.diagnostics)
    raise Abandoned


def _mend_parts(draft: Draft, parsed: Parsed, wrong: list[Diagnostic]) -> list[Edit]:
    """Report diagnostics, part by part. Return the edits that mend each part, or make values UNKNOWN."""
    names = Names(parsed.root)
    edits = list[Edit]()
    by_entry: dict[tuple[str, int], list[Diagnostic]] = {}
    for diagnostic in wrong:
        by_entry.setdefault(_find_entry_with_slug(parsed.root, *find_entry(diagnostic)), []).append(diagnostic)
    if len(wrong) > MAX_MISTAKES:
        by_entry = {WHOLE_FILE: wrong}
    for entry, diagnostics in by_entry.items():
        part = _cut_part(draft, parsed, *entry) if len(diagnostics) <= _MOST_WRONG else None
        if part is None or draft.budget < len(part.text):
            edits += _report_all(draft, Part(draft.text, 0), diagnostics, parsed.root)
        else:
            _mend_part(draft, part, names)
            edits += part.to_file(part.patch.edits)
    return edits


def _find_entry_with_slug(root: Node, section: str, number: int) -> tuple[str, int]:
    """Return the entry that an entry without a slug may be part of: the nearest entry above it with a slug."""
    listed = items(fields(root).get(section))
    while 0 < number < len(listed) and isinstance(listed[number].value, dict) and "slug" not in listed[number].value:
        number -= 1
    return section, number


def _cut_part(draft: Draft, parsed: Parsed, section: str, number: int) -> Part | None:
    """Return the part of the file with an entry, or the whole file; None if it is too long, or an alias."""
    if number < 0:
        return Part(draft.text, 0) if len(draft.text) <= _LONGEST_FILE else None
    listed = items(parsed.root.children[section])
    if number >= len(listed):  # the entry is in a second list of the same name
        return None
    entry = listed[number]
    last = number
    while last + 1 < len(listed) and _find_entry_with_slug(parsed.root, section, last + 1)[1] == number:
        last += 1
    start = entry.place
    stop = listed[last].end
    head = f"{section}: ["
    tail = "]"
    if not parsed.root.children[section].style:
        start = line_start(draft.text, draft.text.rfind("-", 0, entry.place))
        stop = next_line(draft.text, stop)
        head = f"{section}:\n"
        tail = ""
    is_apart = draft.text[start : entry.place].strip() in ("-", "")
    if stop - start > _LONGEST_PART or entry.used_at is not None or not is_apart:
        return None
    anchors = {name: node for name, node in parsed.anchors.items() if node.offset < entry.offset}
    return Part(draft.text[start:stop], start, head, tail, number, anchors)


# -- One part ---------------------------------------------------------------------------


def _mend_part(draft: Draft, part: Part, names: Names) -> None:
    """Report and repair the mistakes of a part, one after the other, until there are none."""
    if _report_misplaced_entry(draft, part):
        return
    unmended: list[Diagnostic] = []
    last: Reading | None = None
    for _ in range(_MOST_REPAIRS):
        reading = read_edited(draft, part)
        if reading is None or reading.root is None:
            break
        last = reading
        reading.wrong = _remove_known(reading.wrong, unmended, reading.root)
        if not reading.wrong:
            return
        diagnostic, repair = _choose_repair(draft, part, reading, names)
        _report_and_repair(draft, part, reading.root, diagnostic, repair)
        if repair is None or repair.is_guess:
            unmended.append(diagnostic)
        reading.wrong.remove(diagnostic)
    if last and last.root:
        _report_all(draft, part, last.wrong, last.root)


def _report_misplaced_entry(draft: Draft, part: Part) -> bool:
    """Report an entry that would be right in the other list. Returns whether it is reported."""
    section = part.head.partition(":")[0]
    other = {"modules": "removed", "removed": "modules"}.get(section, "")
    text = part.patch.text.replace(section, other, 1)
    reading = read_part(draft, replace(part, head=text.partition("\n")[0]), text) if other else None
    entry = next(iter(items(fields(reading.root).get(other))), None) if reading and not reading.wrong else None
    if entry is None:
        return False
    at = entry.offset - len(other) + len(section)
    name = name_entry(entry, ("modules", part.number))
    hint = "move it up into modules" if other == "modules" else "move it under removed:, at the end of the file"
    draft.report(
        Diagnostic(
            "unknown-field",
            part.locate(at),
            f"{name} stands under {section}, and has the fields of an entry of {other}",
            hint,
            path=(section, part.number),
        )
    )
    part.patch.apply([Edit(at, at + entry.end - entry.offset, f"{UNREAD} x")])
    return True


def _remove_known(wrong: list[Diagnostic], unmended: list[Diagnostic], root: Node) -> list[Diagnostic]:
    """Return the diagnostics that do not follow from a reported one that has no repair."""
    return [diagnostic for diagnostic in wrong if not any(_follows(diagnostic, known, root) for known in unmended)]


def _follows(diagnostic: Diagnostic, earlier: Diagnostic, root: Node) -> bool:
    """Whether a diagnostic is the same as an earlier one, or may end once the earlier one is mended."""
    is_again = earlier.rule == "duplicate-key"
    depth = len(earlier.path)
    if identify(diagnostic) == identify(earlier) or (is_again and diagnostic.path[:depth] == earlier.path):
        return True
    if isinstance(diagnostic, Refused) and diagnostic.lacks and (is_again or earlier.rule == "unknown-field"):
        return diagnostic.lacks == earlier.path[-1] or _may_be_missing(diagnostic, earlier, root)
    return is_again and diagnostic.rule == earlier.rule and depth == 1


def _may_be_missing(missing: Refused, earlier: Diagnostic, root: Node) -> bool:
    """Whether an unknown or a duplicate field may be the one that its mapping lacks, by its value."""
    field = fields(root.at(missing.path[:-1])).get(str(earlier.path[-1]))
    schema = missing.schema.get("properties", {}).get(missing.lacks, {})
    is_fitting = field is None or field.value is None or is_valid(schema, field.value)
    return is_fitting and missing.path[:-1] == earlier.path[:-1]


def _choose_repair(draft: Draft, part: Part, reading: Reading, names: Names) -> tuple[Diagnostic, Repair | None]:
    """Return the cheapest repair that helps, and its diagnostic; if no repair helps, the likeliest diagnostic."""
    costs = []
    for diagnostic, repair in _list_repairs(draft, part, reading, names):
        after = read_edited(draft, part, repair.edits)
        if after and after.failed is None and _is_better(diagnostic, repair, reading.wrong, after.wrong):
            costs.append((COST_OF_MISTAKE * len(after.wrong) + repair.cost, (diagnostic, repair)))
    if costs:
        return min(costs, key=itemgetter(0))[1]
    return min(reading.wrong, key=lambda wrong: wrong.rule not in ("unknown-field", "duplicate-key")), None


def _list_repairs(draft: Draft, part: Part, reading: Reading, names: Names) -> Iterator[tuple[Diagnostic, Repair]]:
    """Yield repairs of the first diagnostics: of the value, and of the lines around it."""
    assert reading.root is not None
    text = part.patch.text
    lines = Lines(text, draft.style)
    for diagnostic in reading.wrong[:_MOST_TRIED]:
        yield from ((diagnostic, repair) for repair in repair_value(diagnostic, reading.root, text, names))
        number = lines.at(diagnostic.place).number
        for repair in repair_lines(lines, max(0, number - 1), number + 1):
            if repair.cost < COST_OF_MISTAKE and repair.edits[0].new:
                rule = "yaml-misread" if repair.rule == "syntax" else repair.rule
                yield diagnostic, repair._replace(cost=repair.cost + _COST_OF_LINES, rule=rule)


def _is_better(diagnostic: Diagnostic, repair: Repair, before: list[Diagnostic], after: list[Diagnostic]) -> bool:
    """Whether a repair ends a diagnostic, and leads to another one at its own place only."""
    known = {*map(identify, before)}
    new = [other for other in after if identify(other) not in known]
    if identify(diagnostic) in map(identify, after):
        return False
    until = max(repair.until, repair.edits[-1].end) + len(repair.edits[-1].new)
    if new and not repair.message and all(repair.place <= other.place <= until for other in new):
        return len(after) <= len(before)
    rules = attrgetter("rule")
    return len(after) < len(before) and not Counter(map(rules, after)) - Counter(map(rules, before))


# -- Reports ----------------------------------------------------------------------------


def _report_and_repair(draft: Draft, part: Part, root: Node, diagnostic: Diagnostic, repair: Repair | None) -> None:
    """Report a diagnostic and apply its repair to the part, or make the value UNKNOWN."""
    if repair is None:
        part.patch.apply(_report_all(draft, part, [diagnostic], root))
        return
    text = part.patch.text
    path = part.find_path(diagnostic)
    message, hint = describe_refusal(diagnostic, root, text, part.number)
    place = part.locate(repair.place)
    until = part.locate(repair.until)
    until = max(until, line_end(draft.text, place)) if repair.message else until
    is_applied = not (repair.is_guess and diagnostic.rule == "pattern")
    edits = part.to_file(part.patch.apply(repair.edits if is_applied else _make_unknown(diagnostic, root, text)))
    reported = Diagnostic(repair.rule, place, repair.message or message, repair.hint or hint, path=path)
    draft.report(reported, () if repair.is_guess else edits, until)


def _report_all(draft: Draft, part: Part, diagnostics: Iterable[Diagnostic], root: Node) -> list[Edit]:
    """Report diagnostics without repairs. Return the edits that make the values UNKNOWN."""
    text = part.patch.text
    edits = list[Edit]()
    for diagnostic in diagnostics:
        message, hint = describe_refusal(diagnostic, root, text, part.number)
        place = part.locate(diagnostic.place)
        path = part.find_path(diagnostic)
        draft.report(replace(diagnostic, place=place, path=path, message=message, hint=hint))
        unknown = _make_unknown(diagnostic, root, text)
        edits += [edit for edit in unknown if not edits or edit.start >= edits[-1].end]
    return edits


def _make_unknown(diagnostic: Diagnostic, root: Node, text: str) -> Edits:
    """Return the edits that make the value of a diagnostic UNKNOWN, or the fields that it concerns."""
    if not isinstance(diagnostic, Refused) or not diagnostic.path:
        return ()
    if diagnostic.rule == "missing-field" and len(diagnostic.path) == 2:
        return _make_fields_unknown(root.at(diagnostic.path), ["slug"])
    if diagnostic.rule in ("one-state", "endpoint-forbidden", "multi-proxy-state", "stage-state"):
        entry = root.at(diagnostic.path[:2])
        return _make_fields_unknown(entry, list_states(entry))
    if diagnostic.lacks or diagnostic.keyword not in ("type", "enum", "pattern", "maxLength", "maxItems"):
        return ()
    node = root.at(diagnostic.path)
    is_field = isinstance(diagnostic.path[-1], str)
    is_bare = node.place == node.end and is_field and text[: node.place].rstrip()[-1:] != ":"
    edit = Edit(node.place, node.end, f"{': ' if is_bare else ' '}{UNREAD} x")
    return () if node.used_at is not None else (edit,)


def _make_fields_unknown(entry: Node, names: Iterable[str]) -> Edits:
    own = [fields(entry)[name] for name in names if name in fields(entry) and name not in entry.merged]
    return () if entry.used_at is not None else tuple(sorted(Edit(node.place, node.end, f"{UNREAD} x") for node in own))
