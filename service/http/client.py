"""Asking another server over HTTP, with one time limit on all of it, and nothing that was not asked for.

Only the look-up of the name cannot be interrupted; one that took longer is the end. Redirects are not followed, no
proxy of the environment is used, and plain http goes to this machine alone. Certificates are verified by those that the
system trusts, or SSL_CERT_FILE names.
"""

import io
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection, HTTPResponse
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit


@contextmanager
def answered(
    method: str, url: str, ends: float, headers: Mapping[str, str], body: bytes | None = None
) -> Iterator[HTTPResponse]:
    """What a server answers, whose body is still to be read, until `ends` of `time.monotonic`.

    Raises TimeoutError, OSError where it cannot be reached, http.client.HTTPException for what is no HTTP, and
    UnicodeError for what can be no name of a host.
    """
    parts = urlsplit(url)
    host, is_secure = str(parts.hostname), parts.scheme == "https"
    with _connected(host, parts.port or (443 if is_secure else 80), ends, only_here=not is_secure) as plain:
        plain.settimeout(_left(ends))
        with _secured(plain, host) if is_secure else plain as connected:
            connection = HTTPConnection(parts.netloc)
            connection.sock = connected
            target = parts._replace(scheme="", netloc="").geturl() or "/"
            sent = {"User-Agent": "module-registry", "Connection": "close", **headers}
            # Receiving is all that it asks of a socket.
            response = HTTPResponse(Receiving(connected, ends), method=method)  # type: ignore[arg-type]
            try:
                connection.request(method, target, body, sent)
                response.begin()
            except ConnectionError as error:
                if is_secure:
                    raise
                raise OSError(f"{error}; if TLS is asked for there, write https://") from None
            with response:
                yield response


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _connected(host: str, port: int, ends: float, *, only_here: bool) -> socket.socket:
    """A connection to one of the addresses of a host; with `only_here`, to none but those of this machine."""
    addresses = [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    addresses = [address for address in addresses if not only_here or ip_address(address).is_loopback]
    fault = OSError("its name has no address of this machine")
    for number, address in enumerate(addresses):
        try:  # one that is silent leaves time for the others
            return socket.create_connection((address, port), _left(ends) / (len(addresses) - number))
        except OSError as error:
            fault = error
    raise fault


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    try:
        return _tls().wrap_socket(plain, server_hostname=host)
    except ssl.SSLError as error:
        if isinstance(error, ssl.SSLCertVerificationError) or "ALERT" in str(error):
            raise
        raise OSError(f"{error}; if there is no TLS, write http://, which leads to this machine alone") from None


def _left(ends: float) -> float:
    """How much time is left, in seconds. Raises TimeoutError where none is."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class Receiving(io.RawIOBase):
    """What a socket receives, until a moment: who sends byte by byte holds nobody for longer."""

    def __init__(self, sock: socket.socket, ends: float) -> None:
        self._sock, self._ends = sock, ends

    def makefile(self, mode: str) -> io.BufferedReader:
        """As HTTPResponse asks for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._ends))
        return self._sock.recv_into(buffer)
