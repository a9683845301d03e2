"""Dashes of entries, of their fields and of lists: those that lack, that stand elsewhere, and those that are too many.

`mistakes` is about the layout of one line; here it is the lines around one that tell what was meant.
"""

from __future__ import annotations

import re
from functools import cache

from service.problems import Edit
from service.registry.schema import is_name, module_fields, removal_fields
from service.registry.text.bad_value import whole
from service.registry.text.indentation import by_key, shifted
from service.registry.text.lines import OPENED, Line, Window, known_keys, top_keys
from service.registry.text.misplaced import key_among_entries, left_of_its_name
from service.registry.text.mistakes import Mistake
from service.registry.text.patch import UNREAD
from service.registry.text.values import trouble

_EVERY = ("slug", "category", "label")
_LISTS = ("modules", "removed")

_NAME = re.compile(r" *([\"']?)(?P<name>[a-z]\w*)\1 *:(?P<rest>[ ]*(?:#.*|\{.*)?$)")
_SLUG = re.compile(r"\bslug[\"']? *:")
_FIRST_FIELD = re.compile(r"\{\s*[\"']?(\w+)[\"']?\s*:")
#: Items of one list above one that are looked at.
_MOST_ITEMS = 20

#: Any text that needs no quotes there, or has them.
_ITEM = re.compile(r"- +[^\s#{\[&*!|>]")


@cache
def _fields() -> frozenset[str]:
    """The fields of the entries of both lists."""
    return frozenset(module_fields().keys() | removal_fields().keys())


def _is_list(line: Line | None) -> bool:
    """Whether a line is the name of a list of entries."""
    return line is not None and line.indent == 0 and line.key in _LISTS and line.text[line.value :][:1] in ("", "#")


def _is_plain(line: Line) -> bool:
    """Whether nothing but spaces stands before what a line says: all else is a mistake of its own."""
    return not line.text[: line.indent].strip(" ")


def _is_in_a_list(window: Window, number: int) -> bool:
    """Whether an entry may begin at a line: behind another, or as the first of a list."""
    return window.entry(number - 1) is not None or _is_list(window.above(number))


def dashed_fields(window: Window, number: int) -> Mistake | None:
    """Fields of an entry that have a dash each, in the column where they stand without one."""
    if not window.lines[number].has_dash or window.lines[number].key not in _fields():
        return None
    begin = window.entry(number - 1)
    if begin is None or not window.lines[begin].key or not _is_dashed(window, number, window.lines[begin].first):
        return None
    column, end = window.lines[begin].first, window.entry_end(begin)
    those = [window.lines[index] for index in range(number, end) if _is_dashed(window, index, column)]
    edits = [Edit(one.start + one.indent, one.start + one.first, "") for one in those]
    message, hint = f"a dash stands before {those[0].key}, which is a field of the entry and no item", "remove the dash"
    if len(those) > 1:
        message = f"dashes stand before {those[0].key} and others below it, which are fields of the entry and no items"
        hint = f"remove these {len(those)} dashes"
    return Mistake(those[0].start + column, message, hint, edits)


def _is_dashed(window: Window, number: int, column: int) -> bool:
    """Whether a line is a field with a dash in a column, and not the first of several behind it."""
    line = window.lines[number]
    if not line.has_dash or line.indent != column or line.key not in _fields() - {"slug"} or not _is_plain(line):
        return False
    below = window.following(number)
    return below is None or below.has_dash or below.indent != line.first or below.key not in _fields()


def list_astray(window: Window, number: int) -> Mistake | None:
    """A list whose dashes stand further to the left than its name."""
    line, lines = window.lines[number], window.lines
    if line.indent >= window.style.field or not _is_item(line):
        return None
    upwards = window.with_content(range(number - 1, max(-1, number - _MOST_ITEMS), -1))
    above = next((one for _, one in upwards if not _is_item(one, line.indent)), None)
    if above is None or above.key not in OPENED["["] or above.text[above.value :].partition("#")[0].strip():
        return None
    if line.indent >= above.first:
        return None
    those = []
    for _, one in window.with_content(range(window.number(above.start) + 1, len(lines))):
        if not _is_item(one, line.indent):
            if not one.has_dash and one.key in _EVERY:
                return None  # the item may be an entry that has lost its `slug:`
            break
        those.append(one)
    edits = [Edit(one.start, one.start + one.indent, " " * (above.first + 2)) for one in those]
    words = left_of_its_name(above.key, above.first, line.indent, len(those))
    return Mistake(those[0].start + line.indent, *words, edits)


def _is_item(line: Line, indent: int | None = None) -> bool:
    """Whether a line may be an item of a list of names or words, indented like this."""
    is_item = line.has_dash and not line.key and _is_plain(line) and _ITEM.match(line.text, line.indent) is not None
    return is_item and indent in (None, line.indent)


def first_entry(window: Window, number: int) -> Mistake | None:
    """The first entry of a list without its dash, or without the line that has its dash and its slug."""
    line = window.lines[number]
    if line.has_dash or line.key not in _fields() or not _is_plain(line):
        return None
    if not _is_list(window.above(number)):
        return None
    end = window.entry_end(number)
    below = window.lines[number + 1 : end]
    if not any(window.begins_entry(one) for one in window.lines[end:]):
        return None
    at = line.start + line.indent
    if line.key == "slug" or any(one.key == "slug" and one.indent == line.indent for one in below):
        edits = [Edit(line.start, at, window.style.beginning)]
        if line.indent != window.style.field:
            moved = by_key(below, window.style)
            edits = [*edits, *moved] if moved or not below else []
        rest = line.text[line.indent :].rstrip()
        return Mistake(at, "the first entry begins here without its dash", f"write - {rest[:64]}", edits)
    keys = {one.key for one in (line, *below)}
    if not keys >= {"category", "label"}:
        return _above_its_slug(window, number, end)
    edits = [Edit(line.start, line.start, f"{window.style.beginning}slug: {UNREAD} x{window.break_at(number)}")]
    message = f"the first entry begins with {line.key}, without its dash and its slug"
    edits = edits if line.indent == window.style.field else []
    return Mistake(at, message, f"write - slug: and its name above {line.key}", edits, is_mended=False)


