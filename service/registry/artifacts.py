"""Which modules have which artifacts, and which of them wait for each other.

Modules may be values of any hashable type but `str`, which artifacts are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from typing import TypeVar

from service.registry.graph import components
from service.registry.reach import Reach

M = TypeVar("M", bound=Hashable)

#: How often all modules may be looked through for knots. One that hides another behind it can be built by hand.
_MOST_ROUNDS = 5


def by_artifact(artifacts: Mapping[M, Iterable[str]]) -> dict[str, list[M]]:
    """The modules that have each artifact among theirs, in their order: its producers, or those that need it."""
    found: dict[str, list[M]] = defaultdict(list)
    for module, names in artifacts.items():
        for name in names:
            found[name].append(module)
    return dict(found)


def knots(needs: Mapping[M, Iterable[str]], produces: Mapping[M, Set[str]]) -> Iterator[dict[M, set[str]]]:
    """Each group of modules that wait for each other, with what each of them waits for.

    Modules that only wait for a knot are in none. Every artifact that is needed is produced by some module, and both
    mappings have the same modules.
    """
    walk = Reach(needs, produces)
    walk.start()
    waits = walk.waits
    pending: list[list[M]] = [list(waits)]
    left = _MOST_ROUNDS * sum(1 + len(waits[module]) + len(produces[module]) for module in waits)
    while pending and left > 0:
        group = [module for module in pending.pop() if module not in walk.turn]
        left -= sum(1 + len(waits[module]) + len(produces[module]) for module in group)
        found = components(_graph(group, waits, produces))
        parts = [modules for part in found if (modules := [node for node in part if not isinstance(node, str)])]
        if len(parts) > 1:
            pending.extend(reversed(parts))  # those that others wait for come first
        elif parts:
            yield {module: set(waits[module]) for module in parts[0]}
            walk.run(parts[0])


def _graph(
    group: Sequence[M], waits: Mapping[M, Set[str]], produces: Mapping[M, Set[str]]
) -> dict[M | str, set[M | str]]:
    """Modules point to the artifacts they wait for, and artifacts to the modules of the group that produce them."""
    graph: dict[M | str, set[M | str]] = defaultdict(set)
    for module in group:
        graph[module] |= waits[module]
        for artifact in produces[module]:
            graph[artifact].add(module)
    for module in group:
        for artifact in waits[module]:
            graph[artifact] |= set()
    return dict(graph)
