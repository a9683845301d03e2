"""What is around one module in the graph."""

from __future__ import annotations

import pytest
from graphs import REGISTRY, any_nodes
from hypothesis import given
from hypothesis import strategies as st

from service.registry.grid import Node
from service.registry.layout import layout
from service.registry.model import Label, Module, Registry
from service.registry.neighbourhood import MOST_SHOWN, neighbourhood


def registry(nodes: list[Node]) -> Registry:
    label = Label("F", "E")
    made = (
        Module(slug=each.slug, category="tools", label=label, needs=each.needs, produces=each.produces)
        for each in nodes
    )
    return Registry(tuple(made))


@given(any_nodes(most=24), st.data())
def test_everybody_around_is_there_on_the_right_side(nodes: list[Node], data: st.DataObject) -> None:
    whole = registry(nodes or [Node("only")])
    chosen = data.draw(st.sampled_from(whole.modules))
    near = neighbourhood(whole, chosen.slug)
    others = [each for each in whole.modules if each is not chosen]
    assert list(near.feeding) == [each for each in others if set(each.produces) & set(chosen.needs)]
    assert list(near.fed) == [each for each in others if set(each.needs) & set(chosen.produces)]
    one_by_one = {node.slug for node in near.nodes if not node.more}
    rest = {node.slug: node.more for node in near.nodes if node.more}
    for side, name in ((near.feeding, "+feeding"), (near.fed, "+fed")):
        assert rest.get(name, 0) == len([each for each in side if each.slug not in one_by_one])
    assert len(one_by_one) <= 1 + 2 * (MOST_SHOWN + 1)
    joined = {name for node in near.nodes if node.slug != chosen.slug for name in (*node.needs, *node.produces)}
    assert joined <= {*chosen.needs, *chosen.produces}
    assert layout(near.nodes)


def test_a_hub_says_how_many_more_there_are() -> None:
    near = neighbourhood(REGISTRY, "emails")
    assert [node.slug for node in near.nodes[1:7]] == [
        "scrap",
        "import",
        "filter",
        "sort",
        "bing_places",
        "chrome_extension",
    ]
    assert {node.slug: node.more for node in near.nodes if node.more} == {"+feeding": 5}
    assert [module.slug for module in near.fed] == ["verify_emails", "ai_personalization"]


@pytest.mark.parametrize("slug", ["filter", "ai_team_members", "multichannel"])
def test_cycles_what_is_alone_and_several_needs(slug: str) -> None:
    near = neighbourhood(REGISTRY, slug)
    drawn = layout(near.nodes)
    assert drawn
    assert len(drawn.boxes) == {"filter": 15, "ai_team_members": 0, "multichannel": 3}[slug]
