"""Graphs of needs and products to lay out: any at all, and many modules like those of the documentation."""

from __future__ import annotations

from hypothesis import strategies as st
from support import DOCUMENTED

from service.registry.grid import Node
from service.registry.loading import parse
from service.registry.model import Module

REGISTRY = parse(DOCUMENTED.read_bytes(), DOCUMENTED.name)


def nodes(modules: tuple[Module, ...]) -> list[Node]:
    return [Node(module.slug, module.needs, module.produces) for module in modules]


def many(number: int) -> list[Node]:
    """So many nodes: those of the documentation again and again, which all share `leads` and nothing else."""
    found: list[Node] = []
    while len(found) < number:
        copy = len(found)

        def own(names: tuple[str, ...], copy: int = copy) -> tuple[str, ...]:
            return tuple(name if name == "leads" else f"{name}_{copy}" for name in names)

        found += [Node(f"{node.slug}_{copy}", own(node.needs), own(node.produces)) for node in nodes(REGISTRY.modules)]
    return found[:number]


ARTIFACTS = st.lists(st.sampled_from([*"abcdefgh", "a_name_as_long_as_names_can_be"]), max_size=4, unique=True)


@st.composite
def any_nodes(draw: st.DrawFn, most: int = 14) -> list[Node]:
    """Nodes that need and produce anything, in cycles, too, and what nobody produces."""
    number = draw(st.integers(0, most))
    return [Node(f"m{each}", tuple(draw(ARTIFACTS)), tuple(draw(ARTIFACTS))) for each in range(number)]
