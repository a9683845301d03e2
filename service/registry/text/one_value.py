"""The value of one line that has something wrong in it, and what more than one kind of mistake says of it."""

from __future__ import annotations

import re

from service.problems import Edit
from service.registry.schema import module_fields, removal_fields
from service.registry.text.characters import QUOTES, called
from service.registry.text.lines import TEXTS, Window, known_keys
from service.registry.text.mistakes import Mistake
from service.registry.text.values import COMMENT, PAIRS, Trouble

#: Items of a list above one, among which its field is looked for.
_MOST_ITEMS = 30

_FIELD = re.compile(r"([\"']?)([A-Za-z_]\w*)\1\s*:")
#: What a name, a path or a handle is made of; that it is one, the schema sees to.
NAME = re.compile(r"[a-z0-9/][a-z0-9_./-]{0,63}")


class Value:
    """The value of a line, `text`, with what is wrong in it."""

    def __init__(self, window: Window, number: int, text: str, found: Trouble) -> None:
        self.window, self.number, self.text, self.found = window, number, text, found
        self.line = window.lines[number]
        self.begin = self.line.value
        self.flow = bool(found.inside)
        self.end = len(COMMENT.sub("", text).rstrip()) if not self.flow else len(text.rstrip())

    @property
    def is_text(self) -> bool:
        """Whether the value may be text for people: elsewhere, it is no better for standing in quotes."""
        return self.field in ("", *TEXTS)

    @property
    def field(self) -> str:
        """The field that has it, of an item the one above the list; empty where that is not known."""
        if self.line.key or not self.line.has_dash:
            return self.line.key
        above = reversed(self.window.lines[max(0, self.number - _MOST_ITEMS) : self.number])
        first = next((line for line in above if not line.is_blank and (line.key or not line.has_dash)), None)
        return first.key if first is not None else ""

    @property
    def form(self) -> str:
        """How a value of the field is written, as the schema has it."""
        field = {**removal_fields(), **module_fields()}.get(self.field, {})
        words = [word for word in field.get("enum", ()) if word]
        choices = f"use one of {', '.join(words)}" if words else ""
        return choices or field.get("x-example") or field.get("x-form") or "write a value that begins with a letter"

    @property
    def is_sentence(self) -> bool:
        """Whether the value is text for people, and no list or mapping of it."""
        return self.line.key in ("fr", "en") or (not self.line.key and not self.window.begins_entry(self.line))

    def made(self, at: int, message: str, hint: str, *edits: tuple[int, int, str]) -> Mistake:
        """A mistake at a column of the line, with edits from one column to another."""
        start = self.line.start
        return Mistake(start + at, message, hint, [Edit(start + begin, start + end, new) for begin, end, new in edits])

    def certain(self, edit: tuple[int, int, str]) -> list[tuple[int, int, str]]:
        """An edit that is certain in text for people, and nowhere else."""
        return [edit] if self.is_text else []

    def no_comma(self, sign: re.Match[str]) -> Mistake:
        """Another sign where a comma belongs."""
        one = sign[1] if sign[1].isascii() else f"{sign[1]}, {called(sign[1])},"
        return self.made(sign.start(1), f"{one} stands where a comma belongs", "write ,", (*sign.span(), ", "))

    def never_closed(self, at: int, comma: int, key: str) -> Mistake:
        """A bracket at a column that is to be closed before a comma, behind which another field begins."""
        one = self.text[at]
        place = len(self.text[:comma].rstrip())
        message = f"the {one} opened here is never closed"
        return self.made(at, message, f"close it with {PAIRS[one]} before {key}", (place, place, PAIRS[one]))

    def two_fields(self, at: int, key: int) -> Mistake:
        """Another field, or entry, whose key stands at a column of the same line, behind a value that ends before."""
        text = self.text
        name = text[key:].split(":")[0].strip(" \t\"'")
        before = len(text[:at].rstrip(" ,;"))
        line_break = self.window.break_at(self.number)
        new = line_break + " " * self.line.first
        if name == "slug" and re.search(r"\s-$", text[:before]):
            new = line_break + self.window.style.beginning
            message, hint = f"an entry begins on the line of {self.line.key}", "begin it on a line of its own: - slug:"
            return self.made(before - 1, message, hint, (len(text[: before - 1].rstrip()), key, new))
        message = f"two fields stand on one line, {self.line.key} and {name}"
        return self.made(key, message, f"write {name} on a line of its own", (before, key, new))


def begins_field(text: str, at: int) -> bool:
    """Whether a known key with its colon stands at a column, in quotes or without."""
    found = _FIELD.match(text, at)
    return found is not None and found[2] in known_keys()


def bracketed(text: str, at: int) -> tuple[int, int] | None:
    """Where the unquoted text begins and ends that has a bracket in it, at a column."""
    begin = max(text.rfind(one, 0, at) + len(one) for one in (": ", ", ", "[", "{", ",") if one in text[:at])
    begin += len(text[begin:]) - len(text[begin:].lstrip())
    closed = text.find("]" if text[at] == "[" else "}", at)
    ends = _ends(text, begin, closed + 1)
    if closed < 0 or not ends or begin >= at or '"' in text[begin : min(ends)]:
        return None
    return begin, len(text[: min(ends)].rstrip())


def around(text: str, at: int) -> tuple[int, int] | None:
    """Where the unquoted text around a column begins and ends, in brackets."""
    begin = max(text.rfind(one, 0, at) + len(one) for one in (": ", ", ", "[", "{", ",") if one in text[:at])
    begin += len(text[begin:]) - len(text[begin:].lstrip())
    ends = _ends(text, begin, at)
    if not ends or begin > at or any(one in text[begin : min(ends)] for one in '"[{'):
        return None
    return begin, len(text[: min(ends)].rstrip())


def _ends(text: str, begin: int, at: int) -> list[int]:
    """Where a sign may end the text that begins at a column, behind another: not in quotes, be they typographic."""
    if closing := QUOTES.get(text[begin : begin + 1]):
        found = re.compile(rf"[{closing}](?=\s*[,\]}}])").search(text, at)
        at = found.end() if found else at
    return [place for one in ",]}" if (place := text.find(one, at)) >= 0]
