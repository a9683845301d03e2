"""Repairs of signs: invisible characters, look-alikes, quotes and brackets."""

import re

from service.registry.lint.characters import BLANKS, INVISIBLE, describe, replace_look_alike
from service.registry.lint.repairs.lines import Line, Lines, Repair, Repairs, list_field_names
from service.registry.lint.vocabulary import read_repairs
from service.wording import shortened

_INVISIBLE = re.compile(rf"[{BLANKS}{INVISIBLE}]+")
_CLOSING = {"[": "]", "{": "}"}
_VALUE = re.compile(r"\s*(?:- +)?(?P<key>[\"']?[\w-]+[\"']?) *: +(?P<value>(?![\[{](?!\{))[^\s#].*?)\s*(?:,\s*)?$")
_ALONE = re.compile(r"\s*- +(?P<key>)(?![\w\"']+ *:(?: |$))(?P<value>[^\s#\[{].*?)$")
_TEXT = re.compile(r"\b(?P<key>fr|en)[\"']?\s*:\s*(?P<value>.+?)(?=\s*,\s*[\"']?(?:fr|en)[\"']?\s*:|\s*\}[^{}]*$|\s*$)")
_ITEM = re.compile(r"(?<=[\[,]) *(?P<key>)(?P<value>[@`%&*!|>][^,\[\]{}]*|[^,\[\]{}\"']*: [^,\[\]{}]*)")

#: A text that may mean something else than all of it in quotes.
_DOUBTFUL = re.compile(r"^[^\w\"'(@`%|]|^\|[-+\d]*(?:\s+#.*)?$|\{\{|^([\"']).*\1\s*\S|^[^\"]*\"[^\"]*$")
#: A text that has its own quotes, or that another field follows.
_IN_FLOW = re.compile(r"^[\"']|, *\w+ *: ")
#: A word that YAML does not read as text.
_NO_TEXT = re.compile(r"(?i:~|true|false|yes|no|on|off|null|[\d.]+)?")


def invisible_sign(_: Lines, line: Line) -> Repairs:
    """Replace or remove invisible characters, which YAML reads as letters."""
    for signs in _INVISIBLE.finditer(line.text):
        plain = "".join(map(replace_look_alike, signs[0]))
        words = {"called": describe(signs[0][0]), "do": "write plain spaces" if plain else "remove it"}
        yield Repair(0, (line.edit(signs.start(), signs.end(), plain),), words=words)


def invisible_margin(lines: Lines, line: Line) -> Repairs:
    """Replace or remove invisible characters at the beginning of a line."""
    return (repair for repair in invisible_sign(lines, line) if repair.edits[0].start < line.place)


def look_alike_sign(_: Lines, line: Line) -> Repairs:
    """Replace signs that look like a sign of YAML, one kind at a time."""
    for sign in dict.fromkeys(line.text):
        plain = replace_look_alike(sign)
        if plain != sign and not sign.isalpha() and not _INVISIBLE.match(sign):
            edits = tuple(line.edit(at, at + 1, plain) for at, other in enumerate(line.text) if other == sign)
            yield Repair(0, edits, words={"sign": sign, "called": describe(sign), "plain": plain})


def unquoted_text(_: Lines, line: Line) -> Repairs:
    """Put a text in quotes, or in other quotes; if a line has several texts, also all of them."""
    for number, texts in enumerate(_list_texts(line.text)):
        edits = tuple(line.edit(text.start("value"), text.end("value"), _quote(text["value"])) for text in texts)
        text, new = (texts[0]["value"].strip(), edits[0].new) if texts else ("", "")
        if not _NO_TEXT.fullmatch(text) and new not in (text, '""'):
            is_field = number == 0 or any(_IN_FLOW.search(match["value"].strip()) for match in texts)
            words = {"key": texts[0]["key"] or "an item", "why": _explain_quotes(text), "new": shortened(new, 120)}
            cost = 0.15 if is_field else 0.05 * (len(texts) - 1)
            yield Repair(cost, edits, is_guess=_DOUBTFUL.search(text) is not None, words=words)


