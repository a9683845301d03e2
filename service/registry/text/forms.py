"""A value in a form that YAML does not know: of HTML or Markdown, or a list or a mapping without its brackets."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from service.problems import Edit
from service.registry.schema import is_name
from service.registry.text.characters import called
from service.registry.text.lines import OPENED, TEXTS, Line, Window, inner_keys
from service.registry.text.mistakes import Mistake
from service.registry.text.values import COMMENT, Trouble, in_quotes, trouble
from service.wording import quoted, shortened

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LINK = re.compile(r"\[([^\[\]]*)\]\(\s*<?([^()\s<>]+)>?[^()]*\)$")
_ITEM = re.compile(r"(?:^|\s)[-*]\s+")
_FIRST_KEY = re.compile(r"([\"']?)(\w+)\1\s*:(?=\s)")
#: Fields whose value is an address; that of the others has the text of a link, if anything of it.
_ADDRESSES = ("documentation", "api_endpoint")


def another_form(window: Window, number: int, text: str, found: Trouble) -> Mistake | None:
    """What a value with a trouble is to another language. `text` is its line, with those that it goes on over."""
    line = window.lines[number]
    if len(text) != len(line.text):
        return None
    for asked in _FORMS:
        if mistake := asked(window, number, found):
            return mistake
    return None


def _end(line: Line) -> int:
    """The column behind the value of a line."""
    return len(COMMENT.sub("", line.text).rstrip())


def _made(line: Line, at: int, message: str, hint: str, *edits: tuple[int, int, str]) -> Mistake:
    start = line.start
    return Mistake(start + at, message, hint, [Edit(start + begin, start + end, new) for begin, end, new in edits])


def _below(window: Window, number: int) -> Line | None:
    """The next line with content, if it is deeper."""
    line = window.lines[number]
    below = window.following(number)
    return below if below is not None and below.indent > line.first else None


def _entities(window: Window, number: int, found: Trouble) -> Mistake | None:
    """Characters as HTML writes them."""
    line = window.lines[number]
    text, begin = line.text, line.value
    first = _ENTITY.match(text, found.at) if found.kind == "start" else None
    if not first or (sign := html.unescape(first[0])) == first[0]:
        return None
    new = _ENTITY.sub(lambda one: html.unescape(one[0]), text[begin:])
    if trouble(new, 0) and not found.inside:
        new = in_quotes(_ENTITY.sub(lambda one: html.unescape(one[0]), text[begin : _end(line)]))
    edits = [(begin, len(text), new)] if not trouble(new, 0) and new.isprintable() else []
    shown = sign if sign.isprintable() and not sign.isspace() else called(sign[0])
    hint = f"write {shortened(new)}" if edits else f"write {shown} for it, and put text with such signs in quotes"
    return _made(line, found.at, f"{first[0]} is HTML for {shown}, and not read as that here", hint, *edits)


def _link(window: Window, number: int, found: Trouble) -> Mistake | None:
    """A link of Markdown for an address or a name."""
    line = window.lines[number]
    begin, end = line.value, _end(line)
    link = _LINK.match(line.text[begin:end]) if found.kind == "after" and line.key not in TEXTS else None
    if not link or not line.key:
        return None
    new = link[2] if line.key in _ADDRESSES else link[1].strip()
    if line.key not in _ADDRESSES and not is_name(new):
        return _made(line, begin, "this is a link of Markdown", "write the name alone, without brackets")
    return _made(line, begin, "this is a link of Markdown", f"write {shortened(new)}", (begin, end, new))


def _dashes(window: Window, number: int, found: Trouble) -> Mistake | None:
    """A list with dashes on the line of its field."""
    line = window.lines[number]
    text, begin, end = line.text, line.value, _end(line)
    if found.kind != "start" or found.inside or not _ITEM.match(text[begin:]) or line.key not in OPENED["["]:
        return None
    message = f"a list with dashes begins below {line.key}, not on its line"
    below = window.following(number)
    if below is not None and below.has_dash and below.indent >= line.first and text[begin] == "-":
        place = len(text[:begin].rstrip())
        hint = f"write {shortened(text[begin:end])} on a line of its own"
        return _made(line, begin, message, hint, (place, begin, window.break_at(number) + " " * below.indent))
    items = [one.strip() for part in _ITEM.split(text[begin:end])[1:] for one in part.split(",") if one.strip()]
    new = f"[{', '.join(items)}]"
    is_certain = _below(window, number) is None and not trouble(new, 0) and (all(map(is_name, items)) or "-" not in new)
    return _made(line, begin, message, f"write {shortened(new)}", *([(begin, end, new)] if is_certain else []))


def _no_braces(window: Window, number: int, found: Trouble) -> Mistake | None:
    """The fields of a mapping on the line of its name, without braces."""
    line = window.lines[number]
    text, begin, end = line.text, line.value, _end(line)
    first = _FIRST_KEY.match(text, begin)
    if found.kind not in ("colon", "after") or found.inside or line.key not in OPENED["{"]:
        return None
    if not first or first[2] not in inner_keys():
        return None
    below = _below(window, number)
    if below is not None and below.key in inner_keys():
        place = len(text[:begin].rstrip())
        new = window.break_at(number) + " " * below.indent
        message = f"{first[2]} stands on the line of {line.key}, and {below.key} below it"
        return _made(line, begin, message, f"write {first[2]} on a line of its own", (place, begin, new))
    new = f"{{ {text[begin:end]} }}"
    message = f"what belongs to {line.key} stands beside it without braces"
    if below is not None or trouble(new, 0):
        return _made(line, begin, message, "write { and } around it, with a comma between two fields")
    return _made(line, begin, message, f"write {line.key}: {shortened(new)}", (begin, end, new))


def _colon_at_end(window: Window, number: int, found: Trouble) -> Mistake | None:
    """A colon behind a name."""
    line = window.lines[number]
    text, begin, end = line.text, line.value, _end(line)
    if found.kind != "colon" or found.inside or line.key in TEXTS or not line.key or text[found.at : end] != ":":
        return None
    name = text[begin : found.at].rstrip()
    name = f"[{name}]" if line.key in OPENED["["] else name
    edits = [(begin, end, name)] if _below(window, number) is None else []
    return _made(
        line, found.at, f"there is a colon behind the value of {line.key}", f"write {quoted(name)[1:-1]}", *edits
    )


_FORMS: tuple[Callable[[Window, int, Trouble], Mistake | None], ...] = (
    _entities,
    _link,
    _dashes,
    _no_braces,
    _colon_at_end,
)
