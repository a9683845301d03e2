"""What strangers write into headers, byte by byte, through the servers that stand in front of the application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from gunicorn_server import documented_command, gunicorn, send
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import Serve

VOTE = b"/api/features/linkedin/interest"

#: Every header that the service or a server reads, and values that are hard to read.
HEADERS: dict[bytes, list[bytes]] = {
    b"Host": [b"localhost", b"[::1", b"a b", b"x:99999", b"x,y"],
    b"Origin": [b"http://localhost", b"null", b"http://[::1", b"http://localhost, http://localhost"],
    b"Cookie": [b"session=a.b.c", b"session=eyJhIjoxfQ.Z.x", b'session="\\377"', b";;=;", b"remember_token=x|\xff"],
    b"Accept-Encoding": [b"gzip;q=1e999", b"gzip;q=nan", b"gzip;q=" + b"9" * 5000, b"*;q=-1", b"gzip;;,;q"],
    b"If-None-Match": [b"*", b'W/"x"', b'"', b"W/", b'"x", *'],
    b"If-Modified-Since": [
        b"Mon, 01 Jan 999999999999 00:00:00 GMT",
        b"Mon, 01 Jan 0001 00:00:00 +2359",
        b"Mon, 01 Jan " + b"9" * 5000 + b" 00:00:00 GMT",
        b"Mon Jan  1 00:00:00 2026",
    ],
    b"If-Match": [b"*", b'"x"'],
    b"If-Unmodified-Since": [b"Mon, 01 Jan 999999999999 00:00:00 GMT"],
    b"If-Range": [b'"x"', b"Mon, 01 Jan 999999999999 00:00:00 GMT"],
    b"Range": [b"bytes=0-", b"bytes=9-1,2-3", b"bytes=" + b"0-1," * 500],
    b"Content-Length": [b"0", b"5", b"-1", b"9" * 40, b"1e3", b"5, 5", b"+5"],
    b"Transfer-Encoding": [b"chunked", b"gzip, chunked", b"chunked, chunked", b"identity", b"xchunked", b""],
    b"Content-Type": [b"text/plain; charset=\xff", b"multipart/form-data", b"x; a*0*=bad''%zz"],
    b"Authorization": [b"Basic \xff", b"Basic ====", b'Digest x="'],
    b"Sec-Fetch-Site": [b"same-origin", b"cross-site", b"\xff"],
    b"Forwarded": [b'for="[::1]";proto=https', b"for=\xff"],
    b"X-Forwarded-For": [b"[::1", b"1.2.3.4, x"],
    b"X-Forwarded-Proto": [b"https", b"http, https", b"\xff"],
    b"X-Forwarded-Host": [b"[::1"],
    b"X-Forwarded-Prefix": [b"/x"],
    b"SCRIPT_NAME": [b"/x", b"/api"],
    b"Access-Control-Request-Method": [b"POST", b"\xff"],
    b"Access-Control-Request-Headers": [b"x-y, \xff"],
    b"Expect": [b"100-continue", b"x"],
}

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