def _explain_quotes(text: str) -> str:
    """Return the reason why a text needs quotes."""
    reasons = (row["why"] for row in read_repairs()["quotes"] if re.search(row["text"], text))
    return str(next(reasons)).format(sign=text[:1])


def _list_texts(line: str) -> list[list[re.Match[str]]]:
    """Return the groups of texts on a line to put in quotes: its value, each text, all texts, and items of a list."""
    value = _VALUE.match(line) or _ALONE.match(line)
    texts = [*_TEXT.finditer(line)]
    plain = [text for text in texts if text["value"][0] != '"']
    return [[value] if value else [], *([text] for text in texts), plain[len(plain) == 1 :], [*_ITEM.finditer(line)]]


def _quote(text: str) -> str:
    """Return a text in double quotes, without the quotes that it has."""
    bare = text.strip()
    if ended := re.fullmatch(r"([\"'])(?P<head>[^\"']*)\1(?P<tail> *[^\"']+)", bare):
        bare = ended["head"] + ended["tail"]
    for quote in "\"'":
        bare = bare.removeprefix(quote).removesuffix(quote)
    bare = bare.replace("''", "'") if text[:1] == "'" else bare
    return '"' + re.sub(r'(?<!\\)"', r"\"", bare) + '"'


def unclosed_bracket(lines: Lines, line: Line) -> Repairs:
    """Close a bracket at the end of its line, or before a field. A bracket further on may be removed instead."""
    last = len(line.text.rstrip(" ,"))
    fields = rf",?\s*[\"']?(?P<key>{'|'.join(list_field_names())})[\"']?\s*:"
    for opening, closing in _CLOSING.items():
        for at in _find_unclosed(line.bare, opening):
            ends = [(last, "at the end of the line")]
            later = re.compile(fields).finditer(line.text, at + 2)
            ends += [(field.start(), f"before {field['key']}") for field in later]
            is_cut = next(lines.below(line), None) is None  # the rest of the file may be lost
            for end, where in ends:
                edit = line.edit(end, end, f" {closing}" if opening == "{" and end == last else closing)
                words = {"opening": opening, "closing": closing, "where": where}
                yield Repair(0, (edit,), is_guess=is_cut, place=line.start + at, words=words)


def _find_unclosed(bare: str, opening: str) -> list[int]:
    """Return the places of brackets that are never closed."""
    places: list[int] = []
    for at, sign in enumerate(bare):
        if sign == opening:
            places.append(at)
        elif sign == _CLOSING[opening] and places:
            places.pop()
    return places


def unopened_bracket(_: Lines, line: Line) -> Repairs:
    """Remove a bracket that closes nothing, or open it before the value."""
    bare = line.bare
    for opening, closing in _CLOSING.items():
        if bare.count(closing) > bare.count(opening):
            for at in {bare.rindex(closing), bare.index(closing)}:
                yield Repair(0, (line.edit(at, at + 1, ""),), words={"closing": closing, "do": "remove it"})
            if value := _VALUE.match(line.text):
                edit = line.edit(value.start("value"), value.start("value"), opening)
                yield Repair(-0.1, (edit,), words={"closing": closing, "do": f"write {opening} before the value"})


def unclosed_quote(_: Lines, line: Line) -> Repairs:
    """Close a quote before a comma or a bracket, or at the end of the line; or remove it."""
    bare = line.bare
    for quote in "\"'":
        if bare.count(quote) % 2:
            at = bare.index(quote)
            ends = {comma.start() for comma in re.finditer(r"\s*[,\]}]", bare) if comma.start() > at + 1}
            for number, end in enumerate(sorted({*ends, len(line.text.rstrip(" ,}]"))})[:4]):
                yield Repair(number / 20, (line.edit(end, end, quote),), place=line.start + at, words={"sign": quote})
            yield Repair(0.2, (line.edit(at, at + 1, ""),), is_guess=True, words={"sign": quote})
