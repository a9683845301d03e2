"""A real nginx, with all that it touches in a folder of its own, and a client that asks for nothing by itself."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from clusters import free_ports
from support import DEADLINE, wait_until

#: Debian has it where only root looks.
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __getitem__(self, header: str) -> str | None:
        return self.headers[header]


def ask(where: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str | None) -> Answer:
    """Header names are written with underscores. Without `accept_encoding`, http.client asks for identity."""
    named = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    with closing(http.client.HTTPConnection(urlsplit(where).netloc, timeout=DEADLINE)) as connection:
        connection.request(method, path, body, named)
        with connection.getresponse() as response:
            return Answer(response.status, response.headers, response.read())


class Nginx:
    """An nginx with everything that it touches in a folder of its own, and where it is to listen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        self.url = f"http://{self.address}"

    def command(self, *arguments: str) -> list[str]:
        assert NGINX
        return [NGINX, "-p", f"{self.folder}/", "-e", "error.log", "-c", "nginx.conf", *arguments]

    @contextmanager
    def running(self, http_block: str) -> Iterator[Nginx]:
        """Run it with some http block, of which it complains of nothing."""
        kept = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{name}_temp_path {name};" for name in kept)
        user = "user root;" if os.geteuid() == 0 else ""  # or the workers could not enter the folder
        self.folder.mkdir()
        (self.folder / "nginx.conf").write_text(
            f"{user} daemon off; pid pid; worker_processes 2; events {{}}\n"
            f"http {{ access_log off; {temporary}\n{http_block}\n}}\n",
            encoding="utf-8",
        )
        log, port = self.folder / "error.log", int(self.address.rpartition(":")[2])
        process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def is_up() -> bool:
            assert process.poll() is None, log.read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        try:
            wait_until(is_up)
            yield self
        finally:
            process.terminate()
            assert process.wait(DEADLINE) == 0
        assert not re.search(r"\[(alert|crit|emerg|warn)\]", log.read_text()), log.read_text()
