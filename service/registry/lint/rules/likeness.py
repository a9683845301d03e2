"""Warnings of two modules with the same text, and of names that people take for each other."""

from collections import Counter
from collections.abc import Iterable

from service.problems import Diagnostic
from service.registry.lint.document import Document, Entry
from service.registry.lint.names import Similar, names_in
from service.registry.lint.nodes import Findings, fields, items, text_of
from service.registry.lint.rules.endpoints import split_words
from service.wording import quoted


def same_label(document: Document) -> Findings:
    """Warn of two modules with the same label, which people cannot tell apart."""
    yield from _diagnose_shared(document, list_lasting(document), "label", "same-label", "say how they differ")


def same_page(document: Document) -> Findings:
    """Warn of two modules with the same feature_page."""
    yield from _diagnose_shared(
        document, document.modules, "feature_page", "same-page", "give it its own, or write null"
    )


def pasted_text(document: Document, is_valid: bool) -> Findings:
    """Warn of a reason that is the same in both languages, and of two modules with the same description.

    Descriptions are compared if the file is valid. A description that an anchor or a merge repeats is intended.
    """
    for entry in (*document.modules, *document.removed):
        for field in ("because", "deprecated.because"):
            reason = entry.find(field)
            if reason and " " in text_of(reason, "fr") and text_of(reason, "fr") == text_of(reason, "en"):
                yield entry.diagnose(
                    "pasted-text", field, f"{field} is the same in both languages", "translate one of them"
                )
    described = [(entry, entry.find("description")) for entry in list_lasting(document) if is_valid]
    own = [entry for entry, node in described if node and not (node.used_at or entry.node.merged)]
    yield from _diagnose_shared(document, own, "description", "pasted-text", "say what this module does")


def list_lasting(document: Document) -> list[Entry]:
    """Return the modules that are not deprecated."""
    return [entry for entry in document.modules if "deprecated" not in fields(entry.node)]


def _diagnose_shared(document: Document, modules: Iterable[Entry], field: str, rule: str, hint: str) -> Findings:
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
            yield entry.diagnose(
                rule,
                name,
                f"{subject} {quoted(text.value)} is also that of {where}",
                hint,
                max(text.offset, entry.locate(field)),
            )


def close_slug(document: Document) -> Findings:
    """Warn of slugs that are one letter away from another. A deprecated module may end because of its slug."""
    slugs: dict[str, Entry] = {}
    similar = Similar(())
    for entry in document.modules:
        if "deprecated" not in fields(entry.node):
            if (other := similar.find(entry.slug)) and entry.slug not in slugs:
                yield entry.diagnose(
                    "close-slug",
                    "slug",
                    f"slug differs by one letter from {other}, line {document.line(slugs[other].locate('slug'))}",
                    "give it a name of its own, since slugs stay",
                )
            similar.add(entry.slug)
        slugs[entry.slug] = entry


def close_legacy(document: Document) -> Findings:
    """Warn of legacy ids that are one letter away from a current, former or removed slug, or another legacy id."""
    known = {entry.slug for entry in (*document.modules, *document.removed)}
    known |= {node.value for entry in document.modules for node in names_in(entry.node, "formerly")}
    similar = Similar(known)
    for number, node in enumerate(items(fields(document.root).get("legacy_features"))):
        if node.value not in known and (other := similar.find(node.value)):
            yield Diagnostic(
                "close-legacy",
                node.place,
                f"legacy_features lists {quoted(node.value)}, which is one letter away from {other}",
                f"write {other}, if its votes are meant",
                path=("legacy_features", number),
            )
        similar.add(node.value)


def close_owner(document: Document) -> Findings:
    """Warn of an owner of one module that is one letter away from an owner of several modules."""
    owners = Counter(text_of(entry.node, "owner") for entry in document.modules)
    similar = Similar(owner for owner, number in owners.items() if number > 1)
    for entry in document.modules:
        owner = text_of(entry.node, "owner")
        other = similar.find(owner) if owners[owner] == 1 else None
        # Short words are left alone: team-a and team-b are two teams.
        if other and all(len(word) > 2 for word in split_words(owner) ^ split_words(other)):
            yield entry.diagnose(
                "close-owner",
                "owner",
                f"owner {quoted(owner)} is one letter away from {other}, which {owners[other]} modules have",
                f"write {other}, if that is meant",
            )
