"""One open file: its text, what is wrong with it, and what it last said while it could be read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from service.lsp.positions import Positions
from service.problems import Problem
from service.registry.edit.edits import BOM
from service.registry.edit.opening import Opened
from service.registry.loading import Examined, examine
from service.registry.references import Mention, fields, items, mentions
from service.registry.schema import is_name
from service.registry.text.nodes import ImplicitScalar, Node
from service.registry.text.source import read


@dataclass(frozen=True)
class Structure:
    """What a file says, once composed: it stays in use while the text that follows cannot be read."""

    text: str
    root: Node

    @cached_property
    def mentions(self) -> list[Mention]:
        """Every name of a module or an artifact."""
        return mentions(self.root, self.text)

    @cached_property
    def modules(self) -> list[Mapping[str, Node]]:
        """The fields of each module."""
        return [fields(entry) for entry in items(fields(self.root).get("modules"))]

    def module(self, slug: str) -> Mapping[str, Node] | None:
        """The fields of the module that has the slug, or had it before it had another."""
        named = (entry for entry in self.modules if value(entry, "slug") == slug)
        former = (entry for entry in self.modules if slug in names(entry, "formerly"))
        return next(named, None) or next(former, None)

    def artifacts(self, *roles: str) -> list[str]:
        """The artifacts that modules need or produce: `roles` are the names of these fields."""
        said = (name for entry in self.modules for role in roles for name in names(entry, role))
        return list(filter(is_name, dict.fromkeys(said)))


def value(entry: Mapping[str, Node], name: str) -> Any:
    """The plain value of a field, of a day its text; None where it is absent."""
    found = entry[name].value if name in entry else None
    return found.text if isinstance(found, ImplicitScalar) else found


def names(entry: Mapping[str, Node], name: str) -> list[str]:
    """The texts in a list of names."""
    return [item.value for item in items(entry.get(name)) if isinstance(item.value, str)]


class Document:
    """One open file, in one version; `after` is the version before it, whose structure may still be needed."""

    def __init__(self, file: str, text: str, encoding: str, after: Document | None = None) -> None:
        self.file = file
        self.positions = Positions(text, encoding)
        self._mark = len(BOM) if text.startswith(BOM) else 0
        last = after.last_structure if after else None
        self._last = Structure(last.text, last.root) if last else None  # without the places of names, which are many
        self.cost: float = after.cost if after else 0.0
        """Seconds that the last look took."""

    @cached_property
    def examined(self) -> Examined:
        """What is wrong with it; looked at once, when somebody asks."""
        began = time.perf_counter()
        found = examine(self._data, self.file, warnings=True)
        self.cost = time.perf_counter() - began
        return found

    @cached_property
    def structure(self) -> Structure | None:
        """What this version says; None where it cannot be composed."""
        root = self.examined.source.root
        return Structure(self.text, root) if root is not None else None

    @property
    def last_structure(self) -> Structure | None:
        """What it says, or what it said when it last could be read: for names to offer, not for places.

        A version that nobody has looked at yet is not looked at for this, so that typing does not wait.
        """
        seen = self.structure if "examined" in self.__dict__ else None
        return seen or self._last

    def structure_without_line(self, offset: int) -> Structure | None:
        """What it would say without the line of an offset: for a file that was opened while it could not be read."""
        start, end = self.text.rfind("\n", 0, offset) + 1, self.text.find("\n", offset)
        text = self.text[:start] + (self.text[end:] if end >= 0 else "")
        root = read(text.encode("utf-8", "surrogatepass")).root
        return Structure(text, root) if root is not None else None

    def opened(self) -> Opened:
        """It, to be edited as the commands do. Raises InvalidRegistry where something is wrong with it."""
        return Opened.of(self._data, self.file)

    @property
    def _data(self) -> bytes:
        return self.positions.text.encode("utf-8", "surrogatepass")

    @property
    def text(self) -> str:
        """The text as the linter reads it, without a byte order mark."""
        return self.positions.text[self._mark :]

    def offset(self, position: Any) -> int:
        """The offset in `text` of a position of the protocol."""
        return max(0, self.positions.offset(position) - self._mark)

    def range(self, start: int, end: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """The places of two offsets of `text`."""
        return self.positions.place(start + self._mark), self.positions.place(end + self._mark)

    def span(self, problem: Problem) -> tuple[int, int]:
        """Where a problem begins and ends, as offsets of `text`."""
        end = problem.end
        return self._offset(problem.line, problem.column), self._offset(*end)

    def _offset(self, line: int, column: int) -> int:
        start = self.positions.start_of_line(line - 1) + column - 1
        return start - (self._mark if line > 1 else 0)

    def problems_between(self, start: int, end: int) -> Iterator[Problem]:
        """The problems and warnings that begin or end between two offsets of `text`, or around them."""
        for problem in (*self.examined.problems, *self.examined.warnings):
            first, last = self.span(problem)
            if first <= end and start <= last:
                yield problem
