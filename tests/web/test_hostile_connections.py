"""What strangers send over a bare socket to a real `serve`: refused or closed, never a 5xx, never another's answer."""

import os
import re
import select
import socket
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest
from application import table
from support import Serve, launch, wait_until
from traffic import connected

pytestmark = pytest.mark.long

#: How many requests are made up by changing the ones below.
EXAMPLES = int(os.environ.get("EXAMPLES", "2000"))  # of 200,000, none was answered 5xx

#: What stands in a row of the table for more than it says.
PARTS = {
    b"{get}": b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
    b"{post}": b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n",
    b"{smuggled}": b"GET /api/modules/smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
}

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"

#: The good request that follows each hostile one on its connection, and what its answer, and no other, holds.
GOOD, OWN = b"GET /api/modules/honest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"'honest'"


def request(text: str) -> bytes:
    """What a row of the table means."""
    sent = text.encode("latin-1")
    for name, part in PARTS.items():
        sent = sent.replace(name, part)
    return re.sub(rb"\{([^{}]+)\*(\d+)\}", lambda match: match[1] * int(match[2]), sent)


TABLE = table("hostile.yaml")
ANSWERED = TABLE["answered"]
SHAPES = {f"{kind}: {name}": request(text) for kind in ("framing", "line") for name, text in TABLE[kind].items()}
for name, text in TABLE["chunks"].items():
    SHAPES[f"chunks: {name}"] = request("{post}") + CHUNKED + request(text)
for method in TABLE["method"]:
    SHAPES[f"method: {method}"] = request(method + " /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
for target in TABLE["target"]:
    SHAPES[f"target: {target}"] = request("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n")
assert ANSWERED.keys() <= SHAPES.keys()


@pytest.fixture(scope="module")
def service(embedded_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """A `serve` of one worker, for all of these requests."""
    folder = tmp_path_factory.mktemp("serve")
    running = launch(folder, folder / "var", REDIS_URL=embedded_url, SECRET_KEY="a secret key of tests")
    try:
        yield running.started()
        assert running.log == [], "nothing that a stranger sends is an error of the service"
    finally:
        running.clean_up()


def exchange(service: Serve, sent: bytes, patience: float | None = None) -> bytes:
    """All that comes back on one connection until the service closes it; fails if it stays open.

    With `patience` it is told that nothing more comes once it has said nothing for so many seconds.
    """
    received = b""
    with connected(service.url) as connection:

        def wait() -> None:
            if patience and not select.select([connection], [], [], patience)[0]:
                connection.shutdown(socket.SHUT_WR)

        with suppress(ConnectionResetError, BrokenPipeError):  # it was closed before all was sent
            connection.sendall(sent)
        wait()
        with suppress(ConnectionResetError):
            while part := connection.recv(65536):
                received += part
                wait()
    return received


def answers(received: bytes) -> list[tuple[int, bytes]]:
    """Status and body of each answer, one behind the other. Fails unless each ends where it says that it does."""
    parsed: list[tuple[int, bytes]] = []
    while received:
        head, end, received = received.partition(b"\r\n\r\n")
        assert end, head
        said = re.match(rb"HTTP/1\.[01] (\d{3}) ", head)
        assert said, head
        if said[1] == b"100":
            continue
        length = re.search(rb"\r\ncontent-length: (\d+)(\r\n|$)", head, re.IGNORECASE)
        assert length or b"\r\ntransfer-encoding" not in head.lower(), "no answer of these is streamed"
        size = int(length[1]) if length else 0
        assert len(received) >= size
        parsed.append((int(said[1]), received[:size]))
        received = received[size:]
    return parsed


def answered(service: Serve, sent: bytes, patience: float | None = None) -> list[tuple[int, bytes]]:
    """The answers to what is sent on one connection; asked again while the body of an earlier one is waited for."""

    def once() -> list[tuple[int, bytes]] | None:
        got = answers(exchange(service, sent, patience))
        return None if any(b"Another body is being read" in body for _, body in got) else got or [(0, b"")]

    return wait_until(once)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: repr(shape)[:40])
def test_it_is_refused_or_closed_and_what_follows_gets_its_own_answer(service: Serve, shape: str) -> None:
    first, *others = answered(service, SHAPES[shape] + GOOD)
    if shape in ANSWERED:
        assert first[0] in (200, 302)
    else:
        assert first[0] == 0 or 400 <= first[0] < 500, first
    # Either the connection is closed behind the first answer, or the next one is of the next request.
    assert [(status, OWN in body) for status, body in others] in ([], [(404, True)])
    assert OWN not in first[1]
    assert b"smuggled" not in b"".join(body for _, body in (first, *others))


def test_whatever_is_changed_of_these_requests_is_no_5xx(service: Serve) -> None:
    shapes = list(SHAPES.values())
    for number in range(EXAMPLES):
        chance = Random(number)
        changed = bytearray(chance.choice(shapes))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(changed))
            if chance.random() < 0.5:
                changed[at] = chance.choice(b"\0\t\n\r :;,/%\x7f\x80\xff0aA")
            else:
                more = bytes(changed[at : at + 30])
                changed[at:at] = chance.choice((b"\r\n", b"\n", b"\r\n\r\n", b"\0", b" ", b"0", more))
        # What it has become may ask for a body that never comes: it is not waited for.
        parsed = answered(service, bytes(changed) + GOOD, patience=0.5)
        assert all(status < 500 for status, _ in parsed), (number, parsed)
        assert sum(OWN in body for _, body in parsed) <= 1, (number, parsed)
