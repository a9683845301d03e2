"""The steps of a check of one file, in their order."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from yaml.reader import Reader as Characters

from service.problems import Diagnostic, Edit
from service.registry.lint.characters import describe
from service.registry.lint.checks import check_entries
from service.registry.lint.document import Document
from service.registry.lint.draft import Draft
from service.registry.lint.nodes import (
    LINE_BREAK,
    MAX_BYTES,
    MAX_DIRECTIVE,
    MAX_DIRECTIVES,
    Abandoned,
    Edits,
    Node,
    applied,
    end_of,
    size,
)
from service.registry.lint.syntax import read_registry
from service.registry.lint.values import mend_values
from service.wording import shortened

__all__ = ["MAX_BYTES", "TOO_LARGE", "Linted", "lint"]

_DIRECTIVE = re.compile("%(?<![^\n\r\x85\u2028\u2029]%)[^\n\r\x85\u2028\u2029]*")
TOO_LARGE = f"the file is larger than {MAX_BYTES // 1024**2} MiB"

#: A message, and a hint, in characters: names may be long, and a sentence may have several.
_LONGEST_MESSAGE = 2_000


@dataclass(slots=True)
class Linted:
    """The root of a file as far as it could be read, and its diagnostics in the order of the text.

    `unread` is the number of lines that were not read, and `values` the number of values, including keys.
    """

    text: str
    root: Node | None
    diagnostics: list[Diagnostic]
    warnings: list[Diagnostic]
    unread: int = 0
    values: int = 0


def lint(data: bytes, file: str = "", warnings: bool = False) -> Linted:
    """Return every mistake in the bytes of a file; with `warnings`, also values that are most likely not intended.

    Never raises for bad input.
    """
    if len(data) > MAX_BYTES:
        return Linted("", None, [replace(size(TOO_LARGE, "shorten it"), file=file)], [])
    text, wrong, is_registry = decode(data)
    draft = Draft(text)
    root = None
    doubts: list[Diagnostic] = []
    with suppress(Abandoned):
        if wrong is not None:
            draft.report(wrong)
        if not is_registry:
            raise Abandoned
        _check_text(draft)
        root = mend_values(draft, read_registry(draft))
        document = Document(root, draft.text, draft.line, draft.stopped is None)
        for diagnostic in check_entries(document):
            draft.report(diagnostic, diagnostic.edits)
        if warnings:
            from service.registry.lint.warnings import find_warnings  # a plain check does not need the import

            doubts += (
                replace(doubt, place=draft.patch.place(doubt.place), edits=draft.to_file(doubt.edits))
                for doubt in find_warnings(document, not draft.diagnostics)
            )
    unread = 0 if draft.stopped is None else len(LINE_BREAK.findall(text, draft.stopped)) + 1
    problems, doubts = (_place(found, draft, file, wrong is None) for found in (draft.diagnostics, doubts))
    return Linted(text, root, problems, doubts, unread, draft.values)


def _check_text(draft: Draft) -> None:
    """Report directives, and remove characters that YAML does not allow. Raises Abandoned if there are too many."""
    for number, line in enumerate(_DIRECTIVE.finditer(draft.text)):
        if number >= MAX_DIRECTIVES or len(line[0]) > MAX_DIRECTIVE:
            limit = f"more than {MAX_DIRECTIVES}, or of more than {MAX_DIRECTIVE} characters"
            draft.report(
                size(f"lines begin with %: {limit}", "a registry needs no such directives: remove them", line.start())
            )
            raise Abandoned
    if forbidden := find_forbidden(draft.text):
        draft.report(forbidden, forbidden.edits)
        draft.patch.apply(forbidden.edits)
        if not forbidden.edits:
            raise Abandoned


def _place(diagnostics: list[Diagnostic], draft: Draft, file: str, is_utf_8: bool) -> list[Diagnostic]:
    """Return diagnostics with their lines, in the order of the text. A value that anchors repeat has one diagnostic."""
    distinct: dict[tuple[int, str, str], Diagnostic] = {}
    for diagnostic in sorted(diagnostics, key=lambda diagnostic: (diagnostic.place, diagnostic.rule)):
        distinct.setdefault((diagnostic.place, diagnostic.rule, str(diagnostic.path[-1:])), diagnostic)
    source_map = draft.source_map
    for diagnostic in distinct.values():
        diagnostic.file, diagnostic.edits = file, diagnostic.edits if is_utf_8 else ()
        diagnostic.message = shortened(diagnostic.message, _LONGEST_MESSAGE)
        diagnostic.hint = shortened(diagnostic.hint, _LONGEST_MESSAGE)
        diagnostic.line, diagnostic.column = source_map.position(diagnostic.place)
        end = end_of(source_map.text, diagnostic.place)
        diagnostic.end_line, diagnostic.end_column = source_map.position(end)
    return [*distinct.values()]


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


def encoding(place: int, message: str, hint: str, edits: Edits = ()) -> Diagnostic:
    """Return the diagnostic of bytes that are not UTF-8, or of characters that YAML does not allow."""
    return Diagnostic("encoding", place, message, hint, edits)


def decode(data: bytes) -> Decoded:
    """Return the text of a file."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\N{BYTE ORDER MARK}")
    problem = ""
    byte = _BYTE.search(text)
    if byte is not None:
        problem = f"byte 0x{ord(byte[0]) - 0xDC00:02X} is not UTF-8 text"
        kind = next((name for begin, name in _BINARY.items() if data.startswith(begin)), None)
        if kind is not None:
            return Decoded(
                "", encoding(0, f"{problem}: the file is {kind}", "save the registry itself, as text in UTF-8"), False
            )
    wide = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _detect_utf_16(data)
    if wide:
        text = data.decode(wide, "replace")
        return Decoded(
            text,
            encoding(
                0,
                f"{problem and problem + ': '}the file is UTF-16 text, as PowerShell and some editors save it",
                "save the file as UTF-8",
            ),
            "modules" in text,
        )
    if byte is not None:
        is_registry = b"modules" in data and b"\0" not in data
        return Decoded(*_decode_bytes(text, byte.start(), problem), is_registry)
    return Decoded(text, None)


