"""What is around one module in the graph."""

from graphs import REGISTRY, any_nodes
from hypothesis import given
from hypothesis import strategies as st

from service.registry.layout import MOST_SHOWN, Node, layout, neighbourhood
from service.registry.model import Label, Module, Registry


def registry(nodes: list[Node]) -> Registry:
    label = Label("F", "E")
    parts = ({"slug": each.slug, "needs": each.needs, "produces": each.produces} for each in nodes)
    return Registry(tuple(Module(category="tools", label=label, **part) for part in parts))


@given(any_nodes(most=24), st.data())
def test_everybody_around_is_there_on_the_right_side(nodes: list[Node], data: st.DataObject) -> None:
    whole = registry(nodes or [Node("only")])
    chosen = data.draw(st.sampled_from(whole.modules))
    near = neighbourhood(whole, chosen.slug)
    one_by_one = {node.slug: node for node in near if not node.more}
    rest = {node.slug: node for node in near if node.more}
    assert near[0] is one_by_one.pop(chosen.slug)
    feeding = {each.slug for each in whole.modules if set(each.produces) & set(chosen.needs)} - {chosen.slug}
    fed = {each.slug for each in whole.modules if set(each.needs) & set(chosen.produces)} - {chosen.slug}
    assert {slug for slug, node in one_by_one.items() if node.produces} == feeding & one_by_one.keys()
    assert {slug for slug, node in one_by_one.items() if node.needs} == fed & one_by_one.keys()
    for side, name in ((feeding, "+feeding"), (fed, "+fed")):
        hidden = side - set(one_by_one)
        assert (rest[name].more if name in rest else 0) == len(hidden)
        assert len(side) > MOST_SHOWN or not hidden
    assert len(one_by_one) <= 2 * MOST_SHOWN
    assert layout(near)


def test_a_hub_says_how_many_more_there_are() -> None:
    near = neighbourhood(REGISTRY, "emails")
    feeding = ["scrap", "import", "filter", "sort", "bing_places", "chrome_extension"]
    assert [node.slug for node in near[1:7]] == feeding
    assert {node.slug: node.more for node in near if node.more} == {"+feeding": 5}
    assert [node.slug for node in near if node.needs][1:] == ["verify_emails", "ai_personalization"]
