"""Which tests run which line, as coverage.py has seen it: those are asked first whether they notice a change."""

import ast
import re
from itertools import takewhile
from pathlib import Path

from coverage import CoverageData
from mutation.changes import Change

#: Runs the plain tests once, on all processors, and writes down which test has run which line.
MEASURING = ("--cov=service", "--cov-context=test", "--cov-report=", "-n", "auto", "-p", "no:cacheprovider")


class Covering:
    """What a run with MEASURING has left in a folder, or nothing where there was none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = CoverageData(str(folder / ".coverage"))
        self._data.read()

    def tests_of(self, change: Change) -> list[str]:
        """The functions of tests that run the statement that is changed, the nearest ones first.

        None is known of scripts of Redis, of what runs as a module is imported, and of what only other processes run.
        """
        if not change.path.endswith(".py"):
            return []
        contexts = self._data.contexts_by_lineno(str(self._folder / change.path))
        ids = {context for line in _lines_of(change) for context in contexts.get(line, ()) if context}
        room = Path(change.path).parent.parts[1:]
        functions = {re.split(r"[\[|]", context, maxsplit=1)[0] for context in ids}
        return sorted(functions, key=lambda function: (-_nearness(Path(function).parent.parts[1:], room), function))


def _lines_of(change: Change) -> range:
    """The lines from the beginning of the innermost statement to where it is changed."""
    tree = ast.parse(change.source)
    begins = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt | ast.ExceptHandler) and node.lineno <= change.line <= (node.end_lineno or 0)
    ]
    return range(max(begins, default=change.line), change.line + 1)


def _nearness(path: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many folders two paths begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, other, strict=False)))
