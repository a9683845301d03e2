"""What is wrong with the value on one line, in words, with the edits that mend it. `values` finds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from service.problems import Edit
from service.registry.text.characters import called, meant
from service.registry.text.forms import another_form
from service.registry.text.lines import LONGEST, OPENED, Line, Window, known_keys
from service.registry.text.mistakes import Mistake
from service.registry.text.values import COMMENT, ESCAPE, Trouble, in_quotes, next_key, trouble
from service.wording import pluralized, shortened

_BLOCK_SCALAR = re.compile(r"[|>][+-]?\d?[+-]?[ \t]*(#.*)?$")
#: A sign that other languages have between the fields of a mapping, or the items of a list.
_SEPARATOR = re.compile(r"\s*([;|/،，、；])\s*(?=\S)")
_BEHIND_QUOTES = re.compile(r"\s*([;|/.،，、；])\s*(?=\S)")
#: What begins a comment elsewhere, behind a value.
_COMMENT_SIGN = re.compile(r"(//+|--+|;|/\*)(?=[ \t])")
_COMMAS = re.compile(r",(?:\s*,)*")
#: What belongs to the text before it.
_ENDING = re.compile(r"\([^()\"']*\)|[!?…]+")
#: Text up to the end of a field in braces.
_REST = re.compile(r"(?:\([^()\"'\[\]{}:]*\)|[^,\"'\[\]{}:]*[^,\"'\[\]{}:\s])(?=\s*[,}])")
#: The quotes that a closing one may belong to, as a part of the text.
_OPENERS = {"”": {"“", "„"}, "»": {"«"}, "’": {"‘", "’"}, "“": {"„", "“"}, "«": {"»", "«"}}
_FIELD = re.compile(r"([\"']?)([A-Za-z_]\w*)\1\s*:")
_LAST_KEY = re.compile(r"(\w+)[ \t]*$")
#: Lines that one value may go on over, when its end is looked for.
_MOST_LINES = 30


def is_block_scalar(line: Line) -> bool:
    """Whether the lines below, as far as they are deeper, are text."""
    return _BLOCK_SCALAR.match(line.text[line.value :]) is not None


def whole(window: Window, number: int, end: int) -> tuple[str, int]:
    """A line and those that its value goes on over, as one, and the index of the last; breaks are blanks in it."""
    line = window.lines[number]
    text, last = line.text, number
    at = line.value
    while (
        (found := trouble(text, at)) and found.kind in ("bracket", "quote") and last + 1 < min(end, len(window.lines))
    ):
        following = window.lines[last + 1]
        if last - number >= _MOST_LINES or len(text) > LONGEST or not _is_deeper(following, line):
            break
        if following.key in known_keys() and not (found.kind == "bracket" and found.inside == "{"):
            break
        if window.begins_entry(following):
            break
        if found.comment is not None:
            if not text[found.comment :].isascii() or _closes(text[found.comment :]):
                break
            text = text[: found.comment] + " " * (len(text) - found.comment)
        text += " " * (following.start - line.start - len(text)) + following.text
        last += 1
    return text, last


def _is_deeper(line: Line, than: Line) -> bool:
    """Whether a line may go on with the value of another; a bracket may be closed below its key."""
    return line.indent > than.indent or (line.indent == than.indent and line.text[line.indent :][:1] in ("]", "}"))


def _closes(comment: str) -> bool:
    return any(one in comment for one in "]}")


def bad_value(window: Window, number: int, end: int) -> tuple[Mistake | None, int]:
    """What is wrong with the value of a line, and the index of the last line that it goes on over."""
    line = window.lines[number]
    if len(line.text) > LONGEST or (
        not line.key and line.text[line.first : line.first + 1] not in ("{", "[", '"', "'")
    ):
        return None, number
    text, last = whole(window, number, end)
    found = trouble(text, line.value)
    if found is None or (found.kind == "quote" and last == number and _goes_on(window, number)):
        return None, last
    return another_form(window, number, text, found) or _Value(window, number, text, found).mistake(), last


def _goes_on(window: Window, number: int) -> bool:
    """Whether the next line is deeper and no field, so that it may be more of the same text."""
    line = window.lines[number]
    following = window.lines[number + 1] if number + 1 < len(window.lines) else None
    return following is not None and following.indent > line.indent and not following.key


class _Value:
    """The value of a line, `text`, with what is wrong in it."""

    def __init__(self, window: Window, number: int, text: str, found: Trouble) -> None:
        self.window, self.number, self.text, self.found = window, number, text, found
        self.line = window.lines[number]
        self.begin = self.line.value
        self.flow = bool(found.inside)
        self.end = len(COMMENT.sub("", text).rstrip()) if not self.flow else len(text.rstrip())

    def mistake(self) -> Mistake:
        made = getattr(self, f"_{self.found.kind}")
        result: Mistake = made()
        if self.found.kind == "escape" and not self._is_text:
            return replace(result, edits=())
        return result

    @property
    def _is_text(self) -> bool:
        """Whether the value may be text for people: elsewhere, it is no better for standing in quotes."""
        return self.line.key in ("fr", "en", "label", "description", "because", "keywords", "")

    @property
    def _is_sentence(self) -> bool:
        """Whether the value is text for people, and no list or mapping of it."""
        return self.line.key in ("fr", "en") or (not self.line.key and not self.window.begins_entry(self.line))

    def _made(self, at: int, message: str, hint: str, *edits: tuple[int, int, str]) -> Mistake:
        start = self.line.start
        return Mistake(start + at, message, hint, [Edit(start + begin, start + end, new) for begin, end, new in edits])

    def _certain(self, edit: tuple[int, int, str]) -> list[tuple[int, int, str]]:
        return [edit] if self._is_text else []

    # -- Quotes --------------------------------------------------------------------------------------------------------

    def _quote(self) -> Mistake:
        at, text = self.found.at, self.text
        place = None
        if self.flow:
            key = next_key(text, at)
            comma = text.rfind(",", at, key) if key is not None else -1
            close = text.rstrip().rfind("}" if self.found.inside == "{" else "]")
            if comma > 0:
                place = comma
            elif self.found.inside == "[" and 0 < text.find(",", at) < close:
                place = text.find(",", at)
            elif close > at:
                place = len(text[:close].rstrip())
        elif text.count(text[at]) == 1:
            place = self.end
        return self._unclosed(at, place)

    def _unclosed(self, at: int, place: int | None) -> Mistake:
        """A quote at a column that should be closed at another."""
        text = self.text
        if place is None:
            return self._made(at, "a quote is opened here and never closed", "close it on the same line")
        last = text[place - 1]
        if last != text[at] and meant(last) == text[at] and not _OPENERS.get(last, set()) & set(text[at : place - 1]):
            message = f"the text begins with {text[at]} and ends with {last}, {called(last)}, which closes nothing"
            return self._made(place - 1, message, f"write {text[at]}", (place - 1, place, text[at]))
        if last != text[at] and last in "\"'" and text.count(last) == 1 and not text[place - 2].isdigit():
            message = f"the text begins with {text[at]} and ends with {last}, which closes nothing"
            return self._made(place - 1, message, f"write {text[at]}", (place - 1, place, text[at]))
        return self._made(
            at, "a quote is opened here and never closed", "close it on the same line", (place, place, text[at])
        )

    def _quote_too_many(self, at: int) -> Mistake:
        """A quote right behind the one that ends a text: behind a number, the first of them may be an inch."""
        message = "there is a quote too many"
        if self.text[at] == '"' and self.text[at - 2].isdigit() and self._is_text:
            return self._made(at, message, 'write \\" for the first one if it means inches, or remove one of the two')
        return self._made(at, message, "remove it", (at, at + 1, ""))

    def _after(self) -> Mistake:
        """Text behind what a quote or a bracket has ended."""
        text, at = self.text, self.found.at
        rest = text[at : self.end]
        opened = text[self.begin]
        if rest == ",":
            return self._commas_behind(at)
        if rest in (";", "."):
            return self._made(at, f"there is a {rest} behind the value", "remove it", (at, at + 1, ""))
        if comment := _COMMENT_SIGN.match(rest):
            message = f"a comment begins with #, not with {comment[1]}"
            sign = "#" if text[at - 1] in " \t" else " #"
            return self._made(at, message, "write #", (at, at + len(comment[1]), sign))
        if rest == text[at - 1] and rest in "\"'":
            return self._quote_too_many(at)
        key = next_key(text, at)
        if key is not None and text[at:key].strip(" ,;") == "":
            return self._two_fields(at, key) if self.line.key else self._ended_early(at, key)
        if opened in "[{" and not self._is_sentence:
            one, kind = ("]", "list") if opened == "[" else ("}", "mapping")
            message = f"the {one} ends the {kind} here, and text follows it"
            return self._made(at, message, f"remove the {one}, or what follows")
        if opened in "[{":
            new = in_quotes(text[self.begin : self.end])
            kind = "list" if opened == "[" else "mapping"
            message = f"YAML reads the {opened} as the beginning of a {kind}, and text follows it"
            return self._made(at, message, f"put all of it in quotes: {shortened(new)}", (self.begin, self.end, new))
        if text[self.end - 1] == opened:
            return self._quote_inside(self.begin, at, self.end)
        new = in_quotes(text[self.begin : self.end])
        if _ENDING.fullmatch(rest) and len(text) == len(self.line.text):
            quoted = len(text[:at].rstrip())
            new = text[self.begin : quoted - 1] + text[quoted : self.end] + opened
            message = "text follows the quote that ends this value"
            return self._made(at, message, f"put all of it in quotes: {shortened(new)}", (self.begin, self.end, new))
        if text.count(opened) == 3:
            return self._made(
                self.begin,
                f"the quotes of this line do not match: there are 3 {opened}",
                'close each, or write \\" for one in the text',
            )
        message = "text follows the quote that ends this value"
        return self._made(at, message, f"put all of it in quotes: {shortened(new)}", (self.begin, self.end, new))

    def _ended_early(self, at: int, key: int) -> Mistake:
        """A bracket that ends an entry in braces before its last field."""
        place = len(self.text[:at].rstrip()) - 1
        one, name = self.text[place], self.text[key:].split(":")[0].strip()
        message = f"the {one} ends the entry here, and {name} follows it"
        is_certain = self.text[self.end - 1] == one and self.text[at] == ","
        return self._made(place, message, f"remove the {one}", *([(place, place + 1, "")] if is_certain else []))

    def _commas_behind(self, at: int) -> Mistake:
        """Commas behind fields on lines of their own, as in JSON: those of lines that follow are of one mistake."""
        places = [self.line.start + at]
        for line in self.window.lines[self.number + 1 :]:
            if line.start <= places[0]:
                continue  # a line that the same value goes on over
            found = trouble(line.text, line.value) if line.key and not line.has_dash else None
            if found is None or found.kind != "after" or line.text[found.at :].strip() != ",":
                break
            places.append(line.start + found.at)
        where = f", here and on {pluralized(len(places) - 1, 'line')} below" if len(places) > 1 else ""
        hint = "fields on lines of their own need none"
        edits = [Edit(place, place + 1, "") for place in places]
        return Mistake(places[0], f"a comma stands behind the value{where}", hint, edits)

    def _quote_inside(self, begin: int, at: int, end: int) -> Mistake:
        """Quotes around text that has others in it: which of them is which is plain from the last."""
        text = self.text
        inner = text[begin + 1 : end - 1]
        if text[begin] == "'":
            new = in_quotes(inner.replace("''", "'"))
            at = text.rfind("'", begin + 1, at)
            return self._made(
                at,
                "the apostrophe ends the text in single quotes",
                f"use double quotes: {shortened(new)}",
                (begin, end, new),
            )
        if (brackets := inner.strip()[:1] + inner.strip()[-1:]) in ("{}", "[]") and '"' in inner:
            hint = f"remove the quotes around {brackets[0]} {brackets[1]}"
            edits = [(begin, begin + 1, ""), (end - 1, end, "")]
            return self._made(begin, "what stands in brackets is in quotes", hint, *edits)
        new = '"' + re.sub(r'(?<!\\)"', '\\"', inner) + '"'
        at = text.rfind('"', begin + 1, at)
        hint = f'write \\" for a quote in the text, or « »: {shortened(new)}'
        return self._made(at, "the quote in the text ends it here", hint, (begin, end, new))

    def _escape(self) -> Mistake:
        at, text = self.found.at, self.text
        wrong = [one.start() for one in ESCAPE.finditer(text, at, self.found.end) if not one[1]]
        message = f"a backslash begins an escape in double quotes, and {text[at : at + 2]} is none"
        hint = "write ' without a backslash" if text[at + 1] == "'" else "write \\\\ for a backslash"
        edits = [(one, one + 1, "") if text[one + 1] == "'" else (one, one, "\\") for one in wrong]
        return self._made(at, message, hint, *edits)

    # -- Brackets ------------------------------------------------------------------------------------------------------

    def _bracket(self) -> Mistake:
        at, text = self.found.at, self.text
        one = self.found.inside
        close = "]" if one == "[" else "}"
        if self.found.comment is not None and close in text[self.found.comment :]:
            return self._hash()
        place = len(text[: self.found.comment].rstrip()) if self.found.comment is not None else len(text.rstrip())
        comma = text[place - 1] == ","
        edits = []
        if self.line.key in OPENED[one] and text.count(one) == text.count(close) + 1:
            new = f" {close}" if text[at + 1 : at + 2] == " " else close
            edits = [(place - comma, place, new), *self._closed_below(one, close)]
        return self._made(
            at, f"the {one} opened here is never closed", f"close it with {close} at the end of the line", *edits
        )

    def _closed_below(self, one: str, close: str) -> list[tuple[int, int, str]]:
        """The edit that removes the bracket which stands behind the value of the next field instead."""
        below = next((line for line in self.window.lines[self.number + 1 :] if not line.is_blank), None)
        if below is None or below.key in ("", *OPENED[one]) or len(self.text) != len(self.line.text):
            return []
        value = below.text[below.value :].rstrip()
        if not value.endswith(close) or one in value or value[0] in "\"'" or len(value) == 1:
            return []
        end = below.start - self.line.start + below.value + len(value)
        return [(end - 1, end, "")]

    def _hash(self) -> Mistake:
        comment = self.found.comment or 0
        fixed = self._with_quotes(
            lambda text, found: _around(text, found.comment) if found.kind == "bracket" and found.comment else None
        )
        edits = [(self.begin, len(self.text), fixed[self.begin :])] if fixed is not None else []
        message = "the # begins a comment here, so the rest of the line is not read, and the bracket is never closed"
        return self._made(comment, message, "put text that has a # in it in quotes", *edits)

    def _mismatch(self) -> Mistake:
        at = self.found.at
        close = "]" if self.found.inside == "[" else "}"
        message = f"the {self.text[at]} closes a {self.found.inside}"
        return self._made(at, message, f"write {close}", (at, at + 1, close))

    def _closed(self) -> Mistake:
        at = self.found.at
        edits = [(at, at + 1, "")] if not self.text[at + 1 : self.end].strip() else []
        return self._made(at, f"there is a {self.text[at]} too many", "remove it", *edits)

    def _comma(self) -> Mistake:
        at, text = self.found.at, self.text
        before = len(text[:at].rstrip())
        quote = text[before - 1]
        if text[at] == quote and (not text[at + 1 :].strip() or text[at + 1 :].lstrip()[:1] in (",", "]", "}")):
            return self._quote_too_many(at)
        sign = _BEHIND_QUOTES.match(text, before) if quote in "\"']}" else None
        if sign and text[sign.end()] in "]}":
            return self._made(sign.start(1), f"there is a {sign[1]} too many", "remove it", (*sign.span(1), ""))
        if sign and (_begins_field(text, sign.end()) or (self.found.inside == "[" and text[sign.end()] in "\"'")):
            return self._no_comma(sign)
        if quote in "]}" and self.found.inside == "{" and not _begins_field(text, at) and _REST.match(text, at):
            return self._bracket_before_text()
        if text[at] in "[{" and quote not in "\"'" and (mistake := self._brackets_in_text()):
            return mistake
        if quote in "\"'":
            begin = self._string_before(before)
            key = next_key(text, begin + 1)
            if key is not None and key < before and text[:key].rstrip()[-1:] == "," and text[begin] == quote:
                return self._unclosed(begin, text.rfind(",", begin, key))
            if next_key(text, at) != at and text[at] not in "\"'[{":
                ended = re.compile(f"{quote}(?=\\s*[,\\]}}])").search(text, at)
                if (
                    ended
                    and not ((after := next_key(text, at)) and after < ended.start() and _begins_field(text, after))
                    and text.count(quote, begin, ended.end()) >= 3
                    and (quote == "'" or text.count(quote, begin, ended.end()) % 2 == 0)
                ):
                    return self._quote_inside(begin, at, ended.end())
            rest = _REST.match(text, at)
            if self.found.inside == "{" and self._is_text and rest and not _begins_field(text, at):
                new = text[begin : before - 1] + text[before : rest.end()] + quote
                message = "text follows the quote that ends this value"
                hint = f"put all of it in quotes: {shortened(new)}"
                return self._made(at, message, hint, *([(begin, rest.end(), new)] if text[at] == "(" else []))
        what = text[at : at + 30].split(":")[0].split(",")[0].rstrip(" }]")
        certain = (
            next_key(text, at) == at or _begins_field(text, at) or (text[at] in "\"'" and self.found.inside == "[")
        )
        edits = [(before, before, ",")] if certain else []
        return self._made(at, f"there is no comma before {what}", "put a comma between the two", *edits)

    def _no_comma(self, sign: re.Match[str]) -> Mistake:
        """Another sign where a comma belongs."""
        one = sign[1] if sign[1].isascii() else f"{sign[1]}, {called(sign[1])},"
        return self._made(sign.start(1), f"{one} stands where a comma belongs", "write ,", (*sign.span(), ", "))

    def _commas(self) -> Mistake:
        """A comma with nothing before it, or several in a row."""
        at, text = self.found.at, self.text
        end = at + len(_COMMAS.match(text, at)[0])  # type: ignore[index]  # it begins with one
        is_first = text[:at].rstrip()[-1:] in ("[", "{")
        end += len(text[end:]) - len(text[end:].lstrip()) if is_first else 0
        message = "there is a comma too many" if not is_first else "a comma stands before the first of them"
        return self._made(at, message, "remove it", (at, end, ""))

    def _brackets_in_text(self) -> Mistake | None:
        """Text without quotes that has brackets in it: all such text of the line."""
        fixed = self._with_quotes(
            lambda text, found: _bracketed(text, found.at) if found.kind == "comma" and text[found.at] in "[{" else None
        )
        if fixed is None:
            return None
        message = "text without quotes cannot contain brackets here"
        new = _bracketed(self.text, self.found.at)
        shown = in_quotes(self.text[slice(*new)]) if new else ""
        edits = self._certain((self.begin, len(self.text), fixed[self.begin :]))
        return self._made(self.found.at, message, f"put the text in quotes: {shortened(shown)}", *edits)

    def _bracket_before_text(self) -> Mistake:
        """Text without quotes that begins with something in brackets."""
        text, rest = self.text, _REST.match(self.text, self.found.at)
        closed = len(text[: self.found.at].rstrip())
        begin, end = text.rfind("[" if text[closed - 1] == "]" else "{", 0, closed), rest.end() if rest else closed
        new = in_quotes(text[begin:end])
        message = f"YAML reads the {text[begin]} as the beginning of a list or mapping, and text follows it"
        return self._made(
            begin, message, f"put all of it in quotes: {shortened(new)}", *self._certain((begin, end, new))
        )

    def _with_quotes(self, span_of: Callable[[str, Trouble], tuple[int, int] | None]) -> str | None:
        """The line with quotes around each text that is a trouble of one kind; None where that does not mend it."""
        fixed = self.text
        for _ in range(5):
            found = trouble(fixed, self.begin)
            span = span_of(fixed, found) if found is not None else None
            if span is None:
                break
            fixed = fixed[: span[0]] + in_quotes(fixed[slice(*span)]) + fixed[span[1] :]
        is_one_line = len(self.text) == len(self.line.text)
        return fixed if is_one_line and fixed != self.text and not trouble(fixed, self.begin) else None

    def _string_before(self, end: int) -> int:
        """Where the text in quotes begins that ends before a column."""
        quote, at = self.text[end - 1], self.begin
        pattern = re.compile(r'"(?:[^"\\]|\\.)*"' if quote == '"' else r"'(?:[^']|'')*'")
        begin = end - 1
        for found in pattern.finditer(self.text, at, end):
            begin = found.start()
        return begin

    # -- Text without quotes -------------------------------------------------------------------------------------------

    def _colon(self) -> Mistake:
        at, text = self.found.at, self.text
        if text[self.begin] == "(":
            edits = []
            if text[self.end - 1] == ")":
                edits = [(self.begin, self.begin + 1, "{"), (self.end - 1, self.end, "}")]
            return self._made(self.begin, "YAML has no round brackets", "write { and }", *edits)
        word = _LAST_KEY.search(text[:at])
        if word and word[1] in known_keys() and word.start() > self.begin:
            if self.flow:
                place = len(text[: word.start()].rstrip())
                if sign := _SEPARATOR.match(text, len(text[: place - 1].rstrip())):
                    return self._no_comma(sign)
                message = f"there is no comma before {word[1]}"
                return self._made(word.start(), message, "put a comma between the two", (place, place, ","))
            return self._two_fields(word.start(), word.start())
        span = _around(text, at) if self.flow else (self.begin, self.end)
        name = f"{self.line.key}: " if self.line.key else ""
        message = f"{name}text without quotes cannot contain a colon with a space behind it"
        if not self._is_text and self.line.key in known_keys():
            return self._made(at, message, "write one value, without the colon")
        if span is None or '"' in text[slice(*span)]:
            return self._made(at, message, "put the text in quotes")
        new = in_quotes(text[slice(*span)])
        return self._made(at, message, f"put the text in quotes: {shortened(new)}", *self._certain((*span, new)))

    def _two_fields(self, at: int, key: int) -> Mistake:
        text = self.text
        name = text[key:].split(":")[0].strip()
        before = len(text[:at].rstrip(" ,;"))
        new = self._break() + " " * self.line.first
        if name == "slug" and re.search(r"\s-$", text[:before]):
            style = self.window.style
            new = self._break() + " " * style.dash + "-" + " " * (style.field - style.dash - 1)
            message, hint = f"an entry begins on the line of {self.line.key}", "begin it on a line of its own: - slug:"
            return self._made(before - 1, message, hint, (len(text[: before - 1].rstrip()), key, new))
        message = f"two fields stand on one line, {self.line.key} and {name}"
        return self._made(key, message, f"write {name} on a line of its own", (before, key, new))

    def _break(self) -> str:
        lines = self.window.lines
        if self.number + 1 < len(lines) and lines[self.number + 1].start - self.line.end == 2:
            return "\r\n"
        return "\n"

    def _start(self) -> Mistake:
        at, text = self.found.at, self.text
        span = _around(text, at) if self.flow else (at, self.end)
        edits = []
        hint = "put it in quotes"
        if span is not None and '"' not in text[slice(*span)]:
            name, new = text[slice(*span)].removeprefix("- ").strip("@%`* "), in_quotes(text[slice(*span)])
            edits, hint = self._certain((*span, new)), f"put it in quotes: {shortened(new)}"
            if not self._is_text and _NAME.fullmatch(name):  # which no quotes would make one
                name = f"[{name}]" if self.line.key in OPENED["["] and not self.flow else name
                edits, hint = [(*span, name)], f"write {name}"
        return self._made(at, f"not valid YAML: unquoted text cannot begin with {text[at]}", hint, *edits)


#: What a name, a path or a handle is made of; that it is one, the schema sees to.
_NAME = re.compile(r"[a-z0-9/][a-z0-9_./-]{0,63}")


def _begins_field(text: str, at: int) -> bool:
    """Whether a known key with its colon stands at a column, in quotes or without."""
    found = _FIELD.match(text, at)
    return found is not None and found[2] in known_keys()


def _bracketed(text: str, at: int) -> tuple[int, int] | None:
    """Where the unquoted text begins and ends that has a bracket in it, at a column."""
    begin = max(text.rfind(one, 0, at) + len(one) for one in (": ", ", ", "[", "{", ",") if one in text[:at])
    begin += len(text[begin:]) - len(text[begin:].lstrip())
    closed = text.find("]" if text[at] == "[" else "}", at)
    ends = [found for one in ",]}" if (found := text.find(one, closed + 1)) >= 0]
    if closed < 0 or not ends or begin >= at or '"' in text[begin : min(ends)]:
        return None
    return begin, len(text[: min(ends)].rstrip())


def _around(text: str, at: int) -> tuple[int, int] | None:
    """Where the unquoted text around a column begins and ends, in brackets."""
    begin = max(text.rfind(one, 0, at) + len(one) for one in (": ", ", ", "[", "{", ",") if one in text[:at])
    begin += len(text[begin:]) - len(text[begin:].lstrip())
    ends = [found for one in ",]}" if (found := text.find(one, at)) >= 0]
    if not ends or begin > at or any(one in text[begin : min(ends)] for one in '"[{'):
        return None
    return begin, len(text[: min(ends)].rstrip())
