"""One request at a time, to see that an answer is the right one before it is asked for by the thousand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.errors import Wrong


class Answer(NamedTuple):
    """A response, and the bytes that it had with its status line and headers."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int


def ask(
    url: str, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Answer:
    """Send one request as wrk does. Raises Wrong if nothing answers in time."""
    try:
        with closing(HTTPConnection(urlsplit(url).netloc, timeout=5)) as connection:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if method == "POST":
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            answered = answer.read()
    except (OSError, HTTPException) as error:
        raise Wrong(f"{method} {url}{path} is not answered: {error!r}") from error
    head = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{name}: {value}" for name, value in answer.getheaders())]
    fields = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, fields, answered, sum(len(line) + 2 for line in head) + 2 + len(answered))


def expect(answer: Answer, status: int, body: bytes | None = None, who: str = "") -> Answer:
    """The answer, if it is the right one. Raises Wrong otherwise."""
    if answer.status != status or (body is not None and answer.body != body):
        raise Wrong(f"{who} answers {answer.status}, not {status}, or other bytes: {answer.body[:200]!r}")
    return answer
