"""How what came from outside (a file, a path, a header, a name in Redis) is put into what people read."""

from __future__ import annotations

import json
import re
from typing import Any

#: No-break spaces: invisible, but French text is set with them, and they do no harm.
_HARMLESS = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"


#: What GitHub's runner takes for a command in the output of a step: a line that begins with two colons, blanks aside,
#: or `##[` anywhere in it (actions/runner, ActionCommand.cs).
_COMMAND = re.compile(r"^\s*:(?=:)|#(?=#\[)")


def printable(text: str) -> str:
    """The text on one line, with everything that a terminal, a log or GitHub's runner would act on escaped.

    It is escaped as `repr` does it. Control characters, escape sequences, line breaks, and characters that are
    invisible or change the direction of writing are what `str.isprintable` names; lone surrogates, which stand for
    bytes that are no UTF-8, are among them.
    """
    if not text.isprintable():
        text = "".join(one if one.isprintable() or one in _HARMLESS else repr(one)[1:-1] for one in text)
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):x}", text)


def json_text(value: Any, indent: int | None = None) -> str:
    """The value as JSON, readable and safe to print: what `printable` would escape has JSON's escape, and its value."""
    # In JSON, a line break that is one belongs to the layout.
    return re.sub(r"[^\n -~]|#(?=#\[)", _escaped, json.dumps(value, ensure_ascii=False, indent=indent))


def _escaped(found: re.Match[str]) -> str:
    one = found[0]
    if one == "#":
        return r"\u0023"
    return one if one.isprintable() or one in _HARMLESS else json.dumps(one)[1:-1]
