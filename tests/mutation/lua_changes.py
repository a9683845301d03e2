"""What can be changed in a Lua file, token by token: its grammar is small, and scripts are plain."""

import re
from collections.abc import Iterator

from mutation.changes import Change

_PAIRS = [("==", "~="), ("<", "<="), (">", ">="), ("+", "-"), ("*", "/"), ("and", "or"), ("true", "false")]
_SWAPS = {**dict(_PAIRS), **{second: first for first, second in _PAIRS}}
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
    for match in _CONDITION.finditer(code):
        yield Change(path, source, *match.span("test"), b"not (%s)" % match["test"])
    for match in _STATEMENT.finditer(code):
        yield Change(path, source, *match.span("call"), b"")
    for match in _RETURN.finditer(code):
        if match["value"] != b"nil" and not match["value"].endswith((b"{", b"(", b",")):
            yield Change(path, source, *match.span("value"), b"nil")
    for match in _ARGUMENTS.finditer(code):
        if match["first"] != match["second"]:
            both = b"%s, %s" % (match["second"], match["first"])
            yield Change(path, source, match.start("first"), match.end("second"), both)
    for match in _TOKEN.finditer(code):
        if (new := _instead(match)) is not None:
            yield Change(path, source, *match.span(), new)


def _without_comments(source: bytes) -> bytes:
    """The same, but for blanks where comments are."""

    def blank(match: re.Match[bytes]) -> bytes:
        return match[0] if match[0].startswith(b"'") else b" " * len(match[0])

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
