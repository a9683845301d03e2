"""What strangers write into headers, byte by byte, through the servers that stand in front of the application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from application import table
from gunicorn_server import documented_command, gunicorn, send
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import Serve

VOTE = b"/api/features/linkedin/interest"

#: Every header that the service or a server reads, and values that are hard to read.
HARD = table("hard_headers.yaml")
HEADERS = {name.encode(): [value.encode("latin-1") for value in values] for name, values in HARD.items()}
HEADERS[b"Accept-Encoding"].append(b"gzip;q=" + b"9" * 5000)
HEADERS[b"If-Modified-Since"].append(b"Mon, 01 Jan " + b"9" * 5000 + b" 00:00:00 GMT")
HEADERS[b"Range"].append(b"bytes=" + b"0-1," * 500)

Headers = list[tuple[bytes, bytes]]


def header(name: bytes) -> st.SearchStrategy[tuple[bytes, bytes]]:
    return st.tuples(st.just(name), st.sampled_from(HEADERS[name]) | st.binary(max_size=30))


PATHS = [b"/api/modules", b"/api/modules/%ff", b"/api/features", VOTE, b"/sign-in?token=%ff&%", b"/sign-out", b"/%0a"]
BODIES = [b"", b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"zz\r\n", b"0\r\nX: \xff\r\n\r\n", b'5;a="\r\nhello\r\n0\r\n\r\n']


@pytest.fixture(params=["serve", "gunicorn"])
def port(request: pytest.FixtureRequest, serve: Callable[..., Serve], valkey_url: str, tmp_path: Path) -> Iterator[int]:
    """Where one of the servers listens."""
    if request.param == "serve":
        running = serve(REDIS_URL=valkey_url, SECRET_KEY="a secret key of tests")
        yield urlsplit(running.url).port or 0
    else:
        with gunicorn(documented_command(), valkey_url, tmp_path / "log") as server:
            yield server.port


def status(port: int, request: bytes) -> int | None:
    """The status of the answer; None if there is none, since the server waits for more or has closed."""
    with send(port, request) as connection:
        connection.settimeout(0.5)
        answer = b""
        try:
            while received := connection.recv(65536):
                answer = (answer + received).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
                if b"\r\n" in answer:
                    return int(answer.split()[1])
        except (TimeoutError, ConnectionResetError):
            pass
        return None


@pytest.mark.long
@given(
    st.sampled_from([b"GET", b"HEAD", b"POST", b"DELETE", b"OPTIONS", b"BREW"]),
    st.sampled_from(PATHS),
    st.lists(st.sampled_from(sorted(HEADERS)).flatmap(header), min_size=1, max_size=4),
    st.sampled_from(BODIES),
)
@example(b"GET", PATHS[0], [(b"If-Modified-Since", HEADERS[b"If-Modified-Since"][0])], b"")
@example(b"POST", VOTE, [(b"Transfer-Encoding", b"chunked")], b"zz\r\n")
@example(b"GET", PATHS[0], [(b"SCRIPT_NAME", b"/x")], b"")
@settings(max_examples=100, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_header_is_a_500(port: int, method: bytes, path: bytes, headers: Headers, body: bytes) -> None:
    lines = [b"%s %s HTTP/1.1" % (method, path), b"Connection: close"]
    if b"Host" not in dict(headers):
        lines.append(b"Host: localhost")
    lines += [b"%s: %s" % header for header in headers]
    answered = status(port, b"\r\n".join([*lines, b"", body]))
    # RFC 9112, 6.1, wants 501 for a transfer coding that a server does not know; gunicorn answers it by itself.
    assert answered is None or answered < 500 or (answered == 501 and b"Transfer-Encoding" in dict(headers))
