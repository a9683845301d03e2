"""The registry files that a command line names: in folders, in git, by default; and the slugs that are in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from service.problems import InvalidRegistry, ModuleRegistryError, UnreadableRegistry
from service.registry.loading import load, read_file
from service.settings import registry_file

#: Names by which a file is a registry, whatever it holds.
_NAMES = ("registry.yaml", "registry.yml")
#: What no other YAML file begins a line with, as far as we know; one with a syntax error further on does, too.
_MODULES = re.compile(rb"""(?:^|[\r\n])(?:\xef\xbb\xbf)?["']?modules["']?[ \t]*:""")
#: How a file begins that a revision of a git repository has.
_GIT = "git:"


def files_of(names: Iterable[str]) -> Iterator[str]:
    """The files that are meant by names of files and folders, - among them.

    Those of a folder are the registries below it, by name: registry.yaml, and YAML files with `modules:` at the left
    margin. Folders that are hidden, node_modules, and what symbolic links to folders lead to are left out. Raises
    UnreadableRegistry for a folder without one, or that cannot be read.
    """
    for name in names:
        if name == "-" or not Path(name).is_dir():
            yield name
            continue
        registries = sorted(path for path in _yaml_files(name) if _is_registry(Path(path)))
        if not registries:
            reason = "is a folder without a registry: no .yaml or .yml file in it has modules: at the left margin"
            raise UnreadableRegistry(name, reason)
        yield from registries


def _yaml_files(folder: str) -> Iterator[str]:
    def refuse(error: OSError) -> NoReturn:
        raise UnreadableRegistry(str(error.filename), f"cannot be read: {error.strerror}") from error

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        yield from (f"{Path(place, name)}" for name in names if name.endswith((".yaml", ".yml")))


def _is_registry(path: Path) -> bool:
    if path.name in _NAMES:
        return True
    with suppress(InvalidRegistry, UnreadableRegistry):  # too large, a named pipe, not permitted: nobody named it
        return _MODULES.search(read_file(path)) is not None
    return False


def read_named(name: str) -> bytes:
    """The bytes of a file, or of `git:REV:PATH` in the repository of the current folder. Raises UnreadableRegistry.

    PATH begins at the top of the repository, as git has it, unless it begins with ./.
    """
    if not name.startswith(_GIT):
        return read_file(Path(name))
    revision, _, path = name.removeprefix(_GIT).partition(":")
    if not revision or not path or revision.startswith("-"):  # which git would take for an option
        raise UnreadableRegistry(name, "write git:REVISION:PATH, such as git:main:registry.yaml")
    import subprocess  # which `check` does without, unless it compares with git

    # Unlike `git show`, this refuses a folder, and leaves the bytes as they are stored.
    command = ["git", "cat-file", "blob", f"{revision}:{path}"]
    try:
        blob = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise UnreadableRegistry(name, f"git cannot be run: {error.strerror}") from error
    if blob.returncode:
        reason, *_ = blob.stderr.decode(errors="replace").splitlines() or ["git does not say why"]
        raise UnreadableRegistry(name, f"cannot be read: {reason.removeprefix('fatal: ')}")
    return blob.stdout


def complete_slug(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """What a shell completes: the slugs that are not named yet; nothing where the registry is not good."""
    with suppress(ModuleRegistryError):
        registry = load(ctx.params.get("file") or registry_file(os.environ))
        named = set(ctx.params.get("modules") or ()) | {ctx.params.get("slug")}
        return [slug for slug in registry.by_slug if slug.startswith(incomplete) and slug not in named]
    return []
