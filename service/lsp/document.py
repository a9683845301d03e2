"""One open file: its text, its places as editors count them, what is wrong with it, what mends that, what it says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any

import yaml

from service.lsp.references import Mention, mentions
from service.problems import Diagnostic, Edit
from service.registry.lint.names import names_in
from service.registry.lint.nodes import Abandoned, Node, SourceMap, end_of, fields, items
from service.registry.lint.reading import Reader
from service.registry.loading import Examined, examine

#: The codec of each encoding in whose units a client may count, and the bytes of one of them.
_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def root_of(text: str) -> Node | None:
    """The values of a text with their places, whatever they are; None where it cannot be read as it is."""
    with suppress(yaml.YAMLError, Abandoned, UnicodeEncodeError):
        return Reader(text, lambda offset: 0).read()
    return None


def texts(entry: Node, field: str) -> list[str]:
    """The well-formed names in a list of an entry."""
    return [node.text for node in names_in(entry, field)]


def modules_of(root: Node | None) -> list[Node]:
    """The entries of the modules of a file."""
    return items(fields(root).get("modules"))


#: What it does, its kind in the protocol, the edits of a document's text, and the problems that they mend.
Fix = tuple[str, str, tuple[Edit, ...], list[Diagnostic]]


class Document:
    """One open file, in one version; `after` is the version before it, whose names may still be needed.

    Offsets count characters of `text`, which has no byte order mark, as the linter reads it.
    """

    def __init__(self, file: str, text: str, encoding: str = "utf-16", after: Document | None = None) -> None:
        self.file, self._whole = file, text
        self.data = text.encode("utf-8", "surrogatepass")
        self.text = text.removeprefix("\N{BYTE ORDER MARK}")
        self._before = len(text) - len(self.text)
        self._lines = SourceMap(text)
        self._codec, self._unit = _CODECS[encoding]
        self._last = after.known if after else None
        self.cost: float = after.cost if after else 0.0
        """Seconds that the last look took."""

    def place(self, offset: int) -> tuple[int, int]:
        """The line of an offset and the character in it, both counted from 0, in units of the client's encoding."""
        end = offset + self._before
        line, column = self._lines.position(end)
        before = self._whole[end - column + 1 : end]
        return line - 1, len(before.encode(self._codec, "surrogatepass")) // self._unit

    def offset(self, position: Any) -> int:
        """The offset of a position of the protocol. Beyond the end of its line it is that end, as the protocol says."""
        start, after = (self._lines.start(position.line + number) for number in (1, 2))
        line = self._whole[start:after].rstrip("\r\n").encode(self._codec, "surrogatepass")
        before = line[: position.character * self._unit].decode(self._codec, "ignore")
        return max(0, start + len(before) - self._before)

    @cached_property
    def examined(self) -> Examined:
        """What is wrong with it; looked at once, when somebody asks."""
        began = time.perf_counter()
        found = examine(self.data, self.file, warnings=True)
        self.cost = time.perf_counter() - began
        return found

    @cached_property
    def root(self) -> Node | None:
        """What this version says, with its places; where it cannot be read as it is, with those of it as mended."""
        linted = self.examined.linted
        return linted.root and ((linted.diagnostics and root_of(linted.text)) or linted.root)

    @cached_property
    def mentions(self) -> list[Mention]:
        """Every name of a module or an artifact that stands where it is read, in the order of the text."""
        return mentions(self.root, self.text) if self.root else []

    @property
    def known(self) -> Node | None:
        """What it says, or said when it last had modules that can be read: for names to offer, not for places.

        A version that nobody has looked at yet is not looked at for this, so that typing does not wait.
        """
        if "examined" not in self.__dict__:
            return self._last
        is_whole = modules_of(self.root) and not self.examined.linted.unread
        return self.root if is_whole or self._last is None else self._last

    def span(self, problem: Diagnostic) -> tuple[int, int]:
        """The offsets at which a problem begins and ends."""
        return problem.place, end_of(self.text, problem.place)

    def problems_between(self, start: int, end: int) -> list[Diagnostic]:
        """The problems and warnings that begin or end between two offsets, or around them."""
        every = (*self.examined.problems, *self.examined.warnings)
        return [one for one in every if one.place <= end and start <= self.span(one)[1]]

    def fixes(self, start: int, end: int) -> Iterator[Fix]:
        """What mends each problem between two offsets, where one way to do so is certain; and everything at once.

        Edits of one answer must not overlap: of problems whose edits touch each other, the first is mended.
        """
        for one in self.problems_between(start, end):
            if one.edits:
                yield one.hint or f"mend: {one.message}", "quickfix", one.edits, [one]
        taken: list[Edit] = []
        mended = []
        for one in self.examined.problems:
            if one.edits and all(a.end < b.start or b.end < a.start for a in one.edits for b in taken):
                taken += one.edits
                mended.append(one)
        if mended:
            yield "mend everything that is certain", "source.fixAll", tuple(sorted(taken)), mended
