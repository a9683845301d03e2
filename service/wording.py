"""How what came from outside (a file, a path, a header, a name in Redis) is put into what people read."""

from __future__ import annotations

#: No-break spaces: invisible, but French text is set with them, and they do no harm.
_HARMLESS = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"


def printable(text: str) -> str:
    """The text on one line, with everything that a terminal or a log would act on escaped, as `repr` writes it.

    Control characters, escape sequences, line breaks, and characters that are invisible or change the direction of
    writing are what `str.isprintable` names; lone surrogates, which stand for bytes that are no UTF-8, are among them.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in _HARMLESS else repr(one)[1:-1] for one in text)
