"""The files that `check` looks at: those that are named, and the registries below folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from service.problems import InvalidRegistry, UnreadableRegistry
from service.registry.loading import read_file

#: Names by which a file is a registry, whatever it holds.
_NAMES = ("registry.yaml", "registry.yml")
_SUFFIXES = (".yaml", ".yml")
#: What no other YAML file begins a line with, as far as we know; one with a syntax error further on does, too.
_MODULES = re.compile(rb"""(?:^|[\r\n])(?:\xef\xbb\xbf)?["']?modules["']?[ \t]*:""")


def registries(folder: str) -> list[str]:
    """The registries below a folder, by name: registry.yaml, and YAML files with `modules:` at the left margin.

    Folders that are hidden, node_modules, and what symbolic links to folders lead to are left out. Raises
    UnreadableRegistry where there is none, or a folder cannot be read.
    """
    found = sorted(path for path in _yaml_files(folder) if _is_registry(Path(path)))
    if not found:
        reason = "is a folder without a registry: no .yaml or .yml file in it has modules: at the left margin"
        raise UnreadableRegistry(folder, reason)
    return found


def _yaml_files(folder: str) -> Iterator[str]:
    def refuse(error: OSError) -> NoReturn:
        raise UnreadableRegistry(str(error.filename), f"cannot be read: {error.strerror}") from error

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        yield from (f"{Path(place, name)}" for name in names if name.endswith(_SUFFIXES))


def _is_registry(path: Path) -> bool:
    if path.name in _NAMES:
        return True
    with suppress(InvalidRegistry, UnreadableRegistry):  # too large, a named pipe, not permitted: nobody named it
        return _MODULES.search(read_file(path)) is not None
    return False


def files_of(names: Iterable[str]) -> Iterator[str | UnreadableRegistry]:
    """The files that are meant by names of files and folders, - among them; or why a folder has none."""
    for name in names:
        if name != "-" and Path(name).is_dir():
            try:
                yield from registries(name)
            except UnreadableRegistry as error:
                yield error
        else:
            yield name
