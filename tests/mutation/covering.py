"""Which tests run which line, as coverage.py has seen it: those are asked first whether they notice a change."""

import ast
import re
from os.path import commonpath
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
        functions = {re.split(r"[\[|]", context, maxsplit=1)[0] for context in ids}
        mirrored = change.path.replace("service", "tests", 1)
        return sorted(functions, key=lambda function: (-len(commonpath([function, mirrored])), function))


def _lines_of(change: Change) -> range:
    """The lines from the beginning of the innermost statement to where it is changed."""
    tree = ast.parse(change.source)
    begins = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt | ast.ExceptHandler) and node.lineno <= change.line <= (node.end_lineno or 0)
    ]
    return range(max(begins, default=change.line), change.line + 1)
