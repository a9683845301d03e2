"""A receiver of webhooks, which verifies each as the library of Standard Webhooks does, and answers as it is told."""

import base64
import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from ssl import SSLContext
from typing import Any

from standardwebhooks import Webhook
from support import answering

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-eight byte").decode()


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without an answer: the receiver may have it, and the sender cannot know."""
    handler.connection.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class Received:
    """One POST, whose signature was right, and when it came."""

    id: str
    body: dict[str, Any]
    at: float
    path: str
    headers: dict[str, str]


def take_it(handler: BaseHTTPRequestHandler) -> None:
    """Answer that it was received."""
    handler.send_response(204)
    handler.end_headers()


def refuse(status: int, body: str = "", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer a status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body.encode())))
        handler.end_headers()
        handler.wfile.write(body.encode())

    return answer


class Receiver:
    """Listens on loopback at `url`; `answer` says what each POST is answered. `unsigned` counts what is not signed."""

    def __init__(self, context: SSLContext | None = None, secret: str = SECRET) -> None:
        self.answer: Callable[[BaseHTTPRequestHandler], None] = take_it
        self.received: list[Received] = []
        self.unsigned, self._secret = 0, secret
        self._running = ExitStack()
        self.port = self._running.enter_context(answering(self._take, context))
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}/hooks?token=hush"
        self.stop = self._running.close

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        self._note(handler)
        self.answer(handler)

    def _note(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        try:
            said = Webhook(self._secret).verify(body, headers)
        except Exception:  # noqa: BLE001  # whatever makes it none
            self.unsigned += 1
            return
        assert said == json.loads(body)
        self.received.append(Received(headers["webhook-id"], said, time.time(), handler.path, headers))

    @property
    def ids(self) -> list[str]:
        """The ids of what was received, in its order."""
        return [message.id for message in self.received]
