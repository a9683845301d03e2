"""What is wrong with the value of a line, which may go on over others."""

from __future__ import annotations

import re

from service.registry.text import brackets, plain_text, quotes
from service.registry.text.forms import another_form
from service.registry.text.lines import LONGEST, Line, Window, known_keys
from service.registry.text.mistakes import Mistake
from service.registry.text.one_value import Value
from service.registry.text.values import trouble

BLOCK_SCALAR = re.compile(r"[|>][+-]?\d?[+-]?[ \t]*(#.*)?$")
#: Lines that one value may go on over, when its end is looked for.
_MOST_LINES = 30

#: What tells each kind of trouble.
_TOLD = {
    "quote": quotes.quote,
    "after": quotes.after,
    "escape": quotes.escape,
    "bracket": brackets.bracket,
    "mismatch": brackets.mismatch,
    "closed": brackets.closed,
    "comma": brackets.comma,
    "commas": brackets.commas,
    "colon": plain_text.colon,
    "start": plain_text.start,
}


def is_block_scalar(line: Line) -> bool:
    """Whether the lines below, as far as they are deeper, are text."""
    return BLOCK_SCALAR.match(line.text[line.value :]) is not None


def whole(window: Window, number: int, end: int) -> tuple[str, int]:
    """A line and those that its value goes on over, as one, and the index of the last; breaks are blanks in it."""
    line = window.lines[number]
    text, last = line.text, number
    at = line.value
    while (
        (found := trouble(text, at)) and found.kind in ("bracket", "quote") and last + 1 < min(end, len(window.lines))
    ):
        following = window.lines[last + 1]
        if last - number >= _MOST_LINES or len(text) > LONGEST or not _is_deeper(following, line):
            break
        if following.key in known_keys() and not (found.kind == "bracket" and found.inside == "{"):
            break
        if window.begins_entry(following):
            break
        if found.comment is not None:
            if not text[found.comment :].isascii() or _closes(text[found.comment :]):
                break
            text = text[: found.comment] + " " * (len(text) - found.comment)
        text += " " * (following.start - line.start - len(text)) + following.text
        last += 1
    return text, last


def _is_deeper(line: Line, than: Line) -> bool:
    """Whether a line may go on with the value of another; a bracket may be closed below its key."""
    return line.indent > than.indent or (line.indent == than.indent and line.text[line.indent :][:1] in ("]", "}"))


def _closes(comment: str) -> bool:
    return any(one in comment for one in "]}")


def bad_value(window: Window, number: int, end: int) -> tuple[Mistake | None, int]:
    """What is wrong with the value of a line, and the index of the last line that it goes on over."""
    line = window.lines[number]
    begins = ("{", "[", '"', "'", *("@`%*" if line.has_dash else ""))
    if len(line.text) > LONGEST or (not line.key and line.text[line.first : line.first + 1] not in begins):
        return None, number
    text, last = whole(window, number, end)
    found = trouble(text, line.value)
    if found is not None and window.is_json:
        if found.kind == "after" and not line.key and text[found.at] in ",]}":
            return None, last  # of one of several
        if found.kind == "bracket" and (last - number >= _MOST_LINES or len(text) > LONGEST):
            return None, number  # it may be closed further below
    if found is None or (found.kind == "quote" and last == number and _goes_on(window, number)):
        return None, last
    return another_form(window, number, text, found) or _TOLD[found.kind](Value(window, number, text, found)), last


def _goes_on(window: Window, number: int) -> bool:
    """Whether the next line is deeper and no field, so that it may be more of the same text."""
    line = window.lines[number]
    following = window.lines[number + 1] if number + 1 < len(window.lines) else None
    return following is not None and following.indent > line.indent and not following.key
