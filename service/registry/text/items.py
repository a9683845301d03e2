"""Items of a block list that begin with another sign than a dash and a blank, or in another column than the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from service.problems import Edit
from service.registry.text.lines import KEY, LONGEST, OPENED, Line, Window, known_keys
from service.registry.text.mistakes import Mistake, here_and_below
from service.registry.text.nodes import LINE_BREAK
from service.registry.text.rewriting import line_start
from service.wording import pluralized, shortened

#: What people write for the dash of an item and its blank: a bullet, a number, a longer dash, or a dash alone.
_MARK = r"(?:[•·◦‣▪●○–—−]|[*+](?=[ \t]|[^\W\d_])|\d{1,3}[.)](?=[ \t])|-(?=[^\W\d_]|[\"'])|-{2,3}(?=[ \t]))[ \t]*(?=\S)"
_BEGINNING = re.compile(rf"[ \t]*(?:(?P<dash>-(?=[ \t\r\n]|$))|(?P<mark>{_MARK})|(?=(?P<bare>\S)))")
#: An item that went on with what begins with one of them further down: what YAML hands on of it.
JOINED = re.compile(rf"\S (?:- |{_MARK})")
_ITEM = re.compile(r"- +[\"'\w][^:#]*(?<!\S)(?:#.*)?$|- +[\"'\w][^:#]*$")

#: Lines of one list that are looked at.
_MOST_LINES = 1_000
#: Lines above one that are looked at.
_MOST_LOOKED_AT = 200


class _Item(NamedTuple):
    """A line on which an item begins, or that goes on with one: its first column, and the mark in place of a dash."""

    start: int
    at: int
    mark: str
    has_dash: bool
    text: str

    @property
    def column(self) -> int:
        return self.at - self.start

    @property
    def end(self) -> int:
        """Where the item itself begins."""
        return self.at + len(self.mark)


def _items(text: str, begin: int, end: int) -> list[_Item]:
    """The lines with content from the beginning of one on to an offset; none where they are too many."""
    breaks = [one.span() for one in islice(LINE_BREAK.finditer(text, begin, end), _MOST_LINES + 1)]
    if len(breaks) > _MOST_LINES:
        return []
    found, start = [], begin
    for one in [*breaks, (end, end)]:
        item = _item(start, text[start : one[0]])
        if item is not None and not item.text.startswith("#"):
            found.append(item)
        start = one[1]
    return found


def _item(start: int, line: str) -> _Item | None:
    beginning = _BEGINNING.match(line)
    if not beginning or len(line) > LONGEST:
        return None
    mark, dash = beginning["mark"] or "", beginning["dash"]
    at = beginning.end() - len(mark) - len(dash or "")
    return _Item(start, start + at, mark, dash is not None, line[at + len(mark) :].rstrip())


class WrongItems(NamedTuple):
    """What is wrong with items that YAML reads as text: a place, words, and the edits that mend all of them."""

    offset: int
    message: str
    hint: str
    edits: Sequence[Edit]


def _words(wrong: Sequence[_Item]) -> tuple[str, str]:
    """What is wrong with items, of which the first is shown."""
    first = wrong[0]
    sign = first.mark.rstrip()
    if not sign:
        message = "an item of the list begins here without its dash"
    elif sign == "-":
        message = "there is no space after the dash of an item"
    else:
        message = f"an item begins with {'a number' if sign[0].isdigit() else sign}, not with a dash"
    return message + here_and_below(len(wrong)), f"write - {shortened(first.text, 64)}"


def _mended(items: Sequence[_Item], column: int) -> list[Edit]:
    """The edits that begin each item with a dash in a column."""
    return [Edit(one.start, one.end, f"{' ' * column}- ") for one in items]


def read_as_text(text: str, begin: int, end: int) -> WrongItems | None:
    """What is wrong with the items of a list that YAML reads as one text, which begins at an offset.

    None where these are no items: a text on the line of the name, or one that has commas.
    """
    items = _items(text, line_start(text, begin), end)
    if not items or items[0].at != begin:
        return None
    column = items[0].column
    wrong = [one for one in items if not one.has_dash and (one.mark or one.column <= column)]
    is_bare = not any(one.mark or one.has_dash for one in items)
    if is_bare and (len(items) == 1 or any("," in one.text for one in items)):
        return None
    moved = [one for one in items if one.has_dash and one.column != column]
    edits = _mended(wrong, column) + [Edit(one.start, one.at, " " * column) for one in moved]
    return WrongItems(wrong[0].at, *_words(wrong), sorted(edits))


def read_on(text: str, begin: int, end: int) -> WrongItems | None:
    """What is wrong with the items below one that begins at an offset, where YAML reads them as more of its text.

    None where it is no item of a block list, or goes on with text.
    """
    above = line_start(text, begin)
    if text[above:begin].strip(" ") != "-":
        return None
    dash = text[above:begin].index("-")
    items = [one for one in _items(text, above, end)[1:] if one.mark or one.has_dash]
    if not items:
        return None
    first, those = items[0], len(items)
    if any(one.mark for one in items):
        message, hint = _words([one for one in items if one.mark])
        edits = [Edit(one.start, one.end, f"{' ' * dash}{'' if one.has_dash else '- '}") for one in items]
        return WrongItems(first.at, message, hint, edits)
    edits = [Edit(one.start, one.at, " " * dash) for one in items]
    stand = "the dash stands" if those == 1 else f"{those} dashes stand"
    message = f"{stand} in column {first.column + 1}, and the one above in column {dash + 1}: YAML reads one text"
    hint = f"indent {'it' if those == 1 else 'them'} by {pluralized(dash, 'space')}"
    return WrongItems(first.at, message, hint, edits)


def item_mark(window: Window, number: int) -> Mistake | None:
    """An item that begins otherwise than with a dash and a blank, below one that does, or the name of a list."""
    line = window.lines[number]
    own = _item(line.start, line.text)
    above = window.above(number)
    if own is None or own.has_dash or line.key or above is None:
        return None
    if (key := KEY.match(own.text)) and key[2] in known_keys():
        return None  # an entry
    is_item = above.has_dash and not above.key
    if not is_item and not (own.mark and above.key in OPENED["["]):
        return None
    if not own.mark and above.indent != line.indent:
        return None
    column = above.indent if is_item else line.indent
    wrong = [own]
    for _, below in window.with_content(range(number + 1, len(window.lines))):
        one = _item(below.start, below.text)
        if one is None or (one.has_dash and not below.key):
            continue
        if below.key or not (one.mark or below.indent == line.indent) or below.indent < line.indent:
            break
        if not one.mark and re.split(r"\W", one.text, maxsplit=1)[0] in known_keys():
            break
        if bool(one.mark) == bool(own.mark):
            wrong.append(one)
    message, hint = _words(wrong)
    return Mistake(own.at, message, hint, _mended(wrong, column))


def item_indent(window: Window, number: int) -> Mistake | None:
    """The dash of an item that does not stand below that of the item above it, and those of the items around it."""
    line = window.lines[number]
    if not _is_item(line):
        return None
    those, above = [line], None
    for _, one in window.with_content(range(number - 1, max(-1, number - _MOST_LOOKED_AT), -1)):
        if not _is_item(one) or one.indent != line.indent:
            above = one
            break
        those.append(one)
    if above is None or not _is_item(above):
        return None
    those.reverse()
    for _, one in window.with_content(range(number + 1, len(window.lines))):
        if one.key in ("category", "label"):
            return None  # it begins an entry
        if not _is_item(one) or one.indent != line.indent:
            break
        those.append(one)
    edits = [Edit(one.start, one.start + one.indent, " " * above.indent) for one in those]
    message = f"the dash stands in column {line.indent + 1}, and the one above in column {above.indent + 1}"
    return Mistake(those[0].start + line.indent, message, f"indent it by {above.indent} spaces", edits)


def _is_item(line: Line) -> bool:
    """Whether a line is certainly an item of a list of names or words, and nothing else."""
    return line.has_dash and _ITEM.match(line.text, line.indent) is not None
