"""What is known of a text while it is composed: the way to what is read now, and what is wrong so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from service.registry.text.misreadings import Misreadings
from service.registry.text.nodes import Abandoned, Finding, Findings, Node, SourceMap, Words, said
from service.registry.text.patch import Patch

#: Limits on a file: entries of one list (such as modules), and values that aliases and merge keys may add.
MAX_ITEMS = 20_000
MAX_ALIASED = 200_000


class Reading:
    """One pass over a text. `path` leads to what is read now."""

    def __init__(self, patch: Patch, source_map: SourceMap) -> None:
        self.patch, self.source_map = patch, source_map
        self.findings = Findings()
        self.misreadings = Misreadings(patch, source_map)
        self.path: list[str | int] = []
        self.aliased = 0
        self.anchors: dict[str, Node] = {}

    @property
    def text(self) -> str:
        """The file's own text."""
        return self.patch.original

    def at(self, event: Any) -> int:
        """Where an event begins in the file."""
        index: int = event.start_mark.index
        return self.patch.place(index) if self.patch.edits else index

    def end(self, event: Any) -> int:
        """Where an event ends in the file."""
        index: int = event.end_mark.index
        return self.patch.end(index) if self.patch.edits else index

    def found(self, offset: int, rule: str, words: Callable[[], Words]) -> None:
        self.findings.add(Finding(offset, rule, words, tuple(self.path)))

    def abandon(self, offset: int, rule: str, message: str, hint: str) -> NoReturn:
        self.found(offset, rule, said(message, hint))
        raise Abandoned

    def too_much(self, offset: int, words: Callable[[], Words]) -> NoReturn:
        """Reading stops here, and this is the one problem of the file."""
        self.findings[:] = [Finding(offset, "size", words)]
        raise Abandoned

    def end_of_all(self, event: Any, last: int) -> int:
        """Where a collection ends: at its bracket, or behind its last value."""
        has_bracket = event.start_mark.index < event.end_mark.index
        return self.end(event) if has_bracket or not last else last

    def expanded(self, offset: int, added: int) -> None:
        """Count the values that aliases and merges add, so that a small file cannot stand for a huge one."""
        self.aliased += added
        if self.aliased > MAX_ALIASED:
            message = f"aliases and merge keys expand to more than {MAX_ALIASED:,} values"
            self.abandon(offset, "alias-limit", message, "write the values out")

    def is_text(self) -> bool:
        """Whether what is read now is text for people, such as a label."""
        return self.path[-1:] in (["fr"], ["en"]) or self.path[-2:-1] == ["keywords"]
