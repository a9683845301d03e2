"""Clients that ask without a pause, and tell of each request what became of it."""

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from itertools import cycle, product
from typing import NamedTuple

from support import DEADLINE, AnyClient, add_accounts, session_cookie

from service.interest.keys import interest_key

#: What voters of this traffic share with the service, as SECRET_KEY.
KEY = "shared with the platform"
VOTERS = 64
FEATURE = "linkedin"
_POLL = b"GET /api/modules-registry HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connected(url: str) -> socket.socket:
    """A connection to a service."""
    host, _, port = url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=DEADLINE)


class Fate(Enum):
    """What became of a request."""

    ANSWERED = "answered, to the last byte"
    WRONG = "answered with another status than 200 or 204"
    REFUSED = "not accepted, or closed before a byte of an answer"
    CUT = "closed within the answer"


def ask(connection: socket.socket, request: bytes = _POLL) -> tuple[Fate, bytes]:
    """What becomes of a request, and what is received."""
    received, is_whole = b"", False
    with suppress(ConnectionError):
        connection.sendall(request)
        while not is_whole and (part := connection.recv(262_144)):
            received += part
            head, end, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            is_whole = bool(end) and len(body) >= (int(length[1]) if length else 0)
    if not is_whole:
        return Fate.CUT if received else Fate.REFUSED, received
    return Fate.ANSWERED if received[9:12] in (b"200", b"204") else Fate.WRONG, received


class Request(NamedTuple):
    """What was sent for whom, and its fate."""

    method: str
    voter: str
    fate: Fate


@dataclass
class Client:
    """One that sends a request after the other, on one connection as long as it may, or on a new one each, with a pause
    before each, in seconds. Without voters it polls."""

    url: str
    keeps: bool
    pause: float
    voters: Sequence[str] = ()
    done: list[Request] = field(default_factory=list)

    def run(self, ended: threading.Event) -> None:
        """Go on until that is set, or nobody listens any more."""
        connection: socket.socket | None = None
        requests = list(product(("POST", "DELETE"), self.voters)) or [("GET", "")]
        with suppress(ConnectionRefusedError):
            for method, voter in cycle(requests):
                if ended.wait(self.pause):
                    break
                connection = connection or self._connected()
                fate, received = ask(connection, self._request(method, voter) if voter else _POLL)
                self.done.append(Request(method, voter, fate))
                is_last = b"connection: close" in received.partition(b"\r\n\r\n")[0].lower()
                if is_last or fate is not Fate.ANSWERED or not self.keeps:
                    connection.close()
                    connection = None
        if connection:
            connection.close()

    def _connected(self) -> socket.socket:
        while True:
            with suppress(ConnectionResetError):  # it stopped while it was about to accept: nothing was asked
                return connected(self.url)

    def _request(self, method: str, voter: str) -> bytes:
        line = f"{method} /api/features/{FEATURE}/interest HTTP/1.1"
        return f"{line}\r\nHost: localhost\r\nCookie: {session_cookie(KEY, voter)}\r\n\r\n".encode()


def enrol(store: AnyClient) -> list[str]:
    """Add the voters to a store; the names of their accounts."""
    voters = [f"voter-{number}" for number in range(VOTERS)]
    add_accounts(store, *voters)
    return voters


@contextmanager
def traffic(url: str, voters: Sequence[str], pause: float = 0.0) -> Iterator[list[Client]]:
    """Eight clients at work while the block runs: half of them poll, half vote, and half of each on new connections.

    No two of them vote for one account.
    """
    clients = [Client(url, number % 2 == 0, pause, voters[number::4]) for number in range(4)]
    clients += [Client(url, number % 2 == 0, pause) for number in range(4)]
    ended = threading.Event()
    with ThreadPoolExecutor(len(clients)) as threads:
        running = [threads.submit(client.run, ended) for client in clients]
        try:
            yield clients
        finally:
            ended.set()
    for each in running:
        each.result()


def lost_votes(store: AnyClient, clients: Sequence[Client]) -> list[str]:
    """The voters whose votes are not as the last answer says; where it did not come, either may be."""
    last = {request.voter: request for client in clients for request in client.done if request.voter}
    wanted = {voter: request.method == "POST" for voter, request in last.items() if request.fate is Fate.ANSWERED}
    return [voter for voter, wants in wanted.items() if wants != bool(store.sismember(interest_key(FEATURE), voter))]
