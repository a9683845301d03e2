"""What is most likely a mistake though no rule forbids it: warnings, for `check` and editors alone.

`warnings_text` looks at the text of each entry; the functions here compare entries, where the file has no errors: what
an error leaves open is not guessed at. A comment `# registry: ignore[RULE]` on the line takes a warning back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from itertools import islice

from service.registry.check.catalogue import rules
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.similar import Similar
from service.registry.check.warnings_text import text_warnings
from service.registry.text.nodes import MAX_MISTAKES, Finding, Node, Words
from service.registry.text.source import Source
from service.wording import did_you_mean, quoted, shortened

_IGNORE = re.compile(r"#[ \t]{0,8}registry:[ \t]{0,8}ignore(?:\[([^\]\r\n]{0,500})\]|(?![\w\[-]))")
_RULE = re.compile(r"[^\s,]+")
#: Former slugs of a module, and parts of its path, of which one has to fit one of the others.
_MOST_NAMES = 20


def warned(source: Source, document: CheckedDocument) -> list[Finding]:
    """The warnings of a file whose errors are found already, but for those that a comment on their line takes back."""
    is_valid = not source.findings
    found = list(islice(_found(source, document), MAX_MISTAKES))
    ignored = _ignored(source)
    if not ignored:
        return found
    used: set[tuple[int, str]] = set()
    kept = []
    for finding in found:
        place = source.position(finding.offset)[0], finding.rule
        if place in ignored:
            used.add(place)
        else:
            kept.append(finding)
    unused = {place: offset for place, offset in ignored.items() if place not in used}
    return kept + list(islice(_useless(unused, is_valid), MAX_MISTAKES))


def _found(source: Source, document: CheckedDocument) -> Iterator[Finding]:
    yield from text_warnings(source, document)
    if not source.findings:
        yield from same_label(source, document.entries)
        yield from same_page(source, document.entries)
        yield from endpoint_fit(document.entries)
        yield from endpoint_case(source, document.entries)
        yield from unneeded_artifact(document.entries)
        yield from chained_alone(document.entries)
        yield from close_slugs(source, document)


def _ignored(source: Source) -> dict[tuple[int, str], int]:
    """Each line and rule that a comment names, and where it names it: as many as there may be warnings."""
    named = (
        ((source.position(offset)[0], name), offset)
        for comment in _IGNORE.finditer(source.source_map.text)
        for name, offset in _names(comment)
    )
    return dict(islice(named, MAX_MISTAKES))


def _names(comment: re.Match[str]) -> list[tuple[str, int]]:
    """The rules that a comment names, and where; an empty name if it names none."""
    names = [(name.group(), comment.start(1) + name.start()) for name in _RULE.finditer(comment[1] or "")]
    return names or [("", comment.start())]


def _useless(unused: dict[tuple[int, str], int], is_valid: bool) -> Iterator[Finding]:
    """Names in comments that take nothing back. Which warnings a file with errors would have is not known."""
    warnings = {name for name, rule in rules().items() if rule.is_warning}
    for (_, name), offset in unused.items():
        if name not in warnings:
            yield Finding(offset, "ignore-unknown", partial(_not_a_warning, name, warnings))
        elif is_valid:
            yield Finding(offset, "ignore-unused", partial(_not_here, name))


def _not_a_warning(name: str, warnings: Collection[str]) -> Words:
    if not name:
        return "ignore names no warning", "name what it takes back in brackets, such as ignore[left-to-do]"
    if name in rules():
        return f"ignore names {name}, which is an error: it cannot be ignored", "mend it, and remove the comment"
    hint = did_you_mean(name, warnings) or "check --list-rules lists the warnings"
    return f"ignore names {quoted(name)}, which is no warning", hint


def _not_here(name: str) -> Words:
    return f"this line has no {name} to ignore", "remove it from the comment"


def _text(entry: Entry, field: str) -> Node | None:
    """A field that is text and not in doubt."""
    node = entry.fields.get(field)
    return node if node is not None and isinstance(node.value, str) and field not in entry.doubtful else None


def _at(entry: Entry, field: str, node: Node) -> int:
    """Where the entry says it: what an alias repeats, at the field; what a merge key brings, where the entry begins."""
    return max(node.offset, entry.at(field), entry.node.offset)


def same_label(source: Source, entries: list[Entry]) -> Iterator[Finding]:
    """Tiles that nobody can tell apart. A module that will go may be called like the one to use instead."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if "deprecated" in entry.fields:
            continue
        texts = entry.fields["label"].children
        same = [
            language
            for language in ("fr", "en")
            if first.setdefault((language, " ".join(texts[language].value.casefold().split())), entry) is not entry
        ]
        if same:
            text = texts[same[0]]
            earlier = first[same[0], " ".join(text.value.casefold().split())]
            words = partial(_same_label, source, entry, same, earlier)
            yield Finding(_at(entry, "label", text), "same-label", words, (*entry.path, "label", same[0]))


def _same_label(source: Source, entry: Entry, same: list[str], earlier: Entry) -> Words:
    line = source.position(earlier.node.offset)[0]
    label = quoted(entry.fields["label"].children[same[0]].value)
    which = "label" if len(same) == 2 else f"label.{same[0]}"
    return f"{entry.name}: {which} {label} is also that of {earlier.name}, line {line}", "say how they differ"


def same_page(source: Source, entries: list[Entry]) -> Iterator[Finding]:
    """A page that sells two modules; one of them is most likely pasted."""
    first: dict[str, Entry] = {}
    for entry in entries:
        if (node := _text(entry, "feature_page")) and (earlier := first.setdefault(node.value, entry)) is not entry:
            words = partial(_same_page, source, entry, node.value, earlier)
            yield Finding(_at(entry, "feature_page", node), "same-page", words, (*entry.path, "feature_page"))


