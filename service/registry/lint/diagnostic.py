"""What is wrong with a file, as its passes find it: diagnostics, of which there may be many, but not any number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from service.problems import Diagnostic


@dataclass(slots=True)
class Refused(Diagnostic):
    """A diagnostic of a value that the JSON Schema refuses, or asks for in vain, with what the schema says of it."""

    keyword: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """The part of the schema that has the keyword."""
    lacks: str = ""
    """The field that is asked for, and is not there."""


def about(found: Diagnostic) -> tuple[object, ...]:
    """What a diagnostic is about, also after edits that have moved its place."""
    return found.rule, found.path, found.lacks if isinstance(found, Refused) else ""


#: Mistakes that are looked for: a file with more is no registry that somebody mistyped.
MAX_MISTAKES = 20_000


class Abandoned(Exception):
    """The file is not looked at any further; the reason is among the diagnostics."""


class Diagnostics(list[Diagnostic]):
    """What is wrong with one file, in the order in which it is found: at most MAX_MISTAKES, and that there are more."""

    def add(self, found: Diagnostic) -> None:
        """Raises Abandoned where it is one too many."""
        if len(self) >= MAX_MISTAKES:
            self.too_many()
        self.append(found)

    def too_many(self) -> NoReturn:
        """Raises Abandoned, once it has said why."""
        message = f"the file breaks the rules more than {MAX_MISTAKES:,} times, and is not checked further"
        self.append(Diagnostic("size", 0, message, "mend what is listed, or begin with the last good file"))
        raise Abandoned
