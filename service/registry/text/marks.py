"""What stands around the key of a line and is no part of it: the number of the line, a sign of Markdown, a line break.

Each is taken away, and the field stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from service.problems import Edit
from service.registry.schema import module_fields, removal_fields
from service.registry.text.bad_value import BLOCK_SCALAR
from service.registry.text.lines import KEY, LONGEST, Line, Window, known_keys
from service.registry.text.mistakes import Mistake, here_and_below
from service.wording import pluralized

_NUMBERED = re.compile(r"[ \t]*(?P<number>\d{1,6})(?:[ \t]*[:|│┃→]|\t|(?=[ ])|$)")
_KEY = re.compile(r"(?P<dash>- +)?([\"']?)(?P<key>\w+)\2 *:(?=\s|$)")
_SIGN = re.compile(
    r"(?P<before>[ \t]*(?:-[ ]*)?)(?P<sign>[\]})@=~^|:<>]{1,3}|\*\*|\d{1,4}(?= +-))(?P<after>[ ]*(?:- +)?)"
    r"(?P<quote>[\"']?)(?P<key>\w+)(?P<quoted>[\"']?) *:(?=\s|$)"
)
#: Signs that programs put before each line that they quote, or show.
_QUOTING = (">", "|")
#: A key whose value is the text below it.
_OPENS_TEXT = re.compile(rf":[ \t]+{BLOCK_SCALAR.pattern}")
_STYLED = re.compile(r"[ \t]*(?:- +)?(?P<sign>\*{1,3}|__|`)(?P<key>[A-Za-z]\w*?)(?P<colon>:?)(?P=sign) *(?P<after>:?)")


def numbered_lines(window: Window, number: int) -> Mistake | None:
    """Lines with their numbers in front of them, as an editor, a terminal or a page shows them."""
    found = _NUMBERED.match(window.lines[number].text)
    too_many = _too_many(window, window.lines[number].text[found.end() :]) if found else None
    if not found or too_many is None:
        return None
    edits: list[Edit] = []
    those = 0
    for want, line in zip(count(int(found["number"])), window.lines[number:], strict=False):
        one = _NUMBERED.match(line.text) if len(line.text) <= LONGEST else None
        if not one or int(one["number"]) != want:
            break
        rest = line.text[one.end() :]
        if rest.strip() and rest[:too_many].strip(" "):
            break
        edits.append(Edit(line.start, line.start + min(one.end() + too_many, len(line.text)), ""))
        those += 1
    at = window.lines[number].start + found.start("number")
    where = (
        f"this line and {pluralized(those - 1, 'line')} below it begin with their" if those > 1 else "this line has its"
    )
    message = f"{where} numbers, which were copied as well" if those > 1 else f"{where} number before it"
    hint = "take the number away from each line, and leave the rest" if those > 1 else "take the number away"
    return Mistake(at, message, hint, edits)


def _too_many(window: Window, rest: str) -> int | None:
    """How many blanks there are behind the number of a line before those that indent it; None if nobody knows."""
    begin = len(rest) - len(rest.lstrip(" "))
    found = _KEY.match(rest, begin)
    if not found or found["key"] not in module_fields().keys() | removal_fields().keys():
        return None
    by = begin - (window.style.dash if found["dash"] else window.style.field)
    return by if by >= 0 else None


def styled_key(window: Window, number: int) -> Mistake | None:
    """The name of a field in bold, as Markdown writes it, or as code."""
    edits: list[Edit] = []
    first = _styled(window.lines[number])
    if first is None:
        return None
    begin = window.entry(number)
    end = number + 1 if begin is None else window.entry_end(begin)
    for line in window.lines[number:end]:
        found = _styled(line) if line.first == window.lines[number].first and len(line.text) <= LONGEST else None
        if found and found["sign"] == first["sign"]:
            edits += [Edit(line.start + start, line.start + end, "") for start, end in _signs(found)]
    sign, line = first["sign"], window.lines[number]
    what = "code" if sign == "`" else "bold" if len(sign) > 1 else "italics"
    those = "and others below it stand" if len(edits) > 2 else "stands"
    message = f"{first['key']} {those} between two {sign}, which is {what} in Markdown"
    return Mistake(line.start + first.start("sign"), message, f"write {first['key']}: without them", edits)


def _styled(line: Line) -> re.Match[str] | None:
    found = _STYLED.match(line.text)
    return found if found and found["key"] in known_keys() and found["colon"] + found["after"] == ":" else None


def _signs(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Where both signs begin and end."""
    yield found.span("sign")
    yield found.end("colon"), found.end("colon") + len(found["sign"])


