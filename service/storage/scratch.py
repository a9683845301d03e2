"""A server for a moment, with nothing or a copy to read: it knows best what it can read."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from service.problems import InvalidSetting, StorageUnavailable
from service.storage import binary
from service.storage.aof import FIRST_BASE, FOLDER, MANIFEST
from service.storage.client import Client
from service.storage.data_dir import socket_path, store_url
from service.storage.server import ask, stop

_SNAPSHOT = "dump.rdb"
#: Pause between two looks, in seconds.
_LOOK_INTERVAL = 0.01
#: Time limit of one command: to save a large snapshot takes a while, in seconds.
_COMMAND_TIMEOUT = 600.0


def commands() -> frozenset[bytes]:
    """The names of the commands that the server knows, in lower case. Raises StorageUnavailable."""
    with _folder() as folder, _running(folder, {}) as client:
        if client is None:
            raise StorageUnavailable("The embedded store's server cannot be started.")
        return frozenset(name.lower().encode() for name in client.command("COMMAND LIST"))


def is_whole(base: Path) -> bool:
    """Whether the server reads a base as at a start, where what stands behind the snapshot is taken for commands."""
    with _folder() as folder:
        files = folder / FOLDER
        files.mkdir()
        (files / FIRST_BASE).symlink_to(base.resolve())
        (files / MANIFEST).write_text(f"file {FIRST_BASE} seq 1 type b\n")
        with _running(folder, {"appendonly": "yes", "aof-load-truncated": "no"}) as client:
            return client is not None


def can_read(snapshot: Path, *, save_to: Path | None = None) -> bool:
    """Whether the server reads a snapshot, whatever its checksum is; what it has read may be saved."""
    with _folder() as folder:
        here = folder / _SNAPSHOT
        here.symlink_to(snapshot.resolve())
        with _running(folder, {"rdbchecksum": "no"}) as client:
            if client is None:
                return False
            if save_to:
                client.command("SAVE")  # which replaces the link
                shutil.copyfile(here, save_to)
            return True


@contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder, for as long as the block lasts. Raises InvalidSetting."""
    try:
        made = TemporaryDirectory(prefix="mr-")
    except OSError as error:
        reason = f"no folder for temporary files can be written ({error.strerror}); name one that can"
        raise InvalidSetting("TMPDIR", reason) from error
    with made as name:
        try:
            socket_path(Path(name))
        except InvalidSetting as error:
            reason = "names a folder whose path is too long for a Unix socket; name one with a shorter path"
            raise InvalidSetting("TMPDIR", reason) from error
        yield Path(name)


@contextmanager
def _running(folder: Path, options: dict[str, str]) -> Iterator[Client | None]:
    """A client of a server that has read what is in the folder; None if it has ended instead."""
    process = binary.run(folder, {"dbfilename": _SNAPSHOT} | options, subprocess.DEVNULL)
    try:
        while process.poll() is None and not ask(folder).startswith(b"+PONG"):
            time.sleep(_LOOK_INTERVAL)
        if process.poll() is not None:
            yield None
            return
        client = Client(store_url(folder), _COMMAND_TIMEOUT)
        try:
            yield client
        finally:
            client.close()
    finally:
        stop(process)
