"""What is wrong with the value on one line, as YAML: quotes, brackets, commas, and text that needs quotes."""

from __future__ import annotations

import re
from typing import NamedTuple

from service.registry.text.characters import called, inside_quotes
from service.registry.text.lines import known_keys

PAIRS = {"[": "]", "{": "}"}
#: A backslash with what makes it an escape, its first group, or without.
ESCAPE = re.compile(r"\\([0abt\tnvfre \"/\\N_LP]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})?")
_HEADER = re.compile(r"[|>][+-]?\d?[+-]?[ \t]*(#.*)?$")
_PLAIN_END = re.compile(r"[,\[\]{}]|:(?=[\s,\[\]{}]|$)| #")
_COLON = re.compile(r":(?=\s|$)| #")
_DOUBLE = re.compile(r'"(?:[^"\\]|\\.)*"')
_SINGLE = re.compile(r"'(?:[^']|'')*'")
_ALIAS = re.compile(r"\*[\w-]+[ \t]*(?=[,\]}:]|#|$)")
#: A tag that goes on up to the end of a value in brackets, as no tag does.
_TAG = re.compile(r"![\w-]+[,\]}]")
_ANCHOR = re.compile(r"&[\w-]+(?=[ \t,\]}]|$)")
#: An anchor or a tag of a value behind it that is no plain text.
_OF_VALUE = re.compile(r"(?:&[\w-]+|![\w!:.-]*)[ \t]+(?=[\[{\"'])")
_WORD = re.compile(r"[A-Za-z_]\w*")
#: A comment behind a value.
COMMENT = re.compile(r"[ \t]#.*$")


class Trouble(NamedTuple):
    """What is wrong (`kind`) from one column to another, counted from 0; `inside` is the bracket around it."""

    kind: str
    at: int
    end: int
    inside: str = ""
    comment: int | None = None
    """Where a comment begins before the brackets are closed."""
    opened: int = -1
    """The column of the bracket around it."""


def trouble(text: str, at: int) -> Trouble | None:
    """The first thing that is wrong with the value that begins at a column of a line."""
    one = text[at : at + 1]
    if not one or one == "#":
        return None
    if one in "\"'":
        return _quoted(text, at)
    if one in PAIRS:
        return _Flow(text, at).trouble()
    if _no_name(text, at):
        return Trouble("start", at, len(text))
    if one in "&!*":
        return None
    if one in "|>":
        return None if _HEADER.match(text, at) else Trouble("start", at, len(text))
    if one in "@`%,]}" or (one in "-?:" and text[at + 1 : at + 2] in ("", " ")):
        return Trouble("start", at, len(text))
    found = _COLON.search(text, at)
    if found and found[0] == ":":
        return Trouble("colon", found.start(), len(text))
    return None


def _is_sign(text: str, at: int, has_key: bool) -> bool:
    """Whether a dash or a question mark in brackets begins no text."""
    return text[at] in "-?" and (text[at + 1 : at + 2] == " " or (text[at] == "?" and has_key))


def _no_name(text: str, at: int) -> bool:
    """Whether a sign that begins an alias or an anchor begins no such thing: text follows, or another sign."""
    if text[at] == "*":
        return _ALIAS.match(text, at) is None
    return text[at] == "&" and _ANCHOR.match(text, at) is None


def _closed(text: str, at: int) -> int | None:
    """The column behind the quote that closes the one at a column."""
    found = (_DOUBLE if text[at] == '"' else _SINGLE).match(text, at)
    return found.end() if found else None


def _bad_escape(text: str, at: int, end: int) -> Trouble | None:
    if text[at] == '"':
        for found in ESCAPE.finditer(text, at, end):
            if not found[1]:
                return Trouble("escape", found.start(), end)
    return None


def _quoted(text: str, at: int) -> Trouble | None:
    end = _closed(text, at)
    if end is None:
        return Trouble("quote", at, len(text))
    if found := _bad_escape(text, at, end):
        return found
    rest = text[end:].lstrip(" \t\r")
    if not rest or (rest[0] == "#" and text[end] == " "):
        return None
    return Trouble("after", len(text) - len(rest), len(text))


class _Flow:
    """A walk through what stands in brackets."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at
        self.open: list[int] = []

    @property
    def inside(self) -> str:
        return self.text[self.open[-1]] if self.open else ""

    def found(self, kind: str, at: int, end: int | None = None, comment: int | None = None) -> Trouble:
        opened = self.open[-1] if self.open else -1
        return Trouble(kind, at, len(self.text) if end is None else end, self.inside, comment, opened)

    def trouble(self) -> Trouble | None:
        text, at = self.text, self.at
        complete, has_key = False, False  # whether a value has just ended, and whether its key was given
        while at < len(text):
            one = text[at]
            if one in " \t":
                at += 1
                continue
            if one == "#" and text[at - 1] in " \t":
                return self.found("bracket", self.open[-1], comment=at) if self.open else None
            if not self.open and at > self.at:
                return self.found("closed" if one in "]}" else "after", at)
            if one in PAIRS:
                if complete:
                    return self.found("comma", at)
                self.open.append(at)
                complete, has_key = False, False
            elif one in "]}":
                if one != PAIRS[self.inside]:
                    return self.found("mismatch", at)
                self.open.pop()
                complete, has_key = True, True
            elif one == ",":
                if not complete and not has_key:
                    return self.found("commas", at)
                complete, has_key = False, False
            elif one == ":" and complete:
                if has_key or (self.inside == "[" and self.at and text[self.at - 1] == " "):
                    return self.found("colon", at)
                complete, has_key = False, True
            elif complete:
                is_round = one == ")" and not text[at + 1 :].strip()
                return self.found("mismatch" if is_round else "comma", at)
            elif one in "\"'":
                end = _closed(text, at)
                if end is None:
                    return self.found("quote", at)
                if found := _bad_escape(text, at, end):
                    return found
                at, complete = end, True
                continue
            elif found_of := _OF_VALUE.match(text, at):
                at = found_of.end()
                continue
            elif one in "@`%" or _is_sign(text, at, has_key) or _no_name(text, at) or _TAG.match(text, at):
                return self.found("start", at)
            else:
                end_of = _PLAIN_END.search(text, at + 1)
                at, complete = (end_of.start() if end_of else len(text)), True
                continue
            at += 1
        return self.found("bracket", self.open[-1]) if self.open else None


def next_key(text: str, at: int) -> int | None:
    """Where the next known key with a colon begins in a line, from a column on."""
    for found in _WORD.finditer(text, at):
        if found[0] in known_keys() and text[found.end() :].lstrip()[:1] == ":":
            return found.start()
    return None


def in_quotes(text: str) -> str:
    """Text in double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def in_straight_quotes(text: str) -> tuple[str, str]:
    """Text in double quotes, for the typographic ones that it may have, and how to say that."""
    inner = inside_quotes(text)
    if inner is None:
        return in_quotes(text), "put the text in quotes"
    return in_quotes(inner), f"{text[0]} is {called(text[0])}, which is no quote to YAML: use straight quotes"