def _same_page(source: Source, entry: Entry, page: str, earlier: Entry) -> Words:
    line = source.position(earlier.node.offset)[0]
    message = f"{entry.name}: feature_page {quoted(page)} is also that of {earlier.name}, line {line}"
    return message, "give it its own, or write null until there is one"


def endpoint_fit(entries: list[Entry]) -> Iterator[Finding]:
    """A path none of whose parts has the words of the slug or a former one: it was pasted here, or misspelled."""
    for entry in entries:
        slug, node = _text(entry, "slug"), _text(entry, "api_endpoint")
        if slug is None or node is None:
            continue
        former = (one.value for _, one in islice(entry.names("formerly"), _MOST_NAMES))
        names = [_words(name) for name in (slug.value, *former)]
        parts = [_words(part.lower()) for part in node.value.split("/", _MOST_NAMES)[2:]]
        if not any(part <= words or words <= part for part in parts for words in names):
            found = partial(_not_fitting, entry, slug.value, node.value)
            yield Finding(node.offset, "endpoint-fit", found, (*entry.path, "api_endpoint"))


def _words(name: str) -> set[str]:
    """The words of a name, singular and plural being one."""
    return {word.removesuffix("s") for word in re.split("[-_]", name)}


def _not_fitting(entry: Entry, slug: str, path: str) -> Words:
    message = f"{entry.name}: api_endpoint {quoted(path)} does not fit the slug"
    return message, f"write /api/{slug.replace('_', '-')}, if that is where the module answers"


def endpoint_case(source: Source, entries: list[Entry]) -> Iterator[Finding]:
    """Two paths that are one to everybody who does not look closely, and to some proxies."""
    first: dict[str, Entry] = {}
    for entry in entries:
        if (node := _text(entry, "api_endpoint")) and (
            earlier := first.setdefault(node.value.lower(), entry)
        ) is not entry:
            words = partial(_by_case, source, entry, node.value, earlier)
            yield Finding(node.offset, "endpoint-case", words, (*entry.path, "api_endpoint"))


def _by_case(source: Source, entry: Entry, path: str, earlier: Entry) -> Words:
    other = earlier.fields["api_endpoint"]
    where = f"{quoted(other.value)} of {earlier.name}, line {source.position(other.offset)[0]}"
    return f"{entry.name}: api_endpoint {quoted(path)} differs by case alone from {where}", "give each module its own"


def unneeded_artifact(entries: list[Entry]) -> Iterator[Finding]:
    """An artifact that nobody needs, and named like one that is needed, or beside one that is.

    Many are for people: they are named otherwise, and the only ones of their module.
    """
    needed = {node.value for entry in entries for _, node in entry.names("needs")}
    similar = Similar(needed)
    seen: set[str] = set()
    for entry in entries:
        produced = list(entry.names("produces"))
        supplies = any(node.value in needed for _, node in produced)
        for number, node in produced:
            if node.value in needed or node.value in seen:
                continue
            seen.add(node.value)
            if (meant := similar.to(node.value)) or supplies:
                words = partial(_nobody_needs, entry, node.value, meant)
                yield Finding(node.offset, "unneeded-artifact", words, entry.named("produces", number)[0])


def _nobody_needs(entry: Entry, artifact: str, meant: str | None) -> Words:
    message = f"{entry.name}: produces {quoted(artifact)}, which no module needs"
    if meant:
        return message, f"write {meant}, if that is what others are to get"
    return message, "let a module need it, or remove it"


def chained_alone(entries: list[Entry]) -> Iterator[Finding]:
    """A module that may be chained in a pipeline, and shares no artifact with any other."""
    for entry in entries:
        if entry.flag("pipelinable") and not any(_has_items(entry, field) for field in ("needs", "produces")):
            yield Finding(
                entry.at("pipelinable"), "chained-alone", partial(_alone, entry), (*entry.path, "pipelinable")
            )


def _has_items(entry: Entry, field: str) -> bool:
    node = entry.fields.get(field)
    return node is not None and bool(node.value)


def _alone(entry: Entry) -> Words:
    message = f"{entry.name}: pipelinable is true, and it neither needs nor produces anything"
    return message, "say what it needs and produces, or remove pipelinable"


def close_slugs(source: Source, document: CheckedDocument) -> Iterator[Finding]:
    """Slugs and legacy ids that are a letter away from a slug: people and programs will take one for the other."""
    slugs: dict[str, Node] = {}
    similar = Similar(())
    for entry in document.entries:
        node = entry.fields["slug"]
        if "deprecated" not in entry.fields:  # it goes, maybe since it was misspelled
            if (other := similar.to(node.value)) and node.value not in slugs:
                words = partial(_close, source, entry, other, slugs[other])
                yield Finding(node.offset, "close-slug", words, (*entry.path, "slug"))
            similar.add(node.value)
        slugs[node.value] = node
    known = {node.value for entry in document.entries for _, node in entry.names("formerly")}
    known |= {entry.fields["slug"].value for entry in document.removed}
    for name in known:
        similar.add(name)
    for number, node in enumerate(document.legacy):
        if node.value not in slugs and node.value not in known and (other := similar.to(node.value)):
            words = partial(_close_legacy, node.value, other)
            yield Finding(node.offset, "close-legacy", words, ("legacy_features", number))
        similar.add(node.value)


def _close(source: Source, entry: Entry, other: str, node: Node) -> Words:
    message = f"{entry.name}: slug differs by one letter from {other}, line {source.position(node.offset)[0]}"
    return message, "give it a name of its own, since slugs stay"


def _close_legacy(name: str, other: str) -> Words:
    message = f"legacy_features lists {quoted(shortened(name))}, which is one letter away from {other}"
    return message, f"write {other}, if its votes are meant"
