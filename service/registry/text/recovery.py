"""A text that is no YAML: what is wrong with it one by one, and what is taken out so that the rest can be read."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from yaml.reader import Reader

from service.problems import Edit
from service.registry.text.characters import called
from service.registry.text.lines import LONGEST, Budget, Spent, Window, known_keys, top_keys
from service.registry.text.misreadings import Torn
from service.registry.text.no_anchor import ANCHOR
from service.registry.text.nodes import MAX_VALUES, Finding, SourceMap, said
from service.registry.text.patch import UNREAD, Pasted, Patch

if TYPE_CHECKING:
    from service.registry.text.mistakes import Mistake

#: So many syntax errors are told, at most: a file is read again without each, but for the last, as long as that is not
#: more than so many characters in all, or as many values as a file may have.
MOST_TOLD, _MOST_READ = 50, 4 * 1024 * 1024

#: Places with characters that are not allowed, and that are taken out, to read on.
_MOST_PLACES = 1_000

#: A code that sets colors in a terminal, whose end could be seen; and a line or a page break within a text.
_CODE = r"\x1b\[[0-9;]{0,20}[A-Za-z]"
_BLANKS = "\x0b\x0c"

_MODULES = re.compile(r"^[\"']?modules[\"']? *:", re.MULTILINE)


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
        self.values = 0
        """Values that were read the last time, the keys among them."""
        self.stopped: int | None = None
        """Where what cannot be read begins, up to the end, as an offset in the original."""
        self._has_failed = False
        self._budget = Budget()

    @property
    def text(self) -> str:
        """What can be read so far."""
        return self.patch.text

    @property
    def size(self) -> float:
        """How large it is: 1 if it has as many characters, or values, as a file may have."""
        return max(len(self.text) / _MOST_READ, self.values / MAX_VALUES)

    def may_go_on(self) -> bool:
        """Whether the text may be read once more. To be asked once for each time."""
        self.tries += 1
        return self.tries < MOST_TOLD and (self.tries == 1 or self.tries * self.size <= 1)

    def goes_on(self, error: Any) -> bool:
        """Tell what a yaml.MarkedYAMLError in `text` comes from; whether it is worth reading `text` again."""
        # Most of this room, and no file without a syntax error needs it.
        from service.registry.text.foreign import foreign
        from service.registry.text.preface import preface
        from service.registry.text.syntax import as_the_parser_says, explained

        if self.stopped is not None:
            return False
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
        try:
            mistake = explained(error, self.text, self._budget)
        except Spent:
            mistake, may_go_on = as_the_parser_says(error, self.text), False
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
        window = Window(self.text, at, at, Budget())
        left = self._field(window, window.number(at)) if earlier is None and not mistake.cut else None
        left = left or self._entry(window, window.number(at)) or self._key(window, window.number(at))
        if left is None or not may_go_on:
            is_open = error.context_mark is not None and ("flow" in error.context or "quoted" in error.context)
            rest = self._rest(window, min(at, error.context_mark.index) if is_open else at)
            self.stopped = self.patch.place(rest.start)
            until = "nothing else is checked until then"
            if can_read := self._can_read_before(window, rest):
                line = self._map.position(self.stopped)[0]
                until = f"the rest of the file, from line {line} on, is not checked until then"
            if earlier is None:
                self._tell(at, mistake.rule, mistake.message, f"{mistake.hint}; {until}")
            else:
                earlier.words = said(earlier.words()[0], f"{earlier.words()[1]}; {until}")
            if can_read:
                self.lost.update(ANCHOR.findall(self.text[rest.start :]))
                self.patch.apply([rest])
            return can_read
        if earlier is None:
            hint = mistake.hint
            if left.new.lstrip().startswith("- " + UNREAD):
                first, last = (self._map.position(self.patch.place(one))[0] for one in (left.start, left.end - 1))
                where = f"lines {first} to {last}" if last > first else f"line {first}"
                hint = f"{hint}; the rest of this entry, {where}, is not checked until then"
            self._tell(at, mistake.rule, mistake.message, hint)
        self.lost.update(ANCHOR.findall(self.text[left.start : left.end]))
        self.patch.apply([left])
        return True

    def _rest(self, window: Window, at: int) -> Edit:
        """An edit that gives up the rest of the text, from the entry around an offset on, or from its line."""
        number = window.number(at)
        begin = window.entry(number)
        new = "" if begin is None else f"{' ' * window.style.dash}- {UNREAD} x\n"
        return Edit(window.lines[number if begin is None else begin].start, len(self.text), new)

    def _can_read_before(self, window: Window, rest: Edit) -> bool:
        """Whether what comes before the rest can be checked: it has entries, none of which goes on there."""
        is_torn = not rest.new and window.lines[window.number(rest.start)].indent > 0
        has_entries = _MODULES.search(self.text, 0, rest.start) is not None
        return has_entries and not is_torn and self.tries * self.size <= 1

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

    def without_unprintable(self) -> None:
        """Take out rows of characters that YAML does not allow: one mistake. Where they are too many, all is over."""
        # Each of the last two as a class, of which a row takes no memory to find.
        rows = re.compile(f"(?P<code>{_CODE})|{Reader.NON_PRINTABLE.pattern}+|\N{BYTE ORDER MARK}+")
        found = list(islice(rows.finditer(self.text), _MOST_PLACES + 1))
        edits = [Edit(one.start(), one.end(), self._instead(one)) for one in found]
        what, others = called(found[0][0][0]), sum(1 if one["code"] else len(one[0]) for one in found) - 1
        what = f"code of a terminal, {what} {found[0][0][1:]}," if found[0]["code"] else f"character {what}"
        number = f"{others:,}" if len(found) <= _MOST_PLACES else f"more than {_MOST_PLACES:,}"
        where = f", here and at {number} other place{'' if others == 1 else 's'}" if others else ""
        message = f"the invisible {what} is not allowed{where}"
        hint = "write a space for it" if edits[0].new else "remove it"
        finding = self._tell(found[0].start(), "encoding", message, hint)
        if len(found) > _MOST_PLACES:
            self.is_over = True
            return
        made = self.patch.apply(edits)
        if self.text.strip():
            finding.fix = lambda: made
        else:
            finding.words = said(message, "there is nothing else in the file: bring back what it had")

    def _instead(self, found: re.Match[str]) -> str:
        """A blank for what parts words in other programs, where it does so here."""
        around = self.text[max(0, found.start() - 1) : found.start()], self.text[found.end() : found.end() + 1]
        return " " if set(found[0]) <= set(_BLANKS) and all(one.strip() for one in around) else ""

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
        from service.registry.text.pasted import pasted

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
            self.lost.update(ANCHOR.findall(self.text[edit.start : edit.end]))
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
        dash = window.style.beginning_at(want) if line.has_dash else " " * want
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
