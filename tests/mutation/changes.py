"""A change of a file: some of its bytes, and what stands there instead."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Change:
    """Bytes `start` to `end` of the file `path` become `new`."""

    path: str
    source: bytes
    start: int
    end: int
    new: bytes

    @property
    def changed(self) -> bytes:
        """The whole file, changed."""
        return self.source[: self.start] + self.new + self.source[self.end :]

    @property
    def line(self) -> int:
        """Where it begins, counted from 1."""
        return self.source.count(b"\n", 0, self.start) + 1

    @property
    def before(self) -> str:
        """The lines that it touches, as one line."""
        return self._shown(self.source[self.start : self.end])

    @property
    def after(self) -> str:
        """What becomes of those lines, as one line."""
        return self._shown(self.new)

    @property
    def title(self) -> str:
        """What it is called where it is told."""
        return f"{self.place} {self.path}:{self.line}"

    @property
    def place(self) -> str:
        """A short name that it keeps while these lines stay what they are, wherever they are in the file."""
        return sha256(f"{self.path}\n{self.before}\n{self.after}".encode()).hexdigest()[:8]

    def _shown(self, middle: bytes) -> str:
        begin = self.source.rfind(b"\n", 0, self.start) + 1
        end = self.source.find(b"\n", self.end)
        after = self.source[self.end : end if end >= 0 else None]
        return " ".join((self.source[begin : self.start] + middle + after).decode().split())
