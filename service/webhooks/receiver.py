"""Sends one message to WEBHOOK_URL, signed as Standard Webhooks 1.0.0 says, and tells what was answered.

Everything about it has a limit: one for all of it, and one for what is read. Only the look-up of the name cannot be
interrupted; one that took longer is the end of the try. Redirects are not followed, and no proxy of the environment is
used.
"""

from __future__ import annotations

import io
import re
import socket
import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from service.webhooks.message import Message
from service.wording import printable, shortened

#: How long one try may take in all, in seconds: the specification recommends 15 to 30.
LONGEST_TRY = 15.0
#: How much of an answer's body is read, in bytes, and how much of that is shown, in characters.
_MOST_READ, _SHOWN = 1024, 100

_SUCCESSES = range(200, 300)
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is told. The URL may be a secret as well: whoever knows its path may be let in by it."""

    url: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def host(self) -> str:
        """What of the URL may be shown: its origin."""
        return "/".join(self.url.split("/", 3)[:3])


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a try: the status that was answered, or None, and in words that are safe to print.

    It took so many `seconds`, and the receiver may have asked for so many before the next (`retry_after`).
    """

    status: int | None
    said: str
    seconds: float = 0.0
    retry_after: float = 0.0

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has it: any 2xx says so, and nothing else."""
        return self.status in _SUCCESSES


def send(receiver: Receiver, message: Message, limit: float = LONGEST_TRY) -> Answer:
    """Send a message once, within `limit` seconds. What goes wrong is in the answer."""
    began = time.monotonic()
    try:
        status, said, retry_after = _asked(receiver, message, began + limit)
    except TimeoutError:
        status, said, retry_after = None, f"did not answer within {limit:g} s", 0.0
    except (OSError, HTTPException, UnicodeError) as error:
        status, said, retry_after = None, _fault(error), 0.0
    return Answer(status, printable(said), time.monotonic() - began, retry_after)


def _fault(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return (
        f"could not be reached: {shortened(text, 2 * _SHOWN)}"
        if isinstance(error, OSError)
        else (f"answered what is no HTTP: {shortened(text, _SHOWN)}")
    )


def _asked(receiver: Receiver, message: Message, ends: float) -> tuple[int, str, float]:
    """The status of the answer, what to say of it, and its Retry-After in seconds."""
    parts = urlsplit(receiver.url)
    host, is_secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    with _connected(host, port, ends, only_here=not is_secure) as plain:
        kept = _tls().wrap_socket(plain, server_hostname=host) if is_secure else plain
        with kept:
            connection = HTTPSConnection(host, port, context=_tls()) if is_secure else HTTPConnection(host, port)
            connection.sock = kept
            kept.settimeout(_left(ends))
            target = parts._replace(scheme="", netloc="").geturl()
            connection.request("POST", target, message.body.encode("ascii"), _headers(receiver, message))
            response = HTTPResponse(_Answering(kept, ends), method="POST")  # type: ignore[arg-type]  # all it asks of a socket
            response.begin()
            said = _words(response.status, _beginning(response))
            return response.status, said, _seconds(response.getheader("Retry-After"))


def _beginning(response: HTTPResponse) -> bytes:
    """What is read of the body of an answer: of a success nothing, since its status says all."""
    try:
        return b"" if response.status in _SUCCESSES else response.read(_MOST_READ)
    except (OSError, HTTPException):  # the status counts
        return b""


def _headers(receiver: Receiver, message: Message) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "Content-Type": "application/json",
        "User-Agent": "module-registry",
        "Connection": "close",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(receiver.secret).sign(message.id, now, message.body),
    }


@cache
def _tls() -> ssl.SSLContext:
    """Certificates are verified by those that the system trusts, or SSL_CERT_FILE names."""
    return ssl.create_default_context()


def _connected(host: str, port: int, ends: float, *, only_here: bool) -> socket.socket:
    """A connection to one of the addresses of a host; with `only_here`, to none but those of this machine."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    fault = OSError("its name has no address of this machine")
    for number, (family, kind, protocol, _, address) in enumerate(found):
        if only_here and not ip_address(address[0]).is_loopback:
            continue
        one = socket.socket(family, kind, protocol)
        try:
            one.settimeout(_left(ends) / (len(found) - number))  # one that is silent leaves time for the others
            one.connect(address)
            one.settimeout(_left(ends))
            return one
        except OSError as error:
            one.close()
            fault = error
    raise fault


def _left(ends: float) -> float:
    """How much time is left, in seconds. Raises TimeoutError where none is."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Answering(io.RawIOBase):
    """What a socket receives, until a moment: a receiver that sends byte by byte holds nobody for longer."""

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


def _words(status: int, body: bytes) -> str:
    text = " ".join(body.decode("utf-8", "replace").split())
    said = "; redirects are not followed" if status in _REDIRECTS else ""
    return f"answered {status}{said}{f': {shortened(text, _SHOWN)}' if text else ''}"


def _seconds(retry_after: str | None) -> float:
    """What Retry-After asks for, where it is a number (RFC 9110, 10.2.3)."""
    return float(retry_after) if retry_after and re.fullmatch("[0-9]{1,6}", retry_after) else 0.0
