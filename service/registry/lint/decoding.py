"""The text of a file's bytes: other encodings than UTF-8, and characters that YAML does not allow."""

import codecs
import re
from itertools import islice
from typing import NamedTuple

from yaml.reader import Reader as Characters

from service.problems import Diagnostic, Edit
from service.registry.lint.catalogue import rule
from service.registry.lint.characters import describe
from service.registry.lint.nodes import applied

#: Encodings in which editors save a file, with their names, and the letters of French and English beyond ASCII.
_ENCODINGS = {"cp1252": "Windows-1252", "mac_roman": "Mac OS Roman", "cp850": "code page 850 of a Windows console"}
_LETTERS = {*"àâçéèêëîïôùûüœÀÂÇÉÈÊËÎÏÔÙÛŒæ’‘“”«»…–—€°\u00a0"}
#: The bytes that are compared to guess the encoding.
_MOST_BYTES = 2_000
#: The beginnings of files that are not text.
_BINARY = {
    b"\x1f\x8b": "compressed with gzip",
    b"(\xb5/\xfd": "compressed with Zstandard",
    b"PK\x03\x04": "a ZIP archive, or a document or spreadsheet, which is one",
    b"%PDF-": "a PDF",
    b"\x89PNG": "an image",
}
#: A byte that is not UTF-8, as Python's surrogateescape writes it.
_BYTE = re.compile("[\udc80-\udcff]")
#: The places with characters that are not allowed, which are removed to read on. A file with more is not read.
_MOST_PLACES = 1_000
#: A row of characters that are not allowed, or a sequence that sets the colour of a terminal.
_ROWS = re.compile(rf"\x1b\[[0-9;]{{0,20}}[A-Za-z]|{Characters.NON_PRINTABLE.pattern}+|\N{{BYTE ORDER MARK}}+")
#: A row that is a blank between two words, with the letter before it.
_BLANK = re.compile(rf"\S[\x0b\x0c]+(?!{Characters.NON_PRINTABLE.pattern})")


class Decoded(NamedTuple):
    """The text of a file without its byte order mark, and the diagnostic of its encoding.

    A file that is most likely no registry (`is_registry`) is not read.
    """

    text: str
    wrong: Diagnostic | None
    is_registry: bool = True


@rule("encoding")
def encoding(place: int, message: str, hint: str, edits: tuple[Edit, ...] = ()) -> Diagnostic:
    """Return the diagnostic of bytes that are not UTF-8, or of characters that YAML does not allow."""
    return Diagnostic("encoding", place, message, hint, edits)


def decode(data: bytes) -> Decoded:
    """Return the text of a file."""
    text, problem = data.decode("utf-8", "surrogateescape").removeprefix("\N{BYTE ORDER MARK}"), ""
    byte = _BYTE.search(text)
    if byte is not None:
        problem = f"byte 0x{ord(byte[0]) - 0xDC00:02X} is not UTF-8 text"
        kind = next((name for begin, name in _BINARY.items() if data.startswith(begin)), None)
        if kind is not None:
            hint = "save the registry itself, as text in UTF-8"
            return Decoded("", encoding(0, f"{problem}: the file is {kind}", hint), False)
    wide = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _detect_utf_16(data)
    if wide:
        text = data.decode(wide, "replace")
        message = f"{problem and problem + ': '}the file is UTF-16 text, as PowerShell and some editors save it"
        return Decoded(text, encoding(0, message, "save the file as UTF-8"), "modules" in text)
    if byte is not None:
        is_registry = b"modules" in data and b"\0" not in data
        return Decoded(*_decode_bytes(text, byte.start(), problem), is_registry)
    return Decoded(text, None)


def _detect_utf_16(data: bytes) -> str:
    """Return the encoding of text in which every second byte is zero; empty if all bytes are, as on a broken disk."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    is_wide = abs(even - odd) > len(data) // 8 and max(even, odd) > len(data) // 4
    return "" if not is_wide else "utf-16-le" if odd > even else "utf-16-be"


def _decode_bytes(text: str, offset: int, problem: str) -> tuple[str, Diagnostic]:
    """Decode the bytes from an offset on that are not UTF-8, in the encoding that makes the most letters of them."""
    wrong = bytes(ord(byte) - 0xDC00 for byte in _BYTE.findall(text[offset : offset + 100 * _MOST_BYTES])[:_MOST_BYTES])
    page = max(_ENCODINGS, key=lambda name: sum(letter in _LETTERS for letter in wrong.decode(name, "replace")))
    table = {0xDC00 + code: bytes([code]).decode(page, "replace") for code in range(0x80, 0x100)}
    number, first, hint = len(wrong) - 1, table[ord(text[offset])], "save the file as UTF-8"
    others = f", here and at {number:,} other places" if 0 < number < _MOST_BYTES - 1 else ""
    if first.isprintable():
        hint += f"; in {_ENCODINGS[page]} this byte is {first}"
    return text.translate(table), encoding(offset, problem + others, hint)


def find_forbidden(text: str) -> Diagnostic | None:
    """Return the diagnostic of all characters that YAML does not allow; without edits if there are too many."""
    if "\N{BYTE ORDER MARK}" not in text and not Characters.NON_PRINTABLE.search(text):
        return None
    rows = [*islice(_ROWS.finditer(text), _MOST_PLACES + 1)]
    edits = tuple(Edit(row.start(), row.end(), " " if _BLANK.match(text, row.start() - 1) else "") for row in rows)
    message, hint = f"the invisible character {describe(rows[0][0][0])} is not allowed", "remove it"
    if len(rows) > 1:
        number = f"{len(rows) - 1:,}" if len(rows) <= _MOST_PLACES else f"more than {_MOST_PLACES:,}"
        message += f", here and at {number} other place{'s' if len(rows) > 2 else ''}"
    if not applied(text, edits).strip():
        edits, hint = (), "there is nothing else in the file: bring back what it had"
    elif edits[0].new:
        hint = "write a space for it"
    return encoding(rows[0].start(), message, hint, edits if len(rows) <= _MOST_PLACES else ())
