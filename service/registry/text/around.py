"""What is wrong between two lines: what one begins does not go with what stands below it, or above."""

from __future__ import annotations

import re
from itertools import takewhile

from service.problems import Edit
from service.registry.schema import is_name
from service.registry.text.bad_value import is_block_scalar
from service.registry.text.blanks import as_html, on_empty_line
from service.registry.text.dashes import DASHES, dashed_fields, keyed_entry, list_astray
from service.registry.text.indentation import dash_indent, off_indent
from service.registry.text.items import item_indent, item_mark
from service.registry.text.layout import BEGINNING, LAYOUT, bullet, no_colon, tight_dash
from service.registry.text.lines import KEY, OPENED, Line, Window, inner_keys, known_keys, top_keys
from service.registry.text.marks import MARKS, colon_below, styled_key
from service.registry.text.misplaced import OWN_LIST, end_of_entries, moved, stand_below
from service.registry.text.mistakes import Mistake
from service.registry.text.values import trouble
from service.wording import quoted


def text_above_fields(window: Window, number: int) -> Mistake | None:
    """Text on the line of a mapping, such as `description`, or of a list of entries, with what belongs to it below."""
    line = window.lines[number]
    text, begin = line.text, line.value
    if line.key not in (*OPENED["{"], "modules", "removed") or text[begin : begin + 1] in (
        "",
        "{",
        "[",
        "|",
        ">",
        "&",
        "*",
        "!",
        "#",
    ):
        return None
    below = window.following(number)
    if trouble(text, begin) or below is None:
        return None
    is_part = window.begins_entry(below) if line.key in top_keys() else below.key in inner_keys()
    if not is_part or (below.indent <= line.first and not below.has_dash):
        return None
    value = text[begin:].partition(" #")[0].rstrip()
    what, hint = below.key, "remove the text, or put it into what stands below"
    if line.key in top_keys():
        what, hint = "the entries", "remove the text"
    message = f"{line.key} has the text {quoted(value, 40)} beside it, and {what} below it"
    place = begin + len(text[:begin].rstrip()) - len(text[:begin])
    edits = [Edit(line.start + place, line.start + begin + len(value), "")]
    return Mistake(line.start + begin, message, hint, edits, is_mended=False)


def text_not_indented(window: Window, number: int) -> Mistake | None:
    """Text below a > or |, which is not deeper than the key."""
    line = window.lines[number]
    below = window.following(number)
    if not line.key or not is_block_scalar(line) or below is None or not _is_text(window, line, below):
        return None
    sign = line.text[line.value]
    want = line.first + 2
    lines = list(takewhile(lambda one: _is_text(window, line, one), window.lines[window.number(below.start) :]))
    edits = [Edit(one.start, one.start + one.indent, " " * want) for one in lines]
    hint = f"indent it by {want} spaces"
    if line.text[line.value :].rstrip() in (">", "|"):  # which would end it with a line break, and no text has one
        at = line.start + line.value
        edits, hint = [Edit(at, at + 1, ">-"), *edits], f"{hint}, and write {line.key}: >-"
    message = f"the text below {line.key}: {sign} is not indented deeper than {line.key}"
    return Mistake(below.start + below.indent, message, hint, edits)


def text_goes_on(window: Window, number: int) -> Mistake | None:
    """Further lines of a text, or some other words, below it and not deeper."""
    line = window.lines[number]
    if line.key not in ("fr", "en") or not line.text[line.value :].strip() or trouble(line.text, line.value):
        return None
    below = window.following(window.field_end(number) - 1 if is_block_scalar(line) else number)
    if below is None or not _goes_on(window, line, below):
        return None
    first = below.text[below.indent]
    word, parent = _WORD.match(below.text), window.parent(number)
    if word and word[1] in ("fr", "en") and parent and word[1] not in window.given(parent):
        return None  # it has no colon
    if first in "[{}],'\"" or not (line.text[line.value].isalnum() or is_block_scalar(line)):
        return None
    want = line.first + 2
    lines = list(takewhile(lambda one: _goes_on(window, line, one), window.lines[window.number(below.start) :]))
    edits = [Edit(one.start, one.start + one.indent, " " * want) for one in lines]
    message = f"the line {quoted(below.text.strip(), 40)} is no field, nor deeper than the text of {line.key} above it"
    hint = f"indent it by {want} spaces if it belongs to that text, or begin it with # if it is a comment"
    return Mistake(below.start + below.indent, message, hint, edits, is_mended=False)


