"""What stands on every page: search, languages, the theme, the account, errors, and what may be loaded."""

from __future__ import annotations

import re

import pytest
from browser import checks
from browser.browsing import Browsing
from playwright.sync_api import expect
from support import REPOSITORY, wait_until

from service.feedback.model import Status
from service.registry.model import ModuleState

pytestmark = pytest.mark.long

ASSETS = REPOSITORY / "service" / "web" / "pages" / "assets"

#: Leaves a page with nothing but marks, one at the same place of each line of 24 px. The last line has none.
MARKS_ALONE = """(names) => {
  document.body.replaceChildren(...names.map((name, line) => {
    const mark = document.createElement("span");
    mark.className = name;
    Object.assign(mark.style, { position: "fixed", left: "4px", top: `${24 * line}px` });
    mark.textContent = "\\u00a0";
    return mark;
  }));
}"""


def test_the_theme_is_the_systems_until_it_is_switched(browsing: Browsing) -> None:
    page = browsing.open("/en/", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    switch = page.get_by_role("button", name="Dark theme")
    expect(switch).to_have_attribute("aria-pressed", "true")
    dark = page.evaluate(background)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    light = page.evaluate(background)
    assert light != dark
    browsing.go(page, "/fr/roadmap")  # remembered, and there before the first paint
    assert page.evaluate(background) == light
    page.emulate_media(color_scheme="light")
    browsing.go(page, "/en/")
    assert page.evaluate(background) == light


@pytest.mark.parametrize("path", ["/en/", "/fr/modules/emails", "/en/graph", "/en/docs/votes"])
def test_on_paper_a_page_is_light_and_has_nothing_to_press(path: str, browsing: Browsing) -> None:
    page = browsing.open(path, color_scheme="dark")
    page.get_by_role("banner").locator(".tools .theme-switch").dblclick()  # to light and back: chosen, not the system's
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for pressed in ("button", "#search", ".foot", "#menu a"):
        assert not page.locator(pressed).filter(visible=True).count()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for width in (1440, 720):  # of which the second is that of A4 between its margins
        page.set_viewport_size({"width": width, "height": 900})
        assert checks.overflowing(page) == []


def test_the_language_switch_leads_to_the_same_page_and_is_remembered(browsing: Browsing) -> None:
    page = browsing.open("/en/modules/emails", locale="en-GB")
    page.get_by_role("banner").get_by_role("link", name="Français").click()
    expect(page).to_have_url(re.compile("/fr/modules/emails$"))
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    browsing.go(page, "/")
    expect(page).to_have_url(re.compile("/fr/$"))


def test_the_language_that_one_switches_to_is_that_of_the_account_in_every_browser(browsing: Browsing) -> None:
    browsing.demo.add("polly", "Polly Glott")
    page = browsing.open("/en/graph", "polly", locale="en-GB")
    expect(page.get_by_role("button", name="Polly Glott")).to_be_visible()
    with page.expect_request("**/api/me/locale"):
        page.get_by_role("banner").get_by_role("link", name="Français").click()
    wait_until(lambda: page.request.get("/api/me").json()["locale"] == "fr")
    other = browsing.open("/", "polly", locale="en-GB")
    expect(other).to_have_url(re.compile("/fr/$"))


@pytest.mark.parametrize("scripts", [True, False])
def test_the_language_is_chosen_on_the_page_of_the_account(browsing: Browsing, scripts: bool) -> None:
    browsing.demo.add("polly", "Polly Glott")
    page = browsing.open("/en/" if scripts else "/en/requests", "polly", java_script_enabled=scripts)
    if scripts:
        page.get_by_role("button", name="Polly Glott").click()
    page.locator("#account").get_by_role("link", name="My account" if scripts else "Polly Glott").click()
    page.get_by_role("radio", name="Français").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Votre langue est enregistrée.")).to_be_visible()
    expect(page.get_by_role("radio", name="Français")).to_be_checked()


@pytest.mark.parametrize(("locale", "language"), [("fr-CA", "fr"), ("en-GB", "en"), ("de-DE", "en")])
def test_the_first_visit_is_in_a_language_of_the_browser(locale: str, language: str, browsing: Browsing) -> None:
    page = browsing.open("/", locale=locale)
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_a_page_that_is_not_there_leads_on(browsing: Browsing) -> None:
    page = browsing.open("/en/modules/nowhere", status=404)
    page.get_by_role("main").get_by_role("link", name="All modules").click()
    expect(page).to_have_url(re.compile("/en/$"))


def test_an_error_of_a_script_for_a_program_is_a_problem_document(browsing: Browsing) -> None:
    answer = browsing.profile().request.get("/en/modules/nowhere", headers={"Accept": "application/json"})
    assert answer.status == 404 and answer.headers["content-type"] == "application/problem+json"


def test_our_scripts_and_styles_take_at_most_40_kilobytes(browsing: Browsing) -> None:
    context = browsing.profile()
    page = context.new_page()
    loaded: set[str] = set()
    page.on("response", lambda response: "/assets/" in response.url and loaded.add(response.url))
    browsing.go(page, "/fr/")
    page.keyboard.press("Control+k")
    browsing.quiet(page)
    assert any("palette" in url for url in loaded)
    folder = next(iter(loaded)).rpartition("/")[0]

    names = [file.name for file in ASSETS.iterdir() if file.suffix in (".css", ".js")]
    sizes = {}
    for name in names:
        answer = context.request.get(f"{folder}/{name}", headers={"Accept-Encoding": "br"})
        assert answer.ok, name
        sizes[name] = int(answer.headers["content-length"])
    assert sum(sizes.values()) <= 40 * 1024, sizes


@pytest.mark.parametrize("path", ["/fr/docs/reference", "/en/docs/concepts/module-registry", "/en/docs/frontend"])
def test_tables_of_words_need_no_scrolling_on_a_phone(path: str, browsing: Browsing) -> None:
    page = browsing.open(path, width=390)
    assert page.locator("table").count() > 0
    assert [what for what in checks.scrolling(page) if "scroll" in what] == []
    rows = page.get_by_role("row")  # they are still tables to a screen reader
    expect(rows.first.get_by_role("columnheader").first).to_be_visible()
    expect(rows.nth(1).get_by_role("cell").last).to_be_visible()


def test_admins_print_the_list_or_the_request_that_they_read(browsing: Browsing) -> None:
    page = browsing.open("/en/admin/requests", "admin", width=718)
    page.emulate_media(media="print")
    expect(page.locator(".desk-list a").last).to_be_visible()
    expect(page.locator(".desk-thread")).to_be_hidden()
    browsing.go(page, f"/en/admin/requests/{browsing.demo.thread('member')}")
    expect(page.locator(".desk-thread .words").last).to_be_visible()
    expect(page.locator(".desk-list")).to_be_hidden()


def test_a_module_is_found_by_typing(browsing: Browsing) -> None:
    page = browsing.open("/fr/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("reseaux sociau")  # without its accent, and not yet whole
    expect(page.get_by_role("option").first).to_contain_text("Réseaux sociaux")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/fr/modules/socials$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Réseaux sociaux")


def test_the_palette_is_whole_in_both_themes_and_on_a_phone(browsing: Browsing) -> None:
    for language, query in (("fr", "e-mail"), ("fr", "affichage mobile"), ("en", "nothing at all like this")):
        page = browsing.open(f"/{language}/", width=320, height=600)
        page.get_by_role("banner").locator("#search").click()
        page.get_by_role("combobox").fill(query)
        browsing.quiet(page)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert checks.axe(page) == []
        assert [*checks.overflowing(page), *checks.cut_off(page), *checks.small_targets(page)] == []
        page.keyboard.press("Escape")
        expect(page.locator("#search")).to_be_focused()


def test_the_palette_marks_what_will_go(browsing: Browsing) -> None:
    page = browsing.open("/en/")
    page.keyboard.press("Control+k")
    for slug, number in (("viewport_test", 1), ("emails", 0)):
        page.get_by_role("combobox").fill(slug)
        found = page.get_by_role("option").filter(has_text=slug).first
        expect(found.get_by_text("Deprecated", exact=True)).to_have_count(number)


def test_what_the_policy_forbids_is_noticed(browsing: Browsing) -> None:
    page = browsing.open("/en/")
    page.evaluate("document.body.setAttribute('style', 'color: red'); fetch('https://example.com/').catch(() => null)")
    browsing.close()
    problems = "\n".join(browsing.problems)
    assert "policy: style-src-attr" in problems and "policy: connect-src" in problems
    browsing.problems.clear()


@pytest.mark.parametrize("kind", ["state", "request"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_differ_in_shape_where_the_system_has_the_colours(kind: str, theme: str, browsing: Browsing) -> None:
    kinds = [state.bucket for state in ModuleState] if kind == "state" else list(Status)
    page = browsing.open("/en/", forced_colors="active", color_scheme=theme)
    page.evaluate(MARKS_ALONE, [f"state {kind}-{one}" for one in kinds])
    pictures = [
        page.screenshot(clip={"x": 0, "y": 24 * line, "width": 17, "height": 24}) for line in range(len(kinds) + 1)
    ]
    assert len(set(pictures)) == len(kinds) + 1
