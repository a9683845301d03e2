"""Syntax errors in words for somebody who does not know YAML's."""

from __future__ import annotations

import re
from typing import Any

from service.problems import Edit
from service.registry.schema import module_fields
from service.registry.text.around import ALIKE, QUESTIONS
from service.registry.text.bad_value import bad_value, is_block_scalar
from service.registry.text.lines import KEY, LONGEST, Budget, Window, known_keys, top_keys
from service.registry.text.mistakes import Mistake, with_those_alike
from service.wording import quoted

_OFF_MARGIN = re.compile(r"^( {1,8})(modules|legacy_features|removed) *:", re.MULTILINE)
#: So far above an error, in characters, nothing but what is open tells what it comes from.
_FAR = 20_000
_ITEM = re.compile(r"^ *- ", re.MULTILINE)
_NAME_OF_LIST = re.compile(r"^\W{0,3}modules\b", re.MULTILINE)


def explained(error: Any, text: str, budget: Budget) -> Mistake:
    """What a yaml.MarkedYAMLError in `text` comes from: a mistake of a line near where it says so, or itself.

    Raises Spent where that would take longer than there is time.
    """
    at = min(error.problem_mark.index, len(text))
    begin = at
    if error.context_mark is not None and (error.context_mark.column or "flow" in error.context):
        is_far = at - error.context_mark.index > _FAR and "block" in error.context  # it is around too much to be meant
        begin = at if is_far else error.context_mark.index
    window = Window(text, begin, at, budget)
    number = window.number(at)
    first = window.number(begin)
    start = window.entry(first - 1 if first == number else first) if first else None
    if start is None:
        if "flow node" in (error.context or ""):
            first = window.number(_opened(text, window.lines[0].start, at))
        is_in_brackets = window.is_json or "flow" in (error.context or "")
        start = first if is_in_brackets else max(0, first - 20)
    found = _first_mistake(window, min(start, number), number)
    cut = _cut_off(error, text, window, found.offset if found else None)
    if cut is not None and (found is None or found.offset >= window.lines[window.number(cut.offset)].start):
        return cut
    if found is not None:
        return found
    if astray := _entry_astray(window, number):
        return astray
    if not _NAME_OF_LIST.search(text) and (item := _ITEM.search(text)):
        hint = "write modules: at the left margin, above the first entry"
        above = text[: item.start()].splitlines()
        is_first = all(not line.strip() or line.lstrip().startswith("#") for line in above)
        edits = [Edit(item.start(), item.start(), "modules:\n")] if is_first else []
        return Mistake(item.start(), "the list of modules has no name", hint, edits)
    if shifted := _OFF_MARGIN.search(text):
        key = shifted[2]
        message = f"{key} begins in column {len(shifted[1]) + 1}, and the keys of the file in column 1"
        edits = [Edit(shifted.start(1), shifted.end(1), "")]
        return Mistake(shifted.start(2), message, "begin it at the left margin", edits)
    return as_the_parser_says(error, text)


#: Brackets, and text in quotes on one line, which may have some in it.
_BRACKETS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|[\[\]{}]")


def _opened(text: str, begin: int, at: int) -> int:
    """Where the innermost bracket opens that is open at a place, of those from another on; or else the place."""
    opened = [at]
    for found in _BRACKETS.finditer(text, begin, at):
        if found[0] in "[{":
            opened.append(found.start())
        elif found[0] in "]}" and len(opened) > 1:
            opened.pop()
    return opened[-1]


def _entry_astray(window: Window, number: int) -> Mistake | None:
    """An entry that begins behind another key of the file than modules, or above it, with those that follow it."""
    line = window.lines[number]
    if line.key == "modules" and not line.indent:  # what comes before it is in the way
        number = next((index for index, one in enumerate(window.lines[:number]) if one.has_dash), number)
        line = window.lines[number]
    if not line.has_dash or line.key not in module_fields() or not _NAME_OF_LIST.search(window.text):
        return None
    keys = [other.key for other in window.lines[:number] if not other.indent and other.key in top_keys()]
    if keys[-1:] in (["modules"], ["removed"]) or (not keys and window.lines[0].start > 0):
        return None
    end = number + 1
    for index in range(number + 1, len(window.lines)):
        other = window.lines[index]
        if not other.indent and other.key in top_keys():
            break
        end = index + 1 if not other.is_blank else end
    where = f"below {keys[-1]}" if keys else "above modules"
    message, hint = f"an entry begins here, {where}", "move it, with its fields, to the others under modules:"
    edits = [Edit(line.start, window.lines[end - 1].end, "")]
    return Mistake(line.start + line.indent, message, hint, edits, is_mended=False)


_FRENCH, _ENGLISH = (re.compile(rf"\b{name}[\"']?[ \t]*:") for name in ("fr", "en"))
_WHAT = {'"': "text in quotes", "'": "text in quotes", "[": "list in brackets", "{": "mapping in braces"}
_CUT = "was the rest of the file lost? Bring it back, or close what is open"


