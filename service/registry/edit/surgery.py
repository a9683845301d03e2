"""Edits of one mapping or list of a text: a field or an item more, or less, and other scalars."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from service.problems import Edit
from service.registry.edit.pieces import (
    Piece,
    content,
    dash,
    line_break,
    line_end,
    line_start,
    next_line,
)
from service.registry.text.nodes import LINE_BREAK

_COMMA = re.compile(r"\s*,[ \t]*")
_MOST_BLANK_LINES = 10
_LAST_BREAK = re.compile(r"\r?\n\Z|\r\Z")


def replaced(text: str, value: Piece, new: str) -> Edit:
    """Another scalar in the place of one, whose anchor stays."""
    start = content(text, value)
    blank = "" if start == 0 or text[start - 1].isspace() or text[start - 1] in "[{," else " "
    return Edit(start, value.end, blank + new)


def field_added(text: str, mapping: Piece, after: str, lines: list[str]) -> Edit:
    """A field behind another one. `lines` are as if they began at the left margin; between braces there is only one."""
    value = next(value for key, value in mapping.fields if key.text == after)
    if mapping.flow:
        return Edit(value.end, value.end, f", {lines[0]}")
    key = mapping.fields[0][0]
    margin = line_break(text) + " " * (key.start - line_start(text, key.start))
    at = line_end(text, value.end)
    return Edit(at, at, "".join(margin + line for line in lines))


def fields_removed(text: str, mapping: Piece, names: Collection[str]) -> list[Edit] | None:
    """Fields go, with the lines that are their own; None where they share them in a way that is not foreseen."""
    gone = [number for number, (key, _) in enumerate(mapping.fields) if key.text in names]
    if mapping.flow:
        return _cut(text, [(key.start, value.end) for key, value in mapping.fields], gone)
    edits = []
    for number in gone:
        key, value = mapping.fields[number]
        start, end = line_start(text, key.start), next_line(text, value.end)
        if text[start : key.start].strip(" "):  # it is the first of an item, behind the dash
            if number + 1 in gone or number + 1 == len(mapping.fields):
                return None
            following = mapping.fields[number + 1][0].start
            if text[end:following].strip(" "):
                return None
            start, end = key.start, following
        edits.append(Edit(start, end, ""))
    return edits


def items_added(text: str, listed: Piece, number: int, items: Sequence[list[str]], before: bool = False) -> Edit:
    """Items of which the first becomes the one of that number, with as many blank lines around them as others have.

    They come right behind the item before them, or, if asked, right before the other: comments may be between the two.
    Each has lines as if they began at the left margin; between brackets there is only one.
    """
    if listed.flow:
        comma = _between(text, listed) if listed.items else ", "
        added = comma.join(line for (line,) in items)
        if not listed.items:
            end = listed.end - 1
            inside = text[content(text, listed) + 1 : end]
            return Edit(end - len(inside), end, added + inside.strip(" "))
        if number:
            at = listed.items[number - 1].end
            behind = _COMMENT_BEHIND.match(text, at)
            if behind and "\n" in comma.replace("\r", "\n"):  # it stays with the item that it stands behind
                return Edit(at, behind.end(), f",{behind[2]}{comma[1:]}{added}{behind[1]}")
            return Edit(at, at, comma + added)
        at = listed.items[0].start
        return Edit(at, at, added + comma)
    neighbour = number if before or not number else number - 1
    at = dash(text, listed, neighbour)
    margin = " " * (at - line_start(text, at))
    newline, apart = line_break(text), line_break(text) * blank_lines(text, listed)
    if neighbour == number:
        at = line_start(text, at)
        return Edit(at, at, "".join("".join(margin + line + newline for line in lines) + apart for lines in items))
    at = end_of_item(text, listed, neighbour)
    return Edit(at, at, "".join(apart + "".join(newline + margin + line for line in lines) for lines in items))


#: Behind an item in brackets: a comma, or none, and a comment.
_COMMENT_BEHIND = re.compile(r"(,?)([ \t]+#[^\r\n]*)")


def _between(text: str, listed: Piece) -> str:
    """What is between the items of a list in brackets: a comma, and maybe a line break and a margin.

    Where no two items tell, each has a line of its own if the first one has.
    """
    for one, other in zip(listed.items, listed.items[1:], strict=False):
        if re.fullmatch(r",\s+", between := text[one.end : other.start]):
            return between
    first = listed.items[0].start
    margin = line_start(text, first)
    if margin > content(text, listed) and not text[margin:first].strip(" "):
        return f",{line_break(text)}{text[margin:first]}"
    return ", "


def item_removed(text: str, listed: Piece, number: int) -> Edit:
    """An item goes, with its comments: those in it, and those right above it that stand above nothing else."""
    if listed.flow:
        return _cut(text, [(item.start, item.end) for item in listed.items], [number])[0]
    start = line_start(text, dash(text, listed, number))
    end = next_line(text, end_of_item(text, listed, number))
    start = _own_comments(text, listed, number, start)
    before, behind = _blank_lines_before(text, start), _blank_lines_behind(text, end)
    if behind == len(text):
        start = before
    elif before < start or start == 0:
        end = behind  # those before the item part its neighbours
    return Edit(start, end, "")


def _own_comments(text: str, listed: Piece, number: int, start: int) -> int:
    """Where the comment right above an item begins, or else the item.

    What stands above the first item may be said of the list, and what is followed by other items without a comment
    between may be their heading: these stay.
    """
    margin = text[start : dash(text, listed, number)]
    if not number:
        return start
    if number + 1 < len(listed.items):
        following = text[end_of_item(text, listed, number) : line_start(text, dash(text, listed, number + 1))]
        if not any(line.startswith(f"{margin}#") for line in LINE_BREAK.split(following)):
            return start
    above = [found.end() for found in LINE_BREAK.finditer(text, end_of_item(text, listed, number - 1), start)]
    for at in reversed(above[:-1]):
        if not text.startswith(f"{margin}#", at):
            break
        start = at
    return start


def end_of_item(text: str, listed: Piece, number: int) -> int:
    """The end of the last line of an item: that of its last value, or of comments below it that are further in."""
    margin = dash(text, listed, number)
    margin -= line_start(text, margin)
    end = line_end(text, listed.items[number].end)
    while (begin := next_line(text, end)) > end:
        line = text[begin : line_end(text, begin)]
        if not line.lstrip(" ").startswith("#") or line.index("#") <= margin:
            return end
        end = begin + len(line)
    return end


def _cut(text: str, spans: list[tuple[int, int]], gone: Sequence[int]) -> list[Edit]:
    """Some of several values that commas part: each with the comma behind it, or else the one before it."""
    kept = len(spans)
    while kept - 1 in gone:
        kept -= 1
    edits = []
    for number in gone:
        if number < kept:
            start, end = spans[number]
            comma = _COMMA.match(text, end)
            end = comma.end() if comma else end
            following = spans[number + 1][0]
            edits.append(Edit(start, end if text[end:following].strip() else following, ""))
    if kept < len(spans):
        start = spans[kept][0]
        comma = _COMMA.match(text, spans[kept - 1][1]) if kept else None
        if comma and not text[comma.end() : start].strip():
            start = spans[kept - 1][1]
        edits.append(Edit(start, spans[-1][1], ""))
    return edits


def blank_lines(text: str, listed: Piece) -> int:
    """How many blank lines there are between the items of a list without brackets, as a rule; ten at most."""
    found = []
    for number in range(min(len(listed.items) - 1, 50)):
        at, lines = next_line(text, end_of_item(text, listed, number)), 0
        while lines < _MOST_BLANK_LINES and at < len(text) and not text[at : next_line(text, at)].strip():
            at, lines = next_line(text, at), lines + 1
        found.append(lines)
    return sorted(found)[len(found) // 2] if found else 0


def _blank_lines_before(text: str, at: int) -> int:
    """Where the blank lines before a line begin."""
    end = len(text[:at].rstrip())
    return next_line(text, end) if end else 0


def _blank_lines_behind(text: str, at: int) -> int:
    """Where the blank lines from a line on end."""
    following = len(text) - len(text[at:].lstrip())
    return line_start(text, following) if following < len(text) else following


def ended_as_before(text: str, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Edits in their order, without the line break that they would leave at the end of a text that has none there."""
    kept, end = [*edits], len(text)
    if _LAST_BREAK.search(text):
        return tuple(kept)
    for number in reversed(range(len(kept))):
        start, stop, new = kept[number]
        if stop < end:
            break
        if new:
            kept[number] = Edit(start, stop, _LAST_BREAK.sub("", new))
            return tuple(kept)
        end = start
    found = _LAST_BREAK.search(text, 0, end)
    return (*kept, Edit(found.start(), end, "")) if found else tuple(kept)
