"""Values that are refused and have a tag that is not allowed: one mistake, since the tag asks for such a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from service.problems import Edit
from service.registry.check.breaks import Break
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.fields import locate
from service.registry.schema import module_fields
from service.registry.text.nodes import Finding, Node, Words

_REMOVE = "remove the tag"


class Tags:
    """The tags of one file that are not allowed."""

    def __init__(self, document: CheckedDocument) -> None:
        self._top = document.top
        self._found = {one.offset: one for one in document.findings if one.rule == "unknown-tag"}
        self._told: set[int] = set()

    def tell(self, found: Break, owner: Entry, finding: Finding) -> bool:
        """Let the finding of a tag say what is told of its value, or of an item; False where there is no such tag."""
        if not self._found:
            return False
        path: tuple[Any, ...] = found.path
        node = locate(self._top, owner, path)
        tag = self._found.get(node.offset)
        if tag is not None and (found.keyword == "type" or isinstance(node.children, tuple)):
            if self._is_new(tag):
                _join(tag, finding, node)
                self._found[node.offset] = tag
            return True
        if found.keyword != "type" or len(path) < 4 or not isinstance(path[-1], int):
            return False
        tag = self._found.get(locate(self._top, owner, path[:-1]).offset)
        if tag is not None and self._is_new(tag):
            example = module_fields().get(path[2], {}).get("x-example", "")
            tag.words, tag.fix = partial(_words, tag.words, lambda: ("", example)), tuple  # its items are refused, too
        return tag is not None

    def _is_new(self, tag: Finding) -> bool:
        """Whether the first value with a tag is refused; an alias may repeat it."""
        is_new = tag.offset not in self._told
        self._told.add(tag.offset)
        return is_new


def _join(tag: Finding, finding: Finding, node: Node) -> None:
    removed = tuple(tag.fix())
    if len(removed) == 1 and removed[0].start == node.offset and node.used_at is None:
        node.offset = removed[0].end  # from where on it can be written otherwise
    tag.words = partial(_words, tag.words, finding.words)
    tag.fix = partial(_edits, removed, finding.fix)


def _words(of_tag: Callable[[], Words], of_value: Callable[[], Words]) -> Words:
    message, hint = of_tag()
    return message, (of_value()[1] if hint == _REMOVE else "") or hint


def _edits(removed: Sequence[Edit], fix: Callable[[], Sequence[Edit]]) -> Sequence[Edit]:
    edits = fix() if removed else ()
    return [*removed, *edits] if edits else ()
