"""The needs/produces graph: which modules have which artifacts, who is reached, and who hangs together in cycles.

Modules may be values of any hashable type but `str`, which artifacts are. No file is needed for any of it.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from typing import Generic, TypeVar

T = TypeVar("T")
M = TypeVar("M", bound=Hashable)

#: How often all modules may be looked through for knots. One that hides another behind it can be built by hand.
_MOST_ROUNDS = 5


def by_artifact(artifacts: Mapping[M, Iterable[str]]) -> dict[str, list[M]]:
    """The modules that have each artifact among theirs, in their order: its producers, or those that need it."""
    modules_by: dict[str, list[M]] = {}
    for module, names in artifacts.items():
        for name in names:
            modules_by.setdefault(name, []).append(module)
    return modules_by


def components(graph: Mapping[T, Iterable[T]]) -> list[list[T]]:
    """The strongly connected components, each after those it points to (Tarjan 1972, without recursion)."""
    index: dict[T, int] = {}
    low: dict[T, int] = {}
    open_nodes: dict[T, None] = {}
    parts: list[list[T]] = []
    left: dict[T, Iterator[T]] = {}
    for root in graph:
        path = [] if root in index else [root]
        while path:
            node = path[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                open_nodes[node], left[node] = None, iter(graph[node])
            for target in left[node]:
                if target not in index:
                    path.append(target)
                    break
                if target in open_nodes:
                    low[node] = min(low[node], index[target])
            else:
                path.pop()
                if path:
                    low[path[-1]] = min(low[path[-1]], low[node])
                if low[node] == index[node]:
                    parts.append([])
                    while node not in parts[-1][-1:]:
                        parts[-1].append(open_nodes.popitem()[0])
    return parts


class Reach(Generic[M]):
    """How far a walk has come: the one that check, plans and drawings are made by.

    A module is reached once everything it needs is produced by modules that were reached before it, or is given: at
    first those that need nothing, and whatever they let run. Turns are counted from 0, in the order of the calls.

    `turn` is that in which each module was reached, `there` that in which each artifact came about, and `waits` what
    each module still lacks.
    """

    def __init__(self, needs: Mapping[M, Iterable[str]], produces: Mapping[M, Iterable[str]]) -> None:
        self.waits = {module: set(artifacts) for module, artifacts in needs.items()}
        self.turn: dict[M, int] = {}
        self.there: dict[str, int] = {}
        self._produces = produces
        self._turns = 0
        self._waiting_for = by_artifact(needs)
        self.run(module for module, artifacts in self.waits.items() if not artifacts)

    def give(self, artifacts: Iterable[str]) -> None:
        """Have artifacts be there, wherever they come from, and reach what they let run."""
        self.run(self._released(artifacts))

    def run(self, modules: Iterable[M]) -> None:
        """Reach modules, whether or not they have what they need, and whatever they let run."""
        ready = [module for module in modules if module not in self.turn]
        while ready:
            self.turn.update(dict.fromkeys(ready, self._turns))
            ready = self._released(artifact for module in ready for artifact in self._produces[module])

    def _released(self, artifacts: Iterable[str]) -> list[M]:
        """The modules that lack nothing any more once these artifacts are there. It ends a turn."""
        ready = []
        for artifact in artifacts:
            self.there.setdefault(artifact, self._turns)
            for module in self._waiting_for.pop(artifact, ()):
                self.waits[module].discard(artifact)
                if not self.waits[module] and module not in self.turn:
                    ready.append(module)
        self._turns += 1
        return ready


def rings(needs: Mapping[M, Iterable[str]], produces: Mapping[M, Iterable[str]], module: M, most: int) -> list[set[M]]:
    """A module with what feeds it and what it feeds, up to one step away, up to two, and so on; `most` times at most.

    What feeds it is fed in turn, and what it feeds feeds others, but not what else its neighbours feed. Both mappings
    have the same modules. The last is all that it hangs together with so, if that is not too far away.
    """
    makers, eaters = by_artifact(produces), by_artifact(needs)
    above, below, reached = {module}, {module}, [{module}]
    for _ in range(most):
        before = above, below
        above = above.union(*(makers.get(name, ()) for name in {name for each in above for name in needs[each]}))
        below = below.union(*(eaters.get(name, ()) for name in {name for each in below for name in produces[each]}))
        if (above, below) == before:
            break
        reached.append(above | below)  # the same where what feeds it is what it feeds, and there may be more behind
    while reached[1:] and reached[-1] == reached[-2]:
        reached.pop()
    return reached[1:] or reached


def knots(needs: Mapping[M, Iterable[str]], produces: Mapping[M, Set[str]]) -> Iterator[dict[M, set[str]]]:
    """Each group of modules that wait for each other, with what each of them waits for.

    Modules that only wait for a knot are in none. Every artifact that is needed is produced by some module, and both
    mappings have the same modules.
    """
    walk = Reach(needs, produces)
    waits = walk.waits

    def size(group: Iterable[M]) -> int:
        return sum(1 + len(waits[module]) + len(produces[module]) for module in group)

    pending, left = [[*waits]], _MOST_ROUNDS * size(waits)
    while pending and left > 0:
        group = [module for module in pending.pop() if module not in walk.turn]
        left -= size(group)
        parts = _parts(group, waits, produces)
        if len(parts) > 1:
            pending.extend(reversed(parts))  # those that others wait for come first
        elif parts:
            yield {module: set(waits[module]) for module in parts[0]}
            walk.run(parts[0])


def _parts(group: list[M], waits: Mapping[M, Set[str]], produces: Mapping[M, Set[str]]) -> list[list[M]]:
    """The modules that hang together: each points to the artifacts it waits for, and these to who produces them."""
    makers = by_artifact({module: produces[module] for module in group})
    graph: dict[M | str, Iterable[M | str]] = {}
    for module in group:
        graph[module] = waits[module] & makers.keys()
        graph |= {name: makers[name] for name in produces[module]}
    parts = ([node for node in part if not isinstance(node, str)] for part in components(graph))
    return [part for part in parts if part]
