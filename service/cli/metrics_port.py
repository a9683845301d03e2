"""METRICS_PORT: where /metrics is answered apart from all else.

The main process listens, and each worker answers in a thread: whichever is asked knows what all of them have counted,
and while one lives there is an answer. A thread of the main process would have its locks copied half-way by each fork.
"""

from __future__ import annotations

import io
import logging
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from service.cli.address import bind
from service.outgoing import Receiving
from service.problems import InvalidSetting
from service.setting_values import MetricsPort

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: How long somebody may take to ask, and then to read the answer, in seconds: others wait meanwhile.
_LIMIT = 5.0

_logger = logging.getLogger(__name__)


@contextmanager
def listening(where: MetricsPort, besides: int) -> Iterator[socket.socket]:
    """A socket that listens there, at another port than that of all else. Raises InvalidSetting."""
    if where.port == besides:
        raise InvalidSetting("METRICS_PORT", f"{where.port} is the port of `serve` itself; choose another")
    family = socket.AF_INET6 if ip_address(where.ip).version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bind(made, (where.ip, where.port))
        except OSError as error:
            raise InvalidSetting("METRICS_PORT", f"{where} cannot be had: {error.strerror}; choose another") from None
        made.listen()
        yield made


def answer(where: socket.socket, application: WSGIApplication) -> None:
    """Have a thread of this process answer by an application, a request at a time."""
    server = _Server(where.getsockname()[:2], _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = where
    server.server_name, server.server_port = where.getsockname()[:2]
    server.setup_environ()
    server.set_app(_logged(application))
    threading.Thread(target=server.serve_forever, name="metrics-port", daemon=True).start()


def _logged(application: WSGIApplication) -> WSGIApplication:
    """The application, whose defects are records of the log: the server would print them."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except Exception:
            _logger.exception("metrics could not be told")
            start_response("500 Internal Server Error", [])
            return []

    return serve


class _Server(WSGIServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Leave whoever breaks off or is too slow."""
        _logger.debug("a request for metrics was not answered", exc_info=True)


class _Handler(WSGIRequestHandler):
    timeout = _LIMIT

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(Receiving(self.connection, time.monotonic() + _LIMIT))

    def address_string(self) -> str:
        return str(self.client_address[0])  # not its name, which would have to be looked up

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: it is asked every few seconds."""
