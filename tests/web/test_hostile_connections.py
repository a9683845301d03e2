"""What strangers send over a bare socket to a real `serve`: refused or closed, never a 5xx, never another's answer."""

from __future__ import annotations

import os
import re
import select
import socket
import subprocess
from collections.abc import Container, Iterator
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

import pytest
from support import DEADLINE, DOCUMENTED, REPOSITORY, Serve, clean_environ, command, wait_until

#: How many requests are made up by changing the ones below.
EXAMPLES = int(os.environ.get("EXAMPLES", "2000"))

#: A request that nobody has sent if the server reads what precedes it as it was meant: its answer names it.
SMUGGLED = b"GET /api/modules/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

#: The good request that follows each hostile one on its connection, and what its answer, and no other, holds.
GOOD, OWN = b"GET /api/modules/honest HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"'honest'"


def post(*headers: bytes, body: bytes = b"", line: bytes = b"POST /sign-in HTTP/1.1") -> bytes:
    return b"\r\n".join([line, b"Host: x", b"Content-Type: application/json", *headers, b"", body])


def get(target: bytes, *headers: bytes, method: bytes = b"GET", version: bytes = b"HTTP/1.1") -> bytes:
    return b"\r\n".join([b"%s %s %s" % (method, target, version), b"Host: x", *headers, b"", b""])


CHUNKED = b"Transfer-Encoding: chunked"
LENGTH = b"Content-Length: %d" % len(b"0\r\n\r\n" + SMUGGLED)

#: Two ways to read where a request ends. Whoever reads it otherwise than a proxy in front lets one be smuggled.
FRAMING = {
    "length, then chunked": post(LENGTH, CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "chunked, then length": post(CHUNKED, LENGTH, body=b"0\r\n\r\n" + SMUGGLED),
    "chunked, with a shorter length": post(b"Content-Length: 4", CHUNKED, body=b"5e\r\n" + SMUGGLED + b"\r\n0\r\n\r\n"),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED),
    "two lengths, the shorter last": post(b"Content-Length: %d" % len(SMUGGLED), b"Content-Length: 0", body=SMUGGLED),
    "two lengths in one": post(b"Content-Length: 0, %d" % len(SMUGGLED), body=SMUGGLED),
    "the same length twice": post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"),
    "a negative length": post(b"Content-Length: -1", body=SMUGGLED),
    "a length with a plus": post(b"Content-Length: +0", body=SMUGGLED),
    "a length in hexadecimal": post(b"Content-Length: 0x0", body=SMUGGLED),
    "a length that overflows": post(b"Content-Length: 18446744073709551616", body=SMUGGLED),
    "the largest length": post(b"Content-Length: 18446744073709551615", body=SMUGGLED),
    "a length of many digits": post(b"Content-Length: " + b"9" * 4000, body=SMUGGLED),
    "a length of nothing": post(b"Content-Length:", body=SMUGGLED),
    "a length with a fraction": post(b"Content-Length: 0.0", body=SMUGGLED),
    "a length with an underscore": post(b"Content-Length: 1_0", body=SMUGGLED),
    "a length in other digits": post("Content-Length: \u0660".encode(), body=SMUGGLED),
    "a space before the colon of a length": post(b"Content-Length : %d" % len(SMUGGLED), body=SMUGGLED),
    "a length behind a folded line": post(b"X: y\r\n Content-Length: %d" % len(SMUGGLED), body=SMUGGLED),
    "a length after a bare CR": post(b"X: y\rContent-Length: %d" % len(SMUGGLED), body=SMUGGLED),
    "a length after a bare LF": post(b"X: y\nContent-Length: %d" % len(SMUGGLED), body=SMUGGLED),
    "a length with a NUL": post(b"Content-Length: 0\0", body=SMUGGLED),
    "a body of a GET that has a length": get(b"/healthz", b"Content-Length: %d" % len(SMUGGLED)) + SMUGGLED,
    "a body of a GET that is chunked": get(b"/healthz", CHUNKED) + b"5d\r\n" + SMUGGLED + b"\r\n0\r\n\r\n",
}
for name, value in {
    "unknown": b"xchunked",
    "a second one": b"chunked\r\nTransfer-Encoding: identity",
    "another first": b"identity, chunked",
    "another last": b"chunked, identity",
    "gzip alone": b"gzip",
    "twice": b"chunked, chunked",
    "in quotes": b'"chunked"',
    "with a parameter": b"chunked;q=1",
    "with a tab": b"\tchunked",
    "with a vertical tab": b"\x0bchunked",
    "with a NUL": b"chunked\0",
    "in capitals": b"CHUNKED",
    "with a comma": b",chunked,",
    "of nothing": b"",
    "folded": b"\r\n chunked",
    "in other letters": "chun\u212aed".encode(),
}.items():
    FRAMING[f"a transfer coding, {name}"] = post(
        b"Transfer-Encoding: " + value, b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED
    )
