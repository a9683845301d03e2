"""What a JSON Schema cannot say about single names: uniqueness, routes, and the vote allow-list.

Each rule is one small function that yields a Finding for every break. Where a finding depends on a field that already
has a problem of its own, it is not reported: mending that one may be all there is to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from service.registry.artifacts import supply
from service.registry.entries import Entry, Shaped
from service.registry.former import former_slugs
from service.registry.nodes import Finding, Node, Words
from service.registry.source import Source
from service.wording import quoted

#: This service's own paths below /api, which no module may claim. A test compares them with the routes.
OWN_ROUTES = (
    "/api/modules-registry",
    "/api/modules",
    "/api/modules/{slug}",
    "/api/features",
    "/api/features/{feature_id}/interest",
)
_OWN = re.compile("|".join(re.sub(r"\{\w+\}", "[^/]+", route) for route in OWN_ROUTES))


def check(source: Source, shaped: Shaped) -> Iterator[Finding]:
    """Every break of a rule across the entries of one file."""
    yield from unique(source, shaped.entries, "slug", "duplicate-slug")
    yield from unique(source, shaped.entries, "api_endpoint", "duplicate-endpoint")
    yield from own_route(shaped.entries)
    yield from legacy_coming_soon(source, shaped)
    yield from former_slugs(source, shaped)
    yield from supply(shaped)


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
            yield Finding(node.offset, rule, words, (*entry.path, field))


def _taken(source: Source, entry: Entry, earlier: Entry, field: str) -> Words:
    line = source.place(earlier.fields[field].offset)[0]
    owner = "" if field == "slug" else f" ({earlier.name})"
    value = quoted(entry.fields[field].value)
    return f"{entry.name}: {field} {value} is already taken on line {line}{owner}", "give each module its own"


def own_route(entries: list[Entry]) -> Iterator[Finding]:
    """A module's endpoint must not hide, or be hidden by, a route of this service."""
    for entry in entries:
        node = entry.fields.get("api_endpoint")
        if node is not None and isinstance(node.value, str) and _OWN.fullmatch(node.value):
            yield Finding(node.offset, "own-route", partial(_own, entry, node), (*entry.path, "api_endpoint"))


def _own(entry: Entry, node: Node) -> Words:
    message = f"{entry.name}: api_endpoint {quoted(node.value)} is a route of the registry service itself"
    return message, "choose another path"


def legacy_coming_soon(source: Source, shaped: Shaped) -> Iterator[Finding]:
    """A legacy id stands for a feature that is no longer coming soon, so it cannot be a coming-soon slug."""
    coming = {
        entry.fields["slug"].value: entry
        for entry in shaped.entries
        if entry.flag("coming_soon") and "slug" in entry.fields and not entry.doubtful & {"coming_soon", "slug"}
    }
    for number, node in enumerate(shaped.legacy):
        entry = coming.get(node.value)
        if entry is not None:
            words = partial(_can_be_voted_for, source, entry, node)
            yield Finding(node.offset, "legacy-coming-soon", words, ("legacy_features", number))


def _can_be_voted_for(source: Source, entry: Entry, node: Node) -> Words:
    line = source.place(entry.fields["slug"].offset)[0]
    message = f"legacy_features lists {quoted(node.value)}, which is the coming-soon module on line {line}"
    return message, "a coming-soon module can be voted for already: remove the legacy id"
