"""A sound registry file that is about to be edited, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from service.problems import Edit, EditRefused, InvalidRegistry, Problem, UnknownModules
from service.registry.edit.edits import TOO_LARGE, applied, decoded, is_too_large
from service.registry.edit.pieces import Piece, pieces
from service.registry.edit.surgery import ended_as_before
from service.registry.loading import examine
from service.registry.model import Module, Registry
from service.registry.text.nodes import LINE_BREAK
from service.wording import Spelling, pluralized, quoted

#: Problems that a refusal lists.
_MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Changed:
    """What an edit makes of a file: its bytes, and in a few words what was done, each of which is a line.

    `edits` lead there from `Opened.text`, in its order.
    """

    data: bytes
    said: tuple[str, ...]
    edits: tuple[Edit, ...]
    warnings: tuple[Problem, ...]
    """What the file is warned of since. What was on a line of the same text before is none of these."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A sound file: what it says, and where it says it. `mark` is its byte order mark, or nothing."""

    file: str
    mark: str
    text: str
    registry: Registry
    warnings: tuple[Problem, ...]
    root: Piece

    @classmethod
    def of(cls, data: bytes, file: str) -> Opened:
        """Raises InvalidRegistry where something is wrong with it, which is to be mended before, and EditRefused."""
        found = examine(data, file, warnings=True)
        if found.registry is None:
            raise InvalidRegistry(found.problems, found.others)
        if is_too_large(data, found.source):
            raise EditRefused(f"{file}: {TOO_LARGE}")
        mark, text = decoded(data)
        return cls(file, mark, text, found.registry, found.warnings, pieces(text))

    def listed(self, name: str) -> Piece | None:
        """A list at the top of the file, such as `modules`, if it is written there."""
        found = self.root.get(name) if self.root.kind == "map" else None
        return found if found is not None and found.kind == "list" else None

    def entries(self, name: str) -> list[Piece]:
        """The items of such a list."""
        found = self.listed(name)
        return found.items if found else []

    def module(self, slug: str) -> Module:
        """The module that a slug names. Raises EditRefused for one of before, UnknownModules for any other."""
        if slug in self.registry.by_slug:
            return self.registry.by_slug[slug]
        if current := self.registry.renames.get(slug):
            raise EditRefused(f"{slug} is a former slug: the module is called {current} by now")
        if gone := self.registry.tombstones.get(slug):
            raise EditRefused(f"{slug} was removed on {gone.date}")
        meant = Spelling(self.registry.by_slug).closest(slug, self.registry.by_slug)
        raise UnknownModules({slug: meant})

    def entry(self, slug: str) -> Piece:
        """How the entry of a module is written. Raises EditRefused where that is not in `modules` of this text."""
        number = [*self.registry.by_slug].index(slug)
        entries = self.entries("modules")
        if number >= len(entries) or entries[number].kind != "map":
            raise self.unsafe(f"the entry of {slug}")
        return entries[number]

    def refuse_taken(self, slug: str) -> None:
        """Raises EditRefused where a slug is, or was, that of another module."""
        if slug in self.registry.by_slug:
            raise EditRefused(f"{quoted(slug)} is the slug of a module already: give each module its own")
        if current := self.registry.renames.get(slug):
            raise EditRefused(f"{quoted(slug)} is a former slug of {current}, and still leads there: choose another")
        if gone := self.registry.tombstones.get(slug):
            reason = "and no slug is ever given again: choose another"
            raise EditRefused(f"{quoted(slug)} is the slug of a module that was removed on {gone.date}, {reason}")

    def unsafe(self, what: str) -> EditRefused:
        """That something is not written in a way that can be edited."""
        return EditRefused(
            f"{self.file}: {what} is written with anchors, aliases or merges (&, *, <<), or in another way "
            "that cannot be edited safely: edit the file by hand"
        )

    def changed(self, edits: Iterable[Edit], wanted: Registry, what: str, *said: str) -> Changed:
        """The file with edits made in it, if it is what was wanted then. `what` is what cannot be done otherwise.

        Raises EditRefused where it has problems then, in the words of `check`, or is another registry.
        """
        edits = ended_as_before(self.text, sorted(edits, key=lambda edit: edit[:2]))
        try:
            data = (self.mark + applied(self.text, edits)).encode()
        except ValueError:  # two edits of the same place, or characters that no file can have
            raise self.unsafe(what) from None
        found = examine(data, self.file, warnings=True)
        if found.registry is None:
            problems = dict.fromkeys(problem.text for problem in found.problems[:_MOST_PROBLEMS])
            number = pluralized(len(found.problems) + found.others, "problem")
            raise EditRefused(f"{what}, since {self.file} would have {number} then:", *problems)
        if found.registry != wanted:
            raise self.unsafe(what)
        return Changed(data, said, edits, self._new(found.warnings, data))

    def _new(self, warnings: Iterable[Problem], data: bytes) -> tuple[Problem, ...]:
        """Those of the file as `data` that it did not have on a line of the same text."""

        def places(warnings: Iterable[Problem], text: str) -> list[tuple[str, str]]:
            lines = LINE_BREAK.split(text)
            return [(each.rule, lines[each.line - 1]) for each in warnings]

        warnings = tuple(warnings)
        known = Counter(places(self.warnings, self.text))
        new = []
        for warning, place in zip(warnings, places(warnings, data.decode()), strict=True):
            known[place] -= 1
            if known[place] < 0:
                new.append(warning)
        return tuple(new)
