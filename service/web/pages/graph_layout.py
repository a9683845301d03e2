"""The needs/produces graph as a drawing: first the column and row of everything, then where each box, line and name is,
in pixels, with y downwards.

Modules are boxes in columns, and between two columns is a channel. An artifact is an upright line in a channel, a bus:
a level line joins it to each module left of it that produces it, and to each module right of it that needs it.

    column 0     channel 0     column 1     channel 1     column 2
                   leads                      emails
    [scrap ]---------+---------[emails]---------+---------[verify_emails]
    [import]---------+---------[crm   ]

No line runs through a box or a name, whatever the registry says, because each has a place of its own:

- Level lines keep near the middle of a row, and boxes are lower than rows. A name is between two rows.
- Buses of a channel that overlap are in lanes side by side, and a lane is wider than every name in it.
- What is needed or produced in other channels as well is carried on through a row that is free, one in each column.

Level lines of two artifacts never share a height, so they cross other lines, and end in a bus, but never run together.

What needs an artifact is to the right of it, and what produces it to the left. A node that produces what has come about
to its left already, as a filter of leads does, gives it back: it stays on the right, so that cycles can be drawn.
Rows are those of an indented tree: each node hangs below one artifact that it needs, each artifact below one node that
produces it, and the first of several children is in the row of its parent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, filterfalse, pairwise
from math import ceil
from typing import NamedTuple

from service.registry.graph import Reach, by_artifact, components
from service.registry.model import Module, Registry

#: How many modules are shown on each side of one whose neighbourhood is drawn; the others are in one box.
MOST_SHOWN = 6
#: A box, and how far apart rows are.
BOX_WIDTH, BOX_HEIGHT, ROW = 168, 32, 40
#: The size of an artifact's name, and the room for it.
NAME_SIZE, NAME_HEIGHT = 12, 14
#: How far from the middle of its row: a level line, at most; the end of a bus; the lower edge of a name.
_SPREAD, _END, _NAME = 6, 9, 11
#: Room at both sides of a channel, and of a name in its lane.
_SIDE, _BESIDE = 8, 4
#: After so many rows a bus says its name again, for those who do not see its upper end.
_NAMED_EVERY = 16
#: The nodes and lines, together, up to which a graph is drawn: nobody could read more, nor should a registry of 10,000
#: modules load slowly for it.
MOST = 5_000

#: How wide characters are at most, as a part of the size; others below.
_ADVANCES = {
    **dict.fromkeys("ijlI'’.,| \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", 0.32),
    **dict.fromkeys("frt:;!()[]/-", 0.42),
    **dict.fromkeys("aceksvxyz_", 0.62),
    **dict.fromkeys("mwMW@%&æœÆŒ—…", 1.1),
}


def text_width(text: str) -> float:
    """How wide a name or label is at most in a usual sans-serif font: that of DejaVu Sans, the widest, rounded up."""
    return NAME_SIZE * sum(map(_advance, text))


def _advance(letter: str) -> float:
    other = 1.4 if ord(letter) > 0x17F else 0.64 if letter.islower() or letter.isdecimal() else 0.8
    return _ADVANCES.get(letter, other)


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
    shown = {each.slug: each for each in (*feeding[:MOST_SHOWN], *fed[:MOST_SHOWN])}
    feeding, fed = ([each for each in near if each.slug not in shown] for near in (feeding, fed))
    made = {name for each in feeding for name in each.produces}
    needed = {name for each in fed for name in each.needs}
    rest = (
        Node("+feeding", produces=among(module.needs, made), more=len(feeding)),
        Node("+fed", needs=among(module.produces, needed), more=len(fed)),
    )
    return [
        Node(slug, module.needs, module.produces),
        *(Node(each.slug, among(each.needs, produces), among(each.produces, needs)) for each in shown.values()),
        *(node for node in rest if node.more),
    ]


def _linked(registry: Registry, slug: str, names: Collection[str], field: str) -> list[Module]:
    """The modules but one that have any of these artifacts in a field, in the file's order."""
    slugs = {each.slug for name in names for each in registry.by_artifact[field].get(name, ())} - {slug}
    return [registry.by_slug[each] for each in sorted(slugs, key=registry.positions.__getitem__)]


def among(names: Sequence[str], chosen: Collection[str]) -> tuple[str, ...]:
    """Those of some names that are chosen, in their order."""
    return tuple(name for name in names if name in chosen)


