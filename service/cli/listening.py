"""Where `serve` listens: an address that can be had, claimed before anything is started, and METRICS_PORT.

At that port the main process listens, and each worker answers in a thread: whichever is asked knows what all of them
have counted, and while one lives there is an answer. A thread of the main process would have its locks copied half-way
by each fork.
"""

import errno
import io
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from service.http.client import Receiving
from service.problems import AddressInUse, InvalidSetting
from service.settings.values import MetricsPort

#: How long the workers of a killed `serve` may take to die and free its port, in seconds.
_FREE_PORT_TIMEOUT = 1.0
#: How long somebody may take to ask at METRICS_PORT, in seconds, of which what is left is for each part of the answer:
#: others wait.
_LIMIT = 5.0

_logger = logging.getLogger(__name__)


class Address(NamedTuple):
    """Where to listen: an IP address, a port, and the name that people use.

    On Linux, no other `serve` gets the same as long as `claim` is open.
    """

    ip: IPv4Address | IPv6Address
    port: int
    name: str
    claim: socket.socket | None = None

    @property
    def local(self) -> str:
        """The host that reaches it from this machine: not 0.0.0.0 or ::, which are no destination."""
        if not self.ip.is_unspecified:
            return self.name
        return "::1" if self.ip.version == 6 else "127.0.0.1"

    def release(self) -> None:
        """Let another `serve` have this address."""
        if self.claim is not None:
            self.claim.close()

    @property
    def url(self) -> str:
        """The address as a client on this machine would write it, without a trailing slash."""
        return f"http://[{self.local}]:{self.port}" if ":" in self.local else f"http://{self.local}:{self.port}"


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
            if error.errno == errno.EADDRNOTAVAIL:
                raise InvalidSetting("--host", f"{host!r} is not an address of this machine") from None
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                reason = f"Port {port} on {host} cannot be had: {error.strerror}."
                raise AddressInUse(f"{reason} Stop what uses it, or choose another --port, from 1024 on.") from error
            time.sleep(0.02)


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
    claim = socket.socket(socket.AF_UNIX)
    try:
        if sys.platform == "linux":
            claim.bind(f"\0module-registry {ip} {port}")
    except OSError:
        claim.close()
        raise
    return Address(ip_address(ip), port, name, claim)


def metrics_socket(where: MetricsPort, besides: int) -> socket.socket:
    """A socket that listens there, at another port than that of all else. Raises InvalidSetting."""
    if where.port == besides:
        raise InvalidSetting("METRICS_PORT", f"{where.port} is the port of `serve` itself; choose another")
    try:
        family = socket.AF_INET6 if ":" in where.ip else socket.AF_INET
        return socket.create_server((where.ip, where.port), family=family)
    except OSError as error:
        raise InvalidSetting("METRICS_PORT", f"{where} cannot be had: {error.strerror}; choose another") from None


def answer_metrics(where: socket.socket, exposed: Callable[[str], tuple[str, bytes]]) -> None:
    """Have a thread of this process answer what is told to whoever accepts a media type, a request at a time.

    A thread for each of them would let whoever reaches this port take all files, and all connections to Redis.
    """
    threading.Thread(target=_Server(where, exposed).serve_forever, name="metrics-port", daemon=True).start()


class _Server(HTTPServer):
    def __init__(self, where: socket.socket, exposed: Callable[[str], tuple[str, bytes]]) -> None:
        super().__init__(where.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.exposed = where, exposed

    def handle_error(self, request: object, client_address: object) -> None:
        """Log defects, and leave whoever breaks off."""
        if not isinstance(sys.exception(), OSError):
            _logger.exception("metrics could not be told")


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(Receiving(self.connection, time.monotonic() + _LIMIT))

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404, explain="Here is nothing but GET /metrics.")
            return
        content_type, body = self.server.exposed(self.headers.get("Accept", ""))
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: it is asked every few seconds."""
