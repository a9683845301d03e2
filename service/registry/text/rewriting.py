"""Edits that mend a text and leave its style alone: quotes, flow or block, and everything around.

Each function returns no edit where it is not certain what one would do, as with anchors, tags and blocks of text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from service.problems import Edit
from service.registry.text.nodes import Node

Edits = list[Edit]

#: Text that is safe without quotes wherever it stands, unless YAML 1.1 reads it as something else.
_PLAIN = re.compile(r"[A-Za-z_/][\w/.@-]*(?: [\w/.@-]+)*")
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_SPACE = " \t\r\n"
_BREAK = re.compile("\r\n?|\n")
#: What is looked at of one line, and of the blanks around a value, in characters: a file may be one line.
_LONGEST_LINE = 2_000
_MOST_BLANKS = 200
_REST_OF_LINE = re.compile(r"[ \t]*(#[^\r\n]*)?(\r\n?|\n|$(?![\r\n]))")


def spelled(value: str, quote: str = "") -> str:
    """Text as YAML, in `quote`s where it can be."""
    if quote and value.isprintable() and not set(value) & {"'", '"', "\\"}:
        return quote + value + quote
    if not quote and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())


def in_double_quotes(value: str) -> str:
    """Text as YAML, in double quotes, with its invisible characters as they are."""
    return json.dumps(value, ensure_ascii=False)


def listed(items: Sequence[str]) -> str:
    """Text as a list on one line."""
    return f"[{', '.join(map(spelled, items))}]"


def is_simple(text: str, node: Node) -> bool:
    """Whether the value stands in one place, and can be replaced there."""
    return node.used_at is None and node.offset < node.end and text[node.offset] not in "&*!|>?"


def plain_span(text: str, node: Node) -> tuple[int, int] | None:
    """Where a scalar without quotes on one line begins and ends, behind what may stand before it, such as a tag."""
    start, end = node.end - len(node.text), node.end
    return (start, end) if text[start:end] == node.text else None


def respelled(text: str, node: Node, value: str) -> Edits:
    """A scalar becomes other text, in the quotes that it has."""
    first = text[node.offset : node.offset + 1]
    return rewritten(text, node, spelled(value, first if first in ("'", '"') else ""))


def rewritten(text: str, node: Node, written: str) -> Edits:
    """A value becomes something else."""
    return [Edit(node.offset, node.end, written)] if is_simple(text, node) else []


def renamed(text: str, offset: int, name: str, new: str) -> Edits:
    """A key gets another name."""
    for quote in ("", '"', "'"):
        if text.startswith(quote + name + quote, offset):
            return [Edit(offset, offset + len(name) + 2 * len(quote), quote + new + quote)]
    return []


def field_removed(text: str, key: int, end: int) -> Edits:
    """A field goes, from its key to the end of its value; in a block with its line, and what is said beside it."""
    after = _after_blanks(text, end)
    if text[after : after + 1] in (",", "}"):
        return _removed_in_flow(text, key, end, after)
    start = line_start(text, key)
    rest = _REST_OF_LINE.match(text, end)
    if not rest:
        return []
    if not text[start:key].strip(" "):
        return [Edit(start, rest.end(), "")]
    if not text[start:key].strip(" -"):  # the first of an entry: the next takes its place
        following = re.compile(r" *(?=[\w\"'])").match(text, rest.end())
        if following and following.end() - rest.end() == key - start:
            return [Edit(key, following.end(), "")]
    return []


def item_removed(text: str, items: Sequence[Node], number: int) -> Edits:
    """An item of a list goes; in a block with its line."""
    node = items[number]
    if node.used_at is not None:
        return []
    start = line_start(text, node.offset)
    if re.fullmatch(r" *- +", text[start : node.offset]):
        rest = _REST_OF_LINE.match(text, node.end)
        return [Edit(start, rest.end(), "")] if rest and len(items) > 1 else []
    after = _after_blanks(text, node.end)
    if text[after : after + 1] in (",", "]"):
        return _removed_in_flow(text, node.offset, node.end, after)
    return []


def _removed_in_flow(text: str, start: int, end: int, after: int) -> Edits:
    if text[after] == ",":
        end = _after_blanks(text, after + 1)
    else:
        before = text[max(0, start - _MOST_BLANKS) : start]
        if before.rstrip(_SPACE).endswith(","):
            start -= len(before) - len(before.rstrip(_SPACE)) + 1
    return [] if "#" in text[start:end] else [Edit(start, end, "")]


def _after_blanks(text: str, offset: int) -> int:
    rest = text[offset : offset + _MOST_BLANKS]
    return offset + len(rest) - len(rest.lstrip(_SPACE))


def line_start(text: str, offset: int) -> int:
    """Where the line of an offset begins, or a place in a line of absurd length, which is looked at no further."""
    first = max(0, offset - _LONGEST_LINE)
    return max(text.rfind("\n", first, offset), text.rfind("\r", first, offset), first - 1) + 1


def column(text: str, offset: int) -> int:
    """How far an offset is from the beginning of its line."""
    return offset - line_start(text, offset)


def line_break(text: str) -> str:
    """How the lines of a text end."""
    found = _BREAK.search(text, 0, _LONGEST_LINE)
    return found[0] if found else "\n"


def lines(text: str, start: int, end: int) -> Iterator[int]:
    """Where the lines begin that begin from `start` to before `end`."""
    for found in _BREAK.finditer(text, max(0, start - 1), end):
        if start <= found.end() < end:
            yield found.end()


def is_only(text: str, start: int, end: int) -> bool:
    """Whether nothing but blanks stands before `start` on its line, and blanks or a comment behind `end` on its."""
    return not text[line_start(text, start) : start].strip(" ") and _REST_OF_LINE.match(text, end) is not None


def shifted(text: str, start: int, end: int, by: int) -> Edits:
    """Whole lines, from that of `start` to that of `end`, move to the right, or to the left where `by` is negative."""
    edits = []
    for at in [line_start(text, start), *lines(text, start, end)]:
        if text[at : at + 1] in ("\r", "\n", ""):
            continue
        if by < 0 and text[at : at - by].strip(" "):
            return []
        edits.append(Edit(at, at, " " * by) if by > 0 else Edit(at, at - by, ""))
    return edits


def tag_removed(text: str, offset: int) -> Edits:
    """The tag of a value goes, before or behind its anchor."""
    found = _TAGGED.match(text, offset)
    return [Edit(found.start("tag"), found.end("tag"), "")] if found else []


_TAGGED = re.compile(r"(?:&[^\s,\[\]{}]+ +)?(?P<tag>!(?:<[^>\s]*>|[^\s,\[\]{}]*)(?: +(?=[^\s#])|(?=[\r\n])))")
