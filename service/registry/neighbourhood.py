"""The part of the needs/produces graph around one module: what feeds it, and what it feeds."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from service.registry.grid import Node
from service.registry.model import Module, Registry

#: How many modules are shown on each side of the one; the others are in one box.
MOST_SHOWN = 6


def neighbourhood(registry: Registry, slug: str) -> list[Node]:
    """A module of the registry, what feeds it, and what it feeds: with the artifacts that they share with it alone."""
    module = registry.by_slug[slug]
    needs, produces = set(module.needs), set(module.produces)
    others = [other for other in registry.modules if other is not module]
    feeding = [other for other in others if not needs.isdisjoint(other.produces)]
    fed = [other for other in others if not produces.isdisjoint(other.needs)]
    shown = dict.fromkeys(each.slug for each in (*_first(feeding), *_first(fed)))
    nodes = [Node(slug, module.needs, module.produces)]
    for other in map(registry.by_slug.__getitem__, shown):
        nodes.append(Node(other.slug, _among(other.needs, produces), _among(other.produces, needs)))
    if rest := [each for each in feeding if each.slug not in shown]:
        made = {name for each in rest for name in each.produces}
        nodes.append(Node("+feeding", produces=_among(module.needs, made), more=len(rest)))
    if rest := [each for each in fed if each.slug not in shown]:
        needed = {name for each in rest for name in each.needs}
        nodes.append(Node("+fed", needs=_among(module.produces, needed), more=len(rest)))
    return nodes


def _first(modules: Sequence[Module]) -> Sequence[Module]:
    """Those that are shown. One box for a single other would save nothing."""
    return modules if len(modules) <= MOST_SHOWN + 1 else modules[:MOST_SHOWN]


def _among(names: Sequence[str], among: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in among)
