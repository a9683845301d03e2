"""What stands where only blanks may, and is none to YAML: on an empty line, before a comment, or as HTML writes it.

Asked only of lines near a place where the parser has failed, as `mistakes`, which has those before a key.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

from service.problems import Edit
from service.registry.text.characters import called, meant
from service.registry.text.lines import Line, Window, known_keys
from service.registry.text.mistakes import Mistake, here_and_below

#: Lines that are looked at for those that have the same.
_MOST_LINES = 5_000

_ENTITY = re.compile(r"&(?:nbsp|ensp|emsp|#160|#[xX][aA]0);")


def on_empty_line(window: Window, number: int) -> Mistake | None:
    """An invisible character on a line that has no content, a comment aside: all lines with it are one mistake."""
    line = window.lines[number]
    one = _invisible(line)
    if not one:
        return None
    others = [other for other in islice(window.below(number), _MOST_LINES) if _invisible(other) == one]
    edits = [Edit(other.start, other.start + other.indent, _plain(other)) for other in others]
    what = "before a comment" if line.text.strip() and "#" in line.text else "on a line that has nothing else"
    where = here_and_below(len(others))
    message = f"the invisible character {called(one)} stands {what}{where}"
    hint = "write plain spaces" if "#" in line.text else "remove it"
    return Mistake(line.start + line.text.index(one), message, hint, edits)


def _invisible(line: Line) -> str:
    """The first character of a line without content that YAML takes for some; tabs are told elsewhere."""
    return line.text[: line.indent].strip(" \t\r")[:1] if line.is_blank else ""


def _plain(line: Line) -> str:
    """Blanks for what stands before a comment, and nothing where there is none."""
    return "".join(map(meant, line.text[: line.indent])) if "#" in line.text else ""


@cache
def _html() -> re.Pattern[str]:
    """Blanks as HTML writes them, at the beginning of a line that has a known key, a comment, or nothing else."""
    keys = "|".join(known_keys())
    return re.compile(rf"[ \t]*(?:{_ENTITY.pattern}[ \t]*)+(?=(?:- *)?[\"']?(?:{keys})[\"']? *:|- |#|$)")


def as_html(window: Window, number: int) -> Mistake | None:
    """Blanks as HTML writes them, in the indentation: all lines with them are one mistake."""
    found = _html().match(window.lines[number].text)
    if not found:
        return None
    edits, count = [], 0
    for line in islice(window.below(number), _MOST_LINES):
        if before := _html().match(line.text):
            new = _ENTITY.sub(" ", before[0])
            edits.append(Edit(line.start, line.start + before.end(), new))
            count += 1
    one = _ENTITY.search(found[0])
    assert one is not None
    where = here_and_below(count)
    message = f"{one[0]} is how a web page writes a space, and was copied as well{where}"
    return Mistake(window.lines[number].start + one.start(), message, "write spaces", edits)
