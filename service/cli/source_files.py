"""The text files below a path that somebody has written: those that git lists, or else all."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from stat import S_ISDIR

from service.cli.files import files_below
from service.cli.output import say
from service.problems import UnreadableRegistry
from service.registry.lint.linter import MAX_BYTES

_OF_HOOKS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE")
#: In how many of its first bytes a binary file has a NUL, as git tells one.
_BEGINNING = 8_000


def source_files(names: Iterable[str]) -> Iterator[str]:
    """Each file that is named, and those of each folder and below. Raises UnreadableRegistry.

    Of a folder in a repository these are the files that git knows or would add.
    """
    for name in names:
        try:
            mode = Path(name).stat().st_mode
        except OSError as error:
            raise UnreadableRegistry(name, f"cannot be read: {error.strerror}") from error
        if S_ISDIR(mode):
            listed = _known_to_git(name)
            yield from sorted(files_below(name) if listed is None else {f"{Path(name, each)}" for each in listed})
        else:
            yield f"{Path(name).resolve()}" if Path(name).is_symlink() else f"{Path(name)}"


def _known_to_git(folder: str) -> list[str] | None:
    """The files of a folder and below, from there; None where there is no git or no repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    # Hooks of git say, from another folder, where the repository is.
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
