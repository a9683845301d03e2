"""Every page, in both languages: what holds at every width and in both themes, and by the keyboard alone.

One look at a page answers several questions, as to load it takes longer than to ask them.
"""

from __future__ import annotations

import pytest
from browser import checks
from browser.browsing import Browsing
from browser.checks import COLOUR_RULES, EVERY_RULE
from browser.pages import A4, LANGUAGES, PAGES, Page

pytestmark = pytest.mark.long

every_page = pytest.mark.parametrize("of", PAGES, ids=lambda page: page.name)
every_language = pytest.mark.parametrize("language", LANGUAGES)

#: With both sides of each width at which the stylesheet changes the page.
WIDTHS = (320, 360, 390, 400, 401, 480, 481, 599, 600, 700, 768, 820, 859, 860, 861, 960, 1040, 1041, 1099, 1100)
WIDTHS += (1180, 1181, 1280, 1440, 1600)
FOR_AXE = (320, 768, 1440)

#: How many stops are walked at most: the reference has the most, about 250.
STOPS = 600

#: WCAG 1.4.12. A stylesheet that a script makes is no matter of the policy.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets.push(sheet);
}"""


@every_language
@every_page
def test_it_stands_every_width_and_axe_finds_nothing(of: Page, language: str, browsing: Browsing) -> None:
    """Nothing sticks out, is cut off, lies over another or is too small; nothing moves where that is not wanted."""
    page = browsing.look_at(of, language, reduced_motion="reduce")  # nor are colours on their way to others
    wrong: dict[str, list[str]] = {"moving": checks.moving(page), "drawing": checks.unfit_in_drawing(page)}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for check in (checks.overflowing, checks.cut_off, checks.overlapping, checks.small_targets):
            wrong[f"{check.__name__} at {width}"] = check(page)
        if width in FOR_AXE:
            wrong[f"axe at {width}"] = checks.axe(page, EVERY_RULE)
            page.emulate_media(color_scheme="dark")  # which changes colours alone
            wrong[f"axe at {width}, dark"] = checks.axe(page, COLOUR_RULES)
            page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 900})
    page.evaluate(SPACED)
    wrong["spaced"] = [*checks.overflowing(page), *checks.cut_off(page)]
    assert {what: found[:5] for what, found in wrong.items() if found} == {}


@every_page
def test_it_is_whole_on_paper(of: Page, browsing: Browsing) -> None:
    """On A4 with the margins of a browser, whichever the theme: all that is cut off there is lost."""
    page = browsing.look_at(of, "fr", width=A4, color_scheme="dark")
    page.emulate_media(media="print")
    assert [*checks.scrolling(page), *checks.overflowing(page), *checks.cut_off(page)] == []
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.getAnimations().length") == 0, "colours are still on their way from the dark theme"


@pytest.mark.parametrize(("width", "height", "theme"), [(1440, 900, "light"), (320, 256, "dark")])
@every_page
def test_the_focus_is_seen_all_the_way(of: Page, width: int, height: int, theme: str, browsing: Browsing) -> None:
    """At 320 by 256 px, too, which is 1,280 by 1,024 at 400 % (WCAG 1.4.10, 2.4.7, 2.4.11)."""
    page = browsing.look_at(of, "fr", width=width, height=height, color_scheme=theme, slowly=width == 1440)
    assert checks.shifting(page) == []
    wrong: list[str] = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        found = checks.focus_problems(page)
        if found is None:
            break
        wrong += found
    assert found is None, "the focus never leaves the page"
    assert wrong[:10] == []
    if width == 320:
        assert checks.covering(page) <= height / 3, "what stays in place leaves too little room"

    page.keyboard.press("Tab")  # from before the first stop again
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "document.activeElement === document.body || document.activeElement.closest('main, footer') !== null"
    assert page.evaluate(inside), "the first stop does not lead to the content"
