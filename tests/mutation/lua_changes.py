"""What can be changed in a Lua file, token by token: its grammar is small, and scripts are plain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mutation.changes import Change

_SWAPS = {
    "==": "~=",
    "~=": "==",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "and": "or",
    "or": "and",
    "true": "false",
    "false": "true",
}
#: Strings come first, so that nothing inside them is found.
_TOKEN = re.compile(
    rb"(?P<string>'[^'\n]*')|(?P<number>\b\d+\b)|(?P<not>\bnot )"
    rb"|(?P<swap>[=~<>]=|[<>+*/]|(?<=[\w)\]] )-(?= )|\b(?:and|or|true|false)\b)"
)
_CONDITION = re.compile(rb"\b(?:if|elseif|while)\s+(?P<test>.+?)\s+(?:then|do)\b")
_STATEMENT = re.compile(rb"^ *(?P<call>(?:redis\.)?\w+\([^\n]*\)|\w+(?:\[[^\n]*?\])? = [^\n]*[^\n,{(])$", re.MULTILINE)
_RETURN = re.compile(rb"\breturn (?P<value>[^\n]+?)(?= end\b|$)", re.MULTILINE)
_ARGUMENTS = re.compile(rb"\w\((?P<first>[\w\[\]'.]+), (?P<second>[\w\[\]'.]+)(?=[,)])")


def changes(path: str, source: bytes) -> Iterator[Change]:
    """Every change of this file that this knows of."""
    code = _without_comments(source)
    for found in _CONDITION.finditer(code):
        yield Change(path, source, *found.span("test"), b"not (%s)" % found["test"])
    for found in _STATEMENT.finditer(code):
        yield Change(path, source, *found.span("call"), b"")
    for found in _RETURN.finditer(code):
        if found["value"] != b"nil" and not found["value"].endswith((b"{", b"(", b",")):
            yield Change(path, source, *found.span("value"), b"nil")
    for found in _ARGUMENTS.finditer(code):
        if found["first"] != found["second"]:
            both = b"%s, %s" % (found["second"], found["first"])
            yield Change(path, source, found.start("first"), found.end("second"), both)
    for found in _TOKEN.finditer(code):
        if (new := _instead(found)) is not None:
            yield Change(path, source, *found.span(), new)


def _without_comments(source: bytes) -> bytes:
    """The same, but for blanks where comments are."""

    def blank(found: re.Match[bytes]) -> bytes:
        return found[0] if found[0].startswith(b"'") else b" " * len(found[0])

    return re.sub(rb"'[^'\n]*'|--[^\n]*", blank, source)


def _instead(token: re.Match[bytes]) -> bytes | None:
    """What a token is changed into; None where it stays."""
    text = token[0].decode()
    if token["number"]:
        return str(int(text) + 1).encode()
    if token["swap"]:
        return _SWAPS[text].encode()
    if token["not"]:
        return b""
    # The name of a command that there is not, and a sentence for people, are no change of what is done.
    return None if text[1:-1].isupper() or " " in text else f"{text[:-1]}x'".encode()
