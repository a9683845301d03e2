"""Where the cursor stands in a file that is being typed, and hardly ever is valid YAML at that moment.

Only the entry around the cursor is read. A mark stands for what will be typed, and is found among the values then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from service.lsp.document import root_of
from service.registry.lint.nodes import Node, Path, fields, items
from service.registry.schema import schema

#: Stands for what will be typed: a character for private use, which YAML allows in text.
MARK = "\ue000"
#: A longer entry is none that somebody types, in characters: it is read several times.
_LONGEST_ENTRY = 16 * 1024
#: What may close the brackets and braces before the mark.
_CLOSING = ("", "]", "}", "]}", "}}", "}]", "]}]", "}}]")
_SECTION = re.compile(rf"^({'|'.join(schema()['properties'])}):", re.MULTILINE)
_ENTRY = re.compile(r"^ *- +(?:[&*]\S+ +)?(?:\{|[\w<]+ *:)", re.MULTILINE)
_ITEM = re.compile(r"^ *-(?: |$)", re.MULTILINE)
#: Where an entry has ended: at the next one, or at the left margin.
_NEXT = re.compile(rf"\n(?={_ENTRY.pattern}|\w)", re.MULTILINE)
_WORD = re.compile(r"\w*")


class Context(NamedTuple):
    """Where the cursor is, in a word from `start` to `end`, which are offsets of the text.

    `path` leads to the value, or to the mapping of a name (`is_key`), from the root of the document; the numbers in it
    are not those of the file, since only a part was read. `around` is the mapping or list that it is in, and `entry`
    the module, or what else is two levels deep. A value is on its `own_line` where its field is named on another one.
    """

    path: Path
    is_key: bool
    around: Node
    entry: Node
    start: int
    end: int
    own_line: bool = False


def context(text: str, offset: int) -> Context | None:
    """Where the cursor at an offset is; None where nothing can be said, such as in a comment or between quotes."""
    end = _WORD.match(text, offset).end()  # type: ignore[union-attr]  # it matches anything
    for before, after in _readings(text, end):
        root = root_of(before + after)
        if root is not None and (found := _marked(root, before, end)):
            return found
    return None


def _marked(root: Node, before: str, end: int) -> Context | None:
    """Where the plain word is that ends with the mark, at the end of `before`."""
    stop, node, around = len(before), root, root
    key, path = stop, Path()
    while node.children:
        for name, at in node.keys.items():
            if at + len(name) == stop:
                return Context(path, True, node, root.at(path[:2]), end + 1 - len(name), end)
        parts = fields(node).items() or enumerate(items(node))
        inner = next(((part, child) for part, child in parts if child.place < stop <= child.end), None)
        if inner is None:
            return None
        key, path = node.keys.get(str(inner[0]), stop), (*path, inner[0])
        around, node = node, inner[1]
    if not (node.is_plain and node.end == stop and before.endswith(node.text)):
        return None
    word = node.text.rpartition(" ")[2]
    return Context(path, False, around, root.at(path[:2]), end + 1 - len(word), end, "\n" in before[key:])


def _readings(text: str, end: int) -> Iterator[tuple[str, str]]:
    """Parts of the text up to the mark, and what may follow it, the more likely ones first.

    The former are the entry around, the item around, the whole section, the latter the rest of the entry, that of the
    line, what closes brackets. With a colon, an item would seem to be the name of a field: it is a value first.
    """
    ends = _NEXT.search(text, end)
    rest = text[end : min(ends.start() if ends else len(text), end + _LONGEST_ENTRY)]
    sections = [*_SECTION.finditer(text, 0, end)][-1:]
    begin = sections[0].start() if sections else 0
    parts = []
    for pattern in (_ENTRY, _ITEM) if sections else ():
        for found in [*pattern.finditer(text, max(begin, end - _LONGEST_ENTRY), end)][-1:]:
            parts.append(f"{sections[0][1]}:\n{text[found.start() : end]}")
    for part in (*parts, text[begin:end]):
        for after in (rest, rest.partition("\n")[0], *_CLOSING) if len(part) <= _LONGEST_ENTRY else ():
            yield from ((part + MARK, after), (part + MARK, f":{after}"))
