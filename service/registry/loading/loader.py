"""A path -> a Registry, or its problems; and the last good one, as a file that the workers of one `serve` share.

A worker that is started anew while the file has an edit that is not in force takes that one, as the others have it.
"""

from __future__ import annotations

import gc
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from service.problems import Diagnostic, InvalidRegistry, ModuleRegistryError, UnreadableRegistry
from service.registry.lint.linter import MAX_BYTES, TOO_LARGE, Linted, lint
from service.registry.model import Registry

#: Problems that are listed, unless a caller asks for another number: more is for programs to read.
MOST_PROBLEMS = 100


def load(path: Path) -> Registry:
    """Read, check and build the registry at `path`.

    Raises UnreadableRegistry if the file cannot be read, InvalidRegistry with its problems if it is wrong.
    """
    return parse(read_file(path), str(path))


def read_file(path: Path) -> bytes:
    """The bytes of a regular file, or of the one that a symbolic link leads to.

    What may have no end, such as a named pipe or a device, is refused by its kind, without a look into it. Raises
    UnreadableRegistry, and InvalidRegistry for a file that is larger than a registry may be.
    """
    try:
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # a folder has an error of its own
            raise UnreadableRegistry(str(path), "is not a regular file; `check -` reads standard input")
        # What has become a named pipe just now would wait for somebody to write to it. Path.open takes no opener.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableRegistry(str(path), f"cannot be read: {error.strerror}") from error
    if data is None:  # a file of the kernel's that says it is regular, and would have us wait
        raise UnreadableRegistry(str(path), "has no content that can be read at once")
    if len(data) > MAX_BYTES:
        raise InvalidRegistry([Diagnostic("size", 0, TOO_LARGE, "shorten it", file=str(path))])
    return data


class Examined(NamedTuple):
    """What a file is: a registry, or its first problems and the number of the others; and its first warnings.

    `linted` has its text, its values, and everything that was found.
    """

    linted: Linted
    registry: Registry | None
    problems: tuple[Diagnostic, ...] = ()
    others: int = 0
    warnings: tuple[Diagnostic, ...] = ()


def parse(data: bytes, file: str, most: int = MOST_PROBLEMS) -> Registry:
    """Build a registry from the bytes of `file` (a name for messages).

    Raises InvalidRegistry with the first `most` problems, and the number of the others.
    """
    examined = examine(data, file, most)
    if examined.registry is None:
        raise InvalidRegistry(examined.problems, examined.others)
    return examined.registry


def examine(data: bytes, file: str, most: int = MOST_PROBLEMS, warnings: bool = False) -> Examined:
    """Look for everything that is wrong with the bytes of `file`, of which the first `most` problems are listed.

    With `warnings`, what is most likely a mistake takes the room that problems leave. A service that starts or reloads
    does not ask for them: nobody reads them there.
    """
    was_enabled = gc.isenabled()
    gc.disable()  # much is made that stays: to look for garbage meanwhile takes a third of the time
    try:
        linted = lint(data, file, warnings)
    finally:
        if was_enabled:
            gc.enable()
    registry = None if linted.diagnostics or linted.root is None else Registry.from_document(linted.root.value)
    problems = tuple(linted.diagnostics[:most])
    warned = tuple(linted.warnings[: most - len(problems)])
    return Examined(linted, registry, problems, len(linted.diagnostics) - len(problems), warned)


def keep(kept: Path, data: bytes, modified: float) -> None:
    """Keep the bytes of a good registry, whose file was modified at `modified`, in seconds since 1970.

    Where that is not possible, as on a full disk, the one before stays: to a worker that takes it, this is an edit.
    """
    new = kept.with_name(f"{kept.name}.{os.getpid()}")
    with suppress(OSError):
        new.write_bytes(data)
        os.utime(new, (modified, modified))
        new.replace(kept)


class LastGood(NamedTuple):
    """A registry that was in force, its bytes, and when its file was modified, in seconds since 1970."""

    registry: Registry
    data: bytes
    modified: float


def kept_registry(kept: Path | None) -> LastGood | None:
    """The registry that is kept; None where there is none."""
    if kept is None:
        return None
    try:
        data = kept.read_bytes()
        return LastGood(parse(data, kept.name), data, kept.stat().st_mtime)
    except (OSError, ModuleRegistryError):
        return None