def _cut_off(error: Any, text: str, window: Window, opened: int | None) -> Mistake | None:
    """The end of the file inside of something that is open there, which most likely is not where it ended once.

    That is so where the last line has no end, or is text that may have been longer, or text in French without the
    English one. `opened` is where the lines themselves have something that is not closed.
    """
    end = len(text.rstrip())
    is_near = error.problem_mark.index >= end > window.lines[0].start and window.lines[-1].end >= len(text)
    if not is_near:
        return None
    last = window.number(end - 1)
    is_whole = text[-1] in "\r\n"
    at = error.context_mark.index if error.context_mark is not None else end
    if at >= end and opened is not None:
        at = opened
    what = _WHAT.get(text[at : at + 1])
    if what is None:
        line = window.lines[last]
        if is_whole or not line.text.strip() or KEY.match(line.text, line.first):
            return None
        message = f"the file ends in the middle of a line, {quoted(line.text.strip(), 40)}"
        return Mistake(line.start + line.indent, message, "was the rest of the file lost? Bring it back", cut=True)
    first = window.number(at)
    if any(line.key in known_keys() for line in window.lines[first + 1 : last + 1]):
        return None
    value = text[window.lines[first].start : end]
    may_go_on = text[at] in "\"'" and text[end - 1] not in "]}"
    if is_whole and not may_go_on and (not _FRENCH.search(value) or _ENGLISH.search(value)):
        return None
    return Mistake(at, f"the file ends inside the {what} that opens here", _CUT, cut=True)


def _first_mistake(window: Window, first: int, last: int) -> Mistake | None:
    """The mistake of the first of these lines that has one."""
    index = first
    while index <= last:
        line = window.lines[index]
        if (line.is_blank and not line.text[: line.indent].strip(" ")) or len(line.text) > LONGEST:
            index += 1
            continue
        for asked in QUESTIONS:
            if found := asked(window, index):
                return with_those_alike(asked, window, index, found) if asked in ALIKE else found
        found, end = bad_value(window, index, len(window.lines))
        if found:
            return found
        if is_block_scalar(line):
            end = window.field_end(index) - 1
        index = end + 1
    return None


_CLOSING = "]},; "


def _never_opened(window: Window, offset: int) -> Mistake:
    """A bracket that closes nothing, at an offset; its line goes where it has nothing else."""
    number = window.number(offset)
    line = window.lines[number]
    at, rest = offset - line.start, line.text.strip()
    message = f"there is a {line.text[at]} here, and nothing is open that it could close"
    if not rest.strip(_CLOSING):
        last = number
        while last + 1 < len(window.lines) and not window.lines[last + 1].text.strip(_CLOSING):
            last += 1
        end = window.lines[last + 1].start if last + 1 < len(window.lines) else window.lines[last].end
        return Mistake(offset, message, "remove it", [Edit(line.start, end, "")])
    behind = len(line.text[at + 1 :]) - len(line.text[at + 1 :].lstrip())
    edits = [Edit(offset, offset + 1 + behind, " " * (behind + 1 if at else 0))] if not line.text[:at].strip() else []
    return Mistake(offset, message, "remove it", edits)


def as_the_parser_says(error: Any, text: str) -> Mistake:
    """The parser's own words, where the lines around say no more, or too many would have to be looked at."""
    mark, context = error.problem_mark, error.context_mark
    problem = (error.problem or "").strip()
    offset = min(mark.index, len(text))
    at = text[offset : offset + 1]
    if "end of stream" in problem and "quoted" in (error.context or ""):
        return Mistake(context.index, "a quote is opened here and never closed", "close it on the same line")
    if at == "\t" or "tab character" in problem:
        return Mistake(offset, "a tab is used where YAML wants spaces", "indent with spaces")
    if problem.startswith("mapping values are not allowed"):
        hint = "put text that contains a colon in quotes, and check the indentation"
        return Mistake(offset, "not valid YAML: a colon is not allowed here", hint)
    if problem.startswith("found character that cannot start"):
        return Mistake(offset, f"not valid YAML: unquoted text cannot begin with {at}", "put it in quotes")
    if problem.startswith("could not find expected ':'") and context is not None:
        near = Window(text, context.index, context.index, Budget())
        line = near.lines[near.number(context.index)]
        message = f"the line {quoted(line.text.strip(), 40)} has no colon with a space behind it"
        return Mistake(context.index, message, "write a field as name: value, and begin a comment with #")
    if "flow" in (error.context or "") and (one := text[context.index : context.index + 1]) in ("[", "{"):
        message = f"the {one} opened here is never closed, or a comma is missing behind it"
        return Mistake(context.index, message, f"close it with {']' if one == '[' else '}'}, with commas between")
    if at in ("]", "}") and problem.startswith("did not find expected") and "block" in (error.context or "block"):
        return _never_opened(Window(text, offset, offset, Budget()), offset)
    if problem.startswith("did not find expected"):
        message = "not valid YAML: the text before this place ends too early, or the indentation changes"
        hint = 'put text with an apostrophe, a colon or a # in double quotes, such as "L\'annonce"'
        return Mistake(offset, message, hint)
    hint = f"it happened {error.context} that begins on line {context.line + 1}" if error.context and context else ""
    return Mistake(offset, f"not valid YAML: {problem}", hint)
