"""Stylesheet, scripts and icons, each below a folder whose name is a digest of all of them.

So a browser keeps them for ever, and a page never meets the script of another version. ES modules import each other by
relative addresses (`./client.js`), which stay within the folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from service.web.documents import Document, document
from service.web.protection import Headers

ASSETS = Path(__file__).parent / "assets"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
}

#: A year; `immutable` spares even the question on a reload (RFC 8246).
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Assets:
    """The files by their names, ready to be served, and the digest of all of them."""

    digest: str
    files: dict[str, Document]
    protection: Headers

    @classmethod
    def read(cls, protection: Headers) -> Assets:
        """The files in `assets/`."""
        contents = {file.name: file.read_bytes() for file in sorted(ASSETS.iterdir()) if file.suffix in _TYPES}
        digest = sha256()
        for name, body in contents.items():
            digest.update(f"{name}\0{len(body)}\0".encode() + body)
        files = {
            name: document(body, _TYPES[Path(name).suffix], None, _FOR_EVER, protection, shared=())
            for name, body in contents.items()
        }
        return cls(digest.hexdigest()[:12], files, protection)

    def path(self, name: str) -> str:
        """Where a file is served. Raises KeyError for one that is not there."""
        self.files[name]
        return f"/assets/{self.digest}/{name}"

    @property
    def documents(self) -> dict[str, Document]:
        """Every file by its path."""
        return {self.path(name): found for name, found in self.files.items()}
