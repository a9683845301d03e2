"""What is wrong with a value in brackets."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from service.registry.schema import is_complete, module_fields
from service.registry.text.characters import QUOTES, called, meant
from service.registry.text.lines import OPENED, inner_keys, top_keys
from service.registry.text.mistakes import Mistake
from service.registry.text.one_value import NAME, Value, around, begins_field, bracketed
from service.registry.text.placeholders import placeholder
from service.registry.text.quotes import quote_inside, quote_too_many, unclosed
from service.registry.text.values import PAIRS, Trouble, in_quotes, in_straight_quotes, next_key, trouble
from service.wording import shortened

_BEHIND_QUOTES = re.compile(r"\s*([;|/.،，、；])\s*(?=\S)")
#: Text in quotes that is no key.
_IN_QUOTES = re.compile(r"(?<=[\s,:\[{])(?!(?:\"\w*\"|'\w*')\s*:)(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*')")
#: A word that stands before a bracket, between two commas or braces.
_KEY_BEFORE = re.compile(r"[{,]\s*(\w+)\s*$")
_KEY = re.compile(r"[{,]\s*[\"']?(\w+)[\"']?\s*:")
_COMMAS = re.compile(r",(?:\s*,)*")
#: Text up to the end of a field in braces.
_REST = re.compile(r"(?:\([^()\"'\[\]{}:]*\)|[^,\"'\[\]{}:]*[^,\"'\[\]{}:\s])(?=\s*[,}])")


def bracket(value: Value) -> Mistake:
    """A bracket that is opened and never closed."""
    at, text = value.found.at, value.text
    one = value.found.inside
    close = PAIRS[one]
    without_texts = _IN_QUOTES.sub(lambda found: "x" * len(found[0]), text)
    if one == "{" and (inner := _inner().search(without_texts, at + 1)):
        return value.never_closed(inner.start("open"), inner.start("comma"), inner["key"])
    if value.found.comment is not None and close in text[value.found.comment :]:
        return _hash(value)
    if not text[at + 1 : value.found.comment].strip():
        message = f"the {one} opened here is never closed, and nothing follows it"
        return value.made(at, message, f"write what belongs to {value.line.key or 'it'}, and close it with {close}")
    place = len(text[: value.found.comment].rstrip()) if value.found.comment is not None else len(text.rstrip())
    if not text[place - 1].isascii() and meant(text[place - 1]) == close:
        return _look_alike(value, place - 1, close)
    comma = text[place - 1] == ","
    edits = []
    if (value.line.key in OPENED[one] or _is_whole_entry(value)) and text.count(one) == text.count(close) + 1:
        new = f" {close}" if text[at + 1 : at + 2] == " " else close
        edits = [(len(text[: place - comma].rstrip()), place, new), *_closed_below(value, one, close)]
    where = "the line" if len(text) == len(value.line.text) else "its last line"
    return value.made(
        at, f"the {one} opened here is never closed", f"close it with {close} at the end of {where}", *edits
    )


def _is_whole_entry(value: Value) -> bool:
    """Whether all of an entry stands between the { and the end of its lines: it needs no more, and nothing goes on."""
    text = value.text
    if text[: value.found.at].strip() != "-" or text.count(")") != text.count("("):
        return False
    below = value.window.following(value.window.number(value.line.start + len(text) - 1))
    is_over = below is None or value.window.begins_entry(below) or (not below.indent and below.key in top_keys())
    return is_over and is_complete(_KEY.findall(text, value.found.at))


@cache
def _inner() -> re.Pattern[str]:
    """A mapping in braces in which another field of the entry stands, behind a comma."""
    fields = "|".join(module_fields().keys() - inner_keys())
    before = rf"\b(?:{'|'.join(OPENED['{'])})[\"']?\s*:\s*(?P<open>\{{)[^{{}}\[\]]*?"
    return re.compile(rf"{before}(?P<comma>,)\s*[\"']?(?P<key>{fields})[\"']?\s*:")


def _look_alike(value: Value, at: int, close: str) -> Mistake:
    """A bracket at a column that is none, and should close another."""
    one = value.text[at]
    message = f"{one} is {called(one)}, which is no bracket to YAML"
    return value.made(at, message, f"write {close}", (at, at + 1, close))


def _closed_below(value: Value, one: str, close: str) -> list[tuple[int, int, str]]:
    """The edit that removes the bracket which stands behind the value of the next field instead."""
    below = value.window.following(value.number)
    if below is None or below.key in ("", *OPENED[one]) or len(value.text) != len(value.line.text):
        return []
    last = below.text[below.value :].rstrip()
    if not last.endswith(close) or one in last or last[0] in "\"'" or len(last) == 1:
        return []
    end = below.start - value.line.start + below.value + len(last)
    return [(end - 1, end, "")]


def _hash(value: Value) -> Mistake:
    comment = value.found.comment or 0
    fixed = _with_quotes(
        value, lambda text, found: around(text, found.comment) if found.kind == "bracket" and found.comment else None
    )
    edits = [(value.begin, len(value.text), fixed[value.begin :])] if fixed is not None else []
    message = "the # begins a comment here, so the rest of the line is not read, and the bracket is never closed"
    span = around(value.text, comment)
    hint = "put text that has a # in it in quotes"
    if span and value.text[span[0]] in QUOTES:
        new, how = in_straight_quotes(value.text[slice(*span)])
        hint = f"{how}: {shortened(new)}"
    return value.made(comment, message, hint, *edits)


def mismatch(value: Value) -> Mistake:
    """A bracket that is closed by one of the other kind."""
    at = value.found.at
    close = PAIRS[value.found.inside]
    message = f"the {value.text[at]} closes a {value.found.inside}"
    return value.made(at, message, f"write {close}", (at, at + 1, close))


def closed(value: Value) -> Mistake:
    """A bracket that is closed and was never opened."""
    at = value.found.at
    edits = [(at, at + 1, "")] if not value.text[at + 1 : value.end].strip() else []
    return value.made(at, f"there is a {value.text[at]} too many", "remove it", *edits)


def comma(value: Value) -> Mistake:
    """No comma between two values, or a text that ends where it should not."""
    at, text = value.found.at, value.text
    name = _KEY_BEFORE.search(text[:at])
    if name and name[1] in OPENED.get(text[at], ()):
        message = f"there is no colon after {name[1]}"
        return value.made(name.end(1), message, f"write {name[1]}: {text[at]}", (name.end(1), at, ": "))
    before = len(text[:at].rstrip())
    quote = text[before - 1]
    close = PAIRS[value.found.inside]
    if not text[at].isascii() and meant(text[at]) == close:
        return _look_alike(value, at, close)
    if text[at] == quote and (not text[at + 1 :].strip() or text[at + 1 :].lstrip()[:1] in (",", "]", "}")):
        return quote_too_many(value, at)
    sign = _BEHIND_QUOTES.match(text, before) if quote in "\"']}" else None
    if sign and text[sign.end()] in "]}":
        return value.made(sign.start(1), f"there is a {sign[1]} too many", "remove it", (*sign.span(1), ""))
    if sign and (begins_field(text, sign.end()) or (value.found.inside == "[" and text[sign.end()] in "\"'")):
        return value.no_comma(sign)
    if quote in "]}" and value.found.inside == "{" and not begins_field(text, at) and _REST.match(text, at):
        return _bracket_before_text(value)
    if text[at] in "[{" and quote not in "\"'" and (mistake := _brackets_in_text(value)):
        return mistake
    if quote in "\"'":
        begin = _string_before(value, before)
        key = next_key(text, begin + 1)
        if key is not None and key < before and text[:key].rstrip()[-1:] == "," and text[begin] == quote:
            return unclosed(value, begin, text.rfind(",", begin, key))
        if next_key(text, at) != at and text[at] not in "\"'[{":
            ended = re.compile(f"{quote}(?=\\s*[,\\]}}])").search(text, at)
            if (
                ended
                and not ((after := next_key(text, at)) and after < ended.start() and begins_field(text, after))
                and text.count(quote, begin, ended.end()) >= 3
                and (quote == "'" or text.count(quote, begin, ended.end()) % 2 == 0)
            ):
                return quote_inside(value, begin, at, ended.end())
        rest = _REST.match(text, at)
        if value.found.inside == "{" and value.is_text and rest and not begins_field(text, at):
            new = text[begin : before - 1] + text[before : rest.end()] + quote
            message = "text follows the quote that ends this value"
            hint = f"put all of it in quotes: {shortened(new)}"
            return value.made(at, message, hint, *([(begin, rest.end(), new)] if text[at] == "(" else []))
    what = text[at : at + 30].split(":")[0].split(",")[0].rstrip(" }]")
    certain = next_key(text, at) == at or begins_field(text, at) or (text[at] in "\"'" and value.found.inside == "[")
    edits = [(before, before, ",")] if certain else []
    return value.made(at, f"there is no comma before {what}", "put a comma between the two", *edits)


def commas(value: Value) -> Mistake:
    """A comma with nothing before it, or several in a row."""
    at, text = value.found.at, value.text
    end = at + len(_COMMAS.match(text, at)[0])  # type: ignore[index]  # it begins with one
    is_first = text[:at].rstrip()[-1:] in ("[", "{")
    end += len(text[end:]) - len(text[end:].lstrip()) if is_first else 0
    message = "there is a comma too many" if not is_first else "a comma stands before the first of them"
    return value.made(at, message, "remove it", (at, end, ""))


def _brackets_in_text(value: Value) -> Mistake | None:
    """Text without quotes that has brackets in it: all such text of the line."""
    fixed = _with_quotes(
        value,
        lambda text, found: bracketed(text, found.at) if found.kind == "comma" and text[found.at] in "[{" else None,
    )
    if fixed is None:
        return None
    message = "text without quotes cannot contain brackets here"
    new = bracketed(value.text, value.found.at)
    if new and not value.is_text:
        return _brackets_in_name(value, new)
    shown, how = in_straight_quotes(value.text[slice(*new)]) if new else ("", "put the text in quotes")
    edits = value.certain((value.begin, len(value.text), fixed[value.begin :]))
    return value.made(value.found.at, message, f"{how}: {shortened(shown)}", *edits)


def _brackets_in_name(value: Value, span: tuple[int, int]) -> Mistake:
    """Brackets in the text of a list of names, which no quotes would make one."""
    text, at = value.text[slice(*span)], value.found.at
    if what := placeholder(text):
        return value.made(at, f"{what} is a placeholder that was not filled in", value.form)
    names = re.split(r"[\s,\[\]]+", text.strip(" []"))
    if value.line.key not in OPENED["["] or not all(map(NAME.fullmatch, names)):
        return value.made(at, "a name has no brackets in it", value.form)
    new = ", ".join(names)
    return value.made(at, "a list of names has no list in it", f"write {shortened(new)}", (*span, new))


def _bracket_before_text(value: Value) -> Mistake:
    """Text without quotes that begins with something in brackets."""
    text, rest = value.text, _REST.match(value.text, value.found.at)
    closed = len(text[: value.found.at].rstrip())
    begin, end = text.rfind("[" if text[closed - 1] == "]" else "{", 0, closed), rest.end() if rest else closed
    new = in_quotes(text[begin:end])
    message = f"YAML reads the {text[begin]} as the beginning of a list or mapping, and text follows it"
    return value.made(begin, message, f"put all of it in quotes: {shortened(new)}", *value.certain((begin, end, new)))


def _with_quotes(value: Value, span_of: Callable[[str, Trouble], tuple[int, int] | None]) -> str | None:
    """The line with quotes around each text that is a trouble of one kind; None where that does not mend it."""
    fixed = value.text
    for _ in range(5):
        found = trouble(fixed, value.begin)
        span = span_of(fixed, found) if found is not None else None
        if span is None:
            break
        fixed = fixed[: span[0]] + in_straight_quotes(fixed[slice(*span)])[0] + fixed[span[1] :]
    is_one_line = len(value.text) == len(value.line.text)
    return fixed if is_one_line and fixed != value.text and not trouble(fixed, value.begin) else None


def _string_before(value: Value, end: int) -> int:
    """Where the text in quotes begins that ends before a column."""
    quote, at = value.text[end - 1], value.begin
    pattern = re.compile(r'"(?:[^"\\]|\\.)*"' if quote == '"' else r"'(?:[^']|'')*'")
    begin = end - 1
    for found in pattern.finditer(value.text, at, end):
        begin = found.start()
    return begin
