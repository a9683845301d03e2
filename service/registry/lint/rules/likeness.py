"""Warnings of two modules with the same text, and of names that people take for each other."""

from collections import Counter
from collections.abc import Iterable, Iterator

from service.problems import Diagnostic
from service.registry.lint.catalogue import rule
from service.registry.lint.document import Document, Entry
from service.registry.lint.names import names_in
from service.registry.lint.nodes import fields, items, text_of
from service.registry.lint.rules.endpoints import split_words
from service.registry.lint.similar import Similar
from service.wording import quoted


@rule("same-label")
def same_label(document: Document) -> Iterator[Diagnostic]:
    """Warn of two modules with the same label, which people cannot tell apart."""
    yield from _diagnose_shared(document, list_lasting(document), "label", "same-label", "say how they differ")


@rule("same-page")
def same_page(document: Document) -> Iterator[Diagnostic]:
    """Warn of two modules with the same feature_page."""
    hint = "give it its own, or write null"
    yield from _diagnose_shared(document, document.modules, "feature_page", "same-page", hint)


@rule("pasted-text")
def pasted_text(document: Document, is_valid: bool) -> Iterator[Diagnostic]:
    """Warn of a reason that is the same in both languages, and of two modules with the same description.

    Descriptions are compared if the file is valid. A description that an anchor or a merge repeats is intended.
    """
    for entry in (*document.modules, *document.removed):
        for field in ("because", "deprecated.because"):
            reason = entry.find(field)
            if reason and " " in text_of(reason, "fr") and text_of(reason, "fr") == text_of(reason, "en"):
                message = f"{field} is the same in both languages"
                yield entry.diagnose("pasted-text", field, message, "translate one of them")
    described = [(entry, entry.find("description")) for entry in list_lasting(document) if is_valid]
    own = [entry for entry, node in described if node and not (node.used_at or entry.node.merged)]
    yield from _diagnose_shared(document, own, "description", "pasted-text", "say what this module does")


def list_lasting(document: Document) -> list[Entry]:
    """Return the modules that are not deprecated."""
    return [entry for entry in document.modules if "deprecated" not in fields(entry.node)]


def _diagnose_shared(
    document: Document, modules: Iterable[Entry], field: str, rule: str, hint: str
) -> Iterator[Diagnostic]:
    """Yield the diagnostic of each module that has the text of an earlier module in a field."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in modules:
        node = entry.find(field)
        if not (node and node.value):
            continue
        texts = [(f"{field}.{language}", text) for language, text in fields(node).items()] or [(field, node)]
        keys = [(name, " ".join(text.value.casefold().split())) for name, text in texts]
        same = [number for number, key in enumerate(keys) if first.setdefault(key, entry) is not entry]
        if same:
            (name, text), earlier = texts[same[0]], first[keys[same[0]]]
            subject = field if len(same) == len(texts) else name
            where = f"{earlier.name}, line {document.line(earlier.node.offset)}"
            message = f"{subject} {quoted(text.value)} is also that of {where}"
            yield entry.diagnose(rule, name, message, hint, max(text.offset, entry.locate(field)))


@rule("close-slug")
def close_slug(document: Document) -> Iterator[Diagnostic]:
    """Warn of slugs that are one letter away from another. A deprecated module may end because of its slug."""
    slugs: dict[str, Entry] = {}
    similar = Similar(())
    for entry in document.modules:
        if "deprecated" not in fields(entry.node):
            if (other := similar.find(entry.slug)) and entry.slug not in slugs:
                message = f"slug differs by one letter from {other}, line {document.line(slugs[other].locate('slug'))}"
                yield entry.diagnose("close-slug", "slug", message, "give it a name of its own, since slugs stay")
            similar.add(entry.slug)
        slugs[entry.slug] = entry


@rule("close-legacy")
def close_legacy(document: Document) -> Iterator[Diagnostic]:
    """Warn of legacy ids that are one letter away from a current, former or removed slug, or another legacy id."""
    known = {entry.slug for entry in (*document.modules, *document.removed)}
    known |= {node.value for entry in document.modules for node in names_in(entry.node, "formerly")}
    similar = Similar(known)
    for number, node in enumerate(items(fields(document.root).get("legacy_features"))):
        if node.value not in known and (other := similar.find(node.value)):
            message = f"legacy_features lists {quoted(node.value)}, which is one letter away from {other}"
            hint = f"write {other}, if its votes are meant"
            yield Diagnostic("close-legacy", node.place, message, hint, path=("legacy_features", number))
        similar.add(node.value)


@rule("close-owner")
def close_owner(document: Document) -> Iterator[Diagnostic]:
    """Warn of an owner of one module that is one letter away from an owner of several modules."""
    owners = Counter(text_of(entry.node, "owner") for entry in document.modules)
    similar = Similar(owner for owner, number in owners.items() if number > 1)
    for entry in document.modules:
        owner = text_of(entry.node, "owner")
        other = similar.find(owner) if owners[owner] == 1 else None
        # Short words are left alone: team-a and team-b are two teams.
        if other and all(len(word) > 2 for word in split_words(owner) ^ split_words(other)):
            message = f"owner {quoted(owner)} is one letter away from {other}, which {owners[other]} modules have"
            yield entry.diagnose("close-owner", "owner", message, f"write {other}, if that is meant")
