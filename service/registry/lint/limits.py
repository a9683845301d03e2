"""Limits of a file, and the list of its diagnostics, which has a limit as well."""

from service.problems import Diagnostic
from service.registry.lint.catalogue import rule
from service.registry.lint.nodes import MAX_MISTAKES, Abandoned

MAX_BYTES = 4 * 1024 * 1024
#: Directives, and the characters of each. libyaml compares directives with each other, and inserts the text of a
#: directive into every tag that uses it.
MAX_DIRECTIVES, MAX_DIRECTIVE = 100, 200
#: Items of one list (such as modules); values, including keys; values that aliases and merge keys may add; and levels
#: of nested values.
MAX_ITEMS, MAX_VALUES, MAX_ALIASED, MAX_DEPTH = 20_000, 400_000, 200_000, 32


@rule("size")
def size(problem: str, hint: str = "remove what does not belong", place: int = 0) -> Diagnostic:
    """Return the diagnostic of a file with too many bytes, directives, values, items or mistakes."""
    return Diagnostic("size", place, problem, hint)


class Diagnostics(list[Diagnostic]):
    """The diagnostics of one file, in the order of the search: at most MAX_MISTAKES, and one that the list is full."""

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic. Raises Abandoned if the list is full."""
        if len(self) >= MAX_MISTAKES:
            problem = f"the file breaks the rules more than {MAX_MISTAKES:,} times, and is not checked further"
            self.append(size(problem, "mend what is listed, or begin with the last good file"))
            raise Abandoned
        self.append(diagnostic)