def sign_before_key(window: Window, number: int) -> Mistake | None:
    """A sign in front of a field, or of the dash of an entry, or between that and the field.

    It may stand before the lines below as well, in the same column: then it goes from all of them.
    """
    line, style = window.lines[number], window.style
    found = _SIGN.match(line.text)
    if not found or found["key"] not in known_keys() or found["quote"] != found["quoted"]:
        return None
    begins_item = "-" in found["before"] + found["after"]
    if found["sign"] in _QUOTING and found["key"] == "slug" and not begins_item:
        return None  # it stands in place of the dash
    at, dash = line.start + found.start("sign"), style.beginning
    want = dash if begins_item else " " * (window.indent_of(number, found["key"]) or 0)
    is_of_a_mail = found["sign"] in _QUOTING and not found["before"]
    if not want.strip() and not is_of_a_mail and len(want) not in (found.start("sign"), found.end("after")):
        return None
    edits = [Edit(line.start, line.start + found.end("after"), want)]
    if "-" not in found["before"]:
        content = found.end("after") - len(found["after"].lstrip(" "))
        edits += _signs_below(window, number, found, content - (style.dash if begins_item else len(want)))
    message = f"{found['sign']} stands before {found['key']}{here_and_below(len(edits))}"
    return Mistake(at, message, "remove it", edits)


def _signs_below(window: Window, number: int, first: re.Match[str], by: int) -> Iterator[Edit]:
    """The edits that take a sign away from the lines right below one, and move them `by` columns to the left.

    They end where nobody knows what the sign belongs to: below a key whose value may have it as text.
    """
    sign, above = first["sign"], window.lines[number].text
    for line in window.lines[number + 1 :]:
        rest = line.text[first.end("sign") :]
        if not line.text.startswith(first["before"] + sign) or len(line.text) > LONGEST or _OPENS_TEXT.search(above):
            return
        content = rest.lstrip(" ")
        indent = first.end("sign") + len(rest) - len(content) - by
        key = KEY.match(content.removeprefix("- "))
        if indent < 0 or not (sign in _QUOTING or (key and key[2] in known_keys())):
            return
        if key and key[2] in module_fields():
            dash, field = window.style
            if indent != (dash if content.startswith("- ") else field):
                return
        yield Edit(line.start, line.end - len(content), " " * indent if content else "")
        above = line.text


def colon_below(window: Window, number: int) -> Mistake | None:
    """The name of a field whose colon stands on the next line, with the value."""
    line = window.lines[number]
    key = line.text[line.first :].rstrip()
    below = window.lines[number + 1] if number + 1 < len(window.lines) else None
    if key not in known_keys() or below is None or below.text[below.indent : below.indent + 1] != ":":
        return None
    value = below.text[below.indent + 1 :].strip()
    edit = Edit(line.start + line.first + len(key), below.start + below.indent, "")
    message = f"the colon of {key} stands on the line below it"
    return Mistake(below.start + below.indent, message, f"write {key}: {value[:40]} on one line", [edit])


#: What is asked of a line, before anything is asked of its own layout.
MARKS = (numbered_lines, styled_key, sign_before_key, colon_below)
