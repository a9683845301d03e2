"""What is wrong with the layout of one line: its dash, its key and the colon behind it, and its indentation.

Asked only of lines near a place where the parser has failed: each function gives a mistake that the line certainly
has, or None. `values` is about what follows the colon.
"""

from __future__ import annotations

import re

from service.problems import Edit
from service.registry.schema import module_fields
from service.registry.text.characters import BLANKS, INVISIBLE, called, meant
from service.registry.text.indentation import by_key, dash_indent, off_indent, tabs
from service.registry.text.lines import KEY, LONGEST, Line, Window, known_keys
from service.registry.text.mistakes import Mistake
from service.registry.text.no_anchor import ANCHOR
from service.registry.text.values import trouble
from service.wording import did_you_mean, quoted

_STRANGE = re.compile(f"[{BLANKS}{INVISIBLE}]")
_FIRST_KEY = re.compile(r"[ \t]*(?:-[ \t]*)?([\"']?)([A-Za-z_][\w-]*)\1[ \t]*:")
#: What people write for a colon: other signs, those of other alphabets too, but for quotes, and one before its blank.
_NO_SIGN = rf"\w\s\x00-\x7f{INVISIBLE}“”„«»‘’‚‹›″′＂＇｛［（"
_FOR_COLON = rf" *(?:=>?|:?=|->|[^{_NO_SIGN}]) *| *; *| +:(?=\S)"
_TORN_KEY = re.compile(r"(?P<quote>[\"'])(?P<key>\w+)(?::(?P=quote) +(?=\S)| *: *(?=(?P<value>(?P=quote))))")
_NO_COLON = re.compile(rf"([\"']?)([A-Za-z_][\w-]*)\1(?:({_FOR_COLON}|[ \t]+(?=\S)|(?=[\[{{\"']))|( *)$|(:)(?=\S))")
#: A directive that YAML takes.
_DIRECTIVE = re.compile(r"%(?:YAML[ \t]+1\.\d|TAG[ \t]+\S+[ \t]+\S+)[ \t]*(?:#.*)?$")
_MERGE = re.compile(r"<<(?P<sign>:?(?=\*)|[ \t]+(?=\*))\*(?P<name>[^\s,\[\]{}]+)[ \t]*(?:#.*)?$")
_BULLET = re.compile(r"[ \t]*([*•·+>|]|\d+[.)])[ \t]+(?P<quote>[\"']?)slug[\"']?[ \t]*:")
_COMMENT = re.compile(r"[ \t]*(<!--|//+|/\*+|--(?!-|[ ]*\w+:[ ])|;+|%+|'(?= ))")
#: How people begin what they say to each other.
_NOTE = re.compile(r"[A-Z]{2,}\b")
_TWO_DASHES = re.compile(r"[ ]*-(?: (-[ ]+)|(-)[ ]+)(?=slug *:)")
_TIGHT_DASH = re.compile(r"[ \t]*-(?=[\"']?(?P<key>\w+)[\"']? *:(?P<tight>(?=\S))?)")
_TIGHT_BRACE = re.compile(r"[ \t]*-(?=\{[ \t]*[\"']?slug[\"']? *:)")


def look_alike(window: Window, number: int) -> Mistake | None:
    """An invisible character, or one that looks like another, in the indentation, the dash, the key or the colon."""
    line = window.lines[number]
    text = line.text[:200]
    if text.isascii():
        return None
    plain = [meant(one) for one in text]
    found = _FIRST_KEY.match("".join(plain))
    indent = line.indent
    end = indent
    if found and found[2] in known_keys():
        length = 0
        for column, one in enumerate(plain):
            if length >= found.end():
                break
            length += len(one)
            end = column + 1
        while end < len(text) and _STRANGE.match(text[end]):
            end += 1
    strange = [column for column in range(end) if plain[column] != text[column]]
    if not strange:
        return None
    column = strange[0]
    one = text[column]
    edits = [Edit(line.start + at, line.start + at + 1, plain[at]) for at in strange]
    if plain[strange[-1]] == ":" and text[strange[-1] + 1 : strange[-1] + 2] not in ("", " "):
        edits[-1] = edits[-1]._replace(new=": ")
    elif plain[strange[-1]] == "-" and text[strange[-1] + 1 : strange[-1] + 2] not in ("", " "):
        edits[-1] = edits[-1]._replace(new="- ")
    if _STRANGE.match(one):
        where = "in the indentation" if column < indent else "beside the key"
        message = f"the invisible character {called(one)} stands {where}, where YAML takes only plain spaces"
        return Mistake(line.start + column, message, "write plain spaces", edits)
    message = f"{one} is {called(one)}, not the plain {plain[column]} that YAML reads"
    return Mistake(line.start + column, message, f"write {plain[column]}", edits)


