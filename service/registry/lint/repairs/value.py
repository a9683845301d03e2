"""A refused value, with the edits that replace it."""

import re
from functools import cached_property

from service.problems import Diagnostic, Edit
from service.registry.lint.cases import Case
from service.registry.lint.names import Names
from service.registry.lint.nodes import Node
from service.registry.lint.repairs.repair import Repair
from service.wording import is_one_slip, json_text, normalized, shortened


class RefusedValue(Case):
    """A refused value in a text, with the names of the whole file."""

    def __init__(self, diagnostic: Diagnostic, root: Node, text: str, names: Names) -> None:
        super().__init__(diagnostic, root, text)
        self.names, self.key = names, diagnostic.place

    @property
    def field(self) -> str:
        """The key of the value, or of the list that has it as an item."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @cached_property
    def parent(self) -> Node:
        """The mapping or list around the value."""
        return self.root.at(self.path[:-1])

    def replace(self, new: str, hint: str = "", cost: float = 1.0, is_guess: bool = False) -> Repair:
        """Return the repair that writes another value."""
        edit, hint = Edit(self.node.place, self.node.end, new), hint or f"write {shortened(new, 120)}"
        return Repair(cost, (edit,), "", hint, is_guess=is_guess)

    def is_free(self, text: str) -> bool:
        """Whether a text may be the value without a clash with the rest of the file."""
        return self.names.fits(self.field, text, self.entry)


def is_slip(text: str, word: str, is_boolean: bool = False) -> bool:
    """Whether a text is certainly meant for a word: it has one slip at most. In a boolean, a letter may be decisive."""
    text = normalized(text)
    is_other = is_boolean and (len(text) < 4 or (len(text) == len(word) and sorted(text) != sorted(word)))
    return text == word or (is_one_slip(text, word) and not is_other)


def write_item(text: str) -> str:
    """Return a text as an item of a list in brackets: in quotes if it needs them."""
    return text if re.fullmatch(r"(?!\d)[\w/][\w' ./@+-]*", text) else json_text(text)
