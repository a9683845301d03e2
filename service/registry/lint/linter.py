"""The passes over one file, in their order."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from yaml.reader import Reader as Characters

from service.problems import Diagnostic, Edit
from service.registry.lint.characters import describe
from service.registry.lint.checks import check_entries
from service.registry.lint.document import Document
from service.registry.lint.nodes import LINE_BREAK, Abandoned, Diagnostics, Node, applied, end_of
from service.registry.lint.search import Search
from service.wording import shortened

#: Limits on a file: bytes, and directives: libyaml compares them with each other, and puts the text of one, which is
#: measured in characters, into every tag that uses it.
MAX_BYTES = 4 * 1024 * 1024
_MAX_DIRECTIVES, _LONGEST_DIRECTIVE = 100, 200
_DIRECTIVE = re.compile("%(?<![^\n\r\x85\u2028\u2029]%)[^\n\r\x85\u2028\u2029]*")
TOO_LARGE = f"the file is larger than {MAX_BYTES // 1024**2} MiB"

#: A message, and a hint, in characters: names may be long, and several of them meet in one sentence.
_LONGEST_MESSAGE = 2_000
#: Places with characters that are not allowed, which are taken out to read on: more are told, and no more is read.
_MOST_PLACES = 1_000
#: Such characters next to each other, or what sets the colour of a terminal.
_ROWS = re.compile(rf"\x1b\[[0-9;]{{0,20}}[A-Za-z]|{Characters.NON_PRINTABLE.pattern}+|\N{{BYTE ORDER MARK}}+")
#: Such a row that is a blank between two words, with the letter before it.
_BLANK = re.compile(rf"\S[\x0b\x0c]+(?!{Characters.NON_PRINTABLE.pattern})")

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


@dataclass(slots=True)
class Linted:
    """What a file says, as far as it could be read: its root, and what is wrong with it, in the order of the text.

    `unread` counts lines that were not read, and `values` those that were, the keys among them.
    """

    text: str
    root: Node | None
    diagnostics: list[Diagnostic]
    warnings: list[Diagnostic]
    unread: int = 0
    values: int = 0


def lint(data: bytes, file: str = "", warnings: bool = False) -> Linted:
    """Everything that is wrong with the bytes of a file; with `warnings`, what is most likely not meant, too.

    Never raises for bad input.
    """
    if len(data) > MAX_BYTES:
        return Linted("", None, [Diagnostic("size", 0, TOO_LARGE, "shorten it", file=file)], [])
    text, wrong, is_readable = _decoded(data)
    search, doubts, root = Search(text), Diagnostics(), None
    with suppress(Abandoned):
        _look_at_text(search, wrong, is_readable)
        root = search.root()
        document = Document(root, search.text, search.line, search.stopped is None)
        for each in check_entries(document):
            search.tell(each, each.edits)
        if warnings:
            from service.registry.lint.warnings import (
                find_warnings,  # the import takes time that a plain check does not need
            )

            doubts += (
                replace(each, place=search.patch.place(each.place), edits=search.certain(each.edits))
                for each in find_warnings(document, not search.diagnostics)
            )
    unread = 0 if search.stopped is None else len(LINE_BREAK.findall(text, search.stopped)) + 1
    told, doubted = (_placed(some, search, file, wrong is None) for some in (search.diagnostics, doubts))
    return Linted(text, root, told, doubted, unread, search.values)


def _look_at_text(search: Search, wrong: Diagnostic | None, is_readable: bool) -> None:
    """Tell what is wrong with a file as text. Raises Abandoned where it is not worth reading."""
    if wrong is not None:
        search.tell(wrong)
    if not is_readable:
        raise Abandoned
    for number, line in enumerate(_DIRECTIVE.finditer(search.text)):
        if number >= _MAX_DIRECTIVES or len(line[0]) > _LONGEST_DIRECTIVE:
            many = f"more than {_MAX_DIRECTIVES}, or of more than {_LONGEST_DIRECTIVE} characters"
            message = f"lines begin with %: {many}"
            search.tell(Diagnostic("size", line.start(), message, "a registry needs no such directives: remove them"))
            raise Abandoned
    if "\N{BYTE ORDER MARK}" in search.text or Characters.NON_PRINTABLE.search(search.text):
        _take_out(search)


def _take_out(search: Search) -> None:
    """Take out the characters that YAML does not allow. Raises Abandoned where they are too many."""
    text = search.text
    rows = [*islice(_ROWS.finditer(text), _MOST_PLACES + 1)]
    edits = [Edit(row.start(), row.end(), " " if _BLANK.match(text, row.start() - 1) else "") for row in rows]
    message, hint = f"the invisible character {describe(rows[0][0][0])} is not allowed", "remove it"
    if len(rows) > 1:
        number = f"{len(rows) - 1:,}" if len(rows) <= _MOST_PLACES else f"more than {_MOST_PLACES:,}"
        message += f", here and at {number} other place{'s' if len(rows) > 2 else ''}"
    if not applied(text, edits).strip():
        edits, hint = [], "there is nothing else in the file: bring back what it had"
    elif edits[0].new:
        hint = "write a space for it"
    made = edits if len(rows) <= _MOST_PLACES else []
    search.tell(Diagnostic("encoding", rows[0].start(), message, hint), made)
    search.patch.apply(made)
    if not made:
        raise Abandoned


def _placed(diagnostics: Diagnostics, search: Search, file: str, is_utf_8: bool) -> list[Diagnostic]:
    """Diagnostics with their lines, in their order; a value that anchors put in several entries is one mistake."""
    distinct: dict[tuple[int, str, str], Diagnostic] = {}
    for each in sorted(diagnostics, key=lambda each: (each.place, each.rule)):
        distinct.setdefault((each.place, each.rule, str(each.path[-1:])), each)
    for each in distinct.values():
        each.file, each.edits = file, each.edits if is_utf_8 else ()
        each.message, each.hint = shortened(each.message, _LONGEST_MESSAGE), shortened(each.hint, _LONGEST_MESSAGE)
        each.line, each.column = search.source_map.position(each.place)
        each.end_line, each.end_column = search.source_map.position(end_of(search.source_map.text, each.place))
    return [*distinct.values()]


def _decoded(data: bytes) -> tuple[str, Diagnostic | None, bool]:
    """The text of a file without its byte order mark; where it is no UTF-8; and whether it is a registry, most likely.

    What is none is not worth reading.
    """
    text, byte = data.decode("utf-8", "surrogateescape").removeprefix("\N{BYTE ORDER MARK}"), ""
    wrong = _BYTE.search(text)
    if wrong is not None:
        byte = f"byte 0x{ord(wrong[0]) - 0xDC00:02X} is not UTF-8 text"
        what = next((name for begin, name in _BINARY.items() if data.startswith(begin)), None)
        if what is not None:
            message, hint = f"{byte}: the file is {what}", "save the registry itself, as text in UTF-8"
            return "", Diagnostic("encoding", 0, message, hint), False
    encoding = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _wide(data)
    if encoding:
        text = data.decode(encoding, "replace")
        message = f"{byte and byte + ': '}the file is UTF-16 text, as PowerShell and some editors save it"
        return text, Diagnostic("encoding", 0, message, "save the file as UTF-8"), "modules" in text
    if wrong is not None:
        return *_of_one_byte(text, wrong.start(), byte), b"modules" in data and b"\0" not in data
    return text, None, True


def _wide(data: bytes) -> str:
    """The encoding of text without a mark in which every second byte is zero; empty where it is none of these.

    What was lost on a disk is zero all over.
    """
    even, odd = data[::2].count(0), data[1::2].count(0)
    is_wide = abs(even - odd) > len(data) // 8 and max(even, odd) > len(data) // 4
    return "" if not is_wide else "utf-16-le" if odd > even else "utf-16-be"


def _of_one_byte(text: str, offset: int, byte: str) -> tuple[str, Diagnostic]:
    """Text with bytes that are no UTF-8, from `offset` on, as the encoding has it that makes most letters of them."""
    wrong = bytes(ord(sign) - 0xDC00 for sign in _BYTE.findall(text[offset : offset + 100 * _MOST])[:_MOST])
    encoding = max(_ENCODINGS, key=lambda name: sum(letter in _LETTERS for letter in wrong.decode(name, "replace")))
    table = {0xDC00 + code: bytes([code]).decode(encoding, "replace") for code in range(0x80, 0x100)}
    number, first, hint = len(wrong) - 1, table[ord(text[offset])], "save the file as UTF-8"
    others = f", here and at {number:,} other places" if 0 < number < _MOST - 1 else ""
    if first.isprintable():
        hint += f"; in {_ENCODINGS[encoding]} this byte is {first}"
    return text.translate(table), Diagnostic("encoding", offset, byte + others, hint)