def _detect_utf_16(data: bytes) -> str:
    """Return the encoding of text in which every second byte is zero; empty if all bytes are, as on a broken disk."""
    even = data[::2].count(0)
    odd = data[1::2].count(0)
    is_wide = abs(even - odd) > len(data) // 8 and max(even, odd) > len(data) // 4
    return "" if not is_wide else "utf-16-le" if odd > even else "utf-16-be"


def _decode_bytes(text: str, offset: int, problem: str) -> tuple[str, Diagnostic]:
    """Decode the bytes from an offset on that are not UTF-8, in the encoding that makes the most letters of them."""
    wrong = bytes(ord(byte) - 0xDC00 for byte in _BYTE.findall(text[offset : offset + 100 * _MOST_BYTES])[:_MOST_BYTES])
    page = max(_ENCODINGS, key=lambda name: sum(letter in _LETTERS for letter in wrong.decode(name, "replace")))
    table = {0xDC00 + code: bytes([code]).decode(page, "replace") for code in range(0x80, 0x100)}
    number = len(wrong) - 1
    first = table[ord(text[offset])]
    hint = "save the file as UTF-8"
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
    message = f"the invisible character {describe(rows[0][0][0])} is not allowed"
    hint = "remove it"
    if len(rows) > 1:
        number = f"{len(rows) - 1:,}" if len(rows) <= _MOST_PLACES else f"more than {_MOST_PLACES:,}"
        message += f", here and at {number} other place{'s' if len(rows) > 2 else ''}"
    if not applied(text, edits).strip():
        edits = ()
        hint = "there is nothing else in the file: bring back what it had"
    elif edits[0].new:
        hint = "write a space for it"
    return encoding(rows[0].start(), message, hint, edits if len(rows) <= _MOST_PLACES else ())
