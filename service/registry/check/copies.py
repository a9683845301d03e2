"""Entries that stand in the file twice, to the last value: one mistake, however many of them were pasted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from service.problems import Edit
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.text.nodes import UNKNOWN, Finding, Words
from service.registry.text.rewriting import Edits, is_only, line_break, line_start
from service.registry.text.source import Source
from service.wording import joined


def copies(source: Source, document: CheckedDocument) -> Iterator[Finding]:
    """Each run of entries that are those of an earlier one again. Nothing that they say is looked at any further."""
    first: dict[str, tuple[int, Entry]] = {}
    run: list[Entry] = []
    last: tuple[int, int] | None = None  # the places of the last copy and of what it copies
    for entry in document.entries:
        number = int(entry.path[1])
        slug = entry.fields.get("slug")
        place = None
        if slug is not None and isinstance(slug.value, str) and "slug" not in entry.doubtful:
            place, earlier = first.setdefault(slug.value, (number, entry))
            if earlier is entry or not _is_same(earlier, entry):
                place = None
        goes_on = run and place is not None and last == (number - 1, place - 1)
        if run and not goes_on:
            yield _copied(source, document.text, run, first)
            run = []
        if place is not None:
            run.append(entry)
            last = number, place
    if run:
        yield _copied(source, document.text, run, first)


def _is_same(one: Entry, other: Entry) -> bool:
    if one.node.merged or other.node.merged or one.node.used_at is not None or other.node.used_at is not None:
        return False
    is_known = not one.node.incomplete and UNKNOWN not in one.node.value.values()
    return is_known and len(one.fields) > 1 and one.node.value == other.node.value


def _copied(source: Source, text: str, run: Sequence[Entry], first: dict[str, tuple[int, Entry]]) -> Finding:
    for entry in run:
        entry.doubtful.update(entry.fields)
    origin = first[run[0].fields["slug"].value][1]
    words = partial(_words, source, run, origin)
    return Finding(run[0].place("slug"), "duplicate-slug", words, (*run[0].path, "slug"), partial(_deleted, text, run))


def _words(source: Source, run: Sequence[Entry], origin: Entry) -> Words:
    begin, end = source.position(run[0].node.offset)[0], source.position(run[-1].node.end)[0]
    line = source.position(origin.node.offset)[0]
    names = joined([entry.name for entry in run])
    those = "module stands" if len(run) == 1 else f"{len(run)} modules stand"
    message = f"{names}: the same {those} in the file already, from line {line} on"
    other = ", or make another module of it, with a slug of its own" if len(run) == 1 else ""
    where = f"lines {begin} to {end}" if end > begin else f"line {begin}"
    return message, f"delete {where}{other}"


def _deleted(text: str, run: Sequence[Entry]) -> Edits:
    begin, end = run[0].node.offset, run[-1].node.end
    start = line_start(text, begin)
    if text[start:begin].strip(" ") != "-" or not is_only(text, begin - len(text[start:begin]), end):
        return []
    after = text.find(line_break(text), end)
    return [Edit(start, after + len(line_break(text)) if after >= 0 else len(text), "")]