FRAMING |= {
    "a space before the colon of a coding": post(b"Transfer-Encoding : chunked", LENGTH, body=b"0\r\n\r\n" + SMUGGLED),
    "a coding in HTTP/1.0": post(CHUNKED, LENGTH, body=b"0\r\n\r\n" + SMUGGLED, line=b"POST /sign-in HTTP/1.0"),
    "a coding named with an underscore": post(b"Transfer_Encoding: chunked", LENGTH, body=b"0\r\n\r\n" + SMUGGLED),
    "a space before a header": post(b" " + CHUNKED, LENGTH, body=b"0\r\n\r\n" + SMUGGLED),
}

#: Chunks that are read in two ways, or have no end.
CHUNKS = {
    "an extension with a line break": b"2;a=\nb\r\n{}\r\n0\r\n\r\n",
    "an extension without end": b"2;" + b"a" * 70_000,
    "a size that overflows": b"ffffffffffffffff1\r\n{}\r\n0\r\n\r\n",
    "the largest size": b"ffffffffffffffff\r\n" + b"x" * 10_000,
    "a negative size": b"-1\r\n{}\r\n0\r\n\r\n",
    "a size with a prefix": b"0x2\r\n{}\r\n0\r\n\r\n",
    "a size with an underscore": b"1_0\r\n{}\r\n0\r\n\r\n",
    "a size of nothing": b"\r\n{}\r\n0\r\n\r\n",
    "a size that is no number": b"zz\r\n{}\r\n0\r\n\r\n",
    "zeroes before a size": b"0" * 5000 + b"2\r\n{}\r\n0\r\n\r\n",
    "a bare LF behind a size": b"2\n{}\r\n0\r\n\r\n",
    "no break behind the data": b"2\r\n{}XX0\r\n\r\n",
    "more data than its size": b"2\r\n{}{}{}\r\n0\r\n\r\n",
    "a trailer that is a length": b"2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n",
    "a trailer without end": b"2\r\n{}\r\n0\r\nX: " + b"a" * 70_000,
    "many trailers": b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    "a trailer that is none": b"2\r\n{}\r\n0\r\nno trailer\r\n\r\n",
}

#: Lines that are no HTTP/1.1, or more of it than there may be.
LINES = {
    "HTTP/0.9": b"GET /healthz\r\n",
    "HTTP/0.9 with a name": b"GET /healthz HTTP/0.9\r\n\r\n",
    "HTTP/1.2": get(b"/healthz", version=b"HTTP/1.2"),
    "HTTP/2 with prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "an upgrade to HTTP/2": get(
        b"/healthz", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AA"
    ),
    "an upgrade to a WebSocket": get(
        b"/healthz", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: AA=="
    ),
    "a lower-case version": get(b"/healthz", version=b"http/1.1"),
    "no version": b"GET /healthz \r\nHost: x\r\n\r\n",
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 512,
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": get(b"/healthz", b"Host: y"),
    "bare LFs": b"GET /healthz HTTP/1.1\nHost: x\n\n",
    "bare CRs": b"GET /healthz HTTP/1.1\rHost: x\r\r",
    "empty lines before": b"\r\n\r\n" + get(b"/healthz"),
    "a tab for a space": b"GET\t/healthz\tHTTP/1.1\r\nHost: x\r\n\r\n",
    "two spaces": b"GET  /healthz  HTTP/1.1\r\nHost: x\r\n\r\n",
    "a name with a space": get(b"/healthz", b"X Y: z"),
    "a name of nothing": get(b"/healthz", b": z"),
    "no colon": get(b"/healthz", b"XYZ"),
    "a value with a NUL": get(b"/healthz", b"X: a\0b"),
    "a value with a bare CR": get(b"/healthz", b"X: a\rb"),
    "a folded value": get(b"/healthz", b"X: a\r\n b"),
    "a value outside ASCII": get(b"/healthz", b"X: \xff\xfe"),
    "a long target": get(b"/" + b"a" * 100_000),
    "a long query": get(b"/healthz?" + b"a" * 100_000),
    "a long value": get(b"/healthz", b"X: " + b"a" * 100_000),
    "a long name": get(b"/healthz", b"X" * 100_000 + b": y"),
    "many headers": get(b"/healthz", *(b"X-%d: y" % number for number in range(5000))),
    "a long method": get(b"/healthz", method=b"A" * 100_000),
    "a line without end": b"GET /" + b"a" * 300_000,
}

METHODS = [
    b"TRACE",
    b"CONNECT",
    b"TRACK",
    b"DEBUG",
    b"PUT",
    b"PATCH",
    b"PROPFIND",
    b"get",
    b"head",
    b"Post",
    b"GET\0",
    b"G\xc3\x89T",
]
METHODS += [b"A" * 200, b"!#$%&'*+-.^_`|~", b"(GET)", b"PRI", b"SOURCE", b"M-SEARCH"]

