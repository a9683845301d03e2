"""The mark: what the store's files held when they were last known to be whole, kept beside them in DATA_DIR.

It is left when the store has ended in order, and by the first start. Files only grow until they are replaced by ones of
a higher number, so the mark says what must still be there later, too, whatever was written since.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from service.problems import InvalidSetting
from service.storage import aof
from service.storage.aof import FOLDER, parts
from service.storage.data_dir import write_whole
from service.storage.regular import open_regular, read_regular

MARK = "store.mark"


@dataclass(frozen=True, slots=True)
class Measure:
    """The length of a file, in bytes, and the SHA-256 digest of that much of it."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The manifest's text, and the measure of each part that it names."""

    manifest: str
    files: dict[str, Measure]


def measure(path: Path, size: int | None = None) -> Measure:
    """The measure of the first `size` bytes of a file, or of all of it. 100 MB take about 0.1 s."""
    digest, length = hashlib.sha256(), 0
    with open_regular(path) as file:
        left = os.fstat(file.fileno()).st_size if size is None else size
        while piece := file.read(min(left - length, 1 << 20)):
            digest.update(piece)
            length += len(piece)
    return Measure(length, digest.hexdigest())


def leave(data_dir: Path) -> None:
    """Write the mark of the files as they are. Raises InvalidSetting if the folder cannot be written."""
    try:
        manifest = aof.manifest(data_dir)
        files = {part.name: measure(data_dir / FOLDER / part.name) for part in parts(manifest)}
        write_whole(data_dir / MARK, json.dumps(asdict(Mark(manifest, files)), indent=1).encode())
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / MARK} cannot be written: {error.strerror}") from error


def read(data_dir: Path) -> Mark | None:
    """The mark; None if there is none. Raises ValueError if it makes no sense, and OSError if it cannot be read."""
    try:
        said = json.loads(read_regular(data_dir / MARK))
        files = {name: Measure(**one) for name, one in said["files"].items()}
        named = {part.name for part in parts(said["manifest"])}
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
    if files.keys() != named or any(
        type(one.bytes) is not int or type(one.sha256) is not str for one in files.values()
    ):
        raise ValueError("it does not measure the parts that it names")
    return Mark(said["manifest"], files)
