"""The part of the needs/produces graph around one module: what feeds it, and what it feeds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service.registry.grid import Node
from service.registry.model import Module, Registry

#: How many modules are shown on each side of the one; the others are in one box.
MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """All modules that produce what the module needs, all that need what it produces, and the nodes of a drawing."""

    feeding: tuple[Module, ...]
    fed: tuple[Module, ...]
    nodes: tuple[Node, ...]


def neighbourhood(registry: Registry, slug: str) -> Neighbourhood:
    """The neighbourhood of a module of the registry. Of its neighbours' needs and products, only its own are in it."""
    module = registry.by_slug[slug]
    others = [other for other in registry.modules if other is not module]
    needs, produces = set(module.needs), set(module.produces)
    feeding = tuple(other for other in others if not needs.isdisjoint(other.produces))
    fed = tuple(other for other in others if not produces.isdisjoint(other.needs))
    shown = dict.fromkeys((*_first(feeding), *_first(fed)))
    nodes = [
        Node(slug, module.needs, module.produces),
        *(Node(each.slug, _own(each.needs, produces), _own(each.produces, needs)) for each in shown),
    ]
    if rest := [each for each in feeding if each not in shown]:
        made = {name for each in rest for name in each.produces}
        nodes.append(Node("+feeding", (), _own(module.needs, made), more=len(rest)))
    if rest := [each for each in fed if each not in shown]:
        needed = {name for each in rest for name in each.needs}
        nodes.append(Node("+fed", _own(module.produces, needed), more=len(rest)))
    return Neighbourhood(feeding, fed, tuple(nodes))


def _first(modules: Sequence[Module]) -> Sequence[Module]:
    """Those that are shown. One box for a single other would save nothing."""
    return modules if len(modules) <= MOST_SHOWN + 1 else modules[:MOST_SHOWN]


def _own(names: Sequence[str], among: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in among)