def bullet(window: Window, number: int) -> Mistake | None:
    """A bullet of Markdown or of a text processor for the dash of an entry."""
    line = window.lines[number]
    found = _BULLET.match(line.text)
    if not found:
        return None
    at = line.start + found.start(1)
    sign = "a number" if found[1][0].isdigit() else found[1]
    edits = [Edit(at, line.start + line.text.index("slug") - len(found["quote"] or ""), "- ")]
    return Mistake(at, f"an entry begins with {sign}, not with a dash", "write - slug:", edits)


def tight_dash(window: Window, number: int) -> Mistake | None:
    """No blank between the dash and the key."""
    line = window.lines[number]
    found = _TIGHT_DASH.match(line.text)
    if found is None and (brace := _TIGHT_BRACE.match(line.text)):
        at = line.start + brace.end()
        return Mistake(at - 1, "there is no space after the dash", "write - {", [Edit(at, at, " ")])
    if not found or found["key"] not in known_keys():
        return None
    at = line.start + found.end()
    edits, hint = [Edit(at, at, " ")], f"write - {found['key']}:"
    message = "there is no space after the dash"
    if found["tight"] is not None:
        colon = line.start + line.text.index(":", found.end()) + 1
        edits.append(Edit(colon, colon, " "))
        message += f", and no space after the colon of {found['key']}"
        hint += f" {line.text[colon - line.start :].strip()[:40]}"
    return Mistake(at - 1, message, hint, edits)


def torn_key(window: Window, number: int) -> Mistake | None:
    """A key whose quotes are not where it ends: one is missing before the colon, or stands behind it."""
    line = window.lines[number]
    found = _TORN_KEY.match(line.text, line.first)
    if not found or found["key"] not in known_keys() or (line.has_dash and found["key"] != "slug"):
        return None
    quote, key, at = found["quote"], found["key"], line.start + found.start()
    if found["value"] and line.text.count(quote) != 3:
        return None
    where = "is not closed before the colon" if found["value"] else "is closed behind the colon"
    edits = [Edit(at, line.start + found.end(), f"{quote}{key}{quote}: ")]
    return Mistake(at, f"the quote of {key} {where}", f"write {quote}{key}{quote}:", edits)


def no_field_above(window: Window, number: int) -> Mistake | None:
    """A language that stands deeper than the field above it, which has a value already."""
    line, above = window.lines[number], window.above(number)
    if line.key not in ("fr", "en") or line.has_dash or above is None or above.key not in module_fields():
        return None
    value = above.text[above.value :]
    if above.first >= line.first or value[:1] in ("", "#", "|", ">", "&", "!") or trouble(above.text, above.value):
        return None
    message = f"{line.key} is indented deeper than {above.key} above it, which has a value of its own"
    return Mistake(line.start + line.indent, message, "write label: or description: above it, if that line is lost")


