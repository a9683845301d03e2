"""What mends a mistake, where one way to do so is certain: the linter's own edits, one by one or all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service.lsp.document import Document
from service.problems import Edit, Problem


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits of a document's text that mend problems: `title` says what they do."""

    title: str
    edits: tuple[Edit, ...]
    problems: tuple[Problem, ...]


def fixes(document: Document, start: int, end: int) -> Iterator[Fix]:
    """The fixes of the problems between two offsets."""
    for problem in document.problems_between(start, end):
        if problem.fix:
            yield Fix(problem.hint or f"mend: {problem.message}", problem.fix, (problem,))


def all_fixes(document: Document) -> Fix | None:
    """Everything that can be mended at once; None where nothing can be."""
    mended = _apart(problem for problem in document.examined.problems if problem.fix)
    edits = tuple(sorted(edit for problem in mended for edit in problem.fix))
    return Fix("mend everything that is certain", edits, tuple(mended)) if mended else None


def _apart(problems: Iterable[Problem]) -> list[Problem]:
    """Those whose edits touch nobody else's, the first ones first: edits of one answer must not overlap."""
    taken: list[Edit] = []
    apart = []
    for problem in problems:
        if all(edit.end < other.start or other.end < edit.start for edit in problem.fix for other in taken):
            taken += problem.fix
            apart.append(problem)
    return apart
