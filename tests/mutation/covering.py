"""Which tests are asked whether they notice a change: first those that run the line, as coverage.py has seen it, then
all of its room, and those elsewhere that name what is changed.
"""

import ast
import re
from functools import cache
from os.path import commonpath
from pathlib import Path

from coverage import CoverageData
from mutation.changes import Change

#: Runs the plain tests once, on all processors, and writes down which test has run which line.
MEASURING = ("--cov=service", "--cov-context=test", "--cov-report=", "-n", "auto", "-p", "no:cacheprovider")
#: These do not look at the code that is changed here, or take whole cores, or need a network.
_NOT = re.compile(r"tests/(browser|client)/|tests/test_(makefile|mutation|packaging|workflows)")


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


def files_for(path: str, repository: Path) -> list[str]:
    """The files of tests that are run where `path` is changed.

    A test names it where it imports it, or has its name, or that of its room or of a module that uses it, in its own.
    """
    service, tests = _texts(repository, "service"), _texts(repository, "tests")
    room = Path(path.replace("/lua/", "/")).parent
    script = '"' + "/".join(Path(path.replace("/lua/", "/")).with_suffix("").parts[1:]) + '"'
    module = "from " + path.removesuffix(".py").replace("/", ".") + " import"
    users = [Path(user).stem for user, text in service.items() if (module if path.endswith(".py") else script) in text]
    names = "|".join([Path(path).stem, room.name, *users])
    imports = re.compile(rf"from {'.'.join(room.parts)}(?:\.| import .*\b)(?:{names})\b")
    tested_in = "tests/registry" if "registry" in room.parts else f"tests{str(room).removeprefix('service')}"

    def distance(test: str) -> tuple[bool, int]:
        is_named = re.search(rf"(?:_|\b)(?:{names})s?(?:_|\b)", Path(test).stem)
        return str(Path(test).parent) != tested_in, -len(imports.findall(tests[test])) - 2 * bool(is_named)

    distances = {test: distance(test) for test in tests if not _NOT.search(test)}
    return sorted((test for test, far in distances.items() if far < (True, 0)), key=lambda test: distances[test])


@cache
def _texts(repository: Path, folder: str) -> dict[str, str]:
    """The text of each module of the service, or of each file of tests, by its path."""
    files = sorted((repository / folder).rglob("test_*.py" if folder == "tests" else "*.py"))
    return {str(file.relative_to(repository)): file.read_text("utf-8") for file in files}
