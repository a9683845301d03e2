"""The connections of clients that this process has, looked up at a stop, so that requests need not be counted."""

from __future__ import annotations

import array
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path
from termios import TIOCOUTQ


def clients(port: int) -> int:
    """How many connections of clients that came to a port are open."""
    return sum(1 for _ in _connections(port))


def is_sending(port: int) -> bool:
    """Whether something of an answer has not come to its client yet."""
    return any(map(_has_unsent, _connections(port)))


def _has_unsent(connection: socket.socket) -> bool:
    left = array.array("i", [0])
    ioctl(connection, TIOCOUTQ, left)  # SIOCOUTQ by its other name: what the client has not acknowledged, tcp(7)
    return left[0] > 0


def _connections(port: int) -> Iterator[socket.socket]:
    for path in Path("/dev/fd").iterdir():
        with suppress(OSError):  # it was closed meanwhile, or has no client: it listens, or the client is gone
            if stat.S_ISSOCK(os.fstat(int(path.name)).st_mode):
                with socket.socket(fileno=os.dup(int(path.name))) as found:
                    if found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockname()[1] == port:
                        found.getpeername()
                        yield found
