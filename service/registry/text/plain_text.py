"""What is wrong with a value that has no quotes."""

from __future__ import annotations

import re

from service.registry.text.characters import called, meant
from service.registry.text.lines import OPENED, known_keys
from service.registry.text.mistakes import Mistake
from service.registry.text.one_value import NAME, Value, around
from service.registry.text.placeholders import placeholder
from service.registry.text.values import in_quotes, in_straight_quotes
from service.wording import shortened

#: A sign that other languages have between the fields of a mapping, or the items of a list.
_SEPARATOR = re.compile(r"\s*([;|/،，、；])\s*(?=\S)")
_LAST_KEY = re.compile(r"([\"']?)(\w+)\1[ \t]*$")
#: What says that the text begins on the next line, with text behind it.
_BLOCK = re.compile(r"([|>][+-])[ \t]+(?=\w)")
_APART = re.compile(r"[&*]([ \t]+)([\w-]+)")


def colon(value: Value) -> Mistake:
    """A colon with a blank behind it, which YAML takes for that of a field."""
    at, text = value.found.at, value.text
    first, last = text[value.begin], text[value.end - 1]
    if first != "{" and meant(first) in ("(", "{"):
        is_closed = meant(last) in (")", "}") and text[value.begin + 1 :].lstrip()[:1] != "{"
        edits = [(value.begin, value.begin + 1, "{"), (value.end - 1, value.end, "}")] if is_closed else []
        message = "YAML has no round brackets"
        if not first.isascii():
            message = f"{first} is {called(first)}, which is no bracket to YAML"
        return value.made(value.begin, message, "write { and }", *edits)
    word = _LAST_KEY.search(text[:at])
    if word and word[2] in known_keys() and word.start() > value.begin:
        if value.flow:
            place = len(text[: word.start()].rstrip())
            if sign := _SEPARATOR.match(text, len(text[: place - 1].rstrip())):
                return value.no_comma(sign)
            if text[place - 1] == "," and value.found.inside == "[":
                return value.never_closed(value.found.opened, place - 1, word[2])
            message = f"there is no comma before {word[2]}"
            return value.made(word.start(), message, "put a comma between the two", (place, place, ","))
        column = value.line.first
        if value.line.has_dash and text.rstrip()[-1] == "}" and text.count("}") == text.count("{") + 1:
            message = "the } at the end of this entry closes a { that is not there"
            return value.made(column, message, f"write - {{ {text[column:][:40]}", (column, column, "{ "))
        return value.two_fields(word.start(), word.start())
    span = around(text, at) if value.flow else (value.begin, value.end)
    name = f"{value.line.key}: " if value.line.key else ""
    message = f"{name}text without quotes cannot contain a colon with a space behind it"
    if not value.is_text and value.line.key in known_keys():
        return value.made(at, message, "write one value, without the colon")
    if span is None or '"' in text[slice(*span)]:
        return value.made(at, message, "put the text in quotes")
    new, how = in_straight_quotes(text[slice(*span)])
    return value.made(at, message, f"{how}: {shortened(new)}", *value.certain((*span, new)))


def start(value: Value) -> Mistake:
    """A sign at the beginning that YAML has another use for."""
    at, text = value.found.at, value.text
    if value.is_text and not value.flow and (sign := _BLOCK.match(text, at)):
        below = value.window.following(value.number)
        deeper = below.indent if below is not None and below.indent > value.line.first else value.line.first + 2
        new = sign[1] + value.window.break_at(value.number) + " " * deeper
        message = f"text stands on the line of {sign[1]}, which says that it begins on the next one"
        return value.made(sign.end(), message, "write it below, indented deeper", (at, sign.end(), new))
    if not value.is_text and (apart := _APART.match(text, at)):
        message = f"there is a space behind the {text[at]}"
        return value.made(at, message, f"write {text[at]}{apart[2]}", (*apart.span(1), ""))
    span = around(text, at) if value.flow else (at, value.end)
    edits = []
    hint = "put it in quotes"
    if span is not None and '"' not in text[slice(*span)]:
        name, new = text[slice(*span)].removeprefix("- ").strip("@%`*!|>, "), in_quotes(text[slice(*span)])
        edits, hint = value.certain((*span, new)), f"put it in quotes: {shortened(new)}"
        if not value.is_text and (what := placeholder(text[slice(*span)])):
            return value.made(at, f"{what} is a placeholder that was not filled in", value.form)
        if not value.is_text:  # which no quotes would make one
            hint = value.form
        if not value.is_text and NAME.fullmatch(name):
            name = f"[{name}]" if value.line.key in OPENED["["] and not value.flow else name
            edits, hint = [(*span, name)], f"write {name}"
    return value.made(at, f"not valid YAML: unquoted text cannot begin with {text[at]}", hint, *edits)
