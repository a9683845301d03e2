"""METRICS_PORT: where /metrics is answered apart from all else.

The main process listens, and each worker answers in a thread: whichever is asked knows what all of them have counted,
and while one lives there is an answer. A thread of the main process would have its locks copied half-way by each fork.
"""

from __future__ import annotations

import io
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

from service.outgoing import Receiving
from service.problems import InvalidSetting
from service.setting_values import MetricsPort

#: How long somebody may take to ask, in seconds, of which what is left is for each part of the answer: others wait.
_LIMIT = 5.0

_logger = logging.getLogger(__name__)


def listening(where: MetricsPort, besides: int) -> socket.socket:
    """A socket that listens there, at another port than that of all else. Raises InvalidSetting."""
    if where.port == besides:
        raise InvalidSetting("METRICS_PORT", f"{where.port} is the port of `serve` itself; choose another")
    try:
        return socket.create_server(
            (where.ip, where.port), family=socket.AF_INET6 if ":" in where.ip else socket.AF_INET
        )
    except OSError as error:
        raise InvalidSetting("METRICS_PORT", f"{where} cannot be had: {error.strerror}; choose another") from None


def answer(where: socket.socket, exposed: Callable[[str], tuple[str, bytes]]) -> None:
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
        level = logging.DEBUG if isinstance(sys.exception(), OSError) else logging.ERROR
        _logger.log(level, "metrics could not be told", exc_info=True)


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
