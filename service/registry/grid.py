"""Which column and row everything of the needs/produces graph has in a drawing; `layout.py` makes pixels of it.

A node (a module) is in a column, and an artifact in the channel to the right of the column of the same number. What an
artifact is needed by is to the right of it, and what produces it to the left. A node that produces what has come about
to its left already, as a filter of leads does, gives it back: it stays on the right, so that cycles can be drawn.

Rows are those of an indented tree: each node hangs below one artifact that it needs, each artifact below one node that
produces it, and the first of several children is in the row of its parent. What belongs together is close by, then,
and the artifacts of one channel seldom overlap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, filterfalse

from service.registry.graph import Reach, by_artifact, components
from service.registry.model import Module, Registry

#: How many modules are shown on each side of one whose neighbourhood is drawn; the others are in one box.
MOST_SHOWN = 6


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """What gets a box: a module or, with `more`, so many of them that are not shown one by one."""

    slug: str
    needs: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()
    more: int = 0


def neighbourhood(registry: Registry, slug: str) -> list[Node]:
    """A module of the registry, what feeds it, and what it feeds: with the artifacts that they share with it alone."""
    module = registry.by_slug[slug]
    needs, produces = set(module.needs), set(module.produces)
    feeding, fed = _linked(registry, slug, needs, "produces"), _linked(registry, slug, produces, "needs")
    shown = {each.slug: each for each in (*_first(feeding), *_first(fed))}
    feeding, fed = ([each for each in near if each.slug not in shown] for near in (feeding, fed))
    made = {name for each in feeding for name in each.produces}
    needed = {name for each in fed for name in each.needs}
    rest = (
        Node("+feeding", produces=_among(module.needs, made), more=len(feeding)),
        Node("+fed", needs=_among(module.produces, needed), more=len(fed)),
    )
    return [
        Node(slug, module.needs, module.produces),
        *(Node(each.slug, _among(each.needs, produces), _among(each.produces, needs)) for each in shown.values()),
        *(node for node in rest if node.more),
    ]


def _linked(registry: Registry, slug: str, names: Collection[str], field: str) -> Sequence[Module]:
    """The modules but one that have any of these artifacts in a field."""
    return [each for each in registry.modules if each.slug != slug and _among(getattr(each, field), names)]


def _first(modules: Sequence[Module]) -> Sequence[Module]:
    """Those that are shown. One box for a single other would save nothing."""
    return modules if len(modules) <= MOST_SHOWN + 1 else modules[:MOST_SHOWN]


def _among(names: Sequence[str], among: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in among)


@dataclass(slots=True)
class Grid:
    """Columns and rows of nodes, from 0; the column of an artifact is the one to the left of its channel."""

    nodes: Sequence[Node]
    column: dict[Node | str, int]
    row: dict[Node, int] = field(default_factory=dict)
    taken: set[tuple[int, int]] = field(default_factory=set)

    def take(self, column: int, row: int) -> int:
        """Take the free row of a column that is nearest to `row`."""
        near = (near for away in count() for near in (row + away, row - away))
        free = next(each for each in near if each >= 0 and (column, each) not in self.taken)
        self.taken.add((column, free))
        return free


def grid(nodes: Sequence[Node]) -> Grid:
    """Place nodes with distinct slugs, each of which needs or produces something; the same for the same nodes."""
    placed = Grid(nodes, _columns(nodes))
    column, maker = placed.column, _makers(placed)
    children: dict[Node | None, list[Node]] = defaultdict(list)
    for node in nodes:
        near = (maker.get(name) for name in node.needs if column[name] == column[node] - 1)
        children[next(filter(None, near), None)].append(node)
    # First the trees, each below the last; then, in rows that are free, nodes that only add to what a tree has.
    ends = (node for node in children[None] if not (node.needs or children[node]))
    beside = {node: host for node in ends if (host := _host(node, maker))}
    row = -1
    for node, below in _in_order([*filterfalse(beside.get, children[None])], children):
        row += not below
        placed.row[node] = placed.take(column[node], row)
    for node, host in beside.items():
        placed.row[node] = placed.take(column[node], placed.row[host] + 1)
    return placed


def _columns(nodes: Sequence[Node]) -> dict[Node | str, int]:
    """The longest way from the left."""
    arrows = _arrows(nodes)
    column = dict.fromkeys(arrows, 0)
    for [one] in reversed(components(arrows)):
        for target in arrows[one]:
            column[target] = max(column[target], column[one] + isinstance(target, Node))
    for node in nodes:
        if not node.needs:  # nothing holds it on the left, so it is where the first of what it feeds is
            column[node] = min(column[name] for name in node.produces)
    return column


def _arrows(nodes: Sequence[Node]) -> dict[Node | str, Sequence[Node | str]]:
    """From nodes to what they produce, and on to who needs it. Of a cycle, what has long been there does not count.

    Each node runs as soon as its needs were produced. Those that wait for each other, as they may in a part of a
    registry, run once the first of them is given its needs.
    """
    needs, produces = {node: node.needs for node in nodes}, {node: node.produces for node in nodes}
    walk, eaters = Reach(needs, produces), by_artifact(needs)
    for node in nodes:
        walk.give(node.needs)
    arrows: dict[Node | str, Sequence[Node | str]] = {name: eaters.get(name, ()) for name in walk.there}
    arrows |= {node: node.produces for node in nodes}
    ring = {one: number for number, part in enumerate(components(arrows)) for one in part}
    for node, turn in walk.turn.items():
        arrows[node] = [name for name in produces[node] if ring[node] != ring[name] or walk.there[name] == turn]
    return arrows


def _makers(placed: Grid) -> dict[str, Node]:
    """What each artifact hangs below: the first node right beside its channel that produces it."""
    column = placed.column
    return {name: node for node in reversed(placed.nodes) for name in node.produces if column[node] == column[name]}


def _host(node: Node, maker: Mapping[str, Node]) -> Node | None:
    """The first other node that makes something that a node only adds to."""
    hosts = (maker.get(name, node) for name in node.produces)
    return next((host for host in hosts if host is not node), None)


def _in_order(roots: list[Node], children: dict[Node | None, list[Node]]) -> Iterator[tuple[Node, bool]]:
    """Each node before its children, and whether it is a first child.

    Children that have children come first below a root, where the eye begins, and elsewhere last: a bus ends where the
    last of those that join it begins.
    """
    stack = [(node, False) for node in sorted(roots, key=lambda node: not children[node], reverse=True)]
    top = {*roots}
    while stack:
        node, below = stack.pop()
        yield node, below
        ordered = sorted(children[node], key=lambda child: bool(children[child]), reverse=node in top)
        stack += [(child, number == 0) for number, child in reversed([*enumerate(ordered)])]
