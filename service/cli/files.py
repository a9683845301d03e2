"""The files that a command line names: registries, also in folders, in git and at an address; the source of clients.

And the slugs that are in a registry, for shells.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from service.cli.output import say
from service.problems import InvalidRegistry, ModuleRegistryError, UnreadableRegistry
from service.registry.lint.linter import MAX_BYTES
from service.registry.loading.loader import load, parse, read_file
from service.registry.model import Registry
from service.registry.schema import inlined, is_valid
from service.settings.settings import registry_file

#: Names by which a file is a registry, whatever it holds.
_NAMES = ("registry.yaml", "registry.yml")
#: What no other YAML file begins a line with, as far as we know; one with a syntax error further on does, too.
_MODULES = re.compile(rb"""(?:^|[\r\n])(?:\xef\xbb\xbf)?["']?modules["']?[ \t]*:""")
#: How a file begins that a revision of a git repository has.
_GIT = "git:"
#: By which hooks of git say, from another folder, where the repository is.
_OF_HOOKS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE")
#: Limits on a registry that is fetched: of a large one, /api/modules is twice as long as the file.
_MOST_SECONDS, _MOST_FETCHED = 10.0, 16 * 1024 * 1024
#: In how many of its first bytes a binary file has a NUL, as git tells one.
_BEGINNING = 8_000


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
        registries = sorted(path for path in _files_below(name) if _is_registry(Path(path)))
        if not registries:
            reason = "is a folder without a registry: no .yaml or .yml file in it has modules: at the left margin"
            raise UnreadableRegistry(name, reason)
        yield from registries


def _files_below(folder: str) -> Iterator[str]:
    """The files of a folder and below, but for hidden folders and node_modules. Raises UnreadableRegistry."""

    def refuse(error: OSError) -> NoReturn:
        raise UnreadableRegistry(str(error.filename), f"cannot be read: {error.strerror}") from error

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        yield from (f"{Path(place, name)}" for name in names)


def _is_registry(path: Path) -> bool:
    if path.name in _NAMES or path.suffix not in (".yaml", ".yml"):
        return path.name in _NAMES
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


def loaded(file: Path | None) -> Registry:
    """The registry of a file, or of that of REGISTRY_FILE. Raises UnreadableRegistry and InvalidRegistry."""
    return load(file or registry_file(os.environ))


def registry_named(name: str) -> Registry:
    """That of a file, of `git:REV:PATH`, or of an address: that of a file, or of a service, whose /api/modules is read.

    Raises UnreadableRegistry and InvalidRegistry.
    """
    if not name.startswith(("http://", "https://")):
        return parse(read_named(name), name)
    shown = re.sub("//[^/]*@", "//", name.partition("?")[0])  # the rest may be secret
    data = _fetched(name, shown)
    with suppress(ValueError, RecursionError):
        if data.startswith(b"{") and is_valid(inlined(), document := json.loads(data)):
            return Registry.from_document(document)
    return parse(data, shown)


def _fetched(address: str, name: str) -> bytes:
    from http.client import HTTPException
    from time import monotonic

    from service.http.client import answered
    from service.settings.values import webhook_url  # https, or http of this machine

    try:
        url = webhook_url(address)
        url += "api/modules" if url.count("/") == 3 and url.endswith("/") else ""
        with answered("GET", url, monotonic() + _MOST_SECONDS, {}) as response:
            status, data = response.status, response.read(_MOST_FETCHED + 1)
    except (OSError, HTTPException, ValueError) as error:
        late = f"no answer within {_MOST_SECONDS:g} s" * isinstance(error, TimeoutError)
        raise UnreadableRegistry(name, f"cannot be fetched: {late or error or type(error).__name__}") from error
    if status != 200 or len(data) > _MOST_FETCHED:
        wanted = f"200 and at most {_MOST_FETCHED // 1024**2} MiB; redirects are not followed"
        raise UnreadableRegistry(name, f"answered {status} with {len(data):,} bytes, not {wanted}")
    return data


def source_files(names: Iterable[str]) -> Iterator[str]:
    """Each file that is named, and those of each folder and below. Raises UnreadableRegistry.

    Of a folder in a repository these are the files that git knows or would add.
    """
    for name in names:
        try:
            Path(name).stat()
        except OSError as error:
            raise UnreadableRegistry(name, f"cannot be read: {error.strerror}") from error
        if Path(name).is_dir():
            listed = _known_to_git(name)
            yield from sorted(_files_below(name) if listed is None else {f"{Path(name, each)}" for each in listed})
        else:
            yield f"{Path(name).resolve()}" if Path(name).is_symlink() else f"{Path(name)}"


def _known_to_git(folder: str) -> list[str] | None:
    """The files of a folder and below, from there; None where there is no git or no repository."""
    import subprocess

    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    environ = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS} | {"LC_ALL": "C"}
    try:
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True)
    except FileNotFoundError:
        return None
    if done.returncode and b"not a git repository" not in done.stderr:
        raise UnreadableRegistry(folder, f"git cannot list its files: {done.stderr.decode(errors='replace').strip()}")
    return None if done.returncode else os.fsdecode(done.stdout).split("\0")[:-1]


def read_source(name: str) -> bytes | None:
    """The bytes of a text file; None for what is none, is gone by now, or is too large, which is said.

    A symbolic link is none: what it leads to is listed, or is not meant. Raises UnreadableRegistry.
    """
    try:
        if Path(name).is_symlink() or not Path(name).is_file():
            return None
        with Path(name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableRegistry(name, f"cannot be read: {error.strerror}") from error
    if b"\0" in data[:_BEGINNING]:
        return None
    if len(data) > MAX_BYTES:
        say(f"{name}: left out, since it is larger than {MAX_BYTES // 1024**2} MiB", err=True)
        return None
    return data


def complete_slug(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """What a shell completes: the slugs that are not named yet; nothing where the registry is not good."""
    with suppress(ModuleRegistryError):
        registry = loaded(ctx.params.get("file"))
        named = set(ctx.params.get("modules") or ()) | {ctx.params.get("slug")}
        return [slug for slug in registry.by_slug if slug.startswith(incomplete) and slug not in named]
    return []
