"""Which column and row everything of the needs/produces graph has in a drawing; `layout.py` makes pixels of it.

A node (a module) is in a column, and an artifact in the channel to the right of the column of the same number. What an
artifact is needed by is to the right of it, and what produces it to the left. A node that produces what has come about
to its left already, as a filter of leads does, gives it back: it stays on the right, so that cycles can be drawn.

Rows are those of an indented tree: each node hangs below one artifact that it needs, each artifact below one node that
produces it, and the first of several children is in the row of its parent. What belongs together is close by, then,
and the artifacts of one channel seldom overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from service.registry.graph import components
from service.registry.reach import Reach


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """What gets a box: a module or, with `more`, so many of them that are not shown one by one."""

    slug: str
    needs: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()
    more: int = 0


@dataclass(slots=True)
class Grid:
    """Columns and rows of nodes, and channels of artifacts, from 0. Every node needs or produces something."""

    nodes: Sequence[Node]
    channel: dict[str, int] = field(default_factory=dict)
    column: dict[Node, int] = field(default_factory=dict)
    row: dict[Node, int] = field(default_factory=dict)
    taken: set[tuple[int, int]] = field(default_factory=set)

    def take(self, column: int, row: int) -> int:
        """Take the free row of a column that is nearest to `row`."""
        near = (near for away in count() for near in (row + away, row - away))
        free = next(each for each in near if each >= 0 and (column, each) not in self.taken)
        self.taken.add((column, free))
        return free

    def in_order(self) -> list[Node]:
        """Column by column, from top to bottom: the order in which a drawing is read."""
        return sorted(self.nodes, key=lambda node: (self.column[node], self.row[node]))


def grid(nodes: Sequence[Node]) -> Grid:
    """Place nodes with distinct slugs, each of which needs or produces something; the same for the same nodes."""
    placed = Grid(nodes)
    producers: dict[str, list[Node]] = {name: [] for node in nodes for name in (*node.needs, *node.produces)}
    consumers: dict[str, list[Node]] = {name: [] for name in producers}
    for node in nodes:
        for name in node.produces:
            producers[name].append(node)
        for name in node.needs:
            consumers[name].append(node)
    _set_columns(placed, consumers)
    _set_rows(placed, producers)
    return placed


def _set_columns(placed: Grid, consumers: dict[str, list[Node]]) -> None:
    """The longest way from the left. Of a cycle, what is produced when it has long been there does not count."""
    there, turn = _turns(placed.nodes)
    arrows: dict[Node | str, Sequence[Node | str]] = dict(consumers.items())
    arrows |= {node: node.produces for node in placed.nodes}
    ring = {one: number for number, part in enumerate(components(arrows)) for one in part}
    for node in placed.nodes:
        arrows[node] = [name for name in node.produces if ring[node] != ring[name] or there[name] == turn[node]]
    column, channel = dict.fromkeys(placed.nodes, 0), dict.fromkeys(consumers, 0)
    for [one] in reversed(components(arrows)):
        for target in arrows[one]:
            if isinstance(one, Node) and isinstance(target, str):
                channel[target] = max(channel[target], column[one])
            elif isinstance(one, str) and isinstance(target, Node):
                column[target] = max(column[target], channel[one] + 1)
    for node in placed.nodes:
        if not node.needs:  # nothing holds it on the left, so it is where the first of what it feeds is
            column[node] = min(channel[name] for name in node.produces)
    placed.column, placed.channel = column, channel


def _turns(nodes: Sequence[Node]) -> tuple[dict[str, int], dict[Node, int]]:
    """In which turn each artifact is produced first, and in which each node runs: as soon as its needs were produced.

    Nodes that wait for each other, as they may in a part of a registry, run once the first of them is given its needs.
    """
    walk = Reach({node: node.needs for node in nodes}, {node: node.produces for node in nodes})
    walk.start()
    for node in nodes:
        if node not in walk.turn:
            walk.give(node.needs)
    return walk.there, walk.turn


def _set_rows(placed: Grid, producers: dict[str, list[Node]]) -> None:
    """First the trees, each below the last; then, in rows that are free, nodes that only add to what a tree has."""
    channel, column = placed.channel, placed.column
    maker = {
        name: next((node for node in makers if column[node] == channel[name]), None)
        for name, makers in producers.items()
    }
    children: dict[Node, list[Node]] = {node: [] for node in placed.nodes}
    roots: list[Node] = []
    for node in placed.nodes:
        near = (maker[name] for name in node.needs if channel[name] == column[node] - 1)
        parent = next(filter(None, near), None)
        (children[parent] if parent else roots).append(node)
    beside: dict[Node, Node] = {}
    for node in roots:
        hosts = [host for name in node.produces if (host := maker[name]) and host is not node]
        if hosts and not children[node] and not node.needs:
            beside[node] = hosts[0]
    row = -1
    for node, below in _in_order([node for node in roots if node not in beside], children):
        row += not below
        placed.row[node] = placed.take(column[node], row)
    for node, host in beside.items():
        placed.row[node] = placed.take(column[node], placed.row[host] + 1)


def _in_order(roots: list[Node], children: dict[Node, list[Node]]) -> Iterator[tuple[Node, bool]]:
    """Each node before its children, and whether it is a first child.

    Children that have children come first below a root, where the eye begins, and elsewhere last: a bus ends where the
    last of those that join it begins.
    """
    stack = [(node, False) for node in sorted(roots, key=lambda node: not children[node], reverse=True)]
    top = set(roots)
    while stack:
        node, below = stack.pop()
        yield node, below
        ordered = sorted(children[node], key=lambda child: bool(children[child]), reverse=node in top)
        stack += [(child, number == 0) for number, child in reversed([*enumerate(ordered)])]
