"""Where the value or key that begins at an offset ends, so that a problem can be underlined rather than pointed at."""

from __future__ import annotations

import re

#: Of a quoted text or a flow collection, so many characters are looked through for its end.
_FARTHEST = 2_000
#: So deep in each other, collections are those of no registry, and each would be looked through to its end.
_DEEPEST = 32

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^']|'')*'", re.DOTALL)
_WORD = re.compile(r"[^\s,\[\]{}]+")
#: Plain text ends at a comment, at a colon that ends a key, and at the end of the line; in a flow, at what cuts it too.
_PLAIN = re.compile(r"(?:[^\s:#]|:(?!\s|$)|(?<!\s)#|[ \t]+(?![\s#]))+", re.MULTILINE)
_PLAIN_IN_FLOW = re.compile(r"(?:[^\s:#,\[\]{}]|:(?![\s,\[\]{}]|$)|(?<!\s)#|[ \t]+(?![\s#]))+", re.MULTILINE)
#: A quote inside a word, as in L'IA, begins no quoted text.
_FLOW_PART = re.compile(rf"(?<=[\s,:\[{{])(?:{_QUOTED.pattern})|[\[\]{{}}]|[^\[\]{{}}\"']+|[\"']", re.DOTALL)


def end_of(text: str, offset: int) -> int:
    """The offset behind the key, plain or quoted text, or flow collection that begins at `offset`.

    It is read off the text, which may be no YAML at all: where nothing of the kind begins, it is `offset` itself.
    """
    first = text[offset : offset + 1]
    near = text[offset : offset + _FARTHEST]
    if first in ("", "\r", "\n", " ", "\t"):
        return offset
    if first in "\"'":
        quoted = _QUOTED.match(near)
        return offset + (quoted.end() if quoted else _line(near))
    if first in "[{":
        return offset + _closed(near)
    if first in "&*!|>":
        word = _WORD.match(near)
        return offset + (word.end() if word else 1)
    if first in ",]}#" or re.match(r"[-?:](\s|$)", near):
        return offset + 1
    line = text[max(0, offset - _FARTHEST) : offset].rpartition("\n")[2]
    in_flow = line.count("{") + line.count("[") > line.count("}") + line.count("]")
    plain = (_PLAIN_IN_FLOW if in_flow else _PLAIN).match(near)
    length = len(plain.group().rstrip(" \t,]}")) if plain else 0
    return offset + max(length, 1)


def _line(text: str) -> int:
    """How long the first line of a text is."""
    end = re.search("[\r\n]", text)
    return end.start() if end else len(text)


def _closed(text: str) -> int:
    """How long the flow collection at the beginning of a text is, or else the line."""
    depth = 0
    for part in _FLOW_PART.finditer(text):
        depth += part.group() in "[{"
        depth -= part.group() in "]}"
        if depth == 0:
            return part.end()
        if depth > _DEEPEST:
            break
    return _line(text)
