"""Every page: what holds at every width, in both languages and themes, on paper, and by the keyboard alone.

Each page is opened once at length, in a language, a theme and a width that change from page to page; every combination
is nightly. One look at a page answers several questions, as to load it takes longer than to ask them.
"""

from itertools import product
from typing import Any

import pytest
from browser import checks
from browser.browsing import Browsing
from browser.pages import A4, LANGUAGES, PAGES, THEMES, Listed

#: With both sides of each width at which the stylesheet changes the page.
WIDTHS = (320, 360, 390, 430, 431, 480, 481, 599, 600, 700, 768, 820, 859, 860, 861, 960, 1040, 1041, 1099, 1100)
WIDTHS += (1180, 1181, 1280, 1440, 1600)

#: The last is 1,280 by 1,024 at 400 % (WCAG 1.4.10, 2.4.7, 2.4.11).
WINDOWS = ((1440, 900), (320, 256))

#: How many stops are walked at most: the reference has the most, about 250.
STOPS = 600

#: WCAG 1.4.12. A stylesheet that a script makes is no matter of the policy.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets.push(sheet);
}"""


def turning(*situations: tuple[Any, ...]) -> list[Any]:
    """Every page in every combination of situations: in one of them at length, the next one for the next page."""
    every = list(product(*situations))
    return [
        pytest.param(of, *chosen, id=f"{of.name}-{'-'.join(map(str, chosen))}", marks=mark)
        for number, of in enumerate(PAGES)
        for at, chosen in enumerate(every)
        for mark in [pytest.mark.long if at == number * 5 % len(every) else pytest.mark.nightly]
    ]


@pytest.mark.parametrize(("of", "language", "theme", "width"), turning(LANGUAGES, THEMES, (320, 768, 1440)))
def test_it_stands_a_width_and_paper_and_axe_finds_nothing(
    of: Listed, language: str, theme: str, width: int, browsing: Browsing
) -> None:
    """Nothing sticks out, is cut off, lies over another or is too small; nothing moves where that is not wanted."""
    page = browsing.look_at(of, language, width=width, color_scheme=theme, reduced_motion="reduce")
    wrong = checks.wrong(page, "moving", "unfit_in_drawing", *checks.LAYOUT) + checks.axe(page)

    page.set_viewport_size({"width": A4, "height": 900})
    page.emulate_media(media="print")
    wrong += checks.wrong(page, "scrolling", "overflowing", "cut_off")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.getAnimations().length") == 0, "colours are still on their way from the dark theme"

    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 390, "height": 900})
    page.evaluate(SPACED)
    assert wrong + checks.wrong(page, "overflowing", "cut_off") == []


@pytest.mark.nightly
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("of", PAGES, ids=lambda page: page.name)
def test_it_stands_every_width(of: Listed, language: str, browsing: Browsing) -> None:
    page = browsing.look_at(of, language, reduced_motion="reduce")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert checks.wrong(page, *checks.LAYOUT) == [], f"at {width} px"


@pytest.mark.parametrize(("of", "language", "theme", "window"), turning(LANGUAGES, THEMES, WINDOWS))
def test_the_focus_is_seen_all_the_way(
    of: Listed, language: str, theme: str, window: tuple[int, int], browsing: Browsing
) -> None:
    width, height = window
    page = browsing.look_at(of, language, width=width, height=height, color_scheme=theme, slowly=width == 1440)
    assert checks.shifting(page) == []
    wrong: list[str] = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        [problems] = checks.run(page, "focus_problems")
        if problems is None:
            break
        wrong += problems
    assert problems is None, "the focus never leaves the page"
    assert wrong[:10] == []
    if width == 320:
        assert checks.run(page, "covering")[0] <= height / 3, "what stays in place leaves too little room"

    page.keyboard.press("Tab")  # from before the first stop again
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "document.activeElement === document.body || document.activeElement.closest('main, footer') !== null"
    assert page.evaluate(inside), "the first stop does not lead to the content"
