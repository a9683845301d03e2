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
        self._cut = Event()
        self.accepted = 0
        self.replies: Change = lambda data: data
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}/0"
        Thread(target=self._accept, daemon=True).start()

    def cut_silently(self) -> None:
        """Let nothing through any more on the connections that there are, without closing them; new ones work."""
        cut, self._cut = self._cut, Event()
        cut.set()

    def _accept(self) -> None:
        while True:
            try:
                client = self._listening.accept()[0]
            except OSError:
                return
            store = socket.socket(socket.AF_UNIX)
            store.connect(self._path)
            self.accepted += 1
            with self._lock:
                self._sockets += (client, store)
            Thread(target=self._pump, args=(client, store, self._cut, False), daemon=True).start()
            Thread(target=self._pump, args=(store, client, self._cut, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, cut: Event, replies: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if cut.is_set():
                    continue
                passed = self.replies(data) if replies else data
                if passed is None:
                    break
                target.sendall(passed)
        if not cut.is_set():
            for one in (source, target):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
