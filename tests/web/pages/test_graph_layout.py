"""A drawing of the graph says what the registry says, and no line runs through a box or a word."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

import pytest
from graphs import any_nodes, many, nodes
from hypothesis import example, given
from support import REPOSITORY

from service.registry.graph import components
from service.registry.loading.loader import parse
from service.web.pages.graph_layout import (
    BOX_HEIGHT,
    BOX_WIDTH,
    NAME_HEIGHT,
    Box,
    Join,
    Layout,
    Line,
    Node,
    layout,
    text_width,
)

SHIPPED = parse((REPOSITORY / "registry.yaml").read_bytes(), "registry.yaml")

#: Left, top, right and bottom.
Area = tuple[float, float, float, float]


def laid_out(given_nodes: list[Node]) -> Layout:
    drawing = layout(given_nodes)
    assert drawing
    return drawing


def boxes(drawing: Layout) -> list[Area]:
    return [(box.x, box.y, box.x + BOX_WIDTH, box.y + BOX_HEIGHT) for box in drawing.boxes]


def words(drawing: Layout) -> list[Area]:
    named = [(text_width(bus.artifact) / 2, x, y) for bus in drawing.buses for x, y in bus.names]
    return [(x - half, y - NAME_HEIGHT, x + half, y) for half, x, y in named]


def joined(box: Box) -> Iterator[tuple[str, Join]]:
    """Each artifact of a box with what joins it."""
    return zip(dict.fromkeys((*box.node.needs, *box.node.produces)), box.joins, strict=True)


def lines(drawing: Layout) -> Iterator[tuple[str, Line]]:
    """Every line, with the artifact that it belongs to."""
    yield from ((name, join.line) for box in drawing.boxes for name, join in joined(box))
    for bus in drawing.buses:
        yield from ((bus.artifact, line) for line in (*bus.trunks, *bus.carried))


def meet(area: Area, other: Area) -> bool:
    """Whether two areas have more than an edge in common."""
    return area[0] < other[2] and other[0] < area[2] and area[1] < other[3] and other[1] < area[3]


def extent(line: Line) -> Area:
    """The smallest area that a line is in; no line here is steep, so that is enough to say that it misses another."""
    return min(line.x1, line.x2), min(line.y1, line.y2), max(line.x1, line.x2), max(line.y1, line.y2)


def collisions(drawing: Layout) -> list[tuple[object, object]]:
    """What is not apart: areas from each other, and lines from areas."""
    areas = boxes(drawing) + words(drawing)
    collided: list[tuple[object, object]] = [pair for pair in combinations(areas, 2) if meet(*pair)]
    for name, line in lines(drawing):
        left, top, right, bottom = extent(line)
        # A line of no thickness meets an area that it is inside of, not one that it ends at.
        thick = left + 0.01, top - 0.01, right - 0.01, bottom + 0.01
        if left == right:
            thick = left - 0.01, top + 0.01, right + 0.01, bottom - 0.01
        collided += [((name, line), area) for area in areas if meet(thick, area)]
    return collided


def confusions(drawing: Layout) -> list[tuple[Line, Line]]:
    """Lines of different artifacts that run along each other."""
    along: dict[tuple[str, float], list[tuple[str, float, float, Line]]] = defaultdict(list)
    for name, line in lines(drawing):
        left, top, right, bottom = extent(line)
        if top == bottom:
            along["level", top].append((name, left, right, line))
        elif left == right:
            along["upright", left].append((name, top, bottom, line))
    pairs = [pair for together in along.values() for pair in combinations(together, 2)]
    return [
        (one[3], other[3]) for one, other in pairs if one[0] != other[0] and one[1] < other[2] and other[1] < one[2]
    ]


def on(line: Line, x: float, y: float) -> bool:
    left, top, right, bottom = extent(line)
    return left <= x <= right and top <= y <= bottom


def hold_together(drawing: Layout) -> None:
    """Each bus is in one piece, lines that carry it on included, and what joins it ends on it."""
    for bus in drawing.buses:
        # The parts of one upright line are apart by its name, which belongs to it.
        graph: dict[object, set[object]] = {line.x1: set() for line in bus.trunks}
        for line in bus.carried:
            ends = [(line.x1, line.y1), (line.x2, line.y2)]
            one, other = (x if any(on(trunk, x, y) for trunk in bus.trunks) else (x, y) for x, y in ends)
            graph.setdefault(one, set()).add(other)
            graph.setdefault(other, set()).add(one)
        assert len(components(graph)) == 1, bus
    trunks = {bus.artifact: bus.trunks for bus in drawing.buses}
    for box in drawing.boxes:
        for name, join in joined(box):
            assert any(on(line, join.line.x2, join.line.y2) for line in trunks[name])
            assert join.line.x1 in (box.x, box.x + BOX_WIDTH)
            assert box.y < join.line.y1 < box.y + BOX_HEIGHT
            assert join.needs == (name in box.node.needs)
            assert join.gives_back == (name in box.node.produces and join.line.x2 < box.x)
            if join.needs:
                assert join.line.x2 < box.x, "what is needed comes from the left"


def is_sound(drawing: Layout) -> None:
    assert collisions(drawing) == []
    assert confusions(drawing) == []
    hold_together(drawing)
    for left, top, right, bottom in [*boxes(drawing), *words(drawing), *(extent(line) for _, line in lines(drawing))]:
        assert left >= 0 and top >= 0 and right <= drawing.width and bottom <= drawing.height


#: What m1 is put beside, m2, is put beside another one itself.
BESIDE = [("m0", "a", "ab"), ("m1", "", "ch"), ("m2", "", "bh"), ("m3", "a", "h")]


@example([Node(slug, tuple(needs), tuple(produces)) for slug, needs, produces in BESIDE])
@given(any_nodes())
def test_whatever_is_needed_and_produced_nothing_is_in_the_way(given_nodes: list[Node]) -> None:
    drawing = laid_out(given_nodes)
    is_sound(drawing)
    assert {box.node for box in drawing.boxes} == {node for node in given_nodes if node.needs or node.produces}


@pytest.mark.parametrize(
    "given_nodes", [nodes(SHIPPED.modules), nodes(many(200)), pytest.param(nodes(many(1_000)), marks=pytest.mark.long)]
)
def test_drawings_of_real_size_are_sound(given_nodes: list[Node]) -> None:
    is_sound(laid_out(given_nodes))


@pytest.mark.parametrize("consumers", [16, 17, 33])
def test_a_bus_says_its_name_every_sixteen_rows_of_its_own(consumers: int) -> None:
    drawing = laid_out([Node("a", (), ("x",)), *(Node(f"b{each}", ("x",), ()) for each in range(consumers))])
    assert len(drawing.buses[0].names) == -(-consumers // 16)


def test_a_later_producer_stands_left_of_the_bus_unless_it_is_in_a_cycle() -> None:
    chain = [Node("a", (), ("x",)), Node("b", ("x",), ("y",)), Node("c", ("y",), ("x",)), Node("d", ("y",), ("z",))]
    drawing = laid_out([*chain, Node("e", (), ("z",)), Node("f", ("z",))])
    column = {box.node.slug: box.x for box in drawing.boxes}
    assert column["a"] < column["b"] < column["c"] == column["d"] == column["e"] < column["f"]
    back = {box.node.slug for box in drawing.boxes for join in box.joins if join.gives_back}
    assert back == {"c"}


def test_a_chain_of_a_thousand_needs_no_recursion_and_what_nobody_could_read_is_not_drawn() -> None:
    chain = [Node(f"m{each}", (f"a{each}",) if each else (), (f"a{each + 1}",)) for each in range(1_000)]
    assert laid_out(chain).height == laid_out(chain[:1]).height
    carried = [Node(f"n{each}", (f"b{each}", "a999")) for each in range(8)]
    sources = [Node(f"s{each}", (), (f"b{each}", "a1")) for each in range(8)]
    assert layout([*chain, *sources, *carried]) is None
    assert layout(nodes(many(5_000))) is None
