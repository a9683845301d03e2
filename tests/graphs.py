"""Graphs of needs and products to draw: any at all, and many modules like those of the documentation."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st
from support import DOCUMENTED

from service.registry.loading.loader import parse
from service.registry.model import Module
from service.web.pages.graph_layout import Node

REGISTRY = parse(DOCUMENTED.read_bytes(), DOCUMENTED.name)


def nodes(modules: Sequence[Module]) -> list[Node]:
    return [Node(module.slug, module.needs, module.produces) for module in modules]


def many(number: int) -> list[Module]:
    """So many modules: those of the documentation again and again, which all share `leads` and nothing else."""

    def own(names: tuple[str, ...], copy: int) -> tuple[str, ...]:
        return tuple(name if name == "leads" else f"{name}_{copy}" for name in names)

    copies = ((copy, module) for copy in range(number) for module in REGISTRY.modules)
    return [
        replace(each, slug=f"{each.slug}_{copy}", needs=own(each.needs, copy), produces=own(each.produces, copy))
        for (copy, each), _ in zip(copies, range(number), strict=False)
    ]


ARTIFACTS = st.lists(st.sampled_from([*"abcdefgh", "a_name_as_long_as_names_can_be"]), max_size=4, unique=True)


@st.composite
def any_nodes(draw: st.DrawFn, most: int = 14) -> list[Node]:
    """Nodes that need and produce anything, in cycles, too, and what nobody produces."""
    number = draw(st.integers(0, most))
    return [Node(f"m{each}", tuple(draw(ARTIFACTS)), tuple(draw(ARTIFACTS))) for each in range(number)]
