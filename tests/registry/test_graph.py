"""What is around one module in the graph: up to some steps away, held against every way, and as it is drawn."""

from graphs import any_nodes
from hypothesis import given
from hypothesis import strategies as st

from service.registry.graph import rings
from service.registry.model import Label, Module, Registry
from service.web.pages.graph_layout import MOST_SHOWN, Node, layout, neighbourhood


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


@given(any_nodes(most=24), st.data())
def test_the_first_on_each_side_are_drawn_with_what_they_share_with_a_module_and_the_others_counted(
    nodes: list[Node], data: st.DataObject
) -> None:
    parts = ({"slug": each.slug, "needs": each.needs, "produces": each.produces} for each in nodes or [Node("only")])
    whole = Registry(tuple(Module(category="tools", label=Label("F", "E"), **part) for part in parts))
    chosen = data.draw(st.sampled_from(whole.modules))
    feeding = [each for each in whole.modules if {*each.produces} & {*chosen.needs} and each is not chosen]
    fed = [each for each in whole.modules if {*each.needs} & {*chosen.produces} and each is not chosen]
    shown = [*dict.fromkeys((*feeding[:MOST_SHOWN], *fed[:MOST_SHOWN]))]
    more = {"+feeding": len({*feeding} - {*shown}), "+fed": len({*fed} - {*shown})}
    near = neighbourhood(whole, chosen.slug)
    assert [each.slug for each in near] == [each.slug for each in (chosen, *shown)] + [*filter(more.get, more)]
    assert [each.more for each in near if each.more] == [*filter(None, more.values())]
    for node, each in zip(near[1:], shown, strict=False):
        assert {*node.produces} == {*each.produces} & {*chosen.needs}
        assert {*node.needs} == {*each.needs} & {*chosen.produces}
    assert layout(near)
