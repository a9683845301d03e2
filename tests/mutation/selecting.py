"""Which tests are run for a file: those of its room, and those elsewhere that concern it, the nearest first."""

import re
from functools import cache
from pathlib import Path

#: These do not look at the code that is changed here, or take whole cores, or need a network.
_NOT = re.compile(r"tests/(browser|client)/|tests/test_(makefile|mutation|packaging|pre_commit|workflows)")


def groups_of_tests(path: str, repository: Path) -> list[list[str]]:
    """The files of tests that are run where `path` is changed, in groups: those of the module, its room's, others'."""
    room = Path(path).parent
    modules = [path]
    if room.name == "lua":
        room = room.parent
        modules = [path, *_loading(path, repository)]
    stems = [Path(module).stem for module in modules]
    tests = _tests(repository)
    groups: list[list[str]] = [[], [], []]
    for test in sorted(tests, key=lambda test: -sum(map(tests[test].count, stems))):
        if (group := _group(test, tests[test], room, stems)) is not None:
            groups[group].append(test)
        elif any(_is_named(test, user) for user in _users(path, repository)):
            groups[2].append(test)
    return [group for group in groups if group]


def _group(test: str, text: str, room: Path, modules: list[str]) -> int | None:
    dotted = ".".join(room.parts)
    imports = any(
        re.search(rf"from {dotted}\.{module} import|from {dotted} import .*\b{module}\b", text) for module in modules
    )
    named = any(_is_named(test, module) or f"{module}:app" in text for module in modules)  # as gunicorn is told it
    if Path(test).parent.parts[1:] == _tested_in(room):
        return 0 if imports or named else 1
    words = {room.name for _ in room.parts[1:2]} | {module.split("_")[0] for module in modules}
    return 2 if imports or named or any(len(word) > 3 and word in test for word in words) else None


def _is_named(test: str, module: str) -> bool:
    """Whether a file of tests has a module's name in its own."""
    return re.search(rf"(_|\b){module}s?(_|\b)", Path(test).stem) is not None


@cache
def _users(path: str, repository: Path) -> set[str]:
    """The modules that import a Python file."""
    dotted = path.removesuffix(".py").replace("/", ".")
    files = (repository / "service").rglob("*.py")
    return {file.stem for file in files if f"from {dotted} import" in file.read_text("utf-8")}


def _tested_in(room: Path) -> tuple[str, ...]:
    """The folder of a room's tests, below tests/; those of the rooms in the registry's are among the registry's."""
    return ("registry",) if "registry" in room.parts else room.parts[1:]


@cache
def _tests(repository: Path) -> dict[str, str]:
    """The text of each file of tests that may be run, by its path."""
    files = ((str(file.relative_to(repository)), file) for file in sorted((repository / "tests").rglob("test_*.py")))
    return {path: file.read_text(encoding="utf-8") for path, file in files if not _NOT.search(path)}


def _loading(path: str, repository: Path) -> list[str]:
    """The modules that load a script, or others in which it is shared."""
    room, _, name = Path(path).with_suffix("").parts[1:]
    files = (repository / "service").rglob("*.py")
    return [str(file.relative_to(repository)) for file in files if f'"{room}/{name}"' in file.read_text("utf-8")]