def no_colon(window: Window, number: int) -> Mistake | None:
    """A known key without a colon, or without the blank that makes a colon one."""
    line = window.lines[number]
    if KEY.match(line.text, line.first):
        return None
    if line.text.startswith("<<", line.first):
        return _no_colon_of_merge(window, number)
    found = _NO_COLON.match(line.text, line.first)
    if not found or found[2] not in known_keys():
        return None
    quote, key, sign, at_end, colon = found.groups()
    if quote and line.has_dash and key != "slug":
        return None  # an item of a list
    parent = window.parent(number) if key in ("fr", "en") and at_end is None and not colon else None
    if parent is not None and key in window.given(parent):
        return None  # a further line of a text in French
    want = window.indent_of(number, key)
    if not line.has_dash and line.first > (line.first if want is None else want) + 1:
        return None  # it may be a further line of the text above
    at, end = line.start + found.end(2) + len(quote), line.start + found.end()
    rest = line.text[found.end() :]
    if colon:
        message, hint = f"there is no space after the colon of {key}", f"write {key}: {rest[:40]}"
        return Mistake(at, message, hint, [Edit(end, end, " ")])
    if at_end is not None and not _has_more(window, number):
        return Mistake(line.start + line.first, f"{key} has neither a colon nor a value", f"write {key}: and a value")
    if sign and (shown := sign.strip()):
        shown = shown if shown.isascii() else f"{shown}, {called(shown)}"
        message = f"{key} is followed by {shown}, not by a colon"
        if shown == ":":
            message = f"there is a space before the colon of {key}, and none after it"
        return Mistake(at, message, f"write {key}: {rest[:40]}", [Edit(at, end, ": ")])
    new = ":" if at_end is not None else ": "
    hint = f"write {key}: {rest[:40]}".rstrip()
    may_be_french = key == "en" and not quote and rest[:1].isalnum()
    hint += ", or indent the line deeper if it belongs to the text above it" if may_be_french else ""
    return Mistake(at, f"there is no colon after {key}", hint, [Edit(at, end, new)], is_mended=not may_be_french)


def _no_colon_of_merge(window: Window, number: int) -> Mistake | None:
    """A merge of an entry, of something that has an anchor, without a colon or the blank behind it."""
    line, begin = window.lines[number], window.entry(number)
    found = _MERGE.match(line.text, line.first)
    if not found or begin is None or window.lines[begin].first != line.first:
        return None
    start, end = found.span("sign")
    what = "space after the colon of" if found["sign"] == ":" else "colon after"
    has_anchor = found["name"] in ANCHOR.findall(window.text)
    edits = [Edit(line.start + start, line.start + end, ": ")] if has_anchor else []
    return Mistake(line.start + start, f"there is no {what} <<", f"write <<: *{found['name']}", edits)


def _has_more(window: Window, number: int) -> bool:
    """Whether the lines below one are indented deeper, as what belongs to a key."""
    after = window.following(number)
    line = window.lines[number]
    return after is not None and (after.indent > line.indent or (line.indent == 0 and after.has_dash))


def no_dash(window: Window, number: int) -> Mistake | None:
    """An entry that begins without its dash, at or near the place of one."""
    line = window.lines[number]
    style = window.style
    if line.key != "slug" or line.has_dash or line.indent >= style.field:
        return None
    first = window.following(number)
    edits = []
    new = style.beginning
    if first is not None and first.indent == style.field and not first.has_dash:
        edits = [Edit(line.start, line.start + line.indent, new)]
    elif first is not None and first.indent == line.indent:
        moved = by_key(window.lines[number + 1 : window.entry_end(number)], style)
        edits = [Edit(line.start, line.start + line.indent, new), *moved] if moved else []
    slug = line.text[line.value :].strip()
    return Mistake(
        line.start + line.indent, "an entry begins here without its dash", f"write - slug: {slug[:64]}", edits
    )


def two_dashes(window: Window, number: int) -> Mistake | None:
    """A dash more than an entry has."""
    line = window.lines[number]
    found = _TWO_DASHES.match(line.text)
    if not found:
        return None
    start, end = found.span(found.lastindex or 0)
    at = line.start + start
    return Mistake(at, "there is a dash too many", "write - slug:", [Edit(at, line.start + end, "")])


