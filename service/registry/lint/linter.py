"""The passes over one file, in their order."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice

from yaml.reader import Reader as Characters

from service.problems import Diagnostic, Edit
from service.registry.lint.characters import called
from service.registry.lint.encoding import Decoded, decoded
from service.registry.lint.nodes import Abandoned, Diagnostics, Node, applied, end_of
from service.registry.lint.rules import Document, check
from service.registry.lint.search import Search
from service.registry.lint.supply import supply
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
    found = decoded(data)
    search = Search(found.text)
    doubts = Diagnostics()
    root = None
    with suppress(Abandoned):
        root = _read(search, found)
        if root is not None:
            document = Document(root, search.patch.text, search.line, search.stopped is None)
            for one in chain(check(document), supply(document)):
                search.tell(one, search.certain(one.edits))
            if warnings:
                from service.registry.lint.warnings import warned  # whoever does not ask for them has no use for it

                doubts += (
                    replace(one, place=search.patch.place(one.place), edits=search.certain(one.edits))
                    for one in warned(document, search.diagnostics)
                )
    unread = 0 if search.stopped is None else len(search.source_map) - search.source_map.position(search.stopped)[0] + 1
    told, doubted = (_placed(some, search, file, found.words is None) for some in (search.diagnostics, doubts))
    return Linted(found.text, root, told, doubted, unread, search.values)


def _read(search: Search, found: Decoded) -> Node | None:
    """The root of the file, as far as it can be read and mended, which is told."""
    if found.words:
        search.tell(Diagnostic("encoding", found.offset, *found.words))
    if found.is_readable and _is_modest(search) and _is_printable(search) and (reader := search.read()):
        return search.mend_values(reader)
    return None


def _is_modest(search: Search) -> bool:
    """Whether there are no more directives, nor longer ones, than libyaml can bear; else that is told."""
    for number, found in enumerate(_DIRECTIVE.finditer(search.patch.text)):
        if number >= _MAX_DIRECTIVES or len(found[0]) > _LONGEST_DIRECTIVE:
            many = f"more than {_MAX_DIRECTIVES}, or of more than {_LONGEST_DIRECTIVE} characters"
            message = f"lines begin with %: {many}"
            search.tell(Diagnostic("size", found.start(), message, "a registry needs no such directives: remove them"))
            return False
    return True


def _is_printable(search: Search) -> bool:
    """Whether there are no characters that YAML does not allow, or they could be taken out, which is told."""
    text = search.patch.text
    if "\N{BYTE ORDER MARK}" not in text and not Characters.NON_PRINTABLE.search(text):
        return True
    rows = [*islice(_ROWS.finditer(text), _MOST_PLACES + 1)]
    edits = [Edit(row.start(), row.end(), " " if _is_blank(text, row) else "") for row in rows]
    message, hint = f"the invisible character {called(rows[0][0][0])} is not allowed", "remove it"
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
    return bool(made)


def _is_blank(text: str, row: re.Match[str]) -> bool:
    """Whether it is a blank between two words."""
    return not row[0].strip("\x0b\x0c") and text[max(0, row.start() - 1)].strip() != ""


def _placed(found: Diagnostics, search: Search, file: str, is_utf_8: bool) -> list[Diagnostic]:
    """Diagnostics with their lines, in their order; a value that anchors put in several entries is one mistake."""
    distinct: dict[tuple[int, str, str], Diagnostic] = {}
    for one in sorted(found, key=lambda one: (one.place, one.rule)):
        distinct.setdefault((one.place, one.rule, str(one.path[-1:])), one)
    for one in distinct.values():
        one.file, one.edits = file, one.edits if is_utf_8 else ()
        one.message, one.hint = shortened(one.message, _LONGEST_MESSAGE), shortened(one.hint, _LONGEST_MESSAGE)
        one.line, one.column = search.source_map.position(one.place)
        one.end_line, one.end_column = search.source_map.position(end_of(search.source_map.text, one.place))
    return [*distinct.values()]
