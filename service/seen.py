"""Telling whether something came before, among a million things, in little memory."""

from __future__ import annotations

from hashlib import blake2b


class Seen:
    """Which texts there were, by eight bytes of a hash each: of a million, a set of texts would take 100 MB.

    That two of a million have the same is as likely as one in 37 million.
    """

    def __init__(self) -> None:
        self._hashes: dict[bytes, bytearray] = {}

    def is_new(self, text: bytes) -> bool:
        """Whether a text comes for the first time."""
        digest = blake2b(text, digest_size=8).digest()
        of, rest = self._hashes.setdefault(digest[:2], bytearray()), digest[2:]
        at = of.find(rest)
        while at >= 0 and at % len(rest):
            at = of.find(rest, at + 1)
        if at < 0:
            of += rest
        return at < 0
