"""The sockets at which the workers listen: they outlive each worker, so that nothing which waits at one is lost."""

from __future__ import annotations

import os
import socket
import struct
import sys
from contextlib import suppress

from granian.net import SocketHolder, SocketSpec  # type: ignore[attr-defined]

from service.cli.address import Address

#: How long a client may leave what it is sent unread, in milliseconds; granian itself would wait for ever.
_LONGEST_UNREAD = 10_000
#: Where the kernel says in tcp_info how many connections wait at a socket that listens: tcpi_unacked, four bytes.
_WAITING_AT = 24


class Listeners:
    """A socket for each worker, open in the main process for as long as it serves. The kernel chooses among those at
    which a worker listens: each has its share of the connections, and its own queue of them (SO_REUSEPORT, socket(7)).

    Other systems than Linux do not share out connections, so there all workers have one socket.
    """

    def __init__(self, address: Address, workers: int, backlog: int) -> None:
        self._spec = SocketSpec(address.ip, address.port, backlog)
        self._made = [self._make() for _ in range(workers if sys.platform == "linux" else 1)]

    def of(self, number: int) -> SocketHolder:
        """The socket of a worker, counted from 0."""
        return self._made[number % len(self._made)]

    def others(self, number: int) -> list[int]:
        """The descriptors of the sockets of other workers, which the process of this one closes: what waits at a socket
        that nobody accepts from waits for ever."""
        own = self.of(number)
        return [holder.get_fd() for holder in self._made if holder is not own]

    def renew(self, number: int) -> None:
        """Have what waits for a worker that does not come back soon refused, and new connections go to others."""
        if sys.platform == "linux":
            os.close(self.of(number).get_fd())
            self._made[number] = self._make()

    def close(self) -> None:
        """Leave them to the workers, with whose ends they are closed."""
        for holder in self._made:
            os.close(holder.get_fd())
        self._made.clear()

    def _make(self) -> SocketHolder:
        """A socket that a worker has to listen at before anything comes to it."""
        holder = self._spec.build()
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # on Linux
            # Each connection that is accepted takes it over (RFC 5482, tcp(7)).
            with socket.socket(fileno=os.dup(holder.get_fd())) as made:
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _LONGEST_UNREAD)
        return holder


def waiting(listener: int) -> int:
    """How many connections wait at a socket to be accepted, as far as the system says it."""
    with suppress(OSError), socket.socket(fileno=os.dup(listener)) as found:
        if hasattr(socket, "TCP_INFO") and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            info = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _WAITING_AT + 4)
            return int(struct.unpack_from("I", info, _WAITING_AT)[0])
    return 0


def leave(listener: int) -> None:
    """Accept nothing more from a socket, at which another worker listens as well.

    granian has no word for this: told to stop, it closes the connections that are idle, too. So the socket below its
    descriptor is another from now on, to which nobody comes. Only Linux has one that needs no file (unix(7), autobind);
    elsewhere, who comes is answered until granian is told.
    """
    if sys.platform == "linux":
        with socket.socket(socket.AF_UNIX) as nobodys:
            nobodys.setblocking(False)
            nobodys.bind("")
            nobodys.listen(0)
            os.dup2(nobodys.fileno(), listener)
