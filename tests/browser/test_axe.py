"""axe finds nothing at all, on every page, in both languages and themes, at three widths (WCAG 2.2 AA and beyond)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.browsing import Browsing
from browser.checks import COLOUR_RULES, EVERY_RULE
from browser.pages import LANGUAGES, PAGES, THEMES, Page

pytestmark = pytest.mark.long

WIDTHS = (320, 768, 1440)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("of", PAGES, ids=lambda page: page.name)
def test_axe_finds_nothing(of: Page, language: str, browsing: Browsing) -> None:
    page = browsing.look_at(of, language)
    found = []
    for theme, options in zip(THEMES, (EVERY_RULE, COLOUR_RULES), strict=True):  # a theme changes colours alone
        page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for violation in Axe().run(page, options=options).response["violations"]:
                nodes = [f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"]]
                found.append((theme, width, violation["id"], violation["help"], nodes[:3]))
    assert not found