def _begins_document(window: Window, line: Line) -> bool:
    """Whether a line is the --- above everything, or a directive above that."""
    if not line.text.startswith("---") and not _DIRECTIVE.match(line.text):
        return False
    number = window.number(line.start)
    below = window.following(number) if line.text.startswith("%") else line
    is_begun = below is not None and below.text.partition(" #")[0].rstrip() == "---"
    above = window.lines[:number]
    return is_begun and window.lines[0].start == 0 and all(one.is_blank or one.text.startswith("%") for one in above)


def _is_stray(window: Window, line: Line) -> bool:
    if _begins_document(window, line):
        return False
    if line.is_blank or line.has_dash or KEY.match(line.text, line.first) or line.indent >= window.style.field:
        return False
    return line.text.strip()[0] not in "\"'[{}]" and len(line.text) <= LONGEST


def _is_note(window: Window, number: int) -> bool:
    """Whether a line with a colon says something to people: it is among entries, and begins like no key."""
    line = window.lines[number]
    if line.has_dash or not line.key or line.indent >= window.style.field or len(line.text) > LONGEST:
        return False
    below = window.following(number)
    is_alone = _NOTE.match(line.key) or below is None or window.begins_entry(below)
    if not is_alone or not line.text[line.value :].strip():
        return False
    if not line.indent and window.entry(number) is None:
        return False
    return not did_you_mean(line.key.lower(), known_keys(), 0.7)


def left_out(window: Window, number: int) -> Mistake | None:
    """Dots that stand for lines, as an example has them."""
    line = window.lines[number]
    dots = line.text.strip()
    if dots not in ("...", "…", "[...]", "(...)"):
        return None
    above = window.above(number)
    if above is not None and above.key and above.text[above.value :].strip() and line.indent > above.first:
        return None  # a further line of a text
    edits = [Edit(line.start, line.end, "")]
    message = f"{dots} stands for lines that were left out"
    return Mistake(line.start + line.indent, message, "write them, or remove the line", edits, is_mended=False)


def stray_text(window: Window, number: int) -> Mistake | None:
    """A line that is neither a field, nor an entry, nor a comment."""
    line = window.lines[number]
    text = line.text.strip()
    if not _is_stray(window, line) and not _is_note(window, number):
        return None
    if text.startswith("%YAML"):
        message, edits = "a directive such as %YAML stands above a line with ---", [Edit(line.start, line.end, "")]
        return Mistake(line.start, message, "remove it: a registry needs none", edits)
    if found := _COMMENT.match(line.text):
        at, end = line.start + found.start(1), line.start + found.end(1)
        edits = [Edit(at, end, "#")]
        if line.text.rstrip().endswith("-->"):
            closing = line.start + line.text.rindex("-->")
            edits.append(Edit(closing, closing + 3, ""))
        return Mistake(at, f"a comment begins with #, not with {found[1]}", "write #", edits)
    if _NOTE.match(text):
        at = line.start + line.indent
        return Mistake(at, f"the line {quoted(text, 40)} begins no comment", "begin it with #", [Edit(at, at, "# ")])
    others = 0
    while number + others + 1 < len(window.lines) and _is_stray(window, window.lines[number + others + 1]):
        others += 1
    edits = [Edit(line.start, window.lines[number + others].end, "")]
    message = f"the line {quoted(text, 40)} is neither a field, nor an entry, nor a comment"
    hint = "begin it with # if it is a comment, or remove it"
    if others:
        those = "the one below it are" if others == 1 else f"the {others} below it are"
        message = f"the line {quoted(text, 40)} and {those} neither fields, nor entries, nor comments"
        hint = "begin them with # if they are comments, or remove them"
    return Mistake(line.start + line.indent, message, hint, edits, is_mended=False)


#: What is asked of a line, in this order; `items` between the two.
BEGINNING = (tabs, look_alike, bullet, tight_dash, torn_key, no_colon, no_dash)
LAYOUT = (two_dashes, dash_indent, no_field_above, off_indent, left_out, stray_text)
