"""The rules on `formerly`: a former slug belongs to one module, and is nobody's slug or feature now."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from service.registry.entries import Entry, Shaped
from service.registry.graph import components
from service.registry.nodes import Finding, Node, Words
from service.registry.source import Source
from service.wording import joined, quoted


def former_slugs(source: Source, shaped: Shaped) -> Iterator[Finding]:
    """Former slugs that are in use elsewhere, and modules that are each other's former selves."""
    current = {
        entry.fields["slug"].value: entry
        for entry in reversed(shaped.entries)
        if "slug" in entry.fields and isinstance(entry.fields["slug"].value, str)
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
            yield Finding(members[0].at("formerly"), "formerly-loop", partial(_loop, members), path)

    legacy = {node.value: node for node in reversed(shaped.legacy)}
    first: dict[str, tuple[Entry, Node]] = {}
    for entry in shaped.entries:
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
            yield Finding(node.offset, "formerly-in-use", words, (*entry.path, "formerly"))


def _loop(members: list[Entry]) -> Words:
    message = f"{members[0].name}: formerly lists the module's own slug"
    if len(members) > 1:
        message = f"{joined([entry.name for entry in members])} are each other's former slugs"
    return message, "formerly lists slugs that are no longer used: remove it"


def _in_use(source: Source, entry: Entry, node: Node, user: str, other: Node, earlier: Entry) -> Words:
    where = f"{user or f'is a former slug of {earlier.name}'} on line {source.place(other.offset)[0]}"
    message = f"{entry.name}: formerly lists {quoted(node.value)}, which {where}"
    return message, "a former slug belongs to one module and is not in use any more: remove one of the two"
