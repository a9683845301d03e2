"""A proxy in front of a store, which loses, delays or adds what a test asks for."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from types import TracebackType

#: What is to become of bytes that the store sends: pass them on, changed or not, or None to close the connection.
Change = Callable[[bytes], bytes | None]


class Proxy:
    """Listens on loopback at `url`, and passes all on to the socket of a store, until it is told otherwise."""

    def __init__(self, path: str) -> None:
        """`path` is that of the store's Unix socket."""
        self._path = path
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._lock = Lock()
        self._open = Event()
        self._open.set()
        self._refuses = False
        self.replies: Change = lambda data: data
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}/0"
        Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Let nothing through, as a network that is gone for a while: it comes later, as what TCP sends again does.

        What a sender that reset its connection meanwhile had sent never comes.
        """
        self._open.clear()

    def refuse(self) -> None:
        """Close all connections, and new ones at once."""
        self._refuses = True
        self._close_all()

    def let_through(self) -> None:
        """Be a proxy again."""
        self._refuses = False
        self._open.set()

    def _close_all(self) -> None:
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for side in sockets:
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()

    def _accept(self) -> None:
        while True:
            try:
                client = self._listening.accept()[0]
            except OSError:
                return
            store = socket.socket(socket.AF_UNIX)
            try:
                if self._refuses:
                    raise ConnectionRefusedError
                store.connect(self._path)
            except OSError:
                client.close()
                store.close()
                continue
            with self._lock:
                self._sockets += (client, store)
            Thread(target=self._pump, args=(client, store, False), daemon=True).start()
            Thread(target=self._pump, args=(store, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, replies: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._open.is_set():
                    self._open.wait()
                    if source.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                        break
                passed = self.replies(data) if replies else data
                if passed is None:
                    break
                target.sendall(passed)
        for side in (source, target):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._open.set()
        self._close_all()
