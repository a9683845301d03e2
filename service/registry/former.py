"""The rules on `formerly`: a former slug belongs to one module, and is nobody's slug or feature now."""

from __future__ import annotations

from collections.abc import Iterator

from service.registry.entries import Entry, Shaped
from service.registry.graph import components
from service.registry.nodes import Finding, Node, pointer
from service.registry.source import Source
from service.registry.words import listed, shown


def former_slugs(source: Source, shaped: Shaped) -> Iterator[Finding]:
    """Former slugs that are in use elsewhere, and modules that are each other's former selves."""
    current = {
        entry.fields["slug"].value: entry
        for entry in reversed(shaped.entries)
        if "slug" in entry.fields and isinstance(entry.fields["slug"].value, str)
    }
    graph = {slug: [n.value for n in entry.names("formerly") if n.value in current] for slug, entry in current.items()}
    loops: dict[str, list[str]] = {}
    for part in components(graph):
        if len(part) > 1 or part[0] in graph[part[0]]:
            loops.update(dict.fromkeys(part, part))
            yield _loop([current[slug] for slug in part])

    legacy = {node.value: node for node in reversed(shaped.legacy)}
    first: dict[str, tuple[Entry, Node]] = {}
    for entry in shaped.entries:
        if "formerly" in entry.doubtful:
            continue
        own = loops.get(entry.name, [])
        for node in entry.names("formerly"):
            earlier, earlier_node = first.setdefault(node.value, (entry, node))
            if node.value in own:
                continue
            if node.value in current:
                user, at = "is the slug of a module", current[node.value].fields["slug"].offset
            elif node.value in legacy:
                user, at = "is among legacy_features", legacy[node.value].offset
            elif earlier is not entry:
                user, at = f"is a former slug of {earlier.name}", earlier_node.offset
            else:
                continue
            yield _in_use(entry, node, f"{user} on line {source.place(at)[0]}")


def _loop(members: list[Entry]) -> Finding:
    first, *others = sorted(members, key=lambda entry: entry.node.offset)
    message = f"{first.name}: formerly lists the module's own slug"
    if others:
        message = f"{listed([entry.name for entry in (first, *others)])} are each other's former slugs"
    hint = "formerly lists slugs that are no longer used: remove it"
    return Finding(first.at("formerly"), "formerly-loop", message, hint, pointer(*first.path, "formerly"))


def _in_use(entry: Entry, node: Node, user: str) -> Finding:
    message = f"{entry.name}: formerly lists {shown(node.value)}, which {user}"
    hint = "a former slug belongs to one module and is not in use any more: remove one of the two"
    return Finding(node.offset, "formerly-in-use", message, hint, pointer(*entry.path, "formerly"))