class _Grid:
    """Columns and rows of nodes, from 0; the column of an artifact is the one to the left of its channel.

    The nodes have distinct slugs, and each needs or produces something. It is the same for the same nodes.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes, self.column = nodes, _columns(nodes)
        self.row: dict[Node, int] = {}
        self.taken: set[tuple[int, int]] = set()
        column, maker = self.column, self._makers()
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
            self.row[node] = self.take(column[node], row)
        # A host is further right, or comes before: it may be such a node itself.
        for node in sorted(beside, key=column.__getitem__, reverse=True):
            self.row[node] = self.take(column[node], self.row[beside[node]] + 1)

    def _makers(self) -> dict[str, Node]:
        """What each artifact hangs below: the first node right beside its channel that produces it."""
        column = self.column
        return {name: node for node in reversed(self.nodes) for name in node.produces if column[node] == column[name]}

    def take(self, column: int, row: int) -> int:
        """Take the free row of a column that is nearest to `row`."""
        near = (near for away in count() for near in (row + away, row - away))
        free = next(each for each in near if each >= 0 and (column, each) not in self.taken)
        self.taken.add((column, free))
        return free


def _columns(nodes: Sequence[Node]) -> dict[Node | str, int]:
    """The longest way from the left. Of a cycle, what produces an artifact that has long been there does not count."""
    walk, arrows = _walk(nodes)
    column = dict.fromkeys(arrows, 0)
    for part in map(set, reversed(components(arrows))):
        for node in sorted(walk.turn.keys() & part, key=walk.turn.__getitem__):
            column[node] = max((column[name] + 1 for name in node.needs), default=0)
            for name in node.produces:
                if name not in part or walk.there[name] == walk.turn[node]:
                    column[name] = max(column[name], column[node])
    for node in nodes:
        if not node.needs:  # nothing holds it on the left, so it is where the first of what it feeds is
            column[node] = min(column[name] for name in node.produces)
    return column


def _walk(nodes: Sequence[Node]) -> tuple[Reach[Node], dict[Node | str, Sequence[Node | str]]]:
    """When each node runs, as soon as its needs were produced; and arrows from nodes to what they produce, and on.

    Nodes that wait for each other, as they may in a part of a registry, run once the first is given its needs.
    """
    needs, produces = {node: node.needs for node in nodes}, {node: node.produces for node in nodes}
    walk, eaters = Reach(needs, produces), by_artifact(needs)
    for node in nodes:
        walk.give(node.needs)
    arrows: dict[Node | str, Sequence[Node | str]] = {name: eaters.get(name, ()) for name in walk.there}
    return walk, arrows | {node: node.produces for node in nodes}


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


class Line(NamedTuple):
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float


class Join(NamedTuple):
    """The level line from a box to a bus, which is at the end. The module is on the right of what it gives back."""

    line: Line
    needs: bool
    gives_back: bool


class Box(NamedTuple):
    """A node's box, by its upper left corner, with the lines to its buses."""

    node: Node
    x: float
    y: float
    joins: tuple[Join, ...]


class Bus(NamedTuple):
    """An artifact: upright lines, its names by the middle of their lower edge, and what carries it through columns."""

    artifact: str
    trunks: tuple[Line, ...]
    names: tuple[tuple[float, float], ...]
    carried: tuple[Line, ...]


