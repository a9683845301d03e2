"""What is wrong with a value in quotes."""

from __future__ import annotations

import re

from service.problems import Edit
from service.registry.schema import module_fields
from service.registry.text.characters import BLANKS, INVISIBLE, called, meant
from service.registry.text.lines import OPENED
from service.registry.text.mistakes import Mistake, here_and_below
from service.registry.text.one_value import Value
from service.registry.text.placeholders import UNFILLED_TEMPLATE
from service.registry.text.values import ESCAPE, in_quotes, next_key, trouble
from service.wording import shortened

_UNSEEN = re.compile(rf"[{BLANKS}{INVISIBLE}][{BLANKS}{INVISIBLE}\s]*")
#: What begins a comment elsewhere, behind a value.
_COMMENT_SIGN = re.compile(r"(//+|--+|;|/\*)(?=[ \t])")
#: What may stand between two items, and an item in quotes, or without: one word, but for keywords.
_BETWEEN = {"and", "et", "or", "ou", "&", "/", "+", "|"}
_ITEM = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^,;\"']+")
_WORDS, _QUOTED = re.compile(r"\w[\w -]*"), re.compile(r"([\"'])[^\[\]{}]*\1")
#: What Markdown and others write with a backslash, and what stands before that of a path.
_MARKUP, _BEFORE_PATH = frozenset("'%&$#*"), re.compile(r"[:.\\]\\\Z")
#: What belongs to the text before it.
_ENDING = re.compile(r"\([^()\"']*\)|[!?…]+")
#: The quotes that a closing one may belong to, as a part of the text.
_OPENERS = {"”": {"“", "„"}, "»": {"«"}, "’": {"‘", "’"}, "“": {"„", "“"}, "«": {"»", "«"}}


def quote(value: Value) -> Mistake:
    """A quote that is opened and never closed."""
    at, text = value.found.at, value.text
    place = None
    if value.flow:
        key = next_key(text, at)
        comma = text.rfind(",", at, key) if key is not None else -1
        close = text.rstrip().rfind("}" if value.found.inside == "{" else "]")
        if comma > 0:
            place = comma
        elif value.found.inside == "[" and 0 < text.find(",", at) < close:
            place = text.find(",", at)
        elif close > at:
            place = len(text[:close].rstrip())
    elif text.count(text[at]) == 1:
        place = value.end
    return unclosed(value, at, place)


def unclosed(value: Value, at: int, place: int | None) -> Mistake:
    """A quote at a column that should be closed at another."""
    text = value.text
    if place is None:
        return value.made(at, "a quote is opened here and never closed", "close it on the same line")
    last = text[place - 1]
    if last != text[at] and meant(last) == text[at] and not _OPENERS.get(last, set()) & set(text[at : place - 1]):
        message = f"the text begins with {text[at]} and ends with {last}, {called(last)}, which closes nothing"
        return value.made(place - 1, message, f"write {text[at]}", (place - 1, place, text[at]))
    if last != text[at] and last in "\"'" and text.count(last) == 1 and not text[place - 2].isdigit():
        message = f"the text begins with {text[at]} and ends with {last}, which closes nothing"
        return value.made(place - 1, message, f"write {text[at]}", (place - 1, place, text[at]))
    return value.made(
        at, "a quote is opened here and never closed", "close it on the same line", (place, place, text[at])
    )


def quote_too_many(value: Value, at: int) -> Mistake:
    """A quote right behind the one that ends a text: behind a number, the first of them may be an inch."""
    message = "there is a quote too many"
    if value.text[at] == '"' and value.text[at - 2].isdigit() and value.is_text:
        return value.made(at, message, 'write \\" for the first one if it means inches, or remove one of the two')
    return value.made(at, message, "remove it", (at, at + 1, ""))


def after(value: Value) -> Mistake:
    """Text behind what a quote or a bracket has ended."""
    text, at = value.text, value.found.at
    rest = text[at : value.end]
    opened = text[value.begin]
    if (unseen := _UNSEEN.match(text, at)) and text[unseen.end() : unseen.end() + 1] in ("", "#"):
        message = f"the invisible character {called(text[at])} stands behind the value"
        return value.made(at, message, "remove it", (*unseen.span(), " " if unseen.end() < len(text) else ""))
    if rest == ",":
        return _commas_behind(value, at)
    if rest in (";", "."):
        return value.made(at, f"there is a {rest} behind the value", "remove it", (at, at + 1, ""))
    if comment := _COMMENT_SIGN.match(rest):
        message = f"a comment begins with #, not with {comment[1]}"
        sign = "#" if text[at - 1] in " \t" else " #"
        return value.made(at, message, "write #", (at, at + len(comment[1]), sign))
    if rest == text[at - 1] and rest in "\"'":
        return quote_too_many(value, at)
    key = next_key(text, at)
    if key is not None and text[at:key].strip(" ,;") == "":
        return value.two_fields(at, key) if value.line.key else _ended_early(value, at, key)
    if opened in "[{" and not value.is_sentence:
        one, kind = ("]", "list") if opened == "[" else ("}", "mapping")
        if text.startswith("{{", value.begin):
            return value.made(value.begin, UNFILLED_TEMPLATE, value.form)
        message = f"the {one} ends the {kind} here, and text follows it"
        return value.made(at, message, f"remove the {one}, or what follows")
    if opened in "[{":
        new = in_quotes(text[value.begin : value.end])
        kind = "list" if opened == "[" else "mapping"
        message = f"YAML reads the {opened} as the beginning of a {kind}, and text follows it"
        return value.made(at, message, f"put all of it in quotes: {shortened(new)}", (value.begin, value.end, new))
    is_quoted_list = text[value.end - 1] == opened and text[value.begin + 1 : at].lstrip()[:1] in ("[", "{")
    if not is_quoted_list and (beside := _beside(value, at)):
        return beside
    if text[value.end - 1] == opened:
        return quote_inside(value, value.begin, at, value.end)
    new = in_quotes(text[value.begin : value.end])
    if _ENDING.fullmatch(rest) and len(text) == len(value.line.text):
        quoted = len(text[:at].rstrip())
        new = text[value.begin : quoted - 1] + text[quoted : value.end] + opened
        message = "text follows the quote that ends this value"
        return value.made(at, message, f"put all of it in quotes: {shortened(new)}", (value.begin, value.end, new))
    if text.count(opened) == 3:
        return value.made(
            value.begin,
            f"the quotes of this line do not match: there are 3 {opened}",
            'close each, or write \\" for one in the text',
        )
    message = "text follows the quote that ends this value"
    return value.made(at, message, f"put all of it in quotes: {shortened(new)}", (value.begin, value.end, new))


