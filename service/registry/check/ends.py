"""The rules on the end of modules: days in order, what to use instead, and slugs that are never used again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial

from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.guesses import is_nothing
from service.registry.schema import is_name
from service.registry.text.nodes import Finding, Node, Words
from service.registry.text.rewriting import Edits, respelled, rewritten
from service.registry.text.source import Source
from service.wording import did_you_mean, quoted

#: Slugs that are compared for suggestions, in one file: to compare one takes some microseconds.
_MOST_COMPARED = 50_000


def ends(source: Source, document: CheckedDocument) -> Iterator[Finding]:
    """Every break of a rule on deprecated and removed modules."""
    yield from days_in_order(document.entries)
    yield from successors(document)
    yield from removed_for_good(source, document)


def days_in_order(entries: list[Entry]) -> Iterator[Finding]:
    """A module cannot be removed before it was said that it will be."""
    for entry in entries:
        since, after = (_of_deprecated(entry, name) for name in ("since", "removed_after"))
        if since and after and after.value < since.value:
            path = (*entry.path, "deprecated", "removed_after")
            yield Finding(after.offset, "days-in-order", partial(_too_early, entry, since, after), path)


def _of_deprecated(entry: Entry, name: str) -> Node | None:
    """A value in `deprecated` that is text, unless any of it is doubtful."""
    if "deprecated" not in entry.fields or any(field.partition(".")[0] == "deprecated" for field in entry.doubtful):
        return None
    fields = entry.fields["deprecated"].children
    node = fields.get(name) if isinstance(fields, dict) else None
    return node if node is not None and isinstance(node.value, str) else None


def _too_early(entry: Entry, since: Node, after: Node) -> Words:
    message = f"{entry.name}: deprecated.removed_after {after.value} is before since {since.value}"
    return message, "give it the same day or a later one, or let the two days change places"


def successors(document: CheckedDocument) -> Iterator[Finding]:
    """What to use instead is another module of the file."""
    slugs = {_slug(entry): entry for entry in document.entries}
    is_certain = not document.unreadable and None not in slugs
    former = {node.value: entry for entry in document.entries for _, node in entry.names("formerly")}
    unknown = 0
    for entry, field, node in _uses(document):
        path = (*entry.path, *field.split("."))
        if slugs.get(node.value) is entry:
            yield Finding(node.offset, "successor-unknown", partial(_itself, entry, field), path)
        elif node.value not in slugs and is_certain:
            unknown += 1
            known = slugs.keys() - {_slug(entry)} if unknown * len(slugs) <= _MOST_COMPARED else ()
            current = former.get(node.value)
            meant = _slug(current) if current is not None and current is not entry else None
            words = partial(_no_module, entry, field, node.value, meant, known)
            yield Finding(node.place, "successor-unknown", words, path, partial(_instead, document, node, words))


def _slug(entry: Entry) -> str | None:
    """The slug of an entry, unless it is doubtful."""
    node = entry.fields.get("slug")
    return node.value if node is not None and is_name(node.value) and "slug" not in entry.doubtful else None


def _uses(document: CheckedDocument) -> Iterator[tuple[Entry, str, Node]]:
    """Each value of `use` that is text, with its entry and field."""
    for entry in document.entries:
        if node := _of_deprecated(entry, "use"):
            yield entry, "deprecated.use", node
    for entry in document.removed:
        found = entry.fields.get("use")
        if found is not None and isinstance(found.value, str) and "use" not in entry.doubtful:
            yield entry, "use", found


def _itself(entry: Entry, field: str) -> Words:
    return f"{entry.name}: {field} names the module itself", "name another module, or write null"


def _instead(document: CheckedDocument, node: Node, words: partial[Words]) -> Edits:
    if is_nothing(node.value):
        return rewritten(document.text, node, "null")
    found = re.match(r"did you mean (\w+)\?|write (\w+), which", words()[1])
    return respelled(document.text, node, found[1] or found[2]) if found else []


def _no_module(entry: Entry, field: str, slug: str, current: str | None, known: Collection[str | None]) -> Words:
    message = f"{entry.name}: {field} {quoted(slug)} is no module's slug"
    if current is not None:
        return message, f"write {current}, which is its slug by now"
    if is_nothing(slug):
        return message, "write null, where there is none"
    hint = did_you_mean(slug, filter(None, known)) or "name a module of this file, or write null"
    return message, hint


def removed_for_good(source: Source, document: CheckedDocument) -> Iterator[Finding]:
    """Clients hold the slug of a module that is gone, so nothing else ever has it."""
    first: dict[str, Node] = {}
    for entry in document.removed:
        slug = _slug(entry)
        if slug is None:
            continue
        node = entry.fields["slug"]
        if (earlier := first.setdefault(slug, node)) is not node:
            words = partial(_given_again, source, entry, earlier)
            yield Finding(node.offset, "removed-for-good", words, (*entry.path, "slug"))
    for entry in document.entries:
        slug = _slug(entry)
        if slug in first:
            words = partial(_in_use, source, entry, "slug", first[slug])
            yield Finding(entry.fields["slug"].offset, "removed-for-good", words, (*entry.path, "slug"))
        for number, node in [] if "formerly" in entry.doubtful else entry.names("formerly"):
            if node.value in first:
                words = partial(_in_use, source, entry, "formerly", first[node.value])
                yield Finding(node.offset, "removed-for-good", words, entry.named("formerly", number)[0])


def _given_again(source: Source, entry: Entry, earlier: Node) -> Words:
    return f"{entry.name} is listed again, after line {source.position(earlier.offset)[0]}", "keep one of the two"


def _in_use(source: Source, entry: Entry, field: str, removed: Node) -> Words:
    line = source.position(removed.offset)[0]
    message = f"{entry.name}: {field} {quoted(removed.value)} is a removed module's, on line {line}"
    if field == "slug":
        return message, "give the module another slug, or take it off removed if it is not gone"
    return message, "a slug is either gone or leads to a module: remove one of the two"
