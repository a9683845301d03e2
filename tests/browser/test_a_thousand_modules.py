"""A thousand modules: graph and plan are searched, filtered and cut down to what is near, and no page is slow.

How long pages take is set beside other work of the same page, so that it does not matter how fast a machine is.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from browser import checks
from browser.browsing import Browsing, Demo, arrived, served_demo
from browser.pages import EACH_LANGUAGE, OTHER, says
from demo_registry import as_yaml
from playwright.sync_api import CDPSession, Locator, Page, expect

pytestmark = pytest.mark.long

CATEGORIES = ("sources", "enrich", "signals", "outreach", "tools")


def entry(number: int) -> dict[str, Any]:
    """One of twenty modules of a client: four of each category, which feed those of the next one."""
    client, place = divmod(number, 20)
    stage = place // 4
    kinds = [f"leads_{client}", f"emails_{client}", f"signals_{client}"]
    of_all = client == 0 and place == 0
    made: dict[str, Any] = {
        "slug": f"module_{number}",
        "category": CATEGORIES[stage],
        "label": {"fr": f"Suivi {number} de firme{client}x", "en": f"Tracking {number} of firm{client}x"},
        "description": {
            "fr": "Repère ce qui change chez un client, et le dit chaque matin aux équipes qui le suivent.",
            "en": "Notices what changes with a client, and tells the teams that follow it each morning.",
        },
        "needs": [] if stage in (0, 4) else [kinds[stage - 1], *(["leads"] if place == 4 else [])],
        "produces": [] if stage > 2 else ["leads"] if of_all else [kinds[stage]],
    }
    if place % 4 == 3:
        return made | {"coming_soon": True}
    return made | {"api_endpoint": f"/api/module-{number}", "pipelinable": True}


@pytest.fixture(scope="module")
def served() -> Iterator[Demo]:
    """A thousand modules, 250 of them to come and 750 to pick for a pipeline."""
    modules = [entry(number) for number in range(1_000)]
    modules[742]["keywords"] = ["zorglub"]
    modules[748]["label"] = {"fr": "Recherche d’échos", "en": "Echo search"}
    with served_demo(as_yaml({"modules": modules}), people=0) as running:
        yield running


def boxes(page: Page) -> list[str]:
    """The slugs of the boxes of a drawing that are links."""
    found = "[...document.querySelectorAll('.graph a')].filter(a => getComputedStyle(a).visibility === 'visible')"
    slugs: list[str] = page.evaluate(f"{found}.map(a => a.dataset.slug)")
    return slugs


def finding(page: Page, lang: str) -> Locator:
    """The field of the search."""
    return page.get_by_label(says(lang, "Find a module", "Trouver un module"))


def soon(lang: str) -> str:
    return says(lang, "Coming soon", "À venir")


@EACH_LANGUAGE
def test_the_graph_is_searched_and_filtered_by_its_address(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/graph")
    assert len(boxes(page)) == 800, "200 neither need nor produce anything"
    place = page.evaluate("scrollY")
    finding(page, lang).fill("zorglubb")  # a keyword, and a letter too many
    expect(page.locator("#hits")).to_contain_text("1 module")
    assert boxes(page) == ["module_742"]
    finding(page, lang).fill("echo")
    expect(page.locator("#hits a")).to_have_count(1)
    assert boxes(page) == ["module_748"]
    expect(page.locator("#box-module_748")).to_be_in_viewport()
    assert page.evaluate("scrollY") == place, "the pane alone has scrolled"
    expect(page.locator(".listed li[data-slug]:not([data-out])")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/graph\?q=echo$"))

    firm = says(lang, "firm37x", "firme37x")
    finding(page, lang).fill(firm)
    page.locator(".filters").get_by_role("link", name=soon(lang)).click()
    expect(page).to_have_url(re.compile(r"/graph\?q=firme?37x&state=coming_soon$"))
    coming = ["module_743", "module_747", "module_751", "module_755"]
    assert sorted(boxes(page)) == coming
    page.locator(".tools [data-language]").click()
    arrived(page, re.compile(rf"/{OTHER[lang]}/graph\?q=firme?37x&state=coming_soon$"))
    expect(page.locator("#hits a")).to_have_count(5)
    assert sorted(boxes(page)) == coming
    assert checks.moving(page) == []
    page.go_back()
    expect(finding(page, lang)).to_have_value(firm)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/graph\?q=firme?37x$"))
    expect(page.locator("#hits a")).to_have_count(19)  # one of which has another name


@EACH_LANGUAGE
def test_a_module_is_seen_with_its_neighbours_up_to_some_steps(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/graph")
    finding(page, lang).fill("echo")
    expect(page.locator("#hits a")).to_have_count(1)
    page.keyboard.press("Enter")
    arrived(page, re.compile(rf"/{lang}/graph/module_748/1$"))
    near = {f"module_{number}" for number in (748, *range(744, 748), *range(752, 756))}
    assert {*boxes(page)} == near
    page.get_by_role("link", name=says(lang, "2 steps", "2 étapes")).click()
    arrived(page, re.compile(r"/graph/module_748/2$"))
    assert len(boxes(page)) == len(near) + 5
    page.locator(".filters").get_by_role("link", name=soon(lang)).click()
    expect(page).to_have_url(re.compile(r"/graph/module_748/2\?state=coming_soon$"))
    assert {*boxes(page)} == {"module_743", "module_747", "module_755"}
    page.locator("#steps a").first.click()
    arrived(page, re.compile(r"/graph/module_748/1\?state=coming_soon$"))
    assert {*boxes(page)} == {"module_747", "module_755"}

    page = browsing.open(f"/{lang}/modules/module_748", java_script_enabled=False)
    page.locator(".whole a").first.click()
    expect(page).to_have_url(re.compile(r"/graph/module_748/2$"))
    expect(page.locator(".graph a")).to_have_count(len(near) + 5)
    page.get_by_role("link", name=soon(lang)).click()
    expect(page.locator(".listed li[data-slug]:visible")).to_have_count(4)
    page.locator(".eyebrow a").click()
    expect(page).to_have_url(re.compile("/graph#box-module_748$"))
    expect(page.locator("#box-module_748")).to_be_in_viewport()


@EACH_LANGUAGE
def test_a_pipeline_is_picked_from_boxes_by_category_and_search(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/pipelines")
    expect(page.locator(".pick")).to_have_count(750)
    expect(page.locator(".pick:visible")).to_have_count(0)  # each category is closed
    finding(page, lang).fill("zorglub")
    expect(page.locator(".pick:visible")).to_have_count(1)
    expect(page.locator(".picks summary:visible span")).to_have_text("1")
    page.locator(".pick:visible input").check()
    expect(page).to_have_url(re.compile(r"/pipelines\?modules=module_742&q=zorglub$"))
    finding(page, lang).fill("")
    tools = says(lang, "Tools", "Outils")
    page.locator(".filters").get_by_role("link", name=tools).click()
    expect(page.locator(".pick:visible")).to_have_count(150)
    page.locator(".pick:visible input").first.check()
    expect(page).to_have_url(re.compile(r"/pipelines\?modules=module_742,module_16&category=tools$"))
    expect(page.locator(".step-name")).to_have_count(2)
    page.locator("#picks button").click()
    expect(page.locator("#plan")).to_be_focused()
    page.locator(".tools [data-language]").click()
    expect(page).to_have_url(re.compile(rf"/{OTHER[lang]}/pipelines\?modules=module_742,module_16&category=tools$"))
    expect(page.locator(".pick:visible")).to_have_count(150)
    expect(page.locator(".pick input:checked")).to_have_count(2)
    assert checks.moving(page) == []

    page = browsing.open(f"/{lang}/pipelines", java_script_enabled=False)
    page.locator(".filters").get_by_role("link", name=tools).click()
    page.locator("#tools summary").click()
    page.locator("#tools .pick").first.click()
    page.locator("#picks button").click()
    expect(page).to_have_url(re.compile(r"/pipelines\?modules=module_16#plan$"))
    expect(page.locator(".step-name")).to_have_count(1)


#: A thousand small parts of a page, laid out in one go: some 25 ms of a processor of 2026.
MEASURE = """() => {
  const part = document.createElement("div");
  part.innerHTML = "<div><h3>Words</h3><p>Some more, in a line or two, <code>code</code></p></div>".repeat(1000);
  document.body.append(part);
  part.getBoundingClientRect();
  part.remove();
}"""


def worked(session: CDPSession) -> float:
    """For how long a page has run scripts, and worked out styles and layouts, in seconds of its thread's own time."""
    told = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return float(told["ScriptDuration"] + told["LayoutDuration"] + told["RecalcStyleDuration"])


