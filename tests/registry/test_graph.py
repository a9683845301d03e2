"""Strongly connected components against a naive reference: mutual reachability."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.registry.graph import components


@st.composite
def graphs(draw: st.DrawFn) -> dict[int, list[int]]:
    size = draw(st.integers(0, 8))
    nodes = st.integers(0, max(size - 1, 0))
    return {node: draw(st.lists(nodes, max_size=3)) for node in range(size)}


def reachable(graph: dict[int, list[int]], start: int) -> set[int]:
    seen, queue = {start}, [start]
    while queue:
        new = set(graph[queue.pop()]) - seen
        seen |= new
        queue += new
    return seen


@given(graphs())
def test_components(graph: dict[int, list[int]]) -> None:
    reach = {node: reachable(graph, node) for node in graph}
    parts = components(graph)
    assert sorted(node for part in parts for node in part) == sorted(graph)
    expected = {frozenset(b for b in graph if b in reach[a] and a in reach[b]) for a in graph}
    assert {frozenset(part) for part in parts} == expected
    position = {node: number for number, part in enumerate(parts) for node in part}
    assert all(position[target] <= position[node] for node in graph for target in graph[node])


def test_a_long_chain_needs_no_recursion() -> None:
    chain = {n: [n + 1] for n in range(20_000)} | {20_000: [0]}
    assert len(components(chain)) == 1
