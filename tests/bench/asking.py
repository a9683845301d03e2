"""One request at a time, to see that an answer is the right one before it is asked for by the thousand."""

from __future__ import annotations

import socket
from collections.abc import Mapping
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
    parts = urlsplit(url)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=5) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            with connection.makefile("rb") as stream:
                head = []
                while line := stream.readline().strip():
                    head.append(line.decode("latin-1"))
                fields = {
                    name.lower(): value.strip() for name, _, value in (field.partition(":") for field in head[1:])
                }
                status = int(head[0].split()[1])
                bodiless = status in (204, 304)
                answered = b"" if bodiless else stream.read(int(fields["content-length"]))
    except (OSError, IndexError, KeyError, ValueError) as error:
        raise Wrong(f"{method} {url}{path} is not answered: {error!r}") from error
    return Answer(status, fields, answered, sum(len(line) + 2 for line in head) + 2 + len(answered))


def expect(answer: Answer, status: int, body: bytes | None = None, who: str = "") -> Answer:
    """The answer, if it is the right one. Raises Wrong otherwise."""
    if answer.status != status or (body is not None and answer.body != body):
        raise Wrong(f"{who} answers {answer.status}, not {status}, or other bytes: {answer.body[:200]!r}")
    return answer
