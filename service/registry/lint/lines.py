"""What is worth trying where lines cannot be read: the rows of repairs.yaml, by a pattern or by a condition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import takewhile
from typing import NamedTuple

from service.problems import Edit
from service.registry.lint.characters import BLANKS, INVISIBLE, describe, replace_look_alike
from service.registry.lint.nodes import LINE_BREAK, UNREAD
from service.registry.lint.vocabulary import read_repairs
from service.registry.schema import inlined, module_fields, removal_fields
from service.wording import quoted, shortened

#: What is longer is not looked at, in characters; and what is looked at of a file that may be another, in characters
#: and in lines.
_LONGEST, _LOOKED_AT, _MOST_LINES = 2_000, 20_000, 200
#: So many lines with the same mistake are one: whoever made it made it everywhere.
_EVERYWHERE = 5
_KEY = re.compile(r"[ \t-]*(?P<quote>[\"']?)(?P<key>[A-Za-z_][\w-]*)(?P=quote) *:(?=\s|$)")
_BLANK = re.compile(rf"[\s{BLANKS}{INVISIBLE}]*")
_LOOK_ALIKE = re.compile(rf"[{BLANKS}{INVISIBLE}]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'')
_CLOSING = {"[": "]", "{": "}"}


class Repair(NamedTuple):
    """Edits that are worth trying, and what is wrong if they help: the cheapest that leaves the least is the diagnosis.

    Offsets are those of the text that was looked at. `is_guess` says that they are a suggestion, and nothing to be done
    without a look. It is told at `place`, and what is wrong before `until` is the same mistake. A condition gives what
    the words of its row name, and the row gives the rest.
    """

    cost: float
    edits: tuple[Edit, ...]
    message: str = ""
    hint: str = ""
    rule: str = "syntax"
    is_guess: bool = False
    place: int = -1
    until: int = -1
    words: Mapping[str, object] = {}
    row: Row | None = None

    def of_all(self, lines: Lines) -> tuple[Edit, ...]:
        """The edits of all lines of a file that have the same, where they are many, or are to go: it is one mistake."""
        assert self.row is not None, "what is tried on lines is of the table"
        edits = self.row.on_all(lines)
        return edits if len(edits) >= (2 if self.row.line and self.row.new is None else _EVERYWHERE) else ()


class Style(NamedTuple):
    """In which columns most entries of a file have their dashes and their fields, counted from 0; how its lines end."""

    dash: int
    field: int
    eol: str

    @property
    def margin(self) -> str:
        """How an entry begins, up to its first field."""
        return f"{' ' * self.dash}-{' ' * (self.field - self.dash - 1)}"


_ENTRY = re.compile(r"^( *)-( +)(?:\{ *)?[\"']?slug[\"']? *:", re.MULTILINE)


def style_of(text: str) -> Style:
    """How most of the first entries are indented."""
    columns = Counter((len(dash[1]), len(dash[1]) + 1 + len(dash[2])) for dash in _ENTRY.finditer(text, 0, 100_000))
    return Style(*(columns.most_common(1)[0][0] if columns else (2, 4)), (LINE_BREAK.search(text) or ["\n"])[0])


@cache
def field_names() -> tuple[str, ...]:
    """Every key that a registry may have, the longest first."""
    parts = [inlined()["properties"], module_fields(), removal_fields()]
    for fields in parts:
        parts += [part["properties"] for part in fields.values() if "properties" in part]
    return tuple(sorted({name for part in parts for name in part}, key=lambda name: (-len(name), name)))


@dataclass(eq=False)
class Line:
    """One line of a text, without its break: which one it is, counted from 0, and where it begins."""

    number: int
    start: int
    text: str
    style: Style

    @property
    def end(self) -> int:
        """Where it ends, before its break."""
        return self.start + len(self.text)

    @cached_property
    def indent(self) -> int:
        """How many blanks of any kind it begins with."""
        return next(_BLANK.finditer(self.text)).end()

    @property
    def place(self) -> int:
        """Where its content begins."""
        return self.start + self.indent

    @cached_property
    def key(self) -> str:
        """The key that it begins with, a dash aside; empty if it has none."""
        match = _KEY.match(self.text)
        return match["key"] if match else ""

    @property
    def bare(self) -> str:
        """The line with x for each text in quotes, and for each quote around one."""
        return _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), self.text)

    @property
    def is_blank(self) -> bool:
        """Whether it has no content, a comment aside."""
        return self.text[self.indent :][:1] in ("", "#")

    @property
    def is_item(self) -> bool:
        """Whether it begins with a dash."""
        return self.text[self.indent :].startswith("-")

    @cached_property
    def is_entry(self) -> bool:
        """Whether an entry begins on it."""
        has_dash = self.text.startswith(" " * self.style.dash + "- ") and self.key in field_names()
        return has_dash or re.match(r"\W{0,12}slug\W", self.text) is not None

    @property
    def is_top(self) -> bool:
        """Whether a field at the left margin begins on it."""
        return self.text[:1].isalpha() and self.key in inlined()["properties"]

    @property
    def begins(self) -> bool:
        """Whether an entry, or a field at the left margin, begins on it."""
        return self.is_entry or self.is_top

    def edit(self, start: int, end: int, new: str) -> Edit:
        """An edit from one column to another, counted from 0."""
        return Edit(self.start + start, self.start + end, new)


class Lines(list[Line]):
    """The lines of a text from one offset up to another."""

    def __init__(self, text: str, style: Style, start: int = 0, end: int | None = None) -> None:
        self.end = len(text) if end is None else min(end, len(text))
        breaks = [*LINE_BREAK.finditer(text, start, self.end)]
        starts, ends = [start, *(match.end() for match in breaks)], [*(match.start() for match in breaks), self.end]
        super().__init__(Line(n, a, text[a:b], style) for n, (a, b) in enumerate(zip(starts, ends, strict=True)))

    def at(self, offset: int) -> Line:
        """The line of an offset."""
        return next(line for line in reversed(self) if line.start <= offset)

    def opening(self, line: Line) -> int:
        """The number of the line with which an entry begins: in JSON, its brace stands above its first field."""
        return line.number - (line.number > 0 and self[line.number - 1].text.strip() in ("{", "- {", "[{"))

    def after(self, line: Line) -> int:
        """Where the line behind one begins."""
        return self[line.number + 1].start if line.number + 1 < len(self) else self.end

    def below(self, line: Line) -> Iterator[Line]:
        """Those below a line that have content."""
        return (each for each in self[line.number + 1 :] if not each.is_blank)

    def above(self, line: Line) -> Iterator[Line]:
        """Those above a line, from there on up."""
        return (self[number] for number in range(line.number - 1, -1, -1))

    def block(self, line: Line, is_deeper: bool) -> list[Line]:
        """Those below a line that belong to it: those that are deeper, or all up to the next entry."""
        least = line.indent if is_deeper else 0
        return [*takewhile(lambda lower: lower.indent > least and not lower.is_entry, self.below(line))]

    def replaced(self, line: Line, new: str | None) -> tuple[Edit, ...]:
        """The edits that make a line another one, as small as they may be; nothing removes it with its break."""
        if new is None:
            return (Edit(line.start, self.after(line), ""),)
        old, new = line.text, new.replace("\n", line.style.eol)
        head = _alike(old, new)
        tail = _alike(old[head:][::-1], new[head:][::-1])
        return (line.edit(head, len(old) - tail, new[head : len(new) - tail]),) if old != new else ()

    def without(self, some: Iterable[Line]) -> tuple[Edit, ...]:
        """The edits that take lines out."""
        return tuple(edit for line in some for edit in self.replaced(line, None))


def _alike(this: str, other: str) -> int:
    """With how many characters both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(this, other, strict=False)))


