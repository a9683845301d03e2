"""Which tests are run for a file: those of its room, and those elsewhere that name it, the nearest first."""

import re
from functools import cache
from pathlib import Path

#: These do not look at the code that is changed here, or take whole cores, or need a network.
_NOT = re.compile(r"tests/(browser|client)/|tests/test_(makefile|mutation|packaging|pre_commit|workflows)")


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
