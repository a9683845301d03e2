"""Text without quotes that a comma ends, in braces: YAML reads what is behind it as a language without a text."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import NamedTuple

from service.problems import Edit
from service.registry.text.nodes import Node
from service.registry.text.rewriting import Edits, in_double_quotes
from service.wording import quoted

#: Text that a hint shows whole, in characters.
_LONGEST = 120


class Cut(NamedTuple):
    """The text of a language, and what commas cut off from it: its `pieces` stand in the file as keys."""

    language: str
    pieces: list[str]
    start: int
    whole: str

    @property
    def text(self) -> str:
        """All of it, on one line."""
        return " ".join(map(str.strip, self.whole.splitlines()))

    def hint(self) -> str:
        """How to write it."""
        return f"a comma ends text that is not in quotes: write {self.language}: {quoted(self.text, _LONGEST)}"

    def fix(self) -> Edits:
        """The edits that write it."""
        written = in_double_quotes(self.text)
        return [Edit(self.start, self.start + len(self.whole), written)] if "#" not in self.whole else []


def cut_by_commas(node: Node, languages: Set[str], text: str) -> Iterator[Cut]:
    """Each text of a mapping in braces that is cut. Where a language is missing, what is behind may be meant for it."""
    if not node.value.keys() >= languages or node.used_at is not None or not text.startswith("{", node.offset):
        return
    last, pieces = "", []
    for name, child in [*node.children.items(), ("", Node(0, ""))]:
        at = node.keys.get(name, 0)
        if last and name not in languages and child.value is None and not child.text and text.startswith(name, at):
            pieces.append(name)
            continue
        if pieces:
            start, end = node.children[last].offset, node.keys[pieces[-1]] + len(pieces[-1])
            yield Cut(last, pieces, start, text[start:end])
        is_open = name in languages and child.plain and isinstance(child.value, str) and child.used_at is None
        last, pieces = name if is_open and child.value else "", []
