"""A real OpenID Connect provider (npm's oidc-provider) and a person's browser at it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, ProxyHandler, Request, build_opener

NODE = os.environ.get("NODE") or shutil.which("node")
#: The folder of npm's oidc-provider: .ci/run installs it, and names it here.
FOLDER = os.environ.get("OIDC_PROVIDER")
MISSING = "no provider: OIDC_PROVIDER names the folder that `npm install oidc-provider` makes, and node runs it"

CLIENT_ID, SECRET = "the registry", "a secret: 100% + more"
#: Where a test client says that the service is.
ADDRESS = "http://localhost"

ACCOUNTS: dict[str, Any] = {
    "alice": {"name": "Alice Martin", "email": "alice@example.com", "email_verified": True, "locale": "fr-CA"},
    "bob": {"name": "Bob", "email": "bob@example.com", "email_verified": False, "locale": "de"},
    "carol": {
        "name": "Carol",
        "email": "carol@elsewhere.example",
        "email_verified": True,
        "groups": ["staff", "chiefs"],
    },
}


class Running:
    """A provider that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        self.process, self.issuer = process, process.stdout.readline().strip()


@contextmanager
def running(*addresses: str, port: int | None = None) -> Iterator[Running]:
    """A provider that sends people back to these addresses."""
    assert NODE and FOLDER
    told = {"client": CLIENT_ID, "secret": SECRET, "addresses": addresses, "accounts": ACCOUNTS, "port": port}
    script = Path(__file__).with_suffix(".mjs")
    process = subprocess.Popen(
        [NODE, str(script), json.dumps(told)],
        env=os.environ | {"OIDC_PROVIDER": FOLDER},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.communicate()


class _NoFurther(HTTPRedirectHandler):
    """Follows the provider's redirects, and none that leads away from it."""

    def __init__(self, issuer: str) -> None:
        self.issuer, self.away = issuer, ""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if not newurl.startswith(self.issuer):
            self.away = newurl
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)

    def http_error_303(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage) -> Any:
        return super().http_error_302(req, fp, code, msg, headers) or fp

    http_error_302 = http_error_303


class AtProvider:
    """A browser with somebody in front of it."""

    def __init__(self, issuer: str, who: str) -> None:
        self._who = who
        self._way = _NoFurther(issuer)
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()), self._way)

    def follow(self, address: str) -> str:
        """Sign in at an address of the provider, and agree; returns where the provider leads back to."""
        self._way.away = ""
        page, at = self._open(address)
        while not self._way.away:
            prompt = _found(r'name="prompt" value="(\w+)"', page)
            fields = {"prompt": prompt, "login": self._who, "password": "any"}
            page, at = self._open(urljoin(at, _found(r'action="([^"]+)"', page)), urlencode(fields).encode())
        return self._way.away

    def _open(self, address: str, body: bytes | None = None) -> tuple[str, str]:
        with self._opener.open(Request(address, body), timeout=20) as answer:
            return answer.read().decode(), answer.url


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found, page
    return unescape(found[1])
