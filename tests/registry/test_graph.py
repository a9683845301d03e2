"""Strongly connected components, and how far away others are, against naive references: by what is reachable."""

from graphs import any_nodes
from hypothesis import given
from hypothesis import strategies as st

from service.registry.graph import components, rings
from service.registry.layout import Node


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


def test_rings_go_on_behind_modules_that_feed_each_other() -> None:
    needs = {"first": [], "a": ["x"], "b": ["y"], "c": ["z"]}
    produces = {"first": ["x"], "a": ["y"], "b": ["x", "z"], "c": ["x"]}
    assert rings(needs, produces, "c", 9) == [{"c", "a", "b"}, {"c", "a", "b"}, {"c", "a", "b", "first"}]


@given(any_nodes(), st.integers(1, 5), st.data())
def test_rings(nodes: list[Node], most: int, data: st.DataObject) -> None:
    """Up to each step: those from which one comes to a module in as many, and those to which one comes from it."""
    nodes = nodes or [Node("only")]
    feeds = {each: [other for other in nodes if {*each.produces} & {*other.needs}] for each in nodes}
    start = data.draw(st.sampled_from(nodes))

    def steps(one: Node, other: Node) -> int:
        reached, count = {one}, 0
        while other not in reached and count <= most:
            reached, count = reached | {fed for each in reached for fed in feeds[each]}, count + 1
        return count

    away = {each.slug: min(steps(each, start), steps(start, each)) for each in nodes}
    near = rings({n.slug: n.needs for n in nodes}, {n.slug: n.produces for n in nodes}, start.slug, most)
    expected = [{slug for slug, count in away.items() if count <= step} for step in range(1, most + 1)]
    assert near == expected[: len(near)]
    assert all(each == near[-1] for each in expected[len(near) :]), "then there are no more"
    assert near[1:] == [] or near[-1] != near[-2], "and no step more than they take"
