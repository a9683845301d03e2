"""The cheapest repair after which more can be read, or less is wrong: it is the diagnosis, and its words are told.

A repair is tried on a part of the file that stands on its own: the entry around it, or a few, or a field at the left
margin. Part after part is mended so; the rules then look at a file that has one mistake less for each that is told.
"""

import re
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice, pairwise
from operator import attrgetter, itemgetter
from typing import Any

import yaml

from service.problems import Diagnostic, Edit
from service.registry.lint.document import name_entry
from service.registry.lint.lines import Lines, Repair, Style, foreign, repairs, style_of, wrapping
from service.registry.lint.names import Names
from service.registry.lint.nodes import (
    MAX_MISTAKES,
    UNREAD,
    Abandoned,
    Diagnostics,
    Node,
    Patch,
    SourceMap,
    applied,
    fields,
    items,
    line_end,
    line_start,
    next_line,
)
from service.registry.lint.reading import Reader
from service.registry.lint.shape import Refused, about, misread, refused, states_of, words
from service.registry.lint.values import repairs_of_value
from service.registry.schema import inlined, is_valid
from service.wording import closest, joined, pluralized, quoted

#: What may be read in search of repairs, for one file, in characters, what each try costs beside its text, how long a
#: part is that is looked at, and how long a file that is looked at as a whole.
_MOST_READ, _ANY_TRY, _LONGEST_PART, _LONGEST_WHOLE = 2_000_000, 500, 60_000, 1024 * 1024
#: Syntax errors that are told, at most; and how much may be read again for them, in characters.
_MOST_TOLD, _MOST_READ_AGAIN = 50, 3 * 1024 * 1024
#: What one more thing that is wrong costs, beside the cost of a repair; that nothing can be read; and that a repair is
#: a line away from where the parser has failed.
_WRONG, _UNREADABLE, _ONE_LINE = 2.0, 1_000.0, 0.01
#: How far behind the parser's mark of a beginning a mistake may be noticed, and how long an entry is, in lines; and
#: what may be between two lines with the same mistake that are next to each other, in characters.
_FAR, _MOST_LINES, _ONE_GAP = 12, 80, 200
#: Repairs of one part, and diagnostics of it for which repairs are tried at a time; of a part with more than so many
#: they are told without.
_MOST_REPAIRS, _MOST_TRIED, _MOST_WRONG = 50, 8, 100


@dataclass(slots=True)
class Reading:
    """What a text says: its root and what is wrong with it, or where it is no YAML any more."""

    root: Node | None
    wrong: list[Diagnostic]
    failed: int | None = None


