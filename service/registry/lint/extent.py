"""Where the value or key that begins at an offset ends, so that a mistake can be underlined, and not pointed at."""

from __future__ import annotations

import re

#: So many characters are looked through for the end of a value.
_FARTHEST = 2_000
#: Quoted text, a collection in brackets, one of them that has no end, what begins with a sign of YAML, and such a sign.
_MARKED = (
    r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^']|'')*'" + r'|[\[{](?:"(?:[^"\\]|\\.)*"|[^"\[\]{}])*[\]}]'
    r"|[\"'\[{][^\r\n]*|[&*!|>][^\s,\[\]{}]*|[,\]}#]|[-?:](?!\S)"
)
#: Plain text ends at a comment, at a colon that ends a key, and at the end of the line; in a flow, at what cuts it too.
_BLOCK, _FLOW = (
    re.compile(
        rf"(?!\s)(?:{_MARKED}|(?:[^\s:#{cut}]|:(?![\s{cut}]|$)|(?<!\s)#|[ \t]+(?=[^\s#{cut}]))+(?<![,\]}}]))",
        re.DOTALL | re.MULTILINE,
    )
    for cut in ("", r",\[\]{}")
)


def end_of(text: str, offset: int) -> int:
    """The offset behind the key, plain or quoted text, or flow collection that begins at `offset`.

    It is read off the text, which may be no YAML at all: where nothing of the kind begins, it is `offset` itself.
    """
    line = text[max(0, offset - _FARTHEST) : offset].rpartition("\n")[2]
    in_flow = line.count("{") + line.count("[") > line.count("}") + line.count("]")
    found = (_FLOW if in_flow else _BLOCK).match(text, offset, offset + _FARTHEST)
    return found.end() if found else offset
