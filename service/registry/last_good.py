"""The last good registry, as a file that the workers of one `serve` share.

A worker that is started anew while the file has an edit that is not in force takes this one, as the others have it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from service.problems import ModuleRegistryError
from service.registry.loading import parse
from service.registry.model import Registry


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
