"""Damages to the files of a store, and what is left after them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from unittest.mock import patch

from support import connect, run

from service.settings import Settings
from service.storage import aof, scratch
from service.storage.embedded import open_store

Damage = Callable[[Path], object]

_commands = cache(scratch.commands)


def manifest(data_dir: Path) -> Path:
    return data_dir / aof.FOLDER / aof.MANIFEST


def records(data_dir: Path) -> Path:
    """The file that the store appends to."""
    return next((data_dir / aof.FOLDER).glob("*.incr.aof"))


def base(data_dir: Path) -> Path:
    return next((data_dir / aof.FOLDER).glob("*.base.rdb"))


def members(data_dir: Path) -> tuple[int, int]:
    """How many numbers a store that is started holds, and what their trend says."""
    with open_store(Settings(data_dir=data_dir)) as url, closing(connect(url)) as client:
        return client.scard("kept"), int(client.hget("trend", "today") or 0)


def repaired(data_dir: Path) -> str:
    """What a repair says. The server is asked for its commands only once."""
    with patch.object(scratch, "commands", _commands):
        result = run("store", "repair", "--yes", DATA_DIR=str(data_dir))
    assert result.returncode == 0, result.stderr
    return result.stdout


def replaced(old: bytes, new: bytes) -> Damage:
    """Other bytes in the records, where these are first."""

    def damage(data_dir: Path) -> None:
        content = records(data_dir).read_bytes()
        assert old in content
        records(data_dir).write_bytes(content.replace(old, new, 1))

    return damage


def says(old: str, new: str) -> Damage:
    """A manifest that says something else."""
    return lambda data_dir: manifest(data_dir).write_text(manifest(data_dir).read_text().replace(old, new))


def stands(name: str, make: Callable[[Path], None]) -> Damage:
    """Something else in the place of a file or folder."""

    def damage(data_dir: Path) -> None:
        path = data_dir / aof.FOLDER / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        make(path)

    return damage


def cut_short(data_dir: Path) -> None:
    os.truncate(records(data_dir), records(data_dir).stat().st_size - 200)


def unfinished(data_dir: Path) -> None:
    with records(data_dir).open("ab") as file:
        file.write(b"*3\r\n$4\r\nSADD\r\n$4\r\nke")


def without_manifest(data_dir: Path) -> None:
    manifest(data_dir).unlink()


def flipped_snapshot(data_dir: Path) -> None:
    content = base(data_dir).read_bytes()
    base(data_dir).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


#: The 5 becomes a 1.
flipped = replaced(b"user50", b"user10")
senseless = replaced(b"$6\r\nuser50", b"%6\r\nuser50")
forgotten = says("file appendonly.aof.1.incr.aof seq 1 type i\n", "")
