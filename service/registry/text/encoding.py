"""Bytes -> text: UTF-8, or what another encoding makes of them, so that one mistake hides no other."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from service.registry.text.nodes import Words

#: Encodings in which editors save a file, with their names, and what French and English have beyond ASCII.
_ENCODINGS = {"cp1252": "Windows-1252", "mac_roman": "Mac OS Roman", "cp850": "code page 850 of a Windows console"}
_LETTERS = set("àâçéèêëîïôùûüœÀÂÇÉÈÊËÎÏÔÙÛŒæ’‘“”«»…–—€°\u00a0")

#: How many bytes are looked at to tell the encoding.
_MOST = 2_000

#: What begins like this is no text.
_BINARY = {
    b"\x1f\x8b": "compressed with gzip",
    b"(\xb5/\xfd": "compressed with Zstandard",
    b"PK\x03\x04": "a ZIP archive, or a document or spreadsheet, which is one",
    b"\xd0\xcf\x11\xe0": "a document or spreadsheet of an old program",
    b"%PDF-": "a PDF",
    b"\x89PNG": "an image",
}

#: A byte that is no UTF-8, as Python's surrogateescape writes it.
_BYTE = re.compile("[\udc80-\udcff]")


class Decoded(NamedTuple):
    """The text of a file, and where it was no UTF-8 (an offset in characters), in words."""

    text: str
    offset: int = 0
    words: Words | None = None
    is_readable: bool = True
    """Whether the text is worth reading: most likely, it is a registry."""


def decoded(data: bytes) -> Decoded:
    """The text of a file, without its byte order mark."""
    try:
        text = data.decode("utf-8").removeprefix("\N{BYTE ORDER MARK}")
    except UnicodeDecodeError as error:
        return _otherwise(data, error.start)
    if _is_wide(data):
        return _wide(data, "")
    return Decoded(text)


def _otherwise(data: bytes, at: int) -> Decoded:
    byte = f"byte 0x{data[at]:02X} is not UTF-8 text"
    what = next((name for begin, name in _BINARY.items() if data.startswith(begin)), None)
    if what is not None:
        return Decoded("", 0, (f"{byte}: the file is {what}", "save the registry itself, as text in UTF-8"), False)
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or _is_wide(data):
        return _wide(data, f"{byte}: ")
    text = data.decode("utf-8", "surrogateescape").removeprefix("\N{BYTE ORDER MARK}")
    found = _BYTE.search(text)
    offset = found.start() if found else 0
    wrong = bytes(ord(one) - 0xDC00 for one in _BYTE.findall(text[offset : offset + 100 * _MOST])[:_MOST])
    encoding = max(_ENCODINGS, key=lambda name: sum(one in _LETTERS for one in wrong.decode(name, "replace")))
    table = {0xDC00 + one: bytes([one]).decode(encoding, "replace") for one in range(0x80, 0x100)}
    number = len(wrong) - 1
    message = f"{byte}{f', here and at {number:,} other places' if 0 < number < _MOST - 1 else ''}"
    one, hint = table[0xDC00 + data[at]], "save the file as UTF-8"
    if one.isalpha() or one in _LETTERS:
        hint += f"; in {_ENCODINGS[encoding]} this byte is {one if one.isprintable() else 'a no-break space'}"
    return Decoded(text.translate(table), offset, (message, hint), b"modules" in data and b"\0" not in data)


def _is_wide(data: bytes) -> bool:
    """Whether every second byte is zero, as in text of two bytes a character: what was lost on a disk is zero all over.

    Of text of four bytes a character, every second byte and some of the others are.
    """
    even, odd = data[::2].count(0), data[1::2].count(0)
    return abs(even - odd) > len(data) // 8 and max(even, odd) > len(data) // 4


def _wide(data: bytes, before: str) -> Decoded:
    """Text of two bytes a character, or of four."""
    encoding, name = "utf-16", "UTF-16"
    if data[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        encoding, name = "utf-32", "UTF-32"
    elif data[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encoding = "utf-16-le" if data[1:2_000:2].count(b"\0") > data[:2_000:2].count(b"\0") else "utf-16-be"
    text = data.decode(encoding, "replace")
    message = f"{before}the file is {name} text, as PowerShell and some editors save it"
    return Decoded(text, 0, (message, "save the file as UTF-8"), "modules" in text)