Condition = Callable[[Lines, Line], Iterator[Repair]]


@dataclass(frozen=True)
class Row:
    """A row of the table: a pattern with what stands in its place, or the name of a condition."""

    says: str
    hint: str = ""
    cost: float = 1.0
    line: str = ""
    new: str | None = None
    when: str = ""
    run: bool = False
    guess: bool = False
    rule: str = "syntax"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What it looks for on a line."""
        return re.compile(self.line.replace("{field}", f"(?:{'|'.join(field_names())})"))

    def repairs(self, lines: Lines, line: Line) -> Iterator[Repair]:
        """What it finds on a line, and on all others that have the same, where it may stand on many."""
        for repair in self._found(lines, line):
            if len(many := self.on_all(lines)) > len(repair.edits):
                yield self._told(repair._replace(edits=many, cost=repair.cost + 0.1))
            if repair.edits:
                yield self._told(repair)

    def on_all(self, lines: Lines) -> tuple[Edit, ...]:
        """Its edits on all lines that have what it looks for, if that is one mistake of theirs; else none."""
        some = lines if self.run and self.line[:1] in ("", "^") else ()
        return tuple(edit for line in some for repair in self._found(lines, line) for edit in repair.edits)

    def _found(self, lines: Lines, line: Line) -> Iterator[Repair]:
        if self.when:
            yield from _CONDITIONS[self.when](lines, line)
        elif match := self.pattern.search(line.text):
            dash = " " * (line.style.field - line.style.dash) if line.is_item else ""
            new = self.new and self.new.replace("{dash}", dash).replace("{entry}", line.style.margin)
            whole = new if new is None else self.pattern.sub(new, line.text, count=0 if self.run else 1)
            words = {name: shortened(value or "", 40) for name, value in match.groupdict().items()}
            yield Repair(0, lines.replaced(line, whole), words=words)

    def _told(self, repair: Repair) -> Repair:
        return repair._replace(
            cost=self.cost + repair.cost,
            place=repair.edits[0].start if repair.place < 0 else repair.place,
            is_guess=self.guess or repair.is_guess,
            message=self.says.format(**repair.words),
            hint=self.hint.format(**repair.words),
            rule=self.rule,
            row=self,
        )


@cache
def _rows(part: str) -> tuple[Row, ...]:
    return tuple(Row(**row) for row in read_repairs()[part])


def repairs(lines: Lines, first: int, last: int) -> Iterator[Repair]:
    """Everything that is worth trying on some lines, counted from 0."""
    for line in lines[first : last + 1]:
        if line.text.strip(" ") and len(line.text) <= _LONGEST:
            for row in _rows("lines"):
                yield from row.repairs(lines, line)


# -- Of a whole file ---------------------------------------------------------------------------------------------------


def foreign(text: str) -> tuple[str, str] | None:
    """What a file is, and what to do, where it is plainly another thing by how it begins."""
    rows = (row for row in _rows("files") if row.pattern.match(text[:_LOOKED_AT]))
    hint = "write modules: and below it an entry for each module, which begins with - slug:"
    return next(((row.says, row.hint or hint) for row in rows), None)


def wrapping(lines: Lines) -> list[Repair]:
    """What is wrong with the margin of many lines, or stands above them; else the conflicts that git has left."""
    looks = (_blank_margin, _preface, _heading, _conflicts)
    return next(filter(None, ([*look(lines)] for look in looks)), [])


def _blank_margin(lines: Lines) -> Iterator[Repair]:
    """Lines that are indented with what looks like spaces."""
    some = [repair for line in lines for repair in _margin(lines, line)]
    if len(some) >= _EVERYWHERE:
        sign, edits = some[0].words["called"], tuple(repair.edits[0] for repair in some)
        message = f"{len(some)} lines are indented with the invisible character {sign}, not with plain spaces"
        yield Repair(0, edits, message, "write plain spaces", place=edits[0].start)


_MODULES = re.compile(r"[\"']?modules[\"']?[ \t]*:")
_LIST = re.compile(r"[\"']?modules[\"']?[ \t]*:[ \t]*(?:[\[{#&!]|$)|\{")


def _preface(lines: Lines) -> Iterator[Repair]:
    """Text above the registry, such as the head of a mail."""
    first = next((line for line in lines[:_MOST_LINES] if _MODULES.match(line.text)), lines[0])
    above = [*takewhile(lambda line: not line.is_top, (line for line in lines[: first.number] if not line.is_blank))]
    if above and not re.match("---|%|`", above[0].text) and not any(line.is_entry for line in above):
        message = f"text that is no registry stands above it, lines {above[0].number + 1} to {above[-1].number + 1}"
        hint = "remove these lines, or begin each with #"
        yield Repair(0, lines.without(above), message, hint, is_guess=True, place=above[0].start)


def _heading(lines: Lines) -> Iterator[Repair]:
    """The line with modules:, which is lost, indented, or has a text beside it."""
    content = [line for line in lines if not line.is_blank]
    if not any(line.is_entry for line in content) or any(_LIST.match(line.text) for line in content):
        return
    for row in _rows("headings"):
        for line in content if row.run else content[:1]:
            if row.pattern.match(line.text):
                edits = lines.replaced(line, row.pattern.sub(row.new or "", line.text, count=1))
                yield Repair(0, edits, row.says, row.hint, place=line.place)
                return


_MARK = re.compile(r"[ \t]*(<{7}|\|{7}|={7}|>{7})(?: |$)")


def _conflicts(lines: Lines) -> Iterator[Repair]:
    """Conflicts, each with the side of whoever merged, to read on: which of them is right nobody here knows."""
    begin = middle = None
    for line in lines:
        sign = mark[1][0] if (mark := _MARK.match(line.text)) else ""
        if sign == "<":
            begin, middle = line, None
        elif sign in ("|", "="):
            middle = middle or line
        elif sign == ">" and begin and middle:
            edits = (*lines.without([begin]), Edit(middle.start, lines.after(line), ""))
            message = f"unresolved merge conflict, lines {begin.number + 1} to {line.number + 1}"
            hint = "keep one side, or both one after the other, and delete the lines with <<<<<<<, ======= and >>>>>>>"
            yield Repair(0, edits, message, hint, "merge-conflict", True, begin.start, edits[-1].end)
            begin = None


# -- Conditions of rows ------------------------------------------------------------------------------------------------


def _marker(lines: Lines, line: Line) -> Iterator[Repair]:
    """What is left of a conflict: lines that somebody has forgotten."""
    if _MARK.match(line.text):
        yield Repair(0, lines.without(each for each in lines if _MARK.match(each.text)))


_OF_DIFF = re.compile(r"@@|diff --git |index [0-9a-f]+\.\.|\+|\\ No newline")


def _diff(lines: Lines, line: Line) -> Iterator[Repair]:
    """A piece of a diff: its lines have a sign before them, or a blank where they stay as they were."""
    if not _OF_DIFF.match(line.text):
        return
    piece = [*takewhile(lambda each: each.text[:1] in " -+@" or _OF_DIFF.match(each.text), lines[line.number :])]
    signed = [number for number, each in enumerate(piece) if each.text[:1] not in ("", " ")]
    for last in sorted({*range(signed[-1], min(len(piece), signed[-1] + 5)), len(piece) - 1} - {0}):
        edits: list[Edit] = []
        for each in piece[: last + 1]:
            stays = each.text[:1] in (" ", "+", "") and not each.text.startswith("+++")
            edits += lines.replaced(each, each.text[1:] if stays else None)
        yield Repair(0, tuple(edits), place=line.start, until=piece[last].end, words={"number": last})


def _no_dash(lines: Lines, line: Line) -> Iterator[Repair]:
    """The first field of an entry, which lacks its dash."""
    above = next((upper for upper in lines.above(line) if upper.text.strip()), None)
    is_first = above is None or above.is_top or above.number < line.number - 1
    if is_first and line.key in module_fields() and not line.is_item:
        edits = lines.replaced(line, line.style.margin + line.text.strip())
        yield Repair(0, edits, place=line.place, words={"key": line.key})


def _invisible(_: Lines, line: Line) -> Iterator[Repair]:
    """Characters that are invisible, where YAML reads them as letters."""
    for signs in _LOOK_ALIKE.finditer(line.text):
        plain = "".join(map(replace_look_alike, signs[0]))
        words = {"called": describe(signs[0][0]), "do": "write plain spaces" if plain else "remove it"}
        yield Repair(0, (line.edit(signs.start(), signs.end(), plain),), words=words)


def _margin(lines: Lines, line: Line) -> Iterator[Repair]:
    """Such characters at the beginning of a line."""
    return (repair for repair in _invisible(lines, line) if repair.edits[0].start < line.place)


def _look_alike(_: Lines, line: Line) -> Iterator[Repair]:
    """Signs that look like one that YAML reads."""
    strange = {
        odd for odd in line.text if replace_look_alike(odd) != odd and not odd.isalpha() and not _LOOK_ALIKE.match(odd)
    }
    for odd in sorted(strange, key=line.text.index):
        places = [at for at, sign in enumerate(line.text) if sign == odd]
        edits = tuple(line.edit(at, at + 1, replace_look_alike(odd)) for at in places)
        yield Repair(0, edits, words={"sign": odd, "called": describe(odd), "plain": replace_look_alike(odd)})


def _tab(lines: Lines, line: Line) -> Iterator[Repair]:
    """Tabs in the indentation, in place of the column of the key."""
    if "\t" in line.text[: line.indent]:
        yield Repair(0, (line.edit(0, line.indent, " " * _columns(lines, line)[0] if line.text.strip() else ""),))


def _columns(lines: Lines, line: Line) -> list[int]:
    """The columns in which a line may belong, by its key."""
    style, key = line.style, line.key
    if line.is_item:
        is_entry = key in field_names() or line.text[line.indent + 1 :].strip()[:1] == "{"
        return [style.dash] if is_entry else [style.field + 2, style.field]
    if key in inlined()["properties"]:
        return [0]
    if key in module_fields() or key in removal_fields():
        return [style.field, style.field + 2]
    above = next((upper.indent + 2 for upper in lines.above(line) if not upper.is_blank), style.field)
    return [style.field + 2, style.field + 4, *([] if key in field_names() else [above])]


_BLOCK = re.compile(r"[:-] +[|>][-+1-9]*\s*(?:#.*)?$")


def _column(lines: Lines, line: Line) -> Iterator[Repair]:
    """A line, with those that belong to it, in another column."""
    if line.is_blank:
        return
    what = "the dash" if line.is_item else line.key or f"the line {quoted(line.text.strip(), 30)}"
    above = next((upper.text for upper in lines.above(line) if not upper.is_blank), "")
    is_guess = not (line.key or line.is_item) or bool(_BLOCK.search(above))  # below | or > it would be text
    for column in _columns(lines, line):
        by = column - line.indent
        do = f"indent it by {column} space{'s' * (column != 1)}" if column else "begin it at the left margin"
        words = {"what": what, "at": line.indent + 1, "column": column + 1, "do": do}
        for more, some in _belonging(lines, line):
            if by and all(each.indent >= -by for each in some):
                moved = (each.edit(0, max(0, -by), " " * by) for each in some[1:])
                edits = (line.edit(0, line.indent, " " * column), *moved)
                cost, until = more + 0.8 * line.is_item, some[-1].end
                yield Repair(cost, edits, is_guess=is_guess, place=line.place, until=until, words=words)


def _belonging(lines: Lines, line: Line) -> list[tuple[float, list[Line]]]:
    """What may have to move, each with what that costs: a line alone, items like it, and more and more below it."""
    deeper = lines.block(line, is_deeper=True)
    beside = takewhile(lambda lower: not lower.begins and lower.key not in module_fields(), lines.below(line))
    like = [lower for lower in beside if line.is_item and lower.is_item and lower.indent == line.indent]
    own = [*takewhile(lambda lower: lower.key not in module_fields(), deeper)]
    more = [(0.01, like), (0.02, own), (0.05, deeper), (0.15, lines.block(line, is_deeper=False))]
    return [(0.0, [line]), *((cost, [line, *some]) for cost, some in more if some)]


_VALUE = re.compile(r"\s*(?:- +)?(?P<key>[\"']?[\w-]+[\"']?) *: +(?P<value>(?![\[{](?!\{))[^\s#].*?)\s*(?:,\s*)?$")
_ALONE = re.compile(r"\s*- +(?P<key>)(?![\w\"']+ *:(?: |$))(?P<value>[^\s#\[{].*?)$")
_TEXT = re.compile(r"\b(?P<key>fr|en)[\"']?\s*:\s*(?P<value>.+?)(?=\s*,\s*[\"']?(?:fr|en)[\"']?\s*:|\s*\}[^{}]*$|\s*$)")
_ITEM = re.compile(r"(?<=[\[,]) *(?P<key>)(?P<value>[@`%&*!|>][^,\[\]{}]*|[^,\[\]{}\"']*: [^,\[\]{}]*)")

#: A text that may be meant otherwise than as all that stands there.
_DOUBTFUL = re.compile(r"^[^\w\"'(@`%|]|^\|[-+\d]*(?:\s+#.*)?$|\{\{|^([\"']).*\1\s*\S|^[^\"]*\"[^\"]*$")
#: What has its own quotes, or is followed by another field.
_IN_FLOW = re.compile(r"^[\"']|, *\w+ *: ")
#: What YAML reads as something else than text, on its own.
_NO_TEXT = re.compile(r"(?i:~|true|false|yes|no|on|off|null|[\d.]+)?")


def _unquoted(_: Lines, line: Line) -> Iterator[Repair]:
    """A text that cannot stand there without quotes, or in those that it has; where there are several, all of them."""
    for number, some in enumerate(_texts(line.text)):
        edits = tuple(line.edit(match.start("value"), match.end("value"), _in_quotes(match["value"])) for match in some)
        text, new = (some[0]["value"].strip(), edits[0].new) if some else ("", "")
        if not _NO_TEXT.fullmatch(text) and new not in (text, '""'):
            is_field = number == 0 or any(_IN_FLOW.search(match["value"].strip()) for match in some)
            why = next(row["why"] for row in read_repairs()["quotes"] if re.search(row["text"], text)).format(
                sign=text[:1]
            )
            words = {"key": some[0]["key"] or "an item", "why": why, "new": shortened(new, 120)}
            cost, is_guess = 0.15 if is_field else 0.05 * (len(some) - 1), _DOUBTFUL.search(text) is not None
            yield Repair(cost, edits, is_guess=is_guess, words=words)


def _texts(line: str) -> list[list[re.Match[str]]]:
    """What may be a text on a line: its value first, which may be none; each of several, all of them, and items."""
    whole, texts = _VALUE.match(line) or _ALONE.match(line), [*_TEXT.finditer(line)]
    plain = [text for text in texts if text["value"][0] != '"']
    return [[whole] if whole else [], *([text] for text in texts), plain[len(plain) == 1 :], [*_ITEM.finditer(line)]]


def _in_quotes(text: str) -> str:
    """A text in double quotes, in place of those around it."""
    bare = text.strip()
    if ended := re.fullmatch(r"([\"'])(?P<head>[^\"']*)\1(?P<tail> *[^\"']+)", bare):
        bare = ended["head"] + ended["tail"]
    for quote in "\"'":
        bare = bare.removeprefix(quote).removesuffix(quote)
    bare = bare.replace("''", "'") if text[:1] == "'" else bare
    return '"' + re.sub(r'(?<!\\)"', r"\"", bare) + '"'


def _unclosed(lines: Lines, line: Line) -> Iterator[Repair]:
    """A bracket that is opened on a line: closed at its end, or before a field, maybe instead of further on."""
    bare = line.bare
    last, names = len(line.text.rstrip(" ,")), re.compile(rf",?\s*[\"']?(?P<key>{'|'.join(field_names())})[\"']?\s*:")
    for opening, closing in _CLOSING.items():
        for at in _open(bare, opening):
            ends = [(last, "at the end of the line")]
            ends += [(field.start(), f"before {field['key']}") for field in names.finditer(line.text, at + 2)]
            for end, where in ends:
                edit = line.edit(end, end, f" {closing}" if opening == "{" and end == last else closing)
                words = {"opening": opening, "closing": closing, "where": where}
                is_cut = next(lines.below(line), None) is None  # the rest of the file may be lost
                yield Repair(0, (edit,), is_guess=is_cut, place=line.start + at, words=words)


def _open(bare: str, opening: str) -> list[int]:
    """Where brackets are opened that are not closed."""
    depth: list[int] = []
    for at, sign in enumerate(bare):
        if sign == opening:
            depth.append(at)
        elif sign == _CLOSING[opening] and depth:
            depth.pop()
    return depth


def _unopened(_: Lines, line: Line) -> Iterator[Repair]:
    """A bracket that closes nothing."""
    bare = line.bare
    for opening, closing in _CLOSING.items():
        if bare.count(closing) > bare.count(opening):
            for at in {bare.rindex(closing), bare.index(closing)}:
                yield Repair(0, (line.edit(at, at + 1, ""),), words={"closing": closing, "do": "remove it"})
            if value := _VALUE.match(line.text):
                edit = line.edit(value.start("value"), value.start("value"), opening)
                yield Repair(-0.1, (edit,), words={"closing": closing, "do": f"write {opening} before the value"})


def _open_quote(_: Lines, line: Line) -> Iterator[Repair]:
    """A quote that is opened and never closed: closed before a comma or a bracket, or at the end."""
    bare = line.bare
    for quote in "\"'":
        if bare.count(quote) % 2:
            at = bare.index(quote)
            ends = {comma.start() for comma in re.finditer(r"\s*[,\]}]", bare) if comma.start() > at + 1}
            for number, end in enumerate(sorted({*ends, len(line.text.rstrip(" ,}]"))})[:4]):
                yield Repair(number / 20, (line.edit(end, end, quote),), place=line.start + at, words={"sign": quote})
            yield Repair(0.2, (line.edit(at, at + 1, ""),), is_guess=True, words={"sign": quote})


def _misplaced(lines: Lines, line: Line) -> Iterator[Repair]:
    """An entry that stands where the list of modules has ended: it goes before the field at the left margin."""
    top = next((each for each in lines.above(line) if each.is_top and each.key != "modules"), None)
    if top is None or not line.is_entry or not line.is_item:
        return
    by, last = line.style.dash - line.indent, [line, *lines.block(line, is_deeper=True)][-1]
    moved = [
        (" " * by + each.text if by > 0 else each.text[-by:]).rstrip() for each in lines[line.number : last.number + 1]
    ]
    edits = (Edit(top.start, top.start, line.style.eol.join([*moved, "", ""])), Edit(line.start, lines.after(last), ""))
    yield Repair(0, edits, place=line.place, until=last.end, words={"key": top.key})


#: A field, and how many of them may be lost with a line.
_FIELD, _FEW = re.compile(r"\w[\"']?[ \t]*:(?=\s|$)"), 3


def _cut_off(lines: Lines, line: Line) -> Iterator[Repair]:
    """An entry that ends in the middle: nothing of it is read."""
    below = next(lines.below(line), None)
    begin = next((upper for upper in (line, *lines.above(line)) if upper.is_entry or upper.is_top), line)
    if begin.is_entry and (below is None or below.is_entry or below.is_top):
        what = "this entry" if below else "the file"
        edits, lost = (Edit(begin.start, lines.after(line), ""),), _loss(lines[begin.number : line.number + 1])
        yield Repair(lost, edits, place=(begin if below else line).start, words={"what": what})


def _loss(some: list[Line]) -> float:
    """What it costs to take lines away with what is wrong in them: many fields as much as mistakes that are left."""
    return 2.0 * max(0, sum(len(_FIELD.findall(each.text)) for each in some) - _FEW)


def _left_out(lines: Lines, line: Line) -> Iterator[Repair]:
    """A line that is left out, where nothing else helps: what it has said is open, as is what follows of the entry."""
    words, last = {"text": quoted(line.text.strip(), 40)}, [line, *lines.block(line, is_deeper=False)][-1]
    lost = _loss([line])
    for more, new in ((0.0, f"{' ' * line.style.field}{UNREAD} x: x"), (0.2, None)):
        yield Repair(lost + more, lines.replaced(line, new), place=line.place, until=last.end, words=words)


_CONDITIONS: dict[str, Condition] = {
    "a marker of a conflict": _marker,
    "a piece of a diff": _diff,
    "an entry without a dash": _no_dash,
    "an invisible character": _invisible,
    "a look-alike": _look_alike,
    "a tab": _tab,
    "an invisible margin": _margin,
    "another column": _column,
    "a text without quotes": _unquoted,
    "a bracket never closed": _unclosed,
    "a bracket never opened": _unopened,
    "a quote never closed": _open_quote,
    "an entry behind the list": _misplaced,
    "an entry cut off": _cut_off,
    "any line": _left_out,
}
