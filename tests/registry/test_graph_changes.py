"""What an edit does to the needs/produces graph: the groups that are said are the pairs that are lost and gained."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from service.registry.changes import Link, compare
from service.registry.model import Registry

ARTIFACTS = st.lists(st.sampled_from(["leads", "emails"]), unique=True)
#: Of each module, what it needs and produces, and whether it is coming soon; None where it is not there.
MODULES = st.fixed_dictionaries({slug: st.none() | st.tuples(ARTIFACTS, ARTIFACTS, st.booleans()) for slug in "abcd"})

Parts = dict[str, tuple[list[str], list[str], bool] | None]


def registry(parts: Parts, **more: object) -> Registry:
    modules = []
    for slug, part in parts.items():
        if part:
            fields = dict(zip(("needs", "produces", "coming_soon"), part, strict=True))
            fields |= more if slug == "new" else {}
            modules.append({"slug": slug, "category": "tools", "label": {"fr": "A", "en": "B"}, **fields})
    return Registry.from_document({"modules": modules})


def pairs(parts: Parts) -> set[tuple[str, str, str]]:
    running = {slug: part for slug, part in parts.items() if part and not part[2]}
    return {
        (producer, artifact, consumer)
        for producer, consumer in product(running, running)
        for artifact in running[producer][1]
        if artifact in running[consumer][0]
    }


def said(links: tuple[Link, ...], is_gained: bool) -> list[tuple[str, str, str]]:
    chosen = [link for link in links if link.is_gained is is_gained]
    return [
        (producer, link.artifact, consumer)
        for link in chosen
        for producer, consumer in product(link.producers, link.consumers)
    ]


@given(MODULES, MODULES)
def test_the_pairs_of_both_registries_that_differ_are_said_once(before: Parts, after: Parts) -> None:
    links = compare(registry(before), registry(after)).links
    for is_gained, expected in ((False, pairs(before) - pairs(after)), (True, pairs(after) - pairs(before))):
        pairs_said = said(links, is_gained)
        assert len(pairs_said) == len(set(pairs_said))
        assert {pair for pair in {*pairs_said} ^ expected if pair[0] != pair[2]} == set(), "but for who feeds itself"


def test_a_module_that_feeds_itself_alone_is_no_link() -> None:
    assert compare(registry({"a": None}), registry({"a": (["leads"], ["leads"], False)})).links == ()


def test_a_module_with_a_new_slug_is_the_same() -> None:
    old: Parts = {"old": ([], ["leads"], False), "b": (["leads"], [], False)}
    new: Parts = {"new": ([], ["leads"], False), "b": (["leads"], [], False)}
    assert compare(registry(old), registry(new, formerly=["old"])).links == ()
    assert [link.is_gained for link in compare(registry(old), registry(new)).links] == [False, True]