@pytest.mark.parametrize("path", ["", "graph", "roadmap", "pipelines"])
def test_no_page_keeps_one_waiting(browsing: Browsing, path: str) -> None:
    """Modules and graph took 5 to 7 times as long as the measure while all was laid out at once, and take 2 to 3.

    Lighthouse 12.2.3, which emulates a phone, said then 511 and 458 ms of total blocking time, and says 51 and 5 ms; of
    the other pages none.
    """
    page = browsing.profile(width=412, height=823, device_scale_factor=1.75, is_mobile=True).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    browsing.go(page, f"/fr/{path}")
    before = worked(session)
    page.evaluate(MEASURE)
    assert before < 4 * (worked(session) - before)
    for _ in range(20):
        page.mouse.wheel(0, 1_000)
        page.evaluate("new Promise(requestAnimationFrame)")
    assert checks.moving(page) == []


def test_who_comes_back_is_where_they_were(browsing: Browsing) -> None:
    page = browsing.open("/en/")
    page.mouse.move(700, 500)
    for _ in range(20):
        page.mouse.wheel(0, 600)
        page.evaluate("new Promise(requestAnimationFrame)")
    tile = page.locator(".tile h3 a").nth(300)
    tile.scroll_into_view_if_needed()
    top = tile.evaluate("link => link.getBoundingClientRect().top")
    tile.click()
    page.go_back()
    expect(tile).to_be_in_viewport()
    assert abs(tile.evaluate("link => link.getBoundingClientRect().top") - top) < 2
