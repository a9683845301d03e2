"""What a JSON Schema cannot say, since it looks at one entry: uniqueness, routes, the vote allow-list, former slugs.

Each rule is one function that yields a Finding for every break, and leaves alone what is doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from service.registry.check.copies import copies
from service.registry.check.ends import ends
from service.registry.check.entries import CheckedDocument, Entry
from service.registry.check.known import known
from service.registry.check.routes import is_own_route
from service.registry.check.supply import supply
from service.registry.graph import components
from service.registry.text.nodes import Finding, Node, Words
from service.registry.text.rewriting import Edits, field_removed, item_removed
from service.registry.text.source import Source
from service.wording import joined, quoted


def check(source: Source, document: CheckedDocument) -> Iterator[Finding]:
    """Every break of a rule across the entries of one file."""
    yield from copies(source, document)
    yield from unique(source, document.entries, "slug", "duplicate-slug")
    yield from unique(source, document.entries, "api_endpoint", "duplicate-endpoint")
    yield from own_route(document.entries)
    yield from legacy_coming_soon(source, document)
    yield from former_slugs(source, document)
    yield from supply(document)
    yield from ends(source, document)


def unique(source: Source, entries: list[Entry], field: str, rule: str) -> Iterator[Finding]:
    """A slug and an endpoint belong to one module each."""
    first: dict[str, Entry] = {}
    for entry in entries:
        node = entry.fields.get(field)
        if node is None or not isinstance(node.value, str) or field in entry.doubtful:
            continue
        earlier = first.setdefault(node.value, entry)
        if earlier is not entry and (field == "slug" or earlier.name != entry.name):  # else it is a pasted entry
            words = partial(_taken, source, entry, earlier, field)
            yield Finding(entry.place(field), rule, words, (*entry.path, field))


def _taken(source: Source, entry: Entry, earlier: Entry, field: str) -> Words:
    line = source.position(earlier.place(field))[0]
    owner = "" if field == "slug" else f" ({earlier.name})"
    message = f"{entry.name}: {field} {quoted(entry.fields[field].value)} is already taken on line {line}{owner}"
    if entry.node.used_at is not None:
        alias = re.match(r"\*[^\s,\[\]{}]+", source.source_map.text[entry.node.used_at :][:100])
        shown = alias[0] if alias else "*name"
        hint = f"{shown} repeats all of {earlier.name}: remove it, or write - <<: {shown}, and below that what differs"
        return message, f"{hint}, such as slug and api_endpoint"
    if field in entry.node.merged:
        return message, f"it came by the merge: write {field} beside << as well"
    return message, "give each module its own"


def own_route(entries: list[Entry]) -> Iterator[Finding]:
    """A module's endpoint must not hide, or be hidden by, a route of this service."""
    for entry in entries:
        node = entry.fields.get("api_endpoint")
        if node is None or not isinstance(node.value, str) or "api_endpoint" in entry.doubtful:
            continue
        if is_own_route(node.value):
            yield Finding(node.offset, "own-route", partial(_own, entry, node), (*entry.path, "api_endpoint"))


def _own(entry: Entry, node: Node) -> Words:
    message = f"{entry.name}: api_endpoint {quoted(node.value)} is a route of the registry service itself"
    return message, "choose another path"


def legacy_coming_soon(source: Source, document: CheckedDocument) -> Iterator[Finding]:
    """A legacy id stands for a feature that is no longer coming soon, so it cannot be a coming-soon slug."""
    coming = {
        entry.fields["slug"].value: entry
        for entry in document.entries
        if entry.flag("coming_soon") and "slug" in entry.fields and not entry.doubtful & {"coming_soon", "slug"}
    }
    items = document.top.fields["legacy_features"].children if document.legacy else []
    for number, node in enumerate(items):
        entry = coming.get(node.value) if isinstance(node.value, str) else None
        if entry is not None:
            words = partial(_can_be_voted_for, source, entry, node)
            fix = partial(item_removed, document.text, items, number)
            yield Finding(node.place, "legacy-coming-soon", words, ("legacy_features", number), fix)


def _can_be_voted_for(source: Source, entry: Entry, node: Node) -> Words:
    line = source.position(entry.place("slug"))[0]
    message = f"legacy_features lists {quoted(node.value)}, which is the coming-soon module on line {line}"
    return message, "a coming-soon module can be voted for already: remove the legacy id"


def former_slugs(source: Source, document: CheckedDocument) -> Iterator[Finding]:
    """Former slugs that are in use elsewhere, and modules that are each other's former selves."""
    current = {
        entry.fields["slug"].value: entry
        for entry in reversed(document.entries)
        if "slug" in entry.fields and "slug" not in entry.doubtful and isinstance(entry.fields["slug"].value, str)
    }
    graph = {
        slug: [node.value for _, node in entry.names("formerly") if node.value in current]
        for slug, entry in current.items()
    }
    loop_of: dict[str, int] = {}
    for number, part in enumerate(components(graph)):
        if len(part) > 1 or part[0] in graph[part[0]]:
            loop_of.update(dict.fromkeys(part, number))
            members = sorted((current[slug] for slug in part), key=lambda entry: entry.node.offset)
            path = (*members[0].path, "formerly")
            fix = partial(_without_itself, document, members[0]) if len(members) == 1 else tuple
            yield Finding(members[0].at("formerly"), "formerly-loop", partial(_loop, members), path, fix)

    legacy = {node.value: node for node in reversed(document.legacy)}
    first: dict[str, tuple[Entry, Node]] = {}
    for entry in document.entries:
        if "formerly" in entry.doubtful:
            continue
        own = loop_of.get(entry.name)
        for _, node in entry.names("formerly"):
            earlier, earlier_node = first.setdefault(node.value, (entry, node))
            if own is not None and loop_of.get(node.value) == own:
                continue
            if node.value in current:
                user, other = "is the slug of a module", current[node.value].fields["slug"]
            elif node.value in legacy:
                user, other = "is among legacy_features", legacy[node.value]
            elif earlier is not entry:
                user, other = "", earlier_node
            else:
                continue
            words = partial(_in_use, source, entry, node, user, other, earlier)
            place = node.offset if user else entry.place_of("formerly", node)  # what all merge is one mistake
            yield Finding(place, "formerly-in-use", words, (*entry.path, "formerly"))


def _without_itself(document: CheckedDocument, entry: Entry) -> Edits:
    text, node, slug = document.text, entry.fields["formerly"], entry.fields["slug"].value
    if known(document).slugs[slug] > 1:
        return []
    if not isinstance(node.value, list) or "formerly" not in entry.node.keys or "formerly" in entry.node.merged:
        return []
    if len(node.value) == 1:
        return field_removed(text, entry.node.keys["formerly"], node.end)
    return item_removed(text, node.children, node.value.index(slug))


def _loop(members: list[Entry]) -> Words:
    message = f"{members[0].name}: formerly lists the module's own slug"
    if len(members) > 1:
        message = f"{joined([entry.name for entry in members])} are each other's former slugs"
    return message, "formerly lists slugs that are no longer used: remove it"


def _in_use(source: Source, entry: Entry, node: Node, user: str, other: Node, earlier: Entry) -> Words:
    where = f"{user or f'is a former slug of {earlier.name}'} on line {source.position(other.offset)[0]}"
    message = f"{entry.name}: formerly lists {quoted(node.value)}, which {where}"
    if not user and "formerly" in entry.node.merged:
        return message, "it came by the merge: write formerly: [] beside << as well"
    return message, "a former slug belongs to one module and is not in use any more: remove one of the two"
