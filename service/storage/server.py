"""One Valkey server process in DATA_DIR: start it, ask it, stop it.

Every write is synced to its append-only file before it is acknowledged, so that even a kill -9 of everything loses
nothing: the kernel kills it together with who started it, and the folder's lock, which it inherits, tells whether it
has ended.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import socket
import subprocess
import time
from pathlib import Path
from typing import BinaryIO

from service.problems import InvalidSetting, StorageUnavailable
from service.storage import binary
from service.storage.data_dir import LOG, SOCKET, open_regular, socket_path
from service.storage.files import REPAIR, make_ready
from service.storage.lock import Lock, handed_down
from service.wording import printable

#: With 1, every write is answered by -NOREPLICAS, since there is no replica that could have it as well.
_REFUSAL = "min-replicas-to-write"

#: Its advice to use a tool that is not in the wheel.
_ADVICE = re.compile(r"(: make a backup|\. You can: 1\)).*valkey-check-.*")

#: Time limit of one question to the server, in seconds.
_ANSWER_TIMEOUT = 0.5
#: How long a server may take to accept its first question, in seconds. Loading its data is not counted.
_START_TIMEOUT = 10.0
#: How long a server that was asked to stop may take before it is killed, in seconds.
STOP_TIMEOUT = 5.0
#: Pause between two looks, in seconds.
_LOOK_INTERVAL = 0.01

_logger = logging.getLogger(__name__)


def start(data_dir: Path, held: Lock | None = None, *, takes_writes: bool = True) -> subprocess.Popen[bytes]:
    """Start a server, which inherits the lock, and return once it answers. It ends with the thread that started it.

    Raises StorageUnavailable, with the end of the server's log, if it does not come up, StoreDamaged if its files have
    lost something, and InvalidSetting if the folder cannot be written.
    """
    process = launch(data_dir, held, takes_writes=takes_writes)
    try:
        _await_ready(process, data_dir)
    except BaseException:
        stop(process)
        raise
    return process


def stop(process: subprocess.Popen[bytes]) -> bool:
    """Ask the server to end, and wait until it has; one that takes longer than 5 s is killed.

    Returns whether it ended in order.
    """
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        _logger.error(
            "The store did not stop within %g s and is killed; acknowledged writes are on disk.", STOP_TIMEOUT
        )
        process.kill()
        process.wait()
    return process.returncode == 0


def launch(data_dir: Path, held: Lock | None = None, *, takes_writes: bool = True) -> subprocess.Popen[bytes]:
    """Start a server without waiting until it answers. Raises as `start` does."""
    # The append-only file is synced before a write is acknowledged.
    options = {"unixsocketperm": "700", "appendonly": "yes", "appendfsync": "always", "logfile": LOG}
    options |= {"aof-timestamp-enabled": "yes"}
    options |= {_REFUSAL: str(int(not takes_writes))}
    _check_is_alone(data_dir)
    try:
        make_ready(data_dir)
        with _log(data_dir) as log, handed_down(held) as descriptors:
            return binary.run(data_dir, options, log, descriptors)
    except (OSError, subprocess.SubprocessError) as error:
        raise StorageUnavailable(f"The embedded store cannot be started: {error}") from error


def _check_is_alone(data_dir: Path) -> None:
    """Raise StorageUnavailable where a server listens, as after somebody has removed the lock under it.

    Two that append to one file would ruin it.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_ANSWER_TIMEOUT)
        try:
            connection.connect(socket_path(data_dir))
        except (FileNotFoundError, ConnectionRefusedError):
            return
        except OSError:  # there is one that does not answer
            pass
    raise StorageUnavailable(
        f"A store in DATA_DIR {data_dir} is still running: end its process, which "
        f"`fuser {printable(shlex.quote(str(data_dir / SOCKET)))}` names."
    )


def _log(data_dir: Path) -> BinaryIO:
    try:
        return open_regular(data_dir / LOG, "ab")
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / LOG} cannot be written: {error.strerror}") from error


def _await_ready(process: subprocess.Popen[bytes], data_dir: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while not (answer := ask(data_dir)).startswith(b"+PONG"):
        if process.poll() is not None:
            raise StorageUnavailable(
                f"The embedded store in DATA_DIR {data_dir} ended while starting; if its files are damaged, "
                f"`{REPAIR}` goes on with what is left. Its log ends:",
                *last_words(data_dir).splitlines(),
            )
        if answer.startswith(b"-LOADING"):
            deadline = time.monotonic() + _START_TIMEOUT
        elif time.monotonic() > deadline:
            raise StorageUnavailable(
                f"The embedded store in DATA_DIR {data_dir} does not answer:", *last_words(data_dir).splitlines()
            )
        time.sleep(_LOOK_INTERVAL)


def take_writes(data_dir: Path, yes: bool) -> bool:
    """Have the running server take writes, or refuse them while it answers reads; returns whether it will."""
    return ask(data_dir, f"CONFIG SET {_REFUSAL} {int(not yes)}").startswith(b"+OK")


def ask(data_dir: Path, command: str = "PING") -> bytes:
    """What the server says to a command; nothing if there is none, or none that answers in time."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_ANSWER_TIMEOUT)
        try:
            connection.connect(socket_path(data_dir))
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(64)
        except OSError:
            return b""


def last_words(data_dir: Path) -> str:
    """The end of the server's log, each line of it safe to print."""
    try:
        with open_regular(data_dir / LOG) as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2048))
            text = log.read().decode(errors="replace")
    except OSError as error:
        return f"(its log cannot be read: {error})"
    return "\n".join(printable(_ADVICE.sub("", line)) for line in text.splitlines()[-8:])
