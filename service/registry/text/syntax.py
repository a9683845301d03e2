"""Syntax errors in words for somebody who does not know YAML's, and what is taken out so that the rest can be read."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from service.problems import Edit
from service.registry.schema import module_fields
from service.registry.text.around import QUESTIONS
from service.registry.text.characters import called
from service.registry.text.foreign import foreign
from service.registry.text.lines import KEY, LONGEST, Window, known_keys, top_keys
from service.registry.text.misreadings import Torn
from service.registry.text.mistakes import Mistake, with_those_alike
from service.registry.text.nodes import Finding, SourceMap, said
from service.registry.text.pasted import UNREAD, Pasted, pasted
from service.registry.text.patch import Patch
from service.registry.text.preface import preface
from service.registry.text.quoting import bad_value, is_block_scalar
from service.wording import quoted

#: How often a file is read again, at most, without what could not be read: as long as that is not more than so many
#: characters in all.
_MOST_TRIES, _MOST_READ = 50, 4 * 1024 * 1024

#: Places with characters that are not allowed, and that are taken out, to read on.
_MOST_PLACES = 1_000

_ANCHOR = re.compile(r"&([^\s,\[\]{}]+)")
_OFF_MARGIN = re.compile(r"^( {1,8})(modules|legacy_features|removed) *:", re.MULTILINE)
_ITEM = re.compile(r"^ *- ", re.MULTILINE)
_NAME_OF_LIST = re.compile(r"^\W{0,3}modules\b", re.MULTILINE)


class Recovery:
    """A text whose syntax errors are told one by one, each taken out so that what is behind it can be read."""

    def __init__(self, text: str, source_map: SourceMap) -> None:
        self.patch = Patch(text)
        self.findings: list[Finding] = []
        self.lost: set[str] = set()
        """Anchors that stand in what was taken out."""
        self.is_over = False
        """Whether nothing can be read: the findings here are all that there is to say."""
        self._map = source_map
        self._told: dict[int, Finding] = {}
        """The finding of each line that has one."""
        self.tries = 0
        """How often more than once it was to be read."""
        self.stopped: int | None = None
        """Where reading stopped for good, as an offset in the original."""
        self._has_failed = False

    @property
    def text(self) -> str:
        """What can be read so far."""
        return self.patch.text

    def may_go_on(self) -> bool:
        """Whether the text may be read once more. To be asked once for each time."""
        self.tries += 1
        return self.tries <= min(_MOST_TRIES, max(1, _MOST_READ // (len(self.text) or 1)))

    def goes_on(self, error: Any) -> bool:
        """Tell what a yaml.MarkedYAMLError in `text` comes from; whether it is worth reading `text` again."""
        may_go_on = self.may_go_on()
        if not self._has_failed:
            self._has_failed = True
            if found := foreign(self.text):
                self.take_out(found)
                return may_go_on and not self.is_over
            some = self._take_out_pasted()
            if found := preface(self.text, lambda offset: self._map.position(self.patch.place(offset))[0]):
                self.take_out(found)
                some = True
            if some:
                return may_go_on and not self.is_over
        mistake = explained(error, self.text)
        line, at = self._map.position(self.patch.place(mistake.offset))[0], mistake.offset
        earlier = self._told.get(line)
        if earlier is not None and may_go_on and self._is_again(earlier, mistake):
            return True
        if earlier is not None:
            earlier.fix = tuple  # it was not enough
        elif mistake.edits and may_go_on:
            finding = self._tell(at, mistake.rule, mistake.message, mistake.hint)
            fix = () if self.patch.edits or mistake.fix is None else tuple(mistake.fix)
            edits = self.patch.apply(mistake.edits)
            if mistake.is_mended:
                finding.fix = lambda: edits if mistake.fix is None else fix
            return True
        window = Window(self.text, at, at)
        left = self._field(window, window.number(at)) if earlier is None and not mistake.cut else None
        left = left or self._entry(window, window.number(at)) or self._key(window, window.number(at))
        if left is None or not may_go_on:
            if earlier is None:
                self._tell(at, mistake.rule, mistake.message, mistake.hint)
            self.stopped = self.patch.place(at)
            return False
        if earlier is None:
            hint = mistake.hint
            if left.new.lstrip().startswith("- " + UNREAD):
                first, last = (self._map.position(self.patch.place(one))[0] for one in (left.start, left.end - 1))
                where = f"lines {first} to {last}" if last > first else f"line {first}"
                hint = f"{hint}; the rest of this entry, {where}, is not checked until then"
            self._tell(at, mistake.rule, mistake.message, hint)
        self.lost.update(_ANCHOR.findall(self.text[left.start : left.end]))
        self.patch.apply([left])
        return True

    def _is_again(self, earlier: Finding, mistake: Mistake) -> bool:
        """Whether a mistake is that of the same line again, further on: both are mended together then."""
        before = tuple(earlier.fix())
        if not before or not mistake.is_mended or not mistake.edits or earlier.words()[0] != mistake.message:
            return False
        if self.patch.place(mistake.edits[0].start) < before[-1].end:
            return False
        edits = (*before, *self.patch.apply(mistake.edits))
        earlier.fix = lambda: edits
        return True

    def without(self, unprintable: re.Pattern[str]) -> None:
        """Take out rows of characters that YAML does not allow: one mistake. Where they are too many, all is over."""
        found = list(islice(unprintable.finditer(self.text), _MOST_PLACES + 1))
        name, others = called(found[0][0][0]), sum(len(one[0]) for one in found) - 1
        number = f"{others:,}" if len(found) <= _MOST_PLACES else f"more than {_MOST_PLACES:,}"
        where = f", here and at {number} other place{'' if others == 1 else 's'}" if others else ""
        message = f"the invisible character {name} is not allowed{where}"
        finding = self._tell(found[0].start(), "encoding", message, "remove it")
        if len(found) > _MOST_PLACES:
            self.is_over = True
            return
        edits = self.patch.apply([Edit(one.start(), one.end(), "") for one in found])
        if self.text.strip():
            finding.fix = lambda: edits
        else:
            finding.words = said(message, "there is nothing else in the file: bring back what it had")

    def without_line(self, torn: Torn) -> None:
        """Take out a line of three dashes that tears a list into two documents."""
        hint = "remove the --- line: what follows belongs to the list above"
        finding = self._tell(torn.start, "second-document", "a second YAML document starts here", hint)
        edits = self.patch.apply([Edit(torn.start, torn.end, "")])
        finding.fix = lambda: edits

    def _tell(self, offset: int, rule: str, message: str, hint: str) -> Finding:
        place = self.patch.place(offset)
        finding = Finding(place, rule, said(message, hint))
        self.findings.append(finding)
        self._told.setdefault(self._map.position(place)[0], finding)
        return finding

    def _take_out_pasted(self) -> bool:
        """Tell what does not belong into the file by the way it came there, and take it out; whether there was any."""
        some = False
        for found in pasted(self.patch, lambda offset: self._map.position(offset)[0]):
            self.take_out(found)
            some = True
        return some

    def take_out(self, found: Pasted) -> None:
        """Tell something that does not belong into the file, and take it out of the text."""
        finding = self._tell(found.offset, found.rule, found.message, found.hint)
        self.is_over |= not found.edits
        for edit in found.edits:
            self.lost.update(_ANCHOR.findall(self.text[edit.start : edit.end]))
        edits = self.patch.apply(found.edits)
        if found.is_mended:
            finding.fix = lambda: edits

    def _field(self, window: Window, number: int) -> Edit | None:
        """An edit that leaves of a field with a known name nothing but the name."""
        line = window.lines[number]
        key = line.key or next(iter(re.findall(r"\w+", line.text[line.first : line.first + 60])[:1]), "")
        is_whole_entry = line.text[line.first : line.first + 1] == "{"
        if key not in known_keys() - top_keys() or len(line.text) > LONGEST or is_whole_entry:
            return None
        want = window.indent_of(number, key)
        if want is None:
            return None
        dash = " " * window.style.dash + "-" + " " * (want - window.style.dash - 1) if line.has_dash else " " * want
        end = window.lines[window.field_end(number) - 1].end
        return Edit(line.start, end, f"{dash}{key}: {UNREAD} x")

    def _entry(self, window: Window, number: int) -> Edit | None:
        """An edit that leaves of an entry nothing but its place in the list."""
        begin = window.entry(number)
        if begin is None:
            return None
        last = window.lines[window.entry_end(begin) - 1]
        line = window.lines[begin]
        new = f"{' ' * window.style.dash}- {UNREAD} x"
        is_taken_out = window.lines[begin].text.strip() == new.strip()
        return None if is_taken_out and last is line else Edit(line.start, last.end, new)

    def _key(self, window: Window, number: int) -> Edit | None:
        """An edit that leaves of a key of the file nothing but the name."""
        line = window.lines[number]
        if line.indent or line.key not in top_keys() - {"modules"} or UNREAD in line.text:
            return None
        return Edit(line.start, window.lines[window.field_end(number) - 1].end, f"{line.key}: {UNREAD} x")


def explained(error: Any, text: str) -> Mistake:
    """What a yaml.MarkedYAMLError in `text` comes from: a mistake of a line near where it says so, or itself."""
    at = min(error.problem_mark.index, len(text))
    begin = at
    if error.context_mark is not None and (error.context_mark.column or "flow" in error.context):
        begin = error.context_mark.index
    window = Window(text, begin, at)
    number = window.number(at)
    first = window.number(begin)
    start = window.entry(first - 1 if first == number else first) if first else None
    if start is None:
        start = max(0, first - 20)
    found = _first_mistake(window, min(start, number), number)
    cut = _cut_off(error, text, window, found.offset if found else None)
    if cut is not None and (found is None or found.offset >= window.lines[window.number(cut.offset)].start):
        return cut
    if found is not None:
        return found
    if astray := _entry_astray(window, number):
        return astray
    if not _NAME_OF_LIST.search(text) and (item := _ITEM.search(text)):
        hint = "write modules: at the left margin, above the first entry"
        above = text[: item.start()].splitlines()
        is_first = all(not line.strip() or line.lstrip().startswith("#") for line in above)
        edits = [Edit(item.start(), item.start(), "modules:\n")] if is_first else []
        return Mistake(item.start(), "the list of modules has no name", hint, edits)
    if shifted := _OFF_MARGIN.search(text):
        key = shifted[2]
        message = f"{key} begins in column {len(shifted[1]) + 1}, and the keys of the file in column 1"
        edits = [Edit(shifted.start(1), shifted.end(1), "")]
        return Mistake(shifted.start(2), message, "begin it at the left margin", edits)
    return _as_the_parser_says(error, text, window)


def _entry_astray(window: Window, number: int) -> Mistake | None:
    """An entry that begins behind another key of the file than modules, or above it, with those that follow it."""
    line = window.lines[number]
    if line.key == "modules" and not line.indent:  # what comes before it is in the way
        number = next((index for index, one in enumerate(window.lines[:number]) if one.has_dash), number)
        line = window.lines[number]
    if not line.has_dash or line.key not in module_fields() or not _NAME_OF_LIST.search(window.text):
        return None
    keys = [other.key for other in window.lines[:number] if not other.indent and other.key in top_keys()]
    if keys[-1:] in (["modules"], ["removed"]) or (not keys and window.lines[0].start > 0):
        return None
    end = number + 1
    for index in range(number + 1, len(window.lines)):
        other = window.lines[index]
        if not other.indent and other.key in top_keys():
            break
        end = index + 1 if not other.is_blank else end
    where = f"below {keys[-1]}" if keys else "above modules"
    message, hint = f"an entry begins here, {where}", "move it, with its fields, to the others under modules:"
    edits = [Edit(line.start, window.lines[end - 1].end, "")]
    return Mistake(line.start + line.indent, message, hint, edits, is_mended=False)


_FRENCH, _ENGLISH = (re.compile(rf"\b{name}[\"']?[ \t]*:") for name in ("fr", "en"))
_WHAT = {'"': "text in quotes", "'": "text in quotes", "[": "list in brackets", "{": "mapping in braces"}
_CUT = "was the rest of the file lost? Bring it back, or close what is open"


def _cut_off(error: Any, text: str, window: Window, opened: int | None) -> Mistake | None:
    """The end of the file inside of something that is open there, which most likely is not where it ended once.

    That is so where the last line has no end, or is text in French without the English one. `opened` is where the
    lines themselves have something that is not closed.
    """
    end = len(text.rstrip())
    is_near = error.problem_mark.index >= end > window.lines[0].start and window.lines[-1].end >= len(text)
    if not is_near:
        return None
    last = window.number(end - 1)
    is_whole = text[-1] in "\r\n"
    at = error.context_mark.index if error.context_mark is not None else end
    if at >= end and opened is not None:
        at = opened
    what = _WHAT.get(text[at : at + 1])
    if what is None:
        line = window.lines[last]
        if is_whole or not line.text.strip() or KEY.match(line.text, line.first):
            return None
        message = f"the file ends in the middle of a line, {quoted(line.text.strip(), 40)}"
        return Mistake(line.start + line.indent, message, "was the rest of the file lost? Bring it back", cut=True)
    first = window.number(at)
    if any(line.key in known_keys() for line in window.lines[first + 1 : last + 1]):
        return None
    value = text[window.lines[first].start : end]
    if is_whole and (not _FRENCH.search(value) or _ENGLISH.search(value)):
        return None
    return Mistake(at, f"the file ends inside the {what} that opens here", _CUT, cut=True)


def _first_mistake(window: Window, first: int, last: int) -> Mistake | None:
    """The mistake of the first of these lines that has one."""
    index = first
    while index <= last:
        line = window.lines[index]
        if (line.is_blank and "\t" not in line.text[: line.indent]) or len(line.text) > LONGEST:
            index += 1
            continue
        for asked in QUESTIONS:
            if found := asked(window, index):
                return with_those_alike(asked, window, index, found)
        found, end = bad_value(window, index, len(window.lines))
        if found:
            return found
        if is_block_scalar(line):
            end = window.field_end(index) - 1
        index = end + 1
    return None


def _as_the_parser_says(error: Any, text: str, window: Window) -> Mistake:
    """The parser's own words, where the lines around say no more."""
    mark, context = error.problem_mark, error.context_mark
    problem = (error.problem or "").strip()
    offset = min(mark.index, len(text))
    at = text[offset : offset + 1]
    if "end of stream" in problem and "quoted" in (error.context or ""):
        return Mistake(context.index, "a quote is opened here and never closed", "close it on the same line")
    if at == "\t" or "tab character" in problem:
        return Mistake(offset, "a tab is used where YAML wants spaces", "indent with spaces")
    if problem.startswith("mapping values are not allowed"):
        hint = "put text that contains a colon in quotes, and check the indentation"
        return Mistake(offset, "not valid YAML: a colon is not allowed here", hint)
    if problem.startswith("found character that cannot start"):
        return Mistake(offset, f"not valid YAML: unquoted text cannot begin with {at}", "put it in quotes")
    if problem.startswith("could not find expected ':'") and context is not None:
        line = window.lines[window.number(context.index)]
        message = f"the line {quoted(line.text.strip(), 40)} has no colon with a space behind it"
        return Mistake(context.index, message, "write a field as name: value, and begin a comment with #")
    if "flow" in (error.context or "") and (one := text[context.index : context.index + 1]) in ("[", "{"):
        message = f"the {one} opened here is never closed, or a comma is missing behind it"
        return Mistake(context.index, message, f"close it with {']' if one == '[' else '}'}, with commas between")
    if problem.startswith("did not find expected"):
        message = "not valid YAML: the text before this place ends too early, or the indentation changes"
        hint = 'put text with an apostrophe, a colon or a # in double quotes, such as "L\'annonce"'
        return Mistake(offset, message, hint)
    hint = f"it happened {error.context} that begins on line {context.line + 1}" if error.context and context else ""
    return Mistake(offset, f"not valid YAML: {problem}", hint)