@dataclass(slots=True)
class Part:
    """A part of a file that stands on its own, as a document: `head` and `tail` make one of it.

    `start` is where it begins in the text around, and `number` that of its first entry there.
    """

    text: str
    start: int
    head: str = ""
    tail: str = ""
    number: int = 0
    anchors: Mapping[str, Node] = field(default_factory=dict)
    patch: Patch = field(init=False)

    def __post_init__(self) -> None:
        self.patch = Patch(self.head + self.text + self.tail)

    def place(self, offset: int) -> int:
        """The offset in the text around of one in the part as it is now."""
        inside = self.patch.place(offset) - len(self.head)
        return self.start + min(max(0, inside), len(self.text))

    def outside(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Edits of the part's own text as edits of the text around."""
        by = self.start - len(self.head)
        return tuple(Edit(edit.start + by, edit.end + by, edit.new) for edit in edits)

    def path(self, diagnostic: Diagnostic) -> tuple[str | int, ...]:
        """Where it is in the whole document."""
        if len(diagnostic.path) > 1 and isinstance(diagnostic.path[1], int):
            return (diagnostic.path[0], diagnostic.path[1] + self.number, *diagnostic.path[2:])
        return diagnostic.path


class Search:
    """The search for what is wrong with one file. `patch` is the file as it is mended so far."""

    def __init__(self, text: str) -> None:
        self.patch, self.source_map = Patch(text), SourceMap(text)
        self.diagnostics = Diagnostics()
        self.stopped: int | None = None
        """Where what cannot be read begins, up to the end, as an offset in the file."""
        self.values = 0
        self._anchors: Mapping[str, Node] = {}
        self._unsafe: list[Diagnostic] = []
        """What is wrong with how the text is written, beside what the schema refuses."""
        self._left = _MOST_READ
        self._repaired: list[tuple[int, int, Diagnostic]] = []
        """What diagnostics repair, from one offset of the file to another."""

    @property
    def text(self) -> str:
        """The file as it is mended so far."""
        return self.patch.text

    @cached_property
    def _style(self) -> Style:
        """In which columns most of its entries stand."""
        return style_of(self.source_map.text)

    def line(self, offset: int) -> int:
        """The line of the file that an offset of the mended text is on."""
        return self.source_map.position(self.patch.place(offset))[0]

    # -- What is told ------------------------------------------------------------------------------------------------

    def tell(self, diagnostic: Diagnostic, edits: Iterable[Edit] = (), until: int = 0, begin: int = -1) -> None:
        """A diagnostic of the mended text, unless it lies in what another has repaired; and the edits that mend it.

        `until` is behind what it repairs itself, as an offset of the mended text; it begins at `begin`, or its place.
        """
        place, end, edits = self.patch.place(diagnostic.place), self.patch.place(until), self.certain(edits)
        told = self._repairing(diagnostic.message, place)
        if told is None:
            told = replace(diagnostic, place=place, edits=edits)
            self.diagnostics.add(told)
        else:
            both = sorted((*told.edits, *edits)) if edits and told.edits else []
            is_apart = all(edit.end < other.start for edit, other in pairwise(both))
            told.edits = tuple(both) if is_apart else ()
        if end > place:
            start = place if begin < 0 else self.patch.place(begin)
            insort(self._repaired, (start, end, told), key=itemgetter(0, 1))

    def _repairing(self, message: str, place: int) -> Diagnostic | None:
        """The diagnostic that repairs what is at a place of the file, or the same on the line above it."""
        number = bisect_right(self._repaired, place, key=itemgetter(0))
        for _, end, told in self._repaired[max(0, number - 2) : number]:
            is_next = place - end < _ONE_GAP and not self.source_map.text[end:place].strip()
            if place < end or (told.message == message and is_next):
                return told
        return None

    def certain(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Edits of the mended text as edits of the file; none where something else was mended there."""
        own = tuple(Edit(self.patch.place(edit.start), self.patch.place(edit.end), edit.new) for edit in edits)
        return () if any(map(self.patch.meets, own)) else own

    # -- Lines that cannot be read -----------------------------------------------------------------------------------

    def _read(self) -> Node | None:
        """Read the file, with each line that cannot be read mended or taken out."""
        told, read_again = 0, 0
        while True:
            try:
                root, self.values = self._composed()
                return root
            except Abandoned:
                self.diagnostics += self._unsafe
                raise
            except yaml.MarkedYAMLError as error:
                if not told:
                    self._refuse_another()
                is_first, told, read_again = not told, told + 1, read_again + len(self.text)
                if is_first and self._unwrap():
                    continue
                self._mend_lines(error, told < _MOST_TOLD and read_again < _MOST_READ_AGAIN)

    def _composed(self) -> tuple[Node | None, int]:
        """The root of the text, and the number of its values."""
        reader = Reader(self.text, self.line)
        self._anchors, self._unsafe = reader.anchors, reader.diagnostics
        return reader.read(), reader.values

    def _refuse_another(self) -> None:
        """Tell that the file is plainly another thing, if it is."""
        if words := foreign(self.text):
            self.tell(Diagnostic("syntax", len(self.text) - len(self.text.lstrip()), *words))
            raise Abandoned

    def _unwrap(self) -> bool:
        """Take away what stands above, and conflicts; whether there was any."""
        if len(self.text) > _LONGEST_WHOLE:
            return False
        layers = wrapping(Lines(self.text, self._style))[:_MOST_TOLD]
        for repair in layers:
            edits = () if repair.is_guess else repair.edits
            self.tell(Diagnostic(repair.rule, repair.place, repair.message, repair.hint), edits, max(repair.until, 0))
        self.patch.apply(edit for repair in layers for edit in repair.edits)
        return bool(layers)

    def _mend_lines(self, error: Any, may_go_on: bool) -> None:
        """Tell what a syntax error comes from, and mend it or take it out."""
        part, first, last = self._around(error)
        ranked = self._ranked(part, first, last) if may_go_on else ()
        repair = min(ranked, key=itemgetter(0), default=(0.0, None))[1]
        if repair is None:
            self._give_up(error, may_go_on)
            return
        edits, start, message = part.outside(repair.edits), part.place(repair.place), repair.message
        many = repair.of_all(Lines(self.text, self._style)) if len(self.text) <= _LONGEST_WHOLE else ()
        if many:
            edits, start, message = many, many[0].start, f"{message}, as on {pluralized(len(many) - 1, 'other line')}"
        own, until = () if repair.is_guess else edits, max(line_end(self.text, start), part.place(repair.until))
        self.tell(Diagnostic(repair.rule, start, message, repair.hint), own, until, line_start(self.text, start))
        self.patch.apply(edits)

    def _around(self, error: Any) -> tuple[Part, int, int]:
        """The entries around a syntax error, and the first and the last line of them in which the mistake may be."""
        at, began, is_open = _marks(error)
        began = began if is_open or self.text.count("\n", began, at) <= _FAR else at
        lines = self._near(began)
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
        start, stop = lines[number].start, lines[end].start if end < len(lines) else lines.end
        part = self._framed(start, self.text[start:stop])
        shift = number - part.head.count("\n")
        return part, number - shift, min(last + 1, end - 1) - shift

    def _near(self, offset: int) -> Lines:
        """The lines around an offset."""
        start = line_start(self.text, max(0, offset - _LONGEST_PART // 2))
        return Lines(self.text, self._style, start, offset + _LONGEST_PART // 2)

    def _framed(self, start: int, inner: str) -> Part:
        """The part of entries, or fields at the left margin, that begin at an offset."""
        top = "|".join(inlined()["properties"])
        if not start or re.match(r"[\"']?modules\W", inner):
            return Part(inner, start)
        if re.match(rf"[\"']?(?:{top})\W", inner):
            return Part(inner, start, head="modules:\n")
        above = [*re.finditer(rf"^[ \t]*[\"']?({top})[\"']?[ \t]*:[ \t]*(\[?)", self.text[:start], re.MULTILINE)]
        if not above or above[-1][1] == "legacy_features":
            return Part(inner, start)
        section, bracket = above[-1].groups()
        head, tail = (f"{section}: [\n", "\n]") if bracket else (f"{section}:\n", "")
        return Part(inner, start, head, tail)

    def _ranked(self, part: Part, first: int, last: int) -> Iterator[tuple[float, Repair | None]]:
        """Repairs of lines after which the part can be read, with the least wrong, or at least more of it."""
        text = part.patch.text
        before, lines = self._judged(part), Lines(text, self._style)
        failed = len(text) if before is None or before.failed is None else min(before.failed, len(text))
        at = lines.at(failed)
        for repair in repairs(lines, first, last):
            after = self._judged(part, repair.edits)
            if after and after.failed is None:
                distance = abs(lines.at(repair.place).number - at.number)
                yield _WRONG * len(after.wrong) + repair.cost + _ONE_LINE * min(distance, 20), repair
            elif after and after.failed is not None:
                added = sum(len(edit.new) - edit.end + edit.start for edit in repair.edits)
                further = after.failed - failed - added
                if failed + further > at.end:
                    yield _UNREADABLE - min(900, further) / 10 + repair.cost, repair

    def _judged(self, part: Part, edits: Iterable[Edit] = ()) -> Reading | None:
        """What a part says after edits; None where they overlap, or enough was tried in this file."""
        with suppress(ValueError):
            text = applied(part.patch.text, edits)
            self._left -= len(text) + _ANY_TRY
            return self._said(part, text) if self._left >= 0 else None
        return None

    def _said(self, part: Part, text: str) -> Reading:
        """What a part says with another text."""
        reader = Reader(text, lambda offset: self.line(part.place(offset)), part.anchors)
        wrong: list[Diagnostic] = reader.diagnostics
        try:
            root = reader.read()
        except Abandoned:
            return Reading(None, wrong)
        except yaml.MarkedYAMLError as error:
            return Reading(None, [], _marks(error)[0])
        if root is not None:
            section = part.head.partition(":")[0]
            wrong += [each for each in refused(root) if not section or each.path[:1] in ((), (section,))]
            wrong += misread(root, text)
        if not part.head and len(part.text) == len(self.text):
            wrong = [each for each in wrong if _part_of(each) == _WHOLE]
        return Reading(root, wrong)

    def _give_up(self, error: Any, may_go_on: bool) -> None:
        """Say so where the parser has failed, and leave the entry out."""
        at, began, is_open = _marks(error)
        lines = self._near(at)
        line = lines.at(at)
        begin = next((above for above in (line, *lines.above(line)) if above.is_entry), None)
        hint = "write it as the entries around it are written"
        if begin is None or not may_go_on or UNREAD in begin.text:
            if self.stopped is not None:  # what is before the rest cannot be read alone
                raise Abandoned
            start = at if begin is None else begin.start
            start = line_start(self.text, min(start, began) if is_open else start)
            self.stopped = self.patch.place(start)
            where, edit = f"the rest of the file, from line {self.line(start)} on", Edit(start, len(self.text), "")
        else:
            ends = (lines[lines.opening(below)].start for below in lines[line.number + 1 :] if below.begins)
            start, stop = lines[lines.opening(begin)].start, next(ends, lines.end)
            where = f"this entry, lines {self.line(start)} to {self.line(stop - 1)},"
            unread = f"{UNREAD} x," if begin.text.lstrip().startswith('"') else f"- {UNREAD} x"
            edit = Edit(start, stop, f"{' ' * self._style.dash}{unread}{self._style.eol}")
        message = "not valid YAML, and no usual mistake explains it"
        self.tell(Diagnostic("syntax", at, message, f"{hint}; {where} is not read"))
        self.patch.apply([edit])
        if not self.text.strip():
            raise Abandoned

    # -- Values that are refused -------------------------------------------------------------------------------------

    def root(self) -> Node:
        """The root of the file, once everything is mended that can be read and is refused, part by part.

        Raises Abandoned where there is nothing to look at, which is told.
        """
        root = self._recognized(self._read())
        if not _is_wrapped(root) and not items(fields(root).get("modules")) and self._unwrap():
            return self.root()
        for whole in (True, False):
            root = self._mended(root, whole)
        return root

    def _mended(self, root: Node, whole: bool) -> Node:
        """The root once what is wrong with the file as a whole is mended, or all that is wrong with its entries."""
        every = chain(self._unsafe, refused(root), misread(root, self.text))
        wrong = [each for each in islice(every, MAX_MISTAKES + 1) if (_part_of(each) == _WHOLE) is whole]
        edits = self._mend_parts(wrong, root) if wrong else []
        if not edits:
            return root
        self.patch.apply(edits)
        with suppress(yaml.MarkedYAMLError):
            if read := self._composed()[0]:
                return read
        raise Abandoned

    def _recognized(self, root: Node | None) -> Node:
        """The root, unless the file is none: without a field of a registry, what it is instead is told."""
        own, known = fields(root), inlined()["properties"].keys()
        if root is not None and own.keys() & known:
            return root
        self._refuse_another()
        if root is None:
            if not self.diagnostics:
                self.tell(Diagnostic("empty", 0, "the file has no content", "write modules:, and a list under it"))
            raise Abandoned
        if not own or _is_wrapped(root) or any(closest(name, known) for name in islice(own, _MOST_TRIED)):
            return root
        names = [*map(quoted, own)]
        has = "the only key is" if len(names) == 1 else "the keys are"
        message = f"the file has no modules, and nothing else of a registry: {has} {joined(names, 5)}"
        hint = "write modules: at the left margin, and the list of modules under it; or is it another file?"
        self.tell(Diagnostic("missing-field", min(root.keys.values()), message, hint, path=("modules",)))
        raise Abandoned

    def _mend_parts(self, wrong: list[Diagnostic], root: Node) -> list[Edit]:
        """Tell what is wrong, part by part; the edits that mend each, or leave open what nobody can mend."""
        names, edits = Names(root), list[Edit]()
        grouped: dict[tuple[str, int], list[Diagnostic]] = {}
        for each in wrong:
            grouped.setdefault(_with_slug(root, *_part_of(each)), []).append(each)
        if len(wrong) > MAX_MISTAKES:
            grouped = {_WHOLE: wrong}
        for key, diagnostics in grouped.items():
            part = self._part(root, *key) if len(diagnostics) <= _MOST_WRONG else None
            if part is None or self._left < len(part.text):
                edits += self._tell_all(Part(self.text, 0), diagnostics, root)
            else:
                self._mend_part(part, names)
                edits += part.outside(part.patch.edits)
        return edits

    def _tell_all(self, part: Part, diagnostics: Iterable[Diagnostic], root: Node) -> list[Edit]:
        """Tell diagnostics without a repair; the edits that leave open what is refused."""
        text, edits = part.patch.text, list[Edit]()
        for each in diagnostics:
            message, hint = words(each, root, text, part.number)
            self.tell(replace(each, place=part.place(each.place), path=part.path(each), message=message, hint=hint))
            edits += [edit for edit in _left_open(each, root, text) if not edits or edit.start >= edits[-1].end]
        return edits

    def _part(self, root: Node, section: str, number: int) -> Part | None:
        """The part of the file that has an entry, or else all of it; None where that is too long, or an alias."""
        if number < 0:
            return Part(self.text, 0) if len(self.text) <= 4 * _LONGEST_PART else None
        listed = items(root.children[section])
        if number >= len(listed):  # of a second list
            return None
        entry, last = listed[number], number
        while last + 1 < len(listed) and _with_slug(root, section, last + 1)[1] == number:
            last += 1
        known = {name: node for name, node in self._anchors.items() if node.offset < entry.offset}
        start, stop, head, tail = entry.place, listed[last].end, f"{section}: [", "]"
        if not root.children[section].style:
            start = line_start(self.text, self.text.rfind("-", 0, entry.place))
            stop, head, tail = next_line(self.text, stop), f"{section}:\n", ""
        is_apart = self.text[start : entry.place].strip() in ("-", "")
        if stop - start > _LONGEST_PART or entry.used_at is not None or not is_apart:
            return None
        return Part(self.text[start:stop], start, head, tail, number, known)

    def _mend_part(self, part: Part, names: Names) -> None:
        """Tell what is wrong with a part, one repair after the other, until nothing is."""
        if self._is_misplaced(part):
            return
        left_open: list[Diagnostic] = []
        last: Reading | None = None
        for _ in range(_MOST_REPAIRS):
            now = self._judged(part)
            if now is None or now.root is None:
                break
            last = now
            now.wrong = [new for new in now.wrong if not any(_follows(new, earlier, now.root) for earlier in left_open)]
            if not now.wrong:
                return
            cause = min(now.wrong, key=lambda other: other.rule not in ("unknown-field", "duplicate-key"))
            diagnostic, repair = self._cheapest_value(part, now, names) or (cause, None)
            self._tell_value(part, now.root, diagnostic, repair)
            if repair is None or repair.is_guess:
                left_open.append(diagnostic)
            now.wrong.remove(diagnostic)
        if last and last.root:
            self._tell_all(part, last.wrong, last.root)

    def _is_misplaced(self, part: Part) -> bool:
        """Whether an entry is right as one of the other list, which is told then."""
        section = part.head.partition(":")[0]
        other = {"modules": "removed", "removed": "modules"}.get(section, "")
        text = part.patch.text.replace(section, other, 1)
        as_other = self._said(replace(part, head=text.partition("\n")[0]), text) if other else None
        entry = next(iter(items(fields(as_other.root).get(other))), None) if as_other and not as_other.wrong else None
        if entry is None:
            return False
        at, name = entry.offset - len(other) + len(section), name_entry(entry, ("modules", part.number))
        message = f"{name} stands under {section}, and has the fields of an entry of {other}"
        hint = "move it up into modules" if other == "modules" else "move it under removed:, at the end of the file"
        self.tell(Diagnostic("unknown-field", part.place(at), message, hint, path=(section, part.number)))
        part.patch.apply([Edit(at, at + entry.end - entry.offset, f"{UNREAD} x")])
        return True

    def _cheapest_value(self, part: Part, now: Reading, names: Names) -> tuple[Diagnostic, Repair] | None:
        """The repair of a value, or of the lines around it, that leaves the least wrong."""
        better = (
            (_WRONG * len(after.wrong) + repair.cost, (diagnostic, repair))
            for diagnostic, repair in self._tries(part, now, names)
            if (after := self._judged(part, repair.edits)) and after.failed is None
            if _is_better(diagnostic, repair, now.wrong, after.wrong)
        )
        return min(better, key=itemgetter(0), default=(0, None))[1]

    def _tries(self, part: Part, now: Reading, names: Names) -> Iterator[tuple[Diagnostic, Repair]]:
        """What is worth trying for each of the first diagnostics: of its value, and of the lines around it."""
        assert now.root is not None
        text = part.patch.text
        lines = Lines(text, self._style)
        for diagnostic in now.wrong[:_MOST_TRIED]:
            yield from ((diagnostic, repair) for repair in repairs_of_value(diagnostic, now.root, text, names))
            number = lines.at(diagnostic.place).number
            for repair in repairs(lines, max(0, number - 1), number + 1):
                if repair.cost < _WRONG and repair.edits[0].new:
                    rule = "yaml-misread" if repair.rule == "syntax" else repair.rule
                    yield diagnostic, repair._replace(cost=repair.cost + 0.6, rule=rule)

    def _tell_value(self, part: Part, root: Node, diagnostic: Diagnostic, repair: Repair | None) -> None:
        """Mend a part, and tell what was wrong, unless it is what another repair has led to."""
        if repair is None:
            part.patch.apply(self._tell_all(part, [diagnostic], root))
            return
        text, path = part.patch.text, part.path(diagnostic)
        said = words(diagnostic, root, text, part.number)
        place, until = part.place(repair.place), part.place(repair.until)
        until = max(until, line_end(self.text, place)) if repair.message else until
        message, hint = repair.message or said[0], repair.hint or said[1]
        is_known = not (repair.is_guess and diagnostic.rule == "pattern")
        made = part.outside(part.patch.apply(repair.edits if is_known else _left_open(diagnostic, root, text)))
        self.tell(Diagnostic(repair.rule, place, message, hint, path=path), () if repair.is_guess else made, until)


_WHOLE = ("", -1)
_QUOTE = re.compile(r'(?<!\\)"')


def _is_wrapped(root: Node) -> bool:
    """Whether the registry stands below a key, or is what an entry of a list without a name would be."""
    top = fields(root)
    return "slug" in top or any("modules" in fields(node) for node in top.values())


def _part_of(diagnostic: Diagnostic) -> tuple[str, int]:
    """The section and the number of the entry that it belongs to; of no section where it belongs to none."""
    if diagnostic.path[:1] in (("modules",), ("removed",)) and isinstance([*diagnostic.path, ""][1], int):
        return str(diagnostic.path[0]), int(diagnostic.path[1])
    return _WHOLE


def _with_slug(root: Node, section: str, number: int) -> tuple[str, int]:
    """The entry that an entry without a slug may belong to: the one above it that has one."""
    listed = items(fields(root).get(section))
    while 0 < number < len(listed) and isinstance(listed[number].value, dict) and "slug" not in listed[number].value:
        number -= 1
    return section, number


def _is_better(diagnostic: Diagnostic, repair: Repair, before: list[Diagnostic], after: list[Diagnostic]) -> bool:
    """Whether a repair of a value takes what was wrong away, and leads to nothing else but at its own place."""
    keys = {about(each) for each in before}
    if about(diagnostic) in {about(each) for each in after}:
        return False
    new = [each for each in after if about(each) not in keys]
    until = max(repair.until, repair.edits[-1].end) + len(repair.edits[-1].new)
    if new and not repair.message and all(repair.place <= each.place <= until for each in new):
        return len(after) <= len(before)
    rules = attrgetter("rule")
    return len(after) < len(before) and not Counter(map(rules, after)) - Counter(map(rules, before))


def _follows(diagnostic: Diagnostic, earlier: Diagnostic, root: Node) -> bool:
    """Whether a diagnostic is the same as an earlier one that was left open, or may be gone once that is mended."""
    is_again, of = earlier.rule == "duplicate-key", len(earlier.path)
    if about(diagnostic) == about(earlier) or (is_again and diagnostic.path[:of] == earlier.path):
        return True
    if isinstance(diagnostic, Refused) and diagnostic.lacks and (is_again or earlier.rule == "unknown-field"):
        return diagnostic.lacks == earlier.path[-1] or _may_be_lacking(diagnostic, earlier, root)
    return is_again and diagnostic.rule == earlier.rule and of == 1


def _may_be_lacking(lacking: Refused, earlier: Diagnostic, root: Node) -> bool:
    """Whether a field that nobody can place, or is given again, is what its mapping lacks, by its value."""
    unplaced = fields(root.at(lacking.path[:-1])).get(str(earlier.path[-1]))
    asked = lacking.schema.get("properties", {}).get(lacking.lacks, {})
    is_meant = unplaced is None or unplaced.value is None or is_valid(asked, unplaced.value)
    return is_meant and lacking.path[:-1] == earlier.path[:-1]


def _left_open(diagnostic: Diagnostic, root: Node, text: str) -> tuple[Edit, ...]:
    """The edits that leave open what nobody knows how to mend, so that nothing more is said of it."""
    if not isinstance(diagnostic, Refused) or not diagnostic.path:
        return ()
    if diagnostic.rule == "missing-field" and len(diagnostic.path) == 2:
        return _opened(root.at(diagnostic.path), ["slug"])
    if diagnostic.rule in ("one-state", "endpoint-forbidden", "multi-proxy-state", "stage-state"):
        entry = root.at(diagnostic.path[:2])
        return _opened(entry, states_of(entry))
    if diagnostic.lacks or diagnostic.keyword not in ("type", "enum", "pattern", "maxLength", "maxItems"):
        return ()
    node = root.at(diagnostic.path)
    is_field = isinstance(diagnostic.path[-1], str)
    is_bare = node.place == node.end and is_field and text[: node.place].rstrip()[-1:] != ":"
    open_value = Edit(node.place, node.end, f"{': ' if is_bare else ' '}{UNREAD} x")
    return () if node.used_at is not None else (open_value,)


def _opened(entry: Node, names: Iterable[str]) -> tuple[Edit, ...]:
    """The edits that leave fields of an entry open, as far as they stand in it."""
    own = [fields(entry)[name] for name in names if name in fields(entry) and name not in entry.merged]
    return () if entry.used_at is not None else tuple(sorted(Edit(node.place, node.end, f"{UNREAD} x") for node in own))


def _marks(error: Any) -> tuple[int, int, bool]:
    """The offsets where the parser has failed, and where that began; whether it is in quotes or in brackets."""
    at = error.problem_mark.index if error.problem_mark else 0
    began = error.context_mark.index if error.context_mark else at
    return at, began, re.search("quoted|flow", error.context or "") is not None
