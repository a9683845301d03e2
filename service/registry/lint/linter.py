"""The steps of a check of one file, in their order."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace

from service.problems import Diagnostic
from service.registry.lint.checks import check_entries
from service.registry.lint.decoding import decode, find_forbidden
from service.registry.lint.document import Document
from service.registry.lint.draft import Draft
from service.registry.lint.limits import MAX_BYTES, MAX_DIRECTIVE, MAX_DIRECTIVES, size
from service.registry.lint.nodes import LINE_BREAK, Abandoned, Node, end_of
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
    draft, root = Draft(text), None
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
            hint = "a registry needs no such directives: remove them"
            draft.report(size(f"lines begin with %: {limit}", hint, line.start()))
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
