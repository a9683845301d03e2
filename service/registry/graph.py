"""Which nodes of a directed graph hang together in cycles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


def components(graph: Mapping[T, Iterable[T]]) -> list[list[T]]:
    """The strongly connected components, each after those it points to (Tarjan 1972, without recursion)."""
    index: dict[T, int] = {}
    low: dict[T, int] = {}
    open_nodes: dict[T, None] = {}
    found: list[list[T]] = []
    for root in graph:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        open_nodes[root] = None
        work = [(root, iter(graph[root]))]
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    open_nodes[target] = None
                    work.append((target, iter(graph[target])))
                    break
                if target in open_nodes:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component: list[T] = []
                    while node not in component[-1:]:
                        component.append(open_nodes.popitem()[0])
                    found.append(component)
    return found