#: What a request may be for. Decoded, some of these lead elsewhere.
TARGETS = [
    *(
        b"*",
        b"healthz",
        b"",
        b"?",
        b"//",
        b"///healthz",
        b"/healthz#x",
        b"/./healthz",
        b"/../healthz",
        b"/x/../healthz",
    ),
    *(b"/healthz/", b"/healthz%00", b"/healthz%00.css", b"/%00", b"/healthz%0d%0aX:%20y", b"/%2e%2e/healthz"),
    *(b"/..%2f..%2fetc%2fpasswd", b"/%2fhealthz", b"/api%2fmodules", b"/api/modules/%2f", b"/api/modules/a%2fb"),
    *(b"/api/modules/%2e%2e%2f", b"/api/modules/%c0%af", b"/api/modules/%c0%ae%c0%ae", b"/api/modules/%e0%80%af"),
    *(
        b"/api/modules/%ed%a0%80",
        b"/api/modules/%f4%90%80%80",
        b"/api/modules/%ff",
        b"/api/modules/%",
        b"/api/modules/%zz",
    ),
    *(
        b"/api/modules/%u002e",
        b"/api/modules/\xff",
        b"/api/modules/\xc3\xa9",
        b"/api/modules/a\\..\\b",
        b"/api/modules/\\",
    ),
    *(
        b"/api/modules/<script>",
        b'/api/modules/"',
        b"/api/modules/{}",
        b"/api/modules/|",
        b"/api/modules/^`",
        b"/a\x00b",
    ),
    *(
        b"/assets/..%2f..%2fsettings.py",
        b"/assets/%2e%2e/%2e%2e/settings.py",
        b"/en/docs/..%2fdevelopers",
        b"/en/%2e%2e/",
    ),
    *(b"/en/docs/%00", b"/en/modules/%0a", b"/fr//", b"/api/features/%2e%2e/interest", b"/api/features/a%00/interest"),
    *(b"/healthz?%00", b"/readyz?need=%00", b"/readyz?need=votes&need=votes", b"/sign-in?token=%00", b"/healthz;x=y"),
    *(b"http://x/healthz", b"http://other.example/healthz", b"http://x:99999/healthz", b"http://", b"http:///healthz"),
    *(
        b"https://user:pass@x/healthz",
        b"ftp://x/healthz",
        b"javascript:alert(1)",
        b"x:80",
        b"x:80/healthz",
        b"[::1]:80",
    ),
    *(
        b"http://[::1/healthz",
        b"file:///etc/passwd",
        b"/healthz HTTP/1.1\r\nX: y",
        b"/en/docs/..%5c",
        b"/" + b"%2f" * 2000,
    ),
]

SHAPES = {f"framing: {name}": request for name, request in FRAMING.items()}
SHAPES |= {f"chunks: {name}": post(CHUNKED, body=body) for name, body in CHUNKS.items()}
SHAPES |= {f"line: {name}": request for name, request in LINES.items()}
SHAPES |= {f"method: {method[:20]!r}": get(b"/healthz", method=method) for method in METHODS}
SHAPES |= {f"target: {target[:40]!r}": get(target) for target in TARGETS}

#: What is answered as it is meant, and why that does no harm; all others are refused or closed.
ANSWERED = {
    "framing: a body of a GET that has a length": "the body is passed over",
    "framing: a body of a GET that is chunked": "the connection is closed behind it",
    "line: an upgrade to HTTP/2": "it stays HTTP/1.1",
    "line: an upgrade to a WebSocket": "it stays HTTP/1.1",
    "line: no host": "no document depends on it, and a vote whose Origin it does not have is refused",
    "line: two hosts": "as above",
    "line: bare LFs": "RFC 9112, 2.2, permits it",
    "line: empty lines before": "RFC 9112, 2.2, asks for it",
    "line: a value outside ASCII": "RFC 9110, 5.5, permits it",
    "target: b'///healthz'": "slashes at the beginning are one",
    "target: b'/%2fhealthz'": "a slash all the same",
    "target: b'/api%2fmodules'": "a slash all the same",
    "target: b'/healthz#x'": "there is no such thing in a request, and it is left out",
    "target: b'/healthz?%00'": "a query that nobody reads",
    "target: b'/readyz?need=votes&need=votes'": "it is the same twice",
    "target: b'http://x/healthz'": "RFC 9112, 3.2.2, asks for it",
    "target: b'http://other.example/healthz'": "as above",
    "target: b'http://x:99999/healthz'": "as above",
    "target: b'https://user:pass@x/healthz'": "as above",
    "target: b'ftp://x/healthz'": "as above",
    "target: b'/healthz HTTP/1.1\\r\\nX: y'": "a header",
    # What has no path leads to the page of all modules.
    **{f"target: {target!r}": "the home page" for target in (b"healthz", b"//", b"javascript:alert(1)", b"x:80")},
    **{f"target: {target[:40]!r}": "the home page" for target in (b"[::1]:80", b"/" + b"%2f" * 2000)},
}


