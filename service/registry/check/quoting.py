"""What is wrong with the value on one line, in words, with the edits that mend it. `values` finds it."""

from __future__ import annotations

import re
from dataclasses import replace

from service.problems import Edit
from service.registry.check.lines import LONGEST, OPENED, Line, Window, known_keys
from service.registry.check.mistakes import Mistake
from service.registry.check.values import ESCAPE, Trouble, next_key, trouble
from service.wording import pluralized, shortened

_COMMENT = re.compile(r"[ \t]#.*$")
_BLOCK_SCALAR = re.compile(r"[|>][+-]?\d?[+-]?[ \t]*(#.*)?$")
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
    return _Value(window, number, text, found).mistake(), last


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
        self.end = len(_COMMENT.sub("", text).rstrip()) if not self.flow else len(text.rstrip())

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
        edits = []
        if self.flow:
            key = next_key(text, at)
            comma = text.rfind(",", at, key) if key is not None else -1
            close = text.rstrip().rfind("}" if self.found.inside == "{" else "]")
            if comma > 0:
                edits = [(comma, comma, text[at])]
            elif self.found.inside == "[" and 0 < text.find(",", at) < close:
                place = text.find(",", at)
                edits = [(place, place, text[at])]
            elif close > at:
                place = len(text[:close].rstrip())
                edits = [(place, place, text[at])]
        elif text.count(text[at]) == 1:
            edits = [(self.end, self.end, text[at])]
        return self._made(at, "a quote is opened here and never closed", "close it on the same line", *edits)

    def _after(self) -> Mistake:
        """Text behind what a quote or a bracket has ended."""
        text, at = self.text, self.found.at
        rest = text[at : self.end]
        opened = text[self.begin]
        if rest == ",":
            return self._commas(at)
        if rest == text[at - 1] and rest in "\"'":
            return self._made(at, "there is a quote too many", "remove it", (at, at + 1, ""))
        key = next_key(text, at)
        if key is not None and text[at:key].strip(" ,;") == "":
            return self._two_fields(at, key)
        if opened in "[{" and not self._is_sentence:
            one, kind = ("]", "list") if opened == "[" else ("}", "mapping")
            message = f"the {one} ends the {kind} here, and text follows it"
            return self._made(at, message, f"remove the {one}, or what follows")
        if opened in "[{":
            new = _in_quotes(text[self.begin : self.end])
            kind = "list" if opened == "[" else "mapping"
            message = f"YAML reads the {opened} as the beginning of a {kind}, and text follows it"
            return self._made(at, message, f"put all of it in quotes: {shortened(new)}", (self.begin, self.end, new))
        if text[self.end - 1] == opened:
            return self._quote_inside(self.begin, at, self.end)
        new = _in_quotes(text[self.begin : self.end])
        if text.count(opened) == 3:
            return self._made(
                self.begin,
                f"the quotes of this line do not match: there are 3 {opened}",
                'close each, or write \\" for one in the text',
            )
        message = "text follows the quote that ends this value"
        return self._made(at, message, f"put all of it in quotes: {shortened(new)}", (self.begin, self.end, new))

    def _commas(self, at: int) -> Mistake:
        """Commas behind fields on lines of their own, as in JSON: those of lines that follow are of one mistake."""
        places = [self.line.start + at]
        for line in self.window.lines[self.number + 1 :]:
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
            new = _in_quotes(inner.replace("''", "'"))
            at = text.rfind("'", begin + 1, at)
            return self._made(
                at,
                "the apostrophe ends the text in single quotes",
                f"use double quotes: {shortened(new)}",
                (begin, end, new),
            )
        new = '"' + re.sub(r'(?<!\\)"', '\\"', inner) + '"'
        at = text.rfind('"', begin + 1, at)
        hint = f'write \\" for a quote in the text, or « »: {shortened(new)}'
        return self._made(at, "the quote in the text ends it here", hint, (begin, end, new))

    def _escape(self) -> Mistake:
        at, text = self.found.at, self.text
        wrong = [one.start() for one in ESCAPE.finditer(text, at, self.found.end) if not one[1]]
        message = f"a backslash begins an escape in double quotes, and {text[at : at + 2]} is none"
        return self._made(at, message, "write \\\\ for a backslash", *((one, one, "\\") for one in wrong))

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
            edits = [(place - comma, place, new)]
        return self._made(
            at, f"the {one} opened here is never closed", f"close it with {close} at the end of the line", *edits
        )

    def _hash(self) -> Mistake:
        comment = self.found.comment or 0
        fixed, text = self.text, self.text
        for _ in range(5):
            found = trouble(fixed, self.begin)
            if found is None or found.kind != "bracket" or found.comment is None:
                break
            span = _around(fixed, found.comment)
            if span is None:
                break
            fixed = fixed[: span[0]] + _in_quotes(fixed[slice(*span)]) + fixed[span[1] :]
        edits = (
            [(self.begin, len(text), fixed[self.begin :])] if fixed != text and not trouble(fixed, self.begin) else []
        )
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
            return self._made(at, "there is a quote too many", "remove it", (at, at + 1, ""))
        if quote in "\"'":
            begin = self._string_before(before)
            key = next_key(text, begin + 1)
            if key is not None and key < before and text[:key].rstrip()[-1:] == "," and text[begin] == quote:
                comma = text.rfind(",", begin, key)
                message = "a quote is opened here and never closed"
                return self._made(begin, message, "close it on the same line", (comma, comma, quote))
            if next_key(text, at) != at and text[at] not in "\"'[{":
                ended = re.compile(f"{quote}(?=\\s*[,\\]}}])").search(text, at)
                if (
                    ended
                    and text.count(quote, begin, ended.end()) >= 3
                    and (quote == "'" or text.count(quote, begin, ended.end()) % 2 == 0)
                ):
                    return self._quote_inside(begin, at, ended.end())
        what = text[at : at + 30].split(":")[0].split(",")[0].rstrip(" }]")
        certain = next_key(text, at) == at or (text[at] in "\"'" and self.found.inside == "[")
        edits = [(before, before, ",")] if certain else []
        return self._made(at, f"there is no comma before {what}", "put a comma between the two", *edits)

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
                message = f"there is no comma before {word[1]}"
                return self._made(word.start(), message, "put a comma between the two", (place, place, ","))
            return self._two_fields(word.start(), word.start())
        span = _around(text, at) if self.flow else (self.begin, self.end)
        name = f"{self.line.key}: " if self.line.key else ""
        message = f"{name}text without quotes cannot contain a colon with a space behind it"
        if span is None or '"' in text[slice(*span)]:
            return self._made(at, message, "put the text in quotes")
        new = _in_quotes(text[slice(*span)])
        return self._made(at, message, f"put the text in quotes: {shortened(new)}", *self._certain((*span, new)))

    def _two_fields(self, at: int, key: int) -> Mistake:
        text = self.text
        name = text[key:].split(":")[0].strip()
        before = len(text[:at].rstrip(" ,;"))
        new = self._break() + " " * self.line.first
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
            name, new = text[slice(*span)].strip("@%`"), _in_quotes(text[slice(*span)])
            edits, hint = self._certain((*span, new)), f"put it in quotes: {shortened(new)}"
            if not self._is_text and _NAME.fullmatch(name):  # which no quotes would make one
                edits, hint = [(*span, name)], f"write {name}"
        return self._made(at, f"not valid YAML: unquoted text cannot begin with {text[at]}", hint, *edits)


#: What a name, a path or a handle is made of; that it is one, the schema sees to.
_NAME = re.compile(r"[a-z0-9/][a-z0-9_./-]{0,63}")


def _in_quotes(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _around(text: str, at: int) -> tuple[int, int] | None:
    """Where the unquoted text around a column begins and ends, in brackets."""
    begin = max(text.rfind(one, 0, at) + len(one) for one in (": ", ", ", "[", "{", ",") if one in text[:at])
    begin += len(text[begin:]) - len(text[begin:].lstrip())
    ends = [found for one in ",]}" if (found := text.find(one, at)) >= 0]
    if not ends or begin > at or any(one in text[begin : min(ends)] for one in '"[{'):
        return None
    return begin, len(text[: min(ends)].rstrip())
