"""Every page by the keyboard alone: what can be pressed is reached, in order, and the focus is seen all the way."""

from __future__ import annotations

import pytest
from browser import checks
from browser.browsing import Browsing
from browser.pages import PAGES, Page

pytestmark = pytest.mark.long

every_page = pytest.mark.parametrize("of", PAGES, ids=lambda page: page.name)

#: How many stops are walked at most: the reference has the most, about 250.
STOPS = 600


@every_page
@pytest.mark.parametrize(("width", "height", "theme"), [(1440, 900, "light"), (320, 256, "dark")])
def test_the_focus_is_seen_all_the_way(of: Page, width: int, height: int, theme: str, browsing: Browsing) -> None:
    """At 320 by 256 px, too, which is 1,280 by 1,024 at 400 %."""
    page = browsing.look_at(of, "fr", width=width, height=height, color_scheme=theme)
    wrong: list[str] = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        found = checks.focus_problems(page)
        if found is None:
            break
        wrong += found
    assert found is None, "the focus never leaves the page"
    assert wrong[:10] == []


@every_page
def test_the_first_stop_leads_to_the_content(of: Page, browsing: Browsing) -> None:
    page = browsing.look_at(of, "en")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    reached = "document.activeElement === document.body || document.activeElement.closest('main, footer') !== null"
    assert page.evaluate(reached)
