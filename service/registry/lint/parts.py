"""A part of a file that is read on its own, to try repairs: an entry, or a few, or a field at the left margin."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from service.problems import Diagnostic, Edit
from service.registry.lint.draft import Draft
from service.registry.lint.nodes import Abandoned, Node, Patch, Path, applied
from service.registry.lint.reading import Reader
from service.registry.lint.shape import check_schema, check_texts

#: The section and the number of a diagnostic that belongs to no entry.
WHOLE_FILE = ("", -1)
#: The cost of each mistake that is left after a repair, in addition to the cost of the repair.
COST_OF_MISTAKE = 2.0


@dataclass(slots=True)
class Reading:
    """The root of a text with its diagnostics, or the offset at which it is no YAML (`failed`)."""

    root: Node | None
    wrong: list[Diagnostic]
    failed: int | None = None


@dataclass(slots=True)
class Part:
    """A part of a file: `head` and `tail` make a document of it.

    `start` is its offset in the file, and `number` the number of its first entry in the file.
    """

    text: str
    start: int
    head: str = ""
    tail: str = ""
    number: int = 0
    anchors: Mapping[str, Node] = field(default_factory=dict)
    patch: Patch = field(init=False)

    def __post_init__(self) -> None:
        self.patch = Patch(self.head + self.text + self.tail)

    def locate(self, offset: int) -> int:
        """Return the offset in the file of an offset in the part as it is mended so far."""
        inside = self.patch.place(offset) - len(self.head)
        return self.start + min(max(0, inside), len(self.text))

    def to_file(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Return edits of the part as edits of the file."""
        by = self.start - len(self.head)
        return tuple(Edit(edit.start + by, edit.end + by, edit.new) for edit in edits)

    def find_path(self, diagnostic: Diagnostic) -> Path:
        """Return the path in the file of a diagnostic of the part."""
        path = diagnostic.path
        is_inside = len(path) > 1 and isinstance(path[1], int)
        return (path[0], int(path[1]) + self.number, *path[2:]) if is_inside else path


def find_entry(diagnostic: Diagnostic) -> tuple[str, int]:
    """Return the section and the number of the entry that a diagnostic belongs to."""
    path = diagnostic.path
    if path[:1] in (("modules",), ("removed",)) and len(path) > 1 and isinstance(path[1], int):
        return str(path[0]), path[1]
    return WHOLE_FILE


def read_edited(draft: Draft, part: Part, edits: Iterable[Edit] = ()) -> Reading | None:
    """Return the reading of a part after edits; None if they overlap, or the budget of the file is spent."""
    with suppress(ValueError):
        text = applied(part.patch.text, edits)
        return read_part(draft, part, text) if draft.may_read(text) else None
    return None


def read_part(draft: Draft, part: Part, text: str) -> Reading:
    """Return the reading of a part with another text."""
    reader = Reader(text, lambda offset: draft.line(part.locate(offset)), part.anchors)
    wrong: list[Diagnostic] = reader.diagnostics
    try:
        root = reader.read()
    except Abandoned:
        return Reading(None, wrong)
    except yaml.MarkedYAMLError as error:
        return Reading(None, [], find_marks(error)[0])
    if root is not None:
        section = part.head.partition(":")[0]
        refusals = check_schema(root)
        wrong += [refusal for refusal in refusals if not section or refusal.path[:1] in ((), (section,))]
        wrong += check_texts(root, text)
    if not part.head and len(part.text) == len(draft.text):
        wrong = [diagnostic for diagnostic in wrong if find_entry(diagnostic) == WHOLE_FILE]
    return Reading(root, wrong)


def find_marks(error: Any) -> tuple[int, int, bool]:
    """Return the offset of a syntax error, the offset where its value began, and whether that is quoted or a flow."""
    at = error.problem_mark.index if error.problem_mark else 0
    began = error.context_mark.index if error.context_mark else at
    return at, began, re.search("quoted|flow", error.context or "") is not None
