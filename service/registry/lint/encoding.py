"""Bytes -> text: UTF-8, or what another encoding makes of them, so that one mistake hides no other."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

#: Encodings in which editors save a file, with their names, and what French and English have beyond ASCII.
_ENCODINGS = {"cp1252": "Windows-1252", "mac_roman": "Mac OS Roman", "cp850": "code page 850 of a Windows console"}
_LETTERS = {*"àâçéèêëîïôùûüœÀÂÇÉÈÊËÎÏÔÙÛŒæ’‘“”«»…–—€°\u00a0"}

#: How many bytes are looked at to tell the encoding.
_MOST = 2_000

#: What begins like this is no text.
_BINARY = {
    b"\x1f\x8b": "compressed with gzip",
    b"(\xb5/\xfd": "compressed with Zstandard",
    b"PK\x03\x04": "a ZIP archive, or a document or spreadsheet, which is one",
    b"%PDF-": "a PDF",
    b"\x89PNG": "an image",
}
#: A byte that is no UTF-8, as Python's surrogateescape writes it.
_BYTE = re.compile("[\udc80-\udcff]")


class Decoded(NamedTuple):
    """The text of a file, and where it was no UTF-8 (an offset in characters), in words."""

    text: str
    offset: int = 0
    words: tuple[str, str] | None = None
    is_readable: bool = True
    """Whether the text is worth reading: most likely, it is a registry."""


def decoded(data: bytes) -> Decoded:
    """The text of a file, without its byte order mark."""
    text, byte = data.decode("utf-8", "surrogateescape").removeprefix("\N{BYTE ORDER MARK}"), ""
    wrong = _BYTE.search(text)
    if wrong is not None:
        byte = f"byte 0x{ord(wrong[0]) - 0xDC00:02X} is not UTF-8 text"
        what = next((name for begin, name in _BINARY.items() if data.startswith(begin)), None)
        if what is not None:
            return Decoded("", 0, (f"{byte}: the file is {what}", "save the registry itself, as text in UTF-8"), False)
    encoding = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _wide(data)
    if encoding:
        text = data.decode(encoding, "replace")
        message = f"{byte and byte + ': '}the file is UTF-16 text, as PowerShell and some editors save it"
        return Decoded(text, 0, (message, "save the file as UTF-8"), "modules" in text)
    if wrong is not None:
        return Decoded(*_of_one_byte(text, wrong.start(), byte), b"modules" in data and b"\0" not in data)
    return Decoded(text)


def _wide(data: bytes) -> str:
    """The encoding of text without a mark in which every second byte is zero; empty where it is none of these.

    What was lost on a disk is zero all over.
    """
    even, odd = data[::2].count(0), data[1::2].count(0)
    is_wide = abs(even - odd) > len(data) // 8 and max(even, odd) > len(data) // 4
    return "" if not is_wide else "utf-16-le" if odd > even else "utf-16-be"


def _of_one_byte(text: str, offset: int, byte: str) -> tuple[str, int, tuple[str, str]]:
    """Text with bytes that are no UTF-8, from `offset` on, as the encoding has it that makes most letters of them."""
    wrong = bytes(ord(one) - 0xDC00 for one in _BYTE.findall(text[offset : offset + 100 * _MOST])[:_MOST])
    encoding = max(_ENCODINGS, key=lambda name: sum(one in _LETTERS for one in wrong.decode(name, "replace")))
    table = {0xDC00 + one: bytes([one]).decode(encoding, "replace") for one in range(0x80, 0x100)}
    number, first, hint = len(wrong) - 1, table[ord(text[offset])], "save the file as UTF-8"
    others = f", here and at {number:,} other places" if 0 < number < _MOST - 1 else ""
    if first.isprintable():
        hint += f"; in {_ENCODINGS[encoding]} this byte is {first}"
    return text.translate(table), offset, (byte + others, hint)
