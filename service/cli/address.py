"""Where `serve` listens: a host and port that can be had, checked before anything is started."""

from __future__ import annotations

import errno
import socket
import sys
import time
from ipaddress import ip_address
from typing import NamedTuple

from service.problems import AddressInUse, InvalidSetting

#: How long the workers of a killed `serve` may take to die and free its port, in seconds.
_FREE_PORT_TIMEOUT = 1.0


class Address(NamedTuple):
    """Where to listen: an IP address, as granian wants it, and the name that people use.

    No other `serve` gets the same as long as `claim` is open; there is none but on Linux.
    """

    ip: str
    port: int
    name: str
    claim: socket.socket | None = None

    @property
    def local(self) -> str:
        """The host that reaches it from this machine: not 0.0.0.0 or ::, which are no destination."""
        if not self.is_unspecified:
            return self.name
        return "::1" if ":" in self.ip else "127.0.0.1"

    @property
    def url(self) -> str:
        """The address as a client on this machine would write it, without a trailing slash."""
        return f"http://[{self.local}]:{self.port}" if ":" in self.local else f"http://{self.local}:{self.port}"

    @property
    def is_unspecified(self) -> bool:
        """Whether it stands for every address of this machine."""
        return ip_address(self.ip).is_unspecified

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return ip_address(self.ip).is_loopback


def listening_address(host: str, port: int) -> Address:
    """Find the IP address of `host`, and a free port if `port` is 0, and claim them.

    Raises InvalidSetting for a host that is not this machine's, AddressInUse for a port that cannot be had.
    """
    try:
        choices = socket.getaddrinfo(host or "\0", port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        raise InvalidSetting("--host", f"{host!r} is not an address or name that can be resolved") from None
    # A name such as localhost often has both kinds; clients that know only IPv4 are the more common.
    family, _, _, _, wanted = min(choices, key=lambda entry: entry[0] != socket.AF_INET)
    deadline = time.monotonic() + _FREE_PORT_TIMEOUT
    while True:
        try:
            return _claimed(family, wanted, host)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            if error.errno == errno.EADDRNOTAVAIL:
                raise InvalidSetting("--host", f"{host!r} is not an address of this machine") from None
            reason = f"Port {port} on {host} cannot be had: {error.strerror}."
            raise AddressInUse(f"{reason} Stop what uses it, or choose another --port, from 1024 on.") from error


def _claimed(family: int, wanted: tuple[object, ...], name: str) -> Address:
    """Take an address for a moment, and keep others that start at the same moment from it. Raises OSError.

    Workers share their port by SO_REUSEPORT, and would share it with another service; the socket that is tried here
    does not. The claim lasts until this process and its workers have ended: a name that is no file (unix(7), abstract),
    one for each network namespace, as ports are.
    """
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(wanted)
        ip, port = probe.getsockname()[:2]
    if sys.platform != "linux":
        return Address(ip, port, name)
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0module-registry {ip} {port}")
    except OSError:
        claim.close()
        raise
    return Address(ip, port, name, claim)
