"""What is in a file by the way it came there: a merge, a copy from a page, a diff. The text tells it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice

from service.problems import Edit
from service.registry.text.lines import Style, known_keys, style, top_keys
from service.registry.text.nodes import LINE_BREAK
from service.registry.text.patch import UNREAD, Pasted, Patch
from service.wording import joined, quoted

#: Of each kind, as many are told one by one.
_MOST = 50

#: A piece of a diff of more lines is told, and not taken out.
_MOST_LINES = 2_000

_MARKER = re.compile(r"^[ \t]*(<{7}|\|{7}|={7}|>{7})(?:[ \r][^\n]*)?$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,6}(?:`{3,}|~{3,})[ \t]*[\w-]*[ \t]*\r?(?:\n|$)", re.MULTILINE)
_STATEMENT = re.compile(
    r"^[ \t]*\{(?:%[^\n]*%|\{-?[ \t]*(?:if|else|end|range|with|define|include)\b[^\n]*\})\}[ \t\r]*$", re.MULTILINE
)
_HUNK = re.compile(r"^@@(?: -\d+(?:,\d+)? \+\d+(?:,(?P<lines>\d+))? @@|[ .]*(?:@@)?\r?$)[^\n]*(?:\n|$)", re.MULTILINE)
#: What stands above the pieces of a diff, and at its end.
_HEADER = (
    r"diff --git |index [0-9a-f,]+\.\.|(?:old|new|deleted file|new file) mode \d{6}|(?:dis)?similarity index \d"
    r"|(?:rename|copy) (?:from|to) |Binary files |\\ No newline at end of file|\+\+\+ \S"
    r"|--- (?:a/|/dev/null|[^\n]*\n\+\+\+ )"
)


@cache
def _diff_line() -> re.Pattern[str]:
    """A line of a diff, but for its context: one with a - is one of a list as well, unless a field stands behind it."""
    key = "|".join(known_keys())
    removed = rf"-(?=( {{2,}})?(- *)?({key}) *:)"
    return re.compile(rf"^(?:(?=(?P<header>{_HEADER}))|\+(?!\+\+ )|{removed})[^\n]*(?:\n|$)", re.MULTILINE)


@cache
def _piece() -> re.Pattern[str]:
    """How a piece of a diff begins: one search for both, so that it ends where the first is."""
    return re.compile(f"{_HUNK.pattern}|{_diff_line().pattern}", re.MULTILINE)


def pasted(patch: Patch, line: Callable[[int], int]) -> Iterator[Pasted]:
    """Everything of these kinds, with the text of `patch` mended step by step; `line` counts the lines of the file."""
    for look in (_conflict, _fence, _diff, _template):
        start = 0
        for _ in range(_MOST):
            found = look(patch.text, start, lambda offset: line(patch.place(offset)))
            if found is None:
                break
            yield found
            if not found.edits:
                return
            start = min(edit.start for edit in found.edits)  # before that, there was none


def _line_end(text: str, at: int) -> int:
    """Where the next line begins."""
    found = LINE_BREAK.search(text, at)
    return found.end() if found else len(text)


def _conflict(text: str, start: int, line: Callable[[int], int]) -> Pasted | None:
    """The first conflict from a place on that Git has left, or a single line of one."""
    all_marks = _MARKER.finditer(text, start)
    marks = list(islice((one for one in all_marks if one[1][0] in "<>" or one[0][0] == one[1][0]), 4))
    if not marks:
        return None
    begin = marks[0].start()
    last = next((number for number, one in enumerate(marks) if one[1][0] == ">"), None)
    another = next((number for number, one in enumerate(marks[1:], 1) if one[1][0] == "<"), len(marks))
    if marks[0][1][0] == "<" and last is not None and last < another:
        at = marks[last].start()
        message = f"unresolved merge conflict, lines {line(begin)} to {line(at)}"
        signs = "<<<<<<<, ======= and >>>>>>>"
        if any(one[1][0] == "|" for one in _MARKER.finditer(text, begin, at)):
            signs = "<<<<<<<, ======= and >>>>>>>, and those from ||||||| to ======="
        hint = f"keep one side, or both one after the other, and delete the lines with {signs}"
        return Pasted(begin, "merge-conflict", message, hint, (_without(text, begin, _line_end(text, at)),))
    # What is left of one: lines that somebody has forgotten, as far as they may be of the same. Which side was to be
    # kept, nobody else knows, so they are taken out to read on, and not from the file.
    left = marks[: another if last is None else min(another, last + 1)]
    edits = tuple(Edit(one.start(), _line_end(text, one.start()), "") for one in left)
    those = joined([one[1] for one in left])
    message = f"a part of a merge conflict was left here, {those}"
    hint = f"delete {'the line' if len(left) == 1 else 'these lines'}, once the right side is kept"
    is_open = left[0][1][0] == "<" and left[-1][1][0] == "="
    if is_open and _content(text, left[0].end(), left[-1].start()):  # the other side is enough to read on
        edits = (_without(text, begin, _line_end(text, left[-1].start())),)
    return Pasted(begin, "merge-conflict", message, hint, edits)


_CONTENT = re.compile(r"^(?![<=>|]{7})( *)(- |- *$)?([\"']?)(\w*)[^\n]*$", re.MULTILINE)
_COMMENT_OR_BLANK = re.compile(r"\s*(?:#|$)")


def _content(text: str, at: int, end: int) -> re.Match[str] | None:
    """The first line with content from a place to another."""
    return next((one for one in _CONTENT.finditer(text, at, end) if not _COMMENT_OR_BLANK.match(one[0])), None)


def _without(text: str, begin: int, end: int) -> Edit:
    """An edit that puts what is unread for the entries from one place to another, or for a key of the file."""
    form = style(text)
    first = _content(text, _line_end(text, begin), end)
    after = _content(text, end, min(len(text), end + 20_000))
    if first is not None and not first[1] and not first[2] and first[4] in top_keys() - {"modules"}:
        return Edit(begin, end, f"{first[4]}: {UNREAD} x\n")
    is_whole = first is None or first[2] is not None
    if not is_whole:
        entry = f"\n{' ' * form.dash}- "
        begin = max(text.rfind(entry, 0, begin) + 1, 0) or begin
    if after is not None and not after[2] and after[1]:  # fields of an entry that the conflict has cut
        following = re.compile(rf"^(?: {{{form.dash}}}-|\w)", re.MULTILINE).search(text, end)
        end = following.start() if following else len(text)
    return Edit(begin, end, f"{' ' * form.dash}- {UNREAD} x\n")


def _fence(text: str, start: int, _: Callable[[int], int]) -> Pasted | None:
    """The first fence of Markdown from a place on, with the next one, which closes it."""
    pair = list(islice(_FENCE.finditer(text, start), 2))
    if not pair:
        return None
    edits = tuple(Edit(one.start(), one.end(), "") for one in pair)
    at = pair[0].start() + len(pair[0][0]) - len(pair[0][0].lstrip(" "))
    sign = pair[0][0].strip()[:3]
    what = "the two lines" if len(pair) == 2 else "the line"
    message = f"{sign} is the fence of a code block in Markdown, which was copied as well"
    return Pasted(at, "syntax", message, f"delete {what} with {sign}", edits, is_mended=True)


def _template(text: str, start: int, line: Callable[[int], int]) -> Pasted | None:
    """The lines from a place on that a template has for itself."""
    found = list(islice(_STATEMENT.finditer(text, start), _MOST_LINES))
    if not found:
        return None
    lines = [line(one.start()) for one in found]
    where = f"line {lines[0]} is" if len(lines) == 1 else f"lines {joined([str(one) for one in lines])} are"
    message = f"{where} of a template that was not filled in, such as {quoted(found[0][0].strip(), 40)}"
    edits = tuple(Edit(one.start(), _line_end(text, one.start()), "") for one in found)
    at = found[0].start() + len(found[0][0]) - len(found[0][0].lstrip())
    return Pasted(at, "syntax", message, "write what the template makes, without these lines", edits)


def _context(text: str, at: int) -> Iterator[Edit]:
    """Edits of the lines below a piece of a diff that have the blank which a diff puts before them."""
    form = style(text)
    key = "|".join(known_keys())
    line = re.compile(rf" (?: {{{form.dash}}}-| {{{form.field}}}(?:  )?)(?<=[- ])(?: *)(?:{key}) *:[^\n]*(?:\n|$)")
    for _ in range(10):
        found = line.match(text, at)
        if not found or (len(found[0]) - len(found[0].lstrip(" "))) % 2 == form.field % 2:
            return
        yield Edit(at, at + 1, "")
        at = found.end()


def _lacks_one(text: str, at: int, form: Style) -> bool:
    """Whether a line behind the sign of a diff has a blank less than it needs: the sign was written over it."""
    found = re.compile(rf"( *)(- +)?(?:{'|'.join(known_keys())}) *:").match(text, at)
    return found is not None and len(found[1]) + 1 == (form.dash if found[2] else form.field)


def _is_context(text: str, at: int, number: int, form: Style) -> bool:
    """Whether so many lines from one on have the blank that a diff puts before those that it leaves alone."""
    key = "|".join(known_keys())
    line = re.compile(rf"( *)(- +)?(?:{key}) *:")
    with_blank = without = 0
    for _ in range(min(number, _MOST)):
        if at >= len(text):
            break
        if found := line.match(text, at):
            begin = len(found[1])
            is_whole = begin == form.dash if found[2] else begin in (0, form.field, form.field + 2)
            without, with_blank = without + is_whole, with_blank + (not is_whole)
        at = _line_end(text, at)
    return with_blank > without


#: A line that is a part of a diff, once one of its headers came before it.
_IN_A_DIFF = re.compile(rf"(?:[ +-][^\n]*|\r?|@@[^\n]*|(?:{_HEADER})[^\n]*)(?:\n|\Z)")


def _is_all(text: str, at: int) -> bool:
    """Whether a diff begins at a place, and the file has nothing else."""
    header = _HUNK.match(text, at) or _diff_line().match(text, at)
    if header is None or (text[at] in "+-" and not header["header"]) or text[:at].strip():
        return False
    hunk = _HUNK.search(text, at)
    return hunk is not None and re.compile(rf"(?:{_IN_A_DIFF.pattern})*+\Z").match(text, at) is not None


def _diff(text: str, start: int, line: Callable[[int], int]) -> Pasted | None:
    """The first lines from a place on that begin with the signs of a diff."""
    found = _piece().search(text, start)
    if found is None:
        return None
    begin = found.start()
    is_all = _is_all(text, begin)
    if is_all and not re.search(r"^[ +](?:modules|\"modules\") *:", text, re.MULTILINE):
        hint = "put its changes into the registry, such as with `git apply`"
        return Pasted(begin, "syntax", "this is a diff, a piece of a registry and not all of it", hint)
    edits: list[Edit] = []
    at, left, signs = begin, 0, set()
    form, has_context, lacks_blanks = style(text), False, False
    while at < len(text):
        if len(edits) >= _MOST_LINES:
            edits = []
            break
        end = _line_end(text, at)
        one = text[at]
        if header := _HUNK.match(text, at):
            left = int(header["lines"] or 1)
            left = left if is_all or _is_context(text, end, left, form) else 0
            edits.append(Edit(at, end, ""))
        elif header := _diff_line().match(text, at):
            is_sign = header["header"] is None
            signs.add(one if is_sign else "")
            is_added = is_sign and one == "+"
            blank = " " if is_added and left <= 0 and _lacks_one(text, at + 1, form) else ""
            lacks_blanks |= bool(blank)
            edits.append(Edit(at, at + 1 if is_added else end, blank))
            left -= is_added
        elif left > 0 and one in " \r\n":
            edits += [Edit(at, at + 1, "")] if one == " " else []
            has_context |= one == " "
            left -= 1
        else:
            break
        last, at = at, end
    signs -= {""}
    if signs and not _HUNK.match(text, begin):
        edits += _context(text, at)
    first, end_line = line(begin), line(last)
    where = f"lines {first} to {end_line} are" if end_line > first else "this line is"
    those = "each line" if end_line > first else "it"
    hint = f"remove the {'+ or the blank' if has_context else '+'} in front of {those}"
    if lacks_blanks:
        hint = f"write a blank for the + in front of {those}"
    if signs == {"-"}:
        hint = "delete what begins with -, or remove the -"
    elif "-" in signs:
        hint = "delete the lines that begin with -, and remove the + in front of the others"
    elif not signs and has_context:
        hint = "delete the line with @@, and remove the blank in front of those below it"
    elif not signs:
        hint = "delete them" if end_line > first else "delete this line"
    shown = f", with {joined(sorted(signs))} at the left margin" if signs else ""
    return Pasted(begin, "syntax", f"{where} from a diff{shown}", hint, tuple(edits), is_mended="-" not in signs)