@pytest.fixture(scope="module")
def service(embedded_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """A `serve` of one worker, for all of these requests."""
    folder = tmp_path_factory.mktemp("serve")
    environ = clean_environ(
        REDIS_URL=embedded_url, SECRET_KEY="a secret key of tests", REGISTRY_FILE=str(DOCUMENTED), TMPDIR=str(folder)
    )
    outputs = [folder / name for name in ("stdout", "stderr")]
    with outputs[0].open("wb") as out, outputs[1].open("wb") as err:
        line = command("serve", "--port", "0", "--workers", "1")
        process = subprocess.Popen(line, cwd=REPOSITORY, env=environ, stdout=out, stderr=err, start_new_session=True)
    running = Serve(process, folder / "var", *outputs)
    try:
        yield running.started()
        assert running.log == [], "nothing that a stranger sends is an error of the service"
    finally:
        running.clean_up()


def exchange(service: Serve, sent: bytes, patience: float | None = None) -> bytes:
    """All that comes back on one connection until the service closes it; fails if it stays open.

    With `patience` it is told that nothing more comes once it has said nothing for so many seconds.
    """
    host, port = urlsplit(service.url).hostname, urlsplit(service.url).port
    with socket.create_connection((host, port), timeout=DEADLINE) as connection:
        received = b""
        with suppress(ConnectionResetError, BrokenPipeError):  # it was closed before all was sent
            connection.sendall(sent)
        if patience and not select.select([connection], [], [], patience)[0]:
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while part := connection.recv(65536):
                received += part
                if patience and not select.select([connection], [], [], patience)[0]:
                    connection.shutdown(socket.SHUT_WR)
        return received


def answers(received: bytes, heads: Container[int] = ()) -> list[tuple[int, bytes]]:
    """Status and body of each answer, one behind the other. Fails unless each ends where it says that it does.

    `heads`: which of them are answers to HEAD.
    """
    found: list[tuple[int, bytes]] = []
    while received:
        head, end, received = received.partition(b"\r\n\r\n")
        assert end, head
        said = re.match(rb"HTTP/1\.[01] (\d{3}) ", head)
        assert said, head
        if said[1] == b"100":
            continue
        length = re.search(rb"\r\ncontent-length: (\d+)(\r\n|$)", head, re.IGNORECASE)
        assert length or b"\r\ntransfer-encoding" not in head.lower(), "no answer of these is streamed"
        size = int(length[1]) if length and len(found) not in heads else 0
        assert len(received) >= size
        found.append((int(said[1]), received[:size]))
        received = received[size:]
    return found


def answered(service: Serve, sent: bytes, patience: float | None = None) -> list[tuple[int, bytes]]:
    """The answers to what is sent on one connection; asked again while the body of an earlier one is waited for."""

    def found() -> list[tuple[int, bytes]] | None:
        got = answers(exchange(service, sent, patience))
        return None if any(b"Another body is being read" in body for _, body in got) else got or [(0, b"")]

    return wait_until(found)


@pytest.mark.parametrize("shape", SHAPES)
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


def test_what_is_answered_all_the_same_is_among_what_is_sent() -> None:
    assert ANSWERED.keys() <= SHAPES.keys()


def test_each_of_many_requests_at_once_gets_its_own_answer(service: Serve) -> None:
    """Pipelined, with bodies between them that the service reads."""
    sent, expected = b"", []
    for number in range(0, 300, 3):
        own = b"own%d" % number
        sent += get(b"/api/modules/" + own) + get(b"/healthz", method=b"HEAD")
        sent += post(b"Content-Length: 14", body=b'{"token": "x"}')
        expected += [(404, own), (200, b""), (410, b"sign-in-refused")]
    found = answers(exchange(service, sent + GOOD), heads=range(1, 300, 3))
    assert len(found) == len(expected) + 1
    for (status, body), (its_status, part) in zip(found, [*expected, (404, OWN)], strict=True):
        assert (status, part in body) == (its_status, True)


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
                changed[at:at] = chance.choice(
                    (b"\r\n", b"\n", b"\r\n\r\n", b"\0", b" ", b"0", bytes(changed[at : at + 30]))
                )
        # What it has become may ask for a body that never comes: it is not waited for.
        found = answered(service, bytes(changed) + GOOD, patience=0.5)
        assert all(status < 500 for status, _ in found), (number, found)
        assert sum(OWN in body for _, body in found) <= 1, (number, found)
