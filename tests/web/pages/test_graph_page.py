"""The drawing of the graph, and its page, which says the same in words."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from xml.etree import ElementTree

import pytest
from graphs import REGISTRY, many
from hypothesis import given
from hypothesis import strategies as st
from markup import VARIED, Element, parse

from service.registry.loading.loader import load
from service.registry.model import Label, Module, ModuleState, Registry
from service.settings.settings import Settings
from service.web.languages import LANGUAGES
from service.web.pages import graph, modules
from service.web.pages.graph_layout import BOX_WIDTH, text_width
from service.web.site import Site

SITE = Site(Settings(), ())


def page_of(registry: Registry, lang: str = "en") -> str:
    return SITE.html("graph.html", lang, "graph", **graph.facts(registry, lang))


def rendered(registry: Registry, lang: str = "en") -> Element:
    return parse(page_of(registry, lang))


def drawn(modules: Sequence[Module]) -> str:
    """What is in the drawing of modules that is not tall, below its description."""
    [svg] = re.findall('<svg class="graph.*?</desc>(.*?)</svg>', page_of(Registry(tuple(modules))), re.DOTALL)
    return svg


def one_module(label: str) -> list[Module]:
    return [Module(slug="one", category="tools", label=Label(fr="Un", en=label), produces=("leads",))]


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
    | st.text("<>&\"' aW\u202e\u0000", min_size=1)
)
def test_a_label_stays_text_and_fits_its_box(label: str) -> None:
    svg = drawn(one_module(label))
    root = ElementTree.fromstring(f"<svg>{svg}</svg>")
    assert [child.tag for child in root] == ["defs", "path", "path", "g", "g", "path", "path"]
    [link] = root.iter("a")
    for path in (*root.findall("path")[:3], *link.findall("path")):  # buses, dots, and what leads to the box
        assert re.fullmatch(r"(M[\d.-]+ [\d.-]+[HVh][\d.-]+)*", path.get("d", "none"))
    assert [child.tag for child in link if child.tag != "title"] == ["path", "use", "text"]
    [text] = link.iter("text")
    lines = [(text.text or "").removesuffix(" "), *(span.text or "" for span in text)]
    assert len(lines) <= 2
    assert all(text_width(line) <= BOX_WIDTH - 32 for line in lines)
    assert all(line.isprintable() or {"\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"} & {*line} for line in lines)


def test_a_long_label_takes_two_lines_and_what_is_cut_is_said_in_full() -> None:
    assert re.findall(r">([^<>]+)<", drawn(one_module("Customer relations"))) == ["leads", "Customer relations"]
    two = drawn(one_module("Company registration numbers"))
    assert re.findall(r">([^<>]+)<", two) == ["leads", "Company ", "registration numbers"], "read out apart"
    whole = "PagesJaunes (French yellow pages, and white ones)"
    cut = re.findall(r">([^<>]+)<", drawn(one_module(whole)))
    assert cut[1] == whole
    assert cut[-1].endswith("…")


def slugs(page: Element, selector: str) -> set[str]:
    """The modules that links lead to."""
    return {link["href"].rpartition("/")[2] for link in page.all(selector)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_module_is_a_link_in_the_language_of_the_page_and_the_list_says_the_same(lang: str) -> None:
    page = rendered(REGISTRY, lang)
    links = page.all("svg.graph a")
    shown = [module for module in REGISTRY.modules if module.needs or module.produces]
    assert sorted(link["href"] for link in links) == sorted(f"/{lang}/modules/{each.slug}" for each in shown)
    by_slug = {link["href"].rpartition("/")[2]: link for link in links}
    for module in shown:
        label = getattr(module.label, lang)
        title = by_slug[module.slug].all("title")
        assert (title[0].text if title else by_slug[module.slug].one("text").text) == label

    listed = {}
    for section in page.all("div.artifact")[1:]:
        columns = [column for column in section.children if isinstance(column, Element) and column.tag == "div"]
        listed[section.one("code").text] = tuple(slugs(column, "a") for column in columns)
    assert listed == {
        name: (
            {each.slug for each in shown if name in each.produces},
            {each.slug for each in shown if name in each.needs},
        )
        for module in shown
        for name in (*module.needs, *module.produces)
    }
    assert slugs(page, "div.alone a") == {each.slug for each in REGISTRY.modules if each not in shown}


@pytest.mark.parametrize(("lang", "more"), [("en", "5 more"), ("fr", "5 autres")])
def test_what_is_around_a_module_says_how_many_more_there_are(lang: str, more: str) -> None:
    facts = modules.facts_of(REGISTRY, REGISTRY.by_slug["emails"], lang)
    links = parse(SITE.html("module.html", lang, "modules/emails", **facts)).all("svg.graph a")
    assert [link["href"] for link in links if link.text == more] == [f"/{lang}/graph/emails/1"]
    assert [link["href"] for link in links if "aria-current" in link.attributes] == [f"/{lang}/modules/emails"]
    assert graph.around(REGISTRY, "public_api", lang) is None


def test_nothing_is_told_by_colour_alone() -> None:
    """VARIED has a module of each state."""
    places = zip(load(VARIED).modules, cycle(graph.CATEGORIES))
    every = Registry(tuple(replace(each, category=category, produces=("leads",)) for each, category in places))
    chips = rendered(every).all(".js-only .chip[data-filter]")
    marks = [chip for chip in chips if chip.all("svg")]
    assert len(chips) - len(marks) == 1, "that of all of them"
    shapes = {str([(part.tag, part.attributes | {"class": ""}) for part in mark.one("svg")]) for mark in marks}
    assert len(shapes) == len(marks) == len(ModuleState) + len(graph.CATEGORIES)
    assert all(mark.one("svg")["aria-hidden"] == "true" and mark.text for mark in marks)


def test_a_large_drawing_scrolls_and_what_has_no_graph_or_too_large_a_one_is_not_drawn() -> None:
    page = rendered(Registry(tuple(Module(slug=each, category="tools", label=Label("F", "E")) for each in "ab")))
    assert page.all("svg.graph") == []
    assert "No module needs or produces anything yet." in page.text
    assert len(page.all("div.alone a")) == 2
    assert rendered(Registry(())).all("div.alone") == []
    whole = page_of(Registry(tuple(many(200))))
    assert len(whole.partition('<div class="listed')[0].encode()) <= 80_000
    pane = parse(whole).one("div#drawing.is-tall")
    assert len(pane.all("a")) == sum(bool(each.needs or each.produces) for each in many(200)), "each is in one band"
    assert rendered(REGISTRY).all("div#drawing.is-tall") == []
    page = rendered(Registry(tuple(many(10_000))))
    assert page.all("svg.graph") == []
    assert "There are too many modules for a readable drawing" in page.text
    assert page.one("p.note a")["href"] == "/en/"


def test_a_module_with_its_neighbours_up_to_so_many_steps() -> None:
    def shown(slug: str, steps: int) -> tuple[Element, set[str]]:
        page = parse(SITE.html("graph.html", "en", f"graph/{slug}/{steps}", **graph.near(REGISTRY, slug, steps, "en")))
        return page, slugs(page, "div#drawing a")

    page, near = shown("verify_emails", 1)
    fed = {each.slug for each in REGISTRY.modules if "verified_emails" in each.needs}
    assert near == {"verify_emails", "emails"} | fed
    steps = page.all("nav[aria-label=Number of steps] a")
    assert [link["href"] for link in steps] == [f"/en/graph/verify_emails/{step}" for step in (1, 2)]
    assert len(page.all("nav[aria-label=Number of steps] a[aria-current=page]")) == 1
    page, further = shown("verify_emails", 2)
    makers = {each.slug for each in REGISTRY.modules if "leads" in each.produces}
    assert further == near | makers, "and nothing that they feed as well"
    assert page.texts(".artifact h3 code") == ["emails", "leads", "verified_emails"]
    assert shown("verify_emails", 9)[1] == further
