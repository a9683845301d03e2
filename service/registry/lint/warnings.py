"""What is right and most likely not meant: warnings, for `check` and editors alone.

`warned_texts` looks at the text of each entry; the functions here compare entries, where the file has no errors: what
an error leaves open is not guessed at. A comment `# registry: ignore[RULE]` on the line takes a warning back.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import chain, islice

from service.problems import Diagnostic
from service.registry.graph import components
from service.registry.lint.catalogue import rules
from service.registry.lint.names import names_in
from service.registry.lint.nodes import MAX_MISTAKES, fields, is_true, items, text_of
from service.registry.lint.rules import Document, Entry
from service.registry.lint.shape import place_of
from service.registry.lint.warned_texts import warned_texts
from service.wording import did_you_mean, is_one_slip, joined, quoted

_IGNORE = re.compile(r"#[ \t]{0,8}registry:[ \t]{0,8}ignore(?:\[([^\]\r\n]{0,500})\]|(?![\w\[-]))")
#: Former slugs of a module, and parts of its path, of which one has to fit one of the others; names in a comment.
_MOST_NAMES = 20


def warned(document: Document, errors: list[Diagnostic], today: date | None = None) -> Iterable[Diagnostic]:
    """The warnings of a document but for those that a comment takes back; `today` is that of the clock by default."""
    warnings = [*islice(_found(document, not errors, today or date.today()), MAX_MISTAKES)]
    if not (ignored := _ignored(document)):
        return warnings
    told = {(document.line(each.place), each.rule) for each in warnings}
    kept = (each for each in warnings if (document.line(each.place), each.rule) not in ignored)
    unused = [(place[1], offset) for place, offset in ignored.items() if place not in told]
    return islice(chain(kept, _useless(unused, not errors)), MAX_MISTAKES)


def _found(document: Document, is_valid: bool, today: date) -> Iterator[Diagnostic]:
    """What is found. Elsewhere it may be a day later than here, and what an anchor repeats is meant."""
    modules = document.modules
    yield from warned_texts(document)
    yield from _days_after(today + timedelta(days=1), document.removed, "date", "is still to come")
    yield from _days_after(today + timedelta(days=3653), modules, "deprecated.since", "is many years ahead")
    if is_valid:
        kept = [entry for entry in modules if "deprecated" not in fields(entry.node)]
        yield from shared(document, kept, "label", "same-label", "say how they differ")
        yield from shared(document, modules, "feature_page", "same-page", "give it its own, or write null")
        own = [own for own in kept if (node := own.find("description")) and not (node.used_at or own.node.merged)]
        yield from shared(document, own, "description", "pasted-text", "say what this module does")
        for check in (endpoints, artifacts, close_slugs, close_legacy, close_owner, successors_circle):
            yield from check(document)


def _ignored(document: Document) -> dict[tuple[int, str], int]:
    """Each line and rule that a comment names, and where: as many as there may be warnings."""
    named: dict[tuple[int, str], int] = {}
    for comment in islice(_IGNORE.finditer(document.text), MAX_MISTAKES):
        line, names = document.line(comment.start()), islice(re.finditer(r"[^\s,]+", comment[1] or ""), _MOST_NAMES)
        named |= {(line, name[0]): comment.start(1) + name.start() for name in names} or {(line, ""): comment.start()}
    return named


def _useless(unused: list[tuple[str, int]], is_valid: bool) -> Iterator[Diagnostic]:
    """Names in comments that take nothing back. Which warnings a file with errors would have is not known."""
    warnings = {name for name, rule in rules().items() if rule.is_warning}
    for name, offset in unused:
        if name not in warnings:
            hint = did_you_mean(name, warnings) or "name one in brackets, such as ignore[left-to-do], and mend errors"
            yield Diagnostic("ignore-unknown", offset, f"ignore names {quoted(name)}, which is no warning", hint)
        elif is_valid:
            yield Diagnostic("ignore-unused", offset, f"there is no {name} to ignore", "remove it from the comment")


def _days_after(last: date, entries: list[Entry], field: str, why: str) -> Iterator[Diagnostic]:
    """Days that are later than such days are."""
    for entry in entries:
        node = entry.find(field)
        if node and isinstance(node.value, str) and node.value > last.isoformat():
            yield entry.tell("unlikely-day", field, f"{field} {node.value} {why}", "write the day that is meant")


def shared(document: Document, modules: list[Entry], field: str, rule: str, hint: str) -> Iterator[Diagnostic]:
    """What people see of two modules alike: they cannot tell them apart, or one of them was pasted."""
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
            which = field if len(same) == len(texts) else name
            where = f"{earlier.name}, line {document.line(earlier.node.offset)}"
            message = f"{which} {quoted(text.value)} is also that of {where}"
            yield entry.tell(rule, name, message, hint, max(text.offset, entry.at(field)))


def endpoints(document: Document) -> Iterator[Diagnostic]:
    """Paths with other words than the slug or a former one, and two that are one to people and some proxies."""
    first: dict[str, Entry] = {}
    for entry in document.modules:
        if not (path := text_of(entry.node, "api_endpoint")):
            continue
        written = f"api_endpoint {quoted(path)}"
        former = (node.value for node in islice(names_in(entry.node, "formerly"), _MOST_NAMES))
        names = [_words(name) for name in (entry.slug, *former)]
        parts = [_words(part.lower()) for part in path.split("/", _MOST_NAMES)[2:]]
        if not any(part <= words or words <= part for part in parts for words in names):
            hint = f"write /api/{entry.slug.replace('_', '-')}, if that is where the module answers"
            yield entry.tell("endpoint-fit", "api_endpoint", f"{written} does not fit the slug", hint)
        if (earlier := first.setdefault(path.lower(), entry)) is not entry:
            other = fields(earlier.node)["api_endpoint"]
            where = f"{quoted(other.value)} of {earlier.name}, line {document.line(other.offset)}"
            hint = "give each module its own"
            yield entry.tell("endpoint-case", "api_endpoint", f"{written} differs by case alone from {where}", hint)


def _words(name: str) -> set[str]:
    return {word.removesuffix("s") for word in re.split("[-_./@]", name)}


def artifacts(document: Document) -> Iterator[Diagnostic]:
    """Artifacts that nobody needs, like one that is needed or beside one, and modules that are chained to nothing."""
    needed = {node.value for entry in document.modules for node in names_in(entry.node, "needs")}
    similar, seen = Similar(needed), {*needed}
    for entry in document.modules:
        produced = [*names_in(entry.node, "produces")]
        supplies = any(node.value in needed for node in produced)
        for node in produced:
            if node.value not in seen and ((meant := similar.to(node.value)) or supplies):
                hint = f"write {meant}, if that is meant" if meant else "let a module need it, or remove it"
                message = f"produces {quoted(node.value)}, which no module needs"
                yield entry.tell("unneeded-artifact", "produces", message, hint, node.offset)
            seen.add(node.value)
        if is_true(entry.node, "pipelinable") and not [*produced, *names_in(entry.node, "needs")]:
            message = "pipelinable is true, and it neither needs nor produces anything"
            hint = "say what it needs and produces, or remove pipelinable"
            yield entry.tell("chained-alone", "pipelinable", message, hint, place_of(entry.node, "pipelinable"))


def close_slugs(document: Document) -> Iterator[Diagnostic]:
    """Slugs that are a letter away from another: people and programs will take one for the other."""
    slugs: dict[str, Entry] = {}
    similar = Similar(())
    for entry in document.modules:
        if "deprecated" not in fields(entry.node):  # it goes, maybe since it was misspelled
            if (other := similar.to(entry.slug)) and entry.slug not in slugs:
                message = f"slug differs by one letter from {other}, line {document.line(slugs[other].at('slug'))}"
                yield entry.tell("close-slug", "slug", message, "give it a name of its own, since slugs stay")
            similar.add(entry.slug)
        slugs[entry.slug] = entry


def close_legacy(document: Document) -> Iterator[Diagnostic]:
    """Legacy ids that are a letter away from a slug, a former or removed one, or another legacy id."""
    known = {entry.slug for entry in (*document.modules, *document.removed)}
    known |= {node.value for entry in document.modules for node in names_in(entry.node, "formerly")}
    similar = Similar(known)
    for number, node in enumerate(items(fields(document.root).get("legacy_features"))):
        if node.value not in known and (other := similar.to(node.value)):
            message = f"legacy_features lists {quoted(node.value)}, which is one letter away from {other}"
            hint = f"write {other}, if its votes are meant"
            yield Diagnostic("close-legacy", node.place, message, hint, path=("legacy_features", number))
        similar.add(node.value)


def close_owner(document: Document) -> Iterator[Diagnostic]:
    """An owner of one module that is a letter away from one of several."""
    owners = Counter(text_of(entry.node, "owner") for entry in document.modules)
    similar = Similar(owner for owner, number in owners.items() if number > 1)
    for entry in document.modules:
        owner = text_of(entry.node, "owner")
        other = similar.to(owner) if owners[owner] == 1 else None
        if other and all(len(word) > 2 for word in _words(owner) ^ _words(other)):  # team-a is not team-b
            message = f"owner {quoted(owner)} is one letter away from {other}, which {owners[other]} modules have"
            yield entry.tell("close-owner", "owner", message, f"write {other}, if that is meant")


def successors_circle(document: Document) -> Iterator[Diagnostic]:
    """Modules that all will go, each to be replaced by another of them."""
    entries = {entry.slug: entry for entry in document.modules}
    uses = {slug: text_of(entry.find("deprecated") or entry.node, "use") for slug, entry in entries.items()}
    for circle in components({slug: [use] if use in uses else [] for slug, use in uses.items()}):
        if len(circle) > 1:
            message, last = f"deprecated.use leads in a circle, of {joined(sorted(circle))}", entries[circle[-1]]
            yield last.tell("successors-circle", "deprecated.use", message, "name one that stays, or null")


#: Names that are shorter are like many others, but for their plurals; what is longer is none, and may be megabytes.
_SHORTEST, _LONGEST = 5, 128
#: Letters of all names that are compared, the first ones: those of ten thousand modules with slugs of fifteen letters.
_MOST_LETTERS = 300_000
_MOST_PER_KEY = 4  # names that are compared


class Similar:
    """Names, of which one can be found that is a letter away from another.

    Each is kept under all that is left of it without one of its letters (as SymSpell does), so looking a name up takes
    as many steps as it has letters. Names that a digit tells apart are numbered on purpose, and not alike.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_key: dict[int, list[str]] = {}
        self._left = _MOST_LETTERS
        for name in sorted(names):
            self.add(name)

    def add(self, name: str) -> None:
        """Remember a name."""
        for key in self._keys(name):
            names = self._by_key.setdefault(key, [])
            if len(names) < _MOST_PER_KEY:
                names.append(name)

    def to(self, name: str) -> str | None:
        """A name that is remembered and one letter away."""
        candidates = (other for key in self._keys(name) for other in self._by_key.get(key, ()))
        return next((other for other in candidates if _is_one_apart(name, other)), None)

    def _keys(self, name: str) -> list[int]:
        """The name, and what is left of it without one letter, as small hashes; none if it is not compared."""
        self._left -= min(len(name), _LONGEST)
        if len(name) > _LONGEST or self._left < 0:
            return []
        if len(name) < _SHORTEST:
            return [hash(name), hash(name.removesuffix("s"))]
        return [hash(name), *(hash(name[:at] + name[at + 1 :]) for at in range(len(name)))]


def _is_one_apart(this: str, other: str) -> bool:
    """Whether one slip makes one of two different names the other, and it is not in a number."""
    if min(len(this), len(other)) < _SHORTEST:
        return this == f"{other}s" or other == f"{this}s"
    return this != other and re.sub(r"\D", "", this) == re.sub(r"\D", "", other) and is_one_slip(this, other)