def _ended_early(value: Value, at: int, key: int) -> Mistake:
    """A bracket that ends an entry in braces before its last field."""
    text = value.text
    place = len(text[:at].rstrip()) - 1
    one, name = text[place], text[key:].split(":")[0].strip()
    message = f"the {one} ends the entry here, and {name} follows it"
    is_certain = text[value.end - 1] == one and text[at] == ","
    return value.made(place, message, f"remove the {one}", *([(place, place + 1, "")] if is_certain else []))


def _beside(value: Value, at: int) -> Mistake | None:
    """Text behind one in quotes that does not belong to it: in no field but one of text would it stand in quotes."""
    key, message = value.field, "text follows the quote that ends this value"
    if value.line.key in OPENED["["]:
        message = f"the items of {key} stand beside each other without brackets"
        if items := _items(value.text[value.begin : value.end], key):
            new = f"[{', '.join(items)}]"
            return value.made(value.begin, message, f"write {shortened(new)}", (value.begin, value.end, new))
        return value.made(value.begin, message, "write [ and ] around all of it, with commas between")
    if key in OPENED["{"]:
        return value.made(at, message, "write { and } around all of it, with fr: and en: before the texts")
    return None if value.is_text else value.made(at, message, f"write one value: {value.form}")


def _items(text: str, key: str) -> list[str]:
    """The items of a list that stand beside each other, of which at least one has quotes; none if that is not all."""
    found = [one[0].strip() for one in _ITEM.finditer(text)]
    if key != "keywords":
        found = [part for one in found for part in ([one] if one[:1] in ("'", '"') else one.split())]
    items = [one for one in found if one and one not in _BETWEEN]
    is_all = not _ITEM.sub("", text).strip(" ,;")
    return items if is_all and all(_WORDS.fullmatch(one) or _QUOTED.fullmatch(one) for one in items) else []


def _commas_behind(value: Value, at: int) -> Mistake:
    """Commas behind fields on lines of their own, as in JSON: those of lines that follow are of one mistake."""
    places = [value.line.start + at]
    for line in value.window.lines[value.number + 1 :]:
        if line.start <= places[0]:
            continue  # a line that the same value goes on over
        found = trouble(line.text, line.value) if line.key and not line.has_dash else None
        if found is None or found.kind != "after" or line.text[found.at :].strip() != ",":
            break
        places.append(line.start + found.at)
    where = here_and_below(len(places))
    hint = "fields on lines of their own need none"
    edits = [Edit(place, place + 1, "") for place in places]
    return Mistake(places[0], f"a comma stands behind the value{where}", hint, edits)


def quote_inside(value: Value, begin: int, at: int, end: int) -> Mistake:
    """Quotes around text that has others in it: which of them is which is plain from the last."""
    text = value.text
    inner = text[begin + 1 : end - 1]
    if text[begin] == "'":
        new = in_quotes(inner.replace("''", "'"))
        at = text.rfind("'", begin + 1, at)
        return value.made(
            at,
            "the apostrophe ends the text in single quotes",
            f"use double quotes: {shortened(new)}",
            (begin, end, new),
        )
    if (brackets := inner.strip()[:1] + inner.strip()[-1:]) in ("{}", "[]") and '"' in inner:
        hint = f"remove the quotes around {brackets[0]} {brackets[1]}"
        edits = [(begin, begin + 1, ""), (end - 1, end, "")]
        return value.made(begin, "what stands in brackets is in quotes", hint, *edits)
    new = '"' + re.sub(r'(?<!\\)"', '\\"', inner) + '"'
    at = text.rfind('"', begin + 1, at)
    hint = f'write \\" for a quote in the text, or « »: {shortened(new)}'
    return value.made(at, "the quote in the text ends it here", hint, (begin, end, new))


def escape(value: Value) -> Mistake:
    """A backslash that begins no escape."""
    at, text = value.found.at, value.text
    wrong = [one.start() for one in ESCAPE.finditer(text, at, value.found.end) if not one[1]]
    message = f"a backslash begins an escape in double quotes, and {text[at : at + 2]} is none"
    # Those of a path or a pattern are meant; those of Markdown are not.
    is_markup = text.count("\\", at, value.found.end) == len(wrong) and not _BEFORE_PATH.search(text, 0, at + 1)
    is_markup &= _MARKUP.issuperset(text[one + 1] for one in wrong)
    too_many = [one for one in wrong if is_markup or text[one + 1] == "'"]
    hint = f"write {text[at + 1]} without a backslash" if at in too_many else "write \\\\ for a backslash"
    edits = [(one, one + 1, "") if one in too_many else (one, one, "\\") for one in wrong]
    if "string" in module_fields().get(value.line.key, {}).get("type", ()):  # which no text for people is
        return value.made(at, message, value.form)
    return value.made(at, message, hint, *(edits if value.is_text else ()))