class Layout(NamedTuple):
    """The whole drawing, in the order in which it is read."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    buses: tuple[Bus, ...]


@dataclass(slots=True)
class _Piece:
    """The part of a bus in one channel: the rows of what joins it or carries it on, with the y of the line in each."""

    artifact: str
    rows: dict[int, float] = field(default_factory=dict)
    x: float = 0.0
    comes: int | None = None
    """The row through which the bus comes from the channel before, if it does."""
    goes: int | None = None
    """The row through which it goes on to the next."""

    @property
    def is_line(self) -> bool:
        """Whether it is only carried on, straight ahead, so that there is nothing upright."""
        return len(self.rows) == 1 and None not in (self.comes, self.goes)


#: The pieces of each bus, by channel.
_Pieces = dict[str, dict[int, _Piece]]


def layout(nodes: Sequence[Node]) -> Layout | None:
    """Lay out nodes with distinct slugs; the same for the same nodes. None where there is more than MOST.

    Nodes that neither need nor produce anything are not drawn.
    """
    if sum(1 + len(node.needs) + len(node.produces) for node in nodes) > MOST:
        return None
    placed = _Grid([node for node in nodes if node.needs or node.produces])
    pieces = _joined(placed)
    if sum(max(channels) - min(channels) + 1 for channels in pieces.values()) > MOST:
        return None
    for channels in pieces.values():
        _carry(placed, channels)
    in_order = sorted(placed.nodes, key=lambda node: (placed.column[node], placed.row[node]))
    left = _arranged(pieces, 1 + max(placed.column.values(), default=-1))
    return Layout(
        width=left[-1],
        height=_middle(max((row for _, row in placed.taken), default=-1)) + BOX_HEIGHT / 2,
        boxes=tuple(_box(node, placed, pieces, left) for node in in_order),
        buses=tuple(_bus(name, channels, left) for name, channels in pieces.items()),
    )


def _joined(placed: _Grid) -> _Pieces:
    """The pieces that nodes join."""
    pieces: _Pieces = defaultdict(dict)
    for node in placed.nodes:
        for name, channel in _channels(placed, node).items():
            pieces[name].setdefault(channel, _Piece(name)).rows[placed.row[node]] = 0.0
    return pieces


def _channels(placed: _Grid, node: Node) -> dict[str, int]:
    """Where a node joins each artifact: right of it what it produces, left of it what it needs or gives back."""
    column = placed.column[node]
    return {name: column if column <= placed.column[name] else column - 1 for name in (*node.needs, *node.produces)}


def _carry(placed: _Grid, channels: dict[int, _Piece]) -> None:
    """Carry a bus on through the columns between its pieces, by a free row of each."""
    joined = sorted(channels)
    for column in range(joined[0] + 1, joined[-1] + 1):
        before = channels[column - 1]
        ahead = channels[next(channel for channel in joined if channel >= column)].rows
        row = placed.take(column, min(max(min(before.rows), min(ahead)), max(ahead)))
        piece = channels.setdefault(column, _Piece(before.artifact))
        before.goes = piece.comes = row
        before.rows[row] = piece.rows[row] = 0.0


def _arranged(pieces: _Pieces, columns: int) -> list[float]:
    """Put each piece into a lane that is free in its rows; the left edges of all columns, and the right end."""
    channels: list[list[_Piece]] = [[] for _ in range(columns)]
    for parts in pieces.values():
        for channel, piece in parts.items():
            channels[channel].append(piece)
    left = [0.0]
    for within in channels:
        _set_heights(within)
        x = left[-1] + BOX_WIDTH
        for piece in within:
            piece.x = x
        x += _SIDE
        for lane in _lanes(piece for piece in within if not piece.is_line):
            half = ceil(_BESIDE + max(text_width(piece.artifact) for piece in lane) / 2)
            for piece in lane:
                piece.x = x + half
            x += 2 * half
        left.append(x + _SIDE)
    return left


def _set_heights(within: Sequence[_Piece]) -> None:
    """The height of level lines in a channel: the middle of the row, and for others close below and above it.

    What is carried on comes first, so that it runs straight through its column.
    """
    levels = defaultdict[int, list[_Piece]](list)
    for piece in within:
        for row in piece.rows:
            levels[row].append(piece)
    for row, level in levels.items():
        apart = _SPREAD / max(len(level) // 2, 1)
        level.sort(key=lambda piece: row not in (piece.comes, piece.goes))
        for number, piece in enumerate(level):
            away = (number + 1) // 2 * apart
            piece.rows[row] = _middle(row) + round(away if number % 2 else -away, 2)


def _middle(row: int) -> float:
    return _NAME + NAME_HEIGHT + row * ROW


def _lanes(pieces: Iterable[_Piece]) -> list[list[_Piece]]:
    """Pieces of a channel, those that do not overlap below each other."""
    lanes: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (min(piece.rows), -max(piece.rows))):
        for lane in lanes:
            if max(lane[-1].rows) < min(piece.rows):
                lane.append(piece)
                break
        else:
            lanes.append([piece])
    return lanes


def _box(node: Node, placed: _Grid, pieces: _Pieces, left: list[float]) -> Box:
    """A node's box, and a line from the side of it that faces each bus."""
    column, row = placed.column[node], placed.row[node]
    joins = []
    for name, channel in _channels(placed, node).items():
        edge, piece = left[column] + (BOX_WIDTH if channel == column else 0), pieces[name][channel]
        line = Line(edge, piece.rows[row], piece.x, piece.rows[row])
        joins.append(Join(line, name in node.needs, name in node.produces and channel < column))
    return Box(node, left[column], _middle(row) - BOX_HEIGHT / 2, tuple(joins))


def _bus(name: str, channels: dict[int, _Piece], left: list[float]) -> Bus:
    """The upright lines of an artifact with their names, and what carries it on from each to the next."""
    trunks: list[Line] = []
    names: list[tuple[float, float]] = []
    for piece in channels.values():
        if not piece.is_line:
            x, last = piece.x, max(piece.rows)
            ys = [*map(_middle, range(min(piece.rows), last + 1, _NAMED_EVERY))]
            ends = [*(y - _NAME - NAME_HEIGHT for y in ys[1:]), _middle(last) + _END]
            trunks += [Line(x, y - _END, x, end) for y, end in zip(ys, ends, strict=True)]
            names += [(x, y - _NAME) for y in ys]
    through: list[Line] = []
    for column, ahead in sorted(channels.items()):
        if (row := ahead.comes) is not None:
            before, edge = channels[column - 1], left[column]
            start, end = (before.x, before.rows[row]), (ahead.x, ahead.rows[row])
            bent = ((edge, start[1]), (edge + BOX_WIDTH, end[1])) if start[1] != end[1] else ()
            through += [Line(*bend, *other) for bend, other in pairwise((start, *bent, end))]
    return Bus(name, tuple(trunks), tuple(names), tuple(through))
