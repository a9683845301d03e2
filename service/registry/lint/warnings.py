"""Warnings, for `check` and editors only: what is valid, and most likely not intended.

Texts are always checked. Entries are compared if the file has no errors. A comment
`# registry: ignore[RULE]` suppresses a warning of its line.
"""

import re
from collections.abc import Iterable
from datetime import date
from itertools import chain, islice

from service.problems import Diagnostic
from service.registry.lint.catalogue import rules
from service.registry.lint.document import Document
from service.registry.lint.nodes import MAX_MISTAKES, Findings
from service.registry.lint.rules import artifacts, endings, endpoints, likeness, texts
from service.wording import did_you_mean, quoted

_IGNORE = re.compile(r"#[ \t]{0,8}registry:[ \t]{0,8}ignore(?:\[([^\]\r\n]{0,500})\]|(?![\w\[-]))")
#: Names in a comment that are read.
_MOST_NAMES = 20

#: Warnings of the texts of one entry.
_OF_TEXTS = (
    texts.mojibake,
    texts.invisible_character,
    texts.markup,
    texts.left_to_do,
    texts.stray_punctuation,
    texts.cut_by_comment,
    texts.languages_swapped,
    texts.same_keyword,
    texts.name_of_nothing,
)
#: Warnings of a valid file as a whole.
_OF_ENTRIES = (
    likeness.same_label,
    likeness.same_page,
    endpoints.endpoint_fit,
    endpoints.endpoint_case,
    artifacts.unneeded_artifact,
    artifacts.chained_alone,
    likeness.close_slug,
    likeness.close_legacy,
    likeness.close_owner,
    endings.successors_circle,
)


def find_warnings(document: Document, is_valid: bool, today: date | None = None) -> Iterable[Diagnostic]:
    """Return the warnings of a document that no comment suppresses. `today` is the day of the clock by default."""
    warnings = [*islice(_find_all(document, is_valid, today or date.today()), MAX_MISTAKES)]
    if not (ignored := _find_comments(document)):
        return warnings
    visible = []
    used = set()
    for warning in warnings:
        place = document.line(warning.place), warning.rule
        if place in ignored:
            used.add(place)
        else:
            visible.append(warning)
    unused = [(place[1], offset) for place, offset in ignored.items() if place not in used]
    return islice(chain(visible, ignore_unknown(unused), ignore_unused(unused) if is_valid else ()), MAX_MISTAKES)


def _find_all(document: Document, is_valid: bool, today: date) -> Findings:
    for entry in texts.list_texts(document):
        for check in _OF_TEXTS:
            yield from check(entry)
    yield from texts.text_direction(document)
    yield from endings.unlikely_day(document, today)
    yield from likeness.pasted_text(document, is_valid)
    for compare in _OF_ENTRIES if is_valid else ():
        yield from compare(document)


def _find_comments(document: Document) -> dict[tuple[int, str], int]:
    """Return the offset of each name in a comment, by its line and the name: at most as many as warnings."""
    ignored: dict[tuple[int, str], int] = {}
    for comment in islice(_IGNORE.finditer(document.text), MAX_MISTAKES):
        line = document.line(comment.start())
        names = islice(re.finditer(r"[^\s,]+", comment[1] or ""), _MOST_NAMES)
        offsets = {(line, name[0]): comment.start(1) + name.start() for name in names}
        ignored |= offsets or {(line, ""): comment.start()}
    return ignored


def list_warnings() -> set[str]:
    """Return the ids of all warnings."""
    return {name for name, rule in rules().items() if rule.is_warning}


def ignore_unknown(unused: Iterable[tuple[str, int]]) -> Findings:
    """Warn of names in `ignore[...]` that are no warnings. `unused` are names that suppress nothing, with offsets."""
    warnings = list_warnings()
    for name, offset in unused:
        if name not in warnings:
            hint = did_you_mean(name, warnings) or "name one in brackets, such as ignore[left-to-do], and mend errors"
            yield Diagnostic("ignore-unknown", offset, f"ignore names {quoted(name)}, which is no warning", hint)


def ignore_unused(unused: Iterable[tuple[str, int]]) -> Findings:
    """Warn of warnings in `ignore[...]` that their line does not have. `unused` is as above."""
    warnings = list_warnings()
    for name, offset in unused:
        if name in warnings:
            yield Diagnostic("ignore-unused", offset, f"there is no {name} to ignore", "remove it from the comment")
