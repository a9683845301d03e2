"""Typographic quotes, such as “ and «, around text without others: none to YAML, and a part of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import groupby

from service.problems import Edit
from service.registry.schema import module_fields
from service.registry.text.characters import QUOTES, called, inside_quotes
from service.registry.text.lines import BLOCKS
from service.registry.text.nodes import MAX_MISTAKES, UNKNOWN, Finding, Node, Path, SourceMap, said
from service.registry.text.patch import Patch
from service.registry.text.rewriting import in_double_quotes, plain_span
from service.wording import quoted, shortened


@cache
def _booleans() -> set[str]:
    return {name for name, field in module_fields().items() if field.get("type") == "boolean"}


class TypographicQuotes:
    """The typographic quotes of one file, which is composed: values in them are put right, where that is certain."""

    def __init__(self, patch: Patch, source_map: SourceMap) -> None:
        self._patch, self._map = patch, source_map
        self._found: list[Finding] = []
        self._whole: list[tuple[Node, tuple[str | int, ...]]] = []
        """Text that ends with the quote that belongs to its first."""
        self._torn: Node | None = None
        """Text that ended at its first comma, whose rest is read as a key."""
        self._torn_at: tuple[str | int, ...] = ()
        self._told: Finding | None = None
        """What was told of the torn text."""

    def look_at(self, node: Node, path: Path) -> None:
        """Look for them around text without other quotes, and put it right where they belong together."""
        text = node.text
        closing = QUOTES.get(text[0])
        if closing is None or (path and path[-1] in BLOCKS):  # of which it is told that they are no text
            return
        if len(self._found) > MAX_MISTAKES:
            return
        if (inner := inside_quotes(text)) is not None:
            node.value = inner
            if not path or path[-1] not in _booleans():
                self._whole.append((node, tuple(path)))
        elif any(one in closing for one in text[1:]):
            return
        elif found := re.compile(rf"[ \t]+#[^\r\n]*?[{closing}](?=[ \t]*(?:[\r\n]|\Z))").match(
            self._patch.original, node.end
        ):
            self._with_comment(node, path, found.end())
        elif text[0] in "“„«":
            self._torn, self._torn_at = node, tuple(path)
            self._tell_torn()
        elif text[0] in "‘‹":
            self._torn, self._torn_at = node, tuple(path)  # told once the rest is found: it may be an apostrophe

    def _with_comment(self, node: Node, path: Path, end: int) -> None:
        """Text in typographic quotes, up to an offset, of which YAML reads the part before its #."""
        one, span = node.text[0], plain_span(self._patch.original, node)
        node.value = UNKNOWN
        message = f"{one} is {called(one)}, which is no quote to YAML, and # begins a comment"
        inner = inside_quotes(self._patch.original[node.offset : end]) if span else None
        hint = f"use straight quotes: {quoted(inner)}" if inner is not None else 'use straight quotes: "..."'
        edits = [Edit(node.offset, end, in_double_quotes(inner))] if inner is not None else []
        self._found.append(Finding(node.offset, "look-alike", said(message, hint), tuple(path), lambda: edits))

    def _tell_torn(self) -> None:
        node = self._torn
        assert node is not None
        node.value = UNKNOWN
        one = node.text[0]
        message = f"{one} is {called(one)}, which is no quote to YAML, and the text ends at the comma"
        words = said(message, 'use straight quotes: "..."')
        self._found.append(Finding(node.offset, "look-alike", words, self._torn_at))
        self._told = self._found[-1]

    def is_rest(self, key: Node) -> bool:
        """Whether a key is a piece of a text that ended at its first comma."""
        node, name = self._torn, key.text
        if node is None or self._map.position(node.offset)[0] != self._map.position(key.offset)[0]:
            return False
        if name[-1:] not in QUOTES[node.text[0]]:
            return self._told is not None and name[:1] not in ("", *QUOTES)
        if self._told is None:
            self._tell_torn()
        start, end = node.offset, key.offset + len(name)
        text = self._patch.original[start:end]
        if self._told is not None and text.endswith(name) and not set('"\\\r\n') & set(text):
            new = in_double_quotes(text[1:-1].strip("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE} "))
            self._told.words = said(self._told.words()[0], f"use straight quotes: {shortened(new)}")
            self._told.fix = lambda: [Edit(start, end, new)]
        self._torn = self._told = None
        return True

    def findings(self) -> Iterator[Finding]:
        """All of them: of the quotes on one line, one."""
        yield from self._found
        for _, group in groupby(self._whole, lambda one: self._map.position(one[0].offset)[0]):
            nodes, paths = zip(*group, strict=True)
            first = nodes[0]
            one = first.text[0]
            message = f"{one} is {called(one)}, which is no quote to YAML, but a part of the text"
            words = said(message, f"use straight quotes: {quoted(first.value)}")
            yield Finding(first.offset, "look-alike", words, paths[0], partial(self._with_straight_quotes, nodes))

    def _with_straight_quotes(self, nodes: Sequence[Node]) -> list[Edit]:
        spans = [plain_span(self._patch.original, node) for node in nodes]
        edits = [Edit(*span, in_double_quotes(node.value)) for node, span in zip(nodes, spans, strict=True) if span]
        return edits if len(edits) == len(nodes) else []
