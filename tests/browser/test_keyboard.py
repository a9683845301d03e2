"""Every page by the keyboard alone: what can be pressed is reached, in order, and the focus is seen all the way."""

from __future__ import annotations

import pytest
from browser import checks
from browser.browsing import Browsing
from browser.pages import PAGES, Page

pytestmark = pytest.mark.long

every_page = pytest.mark.parametrize("of", PAGES, ids=lambda page: page.name)

#: How many stops are walked at most: a page of 52 tiles has about 150.
STOPS = 400


@every_page
@pytest.mark.parametrize(("width", "height", "theme"), [(1440, 900, "light"), (320, 256, "dark")])
def test_the_focus_is_seen_all_the_way(of: Page, width: int, height: int, theme: str, browsing: Browsing) -> None:
    page = browsing.open(of.at("fr"), of.who, status=of.status, width=width, height=height, color_scheme=theme)
    wrong, stops = [], []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stops.append(checks.focused(page))
        wrong += checks.focus_problems(page)
    assert len(stops) < STOPS, "the focus never leaves the page"
    assert len(stops) >= 5
    assert not wrong[:10]


@every_page
def test_the_first_stop_leads_to_the_content(of: Page, browsing: Browsing) -> None:
    page = browsing.open(of.at("en"), of.who, status=of.status)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('main') !== null || location.hash !== ''")
    page.keyboard.press("Tab")
    reached = "document.activeElement === document.body || document.activeElement.closest('main, footer') !== null"
    assert page.evaluate(reached)