def _above_its_slug(window: Window, number: int, end: int) -> Mistake | None:
    """Fields of the first entry that stand above its slug."""
    lines = window.lines[number:end]
    slug = next(index for index in range(end, len(window.lines)) if not window.lines[index].is_blank)
    own = {one.key for one in window.lines[slug : window.entry_end(slug)]}
    if window.lines[slug].key != "slug" or own & {one.key for one in lines} or slug + 1 >= len(window.lines):
        return None
    begin, after = window.lines[number].start, window.lines[slug + 1].start
    moved = window.text[begin : window.lines[end].start]
    what = lines[0].key if len(lines) == 1 else f"{lines[0].key}, and what follows it,"
    message = f"{what} stands above the line with the slug of the first entry"
    edits = [Edit(begin, begin + len(moved), ""), Edit(after, after, moved)]
    return Mistake(begin + lines[0].indent, message, "move it below that line", edits)


def keyed_entry(window: Window, number: int) -> Mistake | None:
    """An entry below its slug, or in braces behind it, beside others that begin with a dash."""
    line, style = window.lines[number], window.style
    found = _NAME.match(line.text)
    if not found or line.indent >= style.field or not is_name(found["name"]) or found["name"] in known_keys():
        return None
    if not _is_in_a_list(window, number):
        return None
    begin = window.entry(number - 1)
    before = {one.key for one in window.lines[begin:number]} if begin is not None and window.lines[begin].key else set()
    if before and not before >= {"category", "label"}:
        return None  # it stands in the middle of another
    name, at = found["name"], line.start + line.indent
    message = "an entry begins with its slug and a colon, where the others have a dash"
    hint = f"write - slug: {name}"
    rest = line.text[line.value :]
    if rest.startswith("{"):
        first = _FIRST_FIELD.match(rest)
        if not first or first[1] not in module_fields() or first[1] == "slug" or trouble(line.text, line.value):
            return None
        edits = [Edit(line.start, line.start + line.value + 1, f"{' ' * style.dash}- {{ slug: {name},")]
        return Mistake(at, message, f"write - {{ slug: {name}, and the other fields behind it", edits)
    end = window.field_end(number)
    fields = window.lines[number + 1 : end]
    first_field = window.following(number)
    if first_field is None or not any(one.key in _EVERY for one in fields):
        return None
    edits = shifted(fields, style.field - first_field.indent) if first_field.indent != style.field else []
    if any(one.key == "slug" and one.indent == first_field.indent for one in fields):
        message = "an entry begins with a name and a colon, where the others have a dash"
        hint = f"write - {first_field.key}: for the first field below it, and remove this line"
        is_beside = first_field.indent == style.field
        edits = [Edit(line.start, first_field.start + first_field.indent, window.style.beginning)] if is_beside else []
        return Mistake(at, message, hint, edits)
    if edits or first_field.indent == style.field:
        edits = [Edit(line.start, line.start + found.start("rest"), f"{window.style.beginning}slug: {name}"), *edits]
    return Mistake(at, message, hint, edits)


def dashed_key(window: Window, number: int) -> Mistake | None:
    """A key of the file with the dash of an entry, in another column than those."""
    line = window.lines[number]
    if not line.has_dash or line.key not in top_keys() - {"modules"} or window.entry(number - 1) is None:
        return None
    words = key_among_entries(line.key)
    return Mistake(line.start + line.indent, *words, [Edit(line.start, line.start + line.first, "")])


def object_without_dash(window: Window, number: int) -> Mistake | None:
    """Objects of JSON that were pasted between entries, without a dash and with commas behind them."""
    line = window.lines[number]
    if line.text[line.indent : line.indent + 1] != "{" or not _is_in_a_list(window, number):
        return None
    edits, count, last = [], 0, number - 1
    for index, one in window.with_content(range(number, len(window.lines))):
        if index <= last:
            continue
        if one.text[one.indent : one.indent + 1] != "{" or one.indent > window.style.field:
            break
        text, last = whole(window, index, len(window.lines))
        found = trouble(text, one.indent)
        behind = text[found.at :].strip() if found else ""
        if behind not in ("", ",") or not _SLUG.search(text):
            break
        edits.append(Edit(one.start, one.start + one.indent, f"{' ' * window.style.dash}- "))
        if found:
            edits.append(Edit(one.start + found.at, one.start + found.at + 1, ""))
        count += 1
    if not count:
        return None
    those = "an object of JSON stands" if count == 1 else f"{count} objects of JSON stand"
    message = f"{those} between the entries, without the dash that begins an entry"
    hint = "write - before the {" if count == 1 else "write - before each {"
    if len(edits) > count:
        hint += ", and no comma behind the }"
    return Mistake(line.start + line.indent, message, hint, edits)


#: What is asked of a line, before anything is asked of its own layout.
DASHES = (dashed_fields, dashed_key, list_astray, first_entry, keyed_entry, object_without_dash)