#: The first word of a line, behind whatever signs.
_WORD = re.compile(r"\W*(\w+)")


def _goes_on(window: Window, above: Line, line: Line) -> bool:
    """Whether a line goes on with a text: it begins where that does, or further left in small letters, and no field."""
    if not _is_text(window, above, line) or KEY.match(line.text, line.first):
        return False
    word = _WORD.match(line.text)
    is_left = line.text[line.indent].islower() and word and word[1] not in known_keys() - {"fr", "en"}
    return line.indent == above.first or bool(is_left)


def _is_text(window: Window, above: Line, line: Line) -> bool:
    """Whether a line below a key, but not deeper, is text."""
    is_key = KEY.match(line.text, line.first) is not None and (line.key in known_keys() or line.has_dash)
    return not line.is_blank and line.indent <= above.first and not is_key and not window.begins_entry(line)


def slug_without_key(window: Window, number: int) -> Mistake | None:
    """An entry that begins with its slug alone, above its fields."""
    line = window.lines[number]
    slug = line.text[line.first :].partition(" #")[0].rstrip()
    below = window.following(number)
    if not line.has_dash or line.key or not is_name(slug) or below is None:
        return None
    if below.indent != line.first or below.key not in ("category", "label"):
        return None
    at = line.start + line.first
    message = f"the entry begins with {slug}, without the name of the field"
    return Mistake(at, message, f"write - slug: {slug}", [Edit(at, at, "slug: ")])


def leading_comma(window: Window, number: int) -> Mistake | None:
    """A comma that begins a line where nothing is open."""
    line = window.lines[number]
    text = line.text[line.indent :]
    if not text.startswith(","):
        return None
    at = line.start + line.indent
    rest = text.lstrip(", ")
    key = KEY.match(rest)
    message = "the line begins with a comma, and nothing is open above it"
    if key and key[2] in known_keys():
        return Mistake(at, message, f"write {quoted(rest, 40)[1:-1]}", [Edit(at, at + len(text) - len(rest), "")])
    return Mistake(
        at, message, "remove the line, or the comma if it is a field", [Edit(at, line.end, "")], is_mended=False
    )


def below_another_key(window: Window, number: int) -> Mistake | None:
    """An entry of the modules at the end of the file, below a key of the file that has something else."""
    line = window.lines[number]
    if not line.has_dash or line.key != "slug":
        return None
    key = next((one for one in reversed(window.lines[:number]) if one.indent == 0 and one.key in top_keys()), None)
    if key is None or key.key == "modules":
        return None
    if key.key != "legacy_features" and key.text[key.value : key.value + 1] in ("", "#"):
        return None
    end = end_of_entries(window.text, line.start)
    entries = [one for one in window.lines[number:] if one.start < end and one.has_dash and one.key == "slug"]
    slug = line.text[line.value :].partition(" #")[0].strip()
    message, hint = stand_below(key.key, slug, len(entries))
    fix = moved(window.text, line.start, end)
    return Mistake(line.start + line.indent, message, hint, [Edit(line.start, line.start, OWN_LIST)], fix=fix)


#: What is asked of a line, in this order.
QUESTIONS = (
    below_another_key,
    on_empty_line,
    as_html,
    *MARKS,
    *DASHES,
    *BEGINNING,
    item_mark,
    item_indent,
    *LAYOUT,
    text_above_fields,
    text_not_indented,
    text_goes_on,
    slug_without_key,
    leading_comma,
)

#: Of these, many with the same mistake are one: whoever made it made it everywhere.
ALIKE = {
    *(bullet, tight_dash, no_colon, dash_indent, off_indent),
    *(dashed_fields, list_astray, keyed_entry, styled_key, colon_below),
}
