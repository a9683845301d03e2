"""What somebody wrote above a registry or below it, such as the mail that it came with: one mistake."""

from __future__ import annotations

import re
from collections.abc import Callable

from service.problems import Edit
from service.registry.text.lines import KEY, known_keys, top_keys
from service.registry.text.patch import Pasted

#: Lines of it, at most.
_MOST_LINES = 200

_CONTENT = re.compile(r"^(?![ \t]*(?:#|\r?$))[^\r\n]+", re.MULTILINE)
_NO_TEXT = re.compile(r"(?:---|\.\.\.|%|[<=>|]{7}|[`~]{3}|[+-] |[\[{}\]]|\s)")


def preface(text: str, line: Callable[[int], int]) -> Pasted | None:
    """Lines of text above the first key of a registry, of which one at least is no YAML."""
    first = last = None
    lines, is_text = 0, False
    for found in _CONTENT.finditer(text):
        key = KEY.match(found[0])
        if key and key[2] in top_keys():
            break
        if (key and key[2] in known_keys()) or _NO_TEXT.match(found[0]) or lines == _MOST_LINES:
            return None
        first, last, lines = first or found, found, lines + 1
        is_text |= key is None
    else:
        return None
    if first is None or last is None or lines < 2 or not is_text:
        return None
    message = f"text that is no registry stands above it, lines {line(first.start())} to {line(last.start())}"
    hint = "remove these lines, or begin each with #"
    return Pasted(first.start(), "syntax", message, hint, (Edit(first.start(), last.end(), ""),))
