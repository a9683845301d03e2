"""axe finds nothing at all, on every page, in both languages and themes, at three widths (WCAG 2.2 AA and beyond)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.browsing import Browsing
from browser.pages import LANGUAGES, PAGES, THEMES, Page

pytestmark = pytest.mark.long

WIDTHS = (320, 768, 1440)

#: axe leaves these two out by default.
_OPTIONS = {"rules": {"target-size": {"enabled": True}, "css-orientation-lock": {"enabled": True}}}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("of", PAGES, ids=lambda page: page.name)
def test_axe_finds_nothing(of: Page, language: str, browsing: Browsing) -> None:
    page = browsing.open(of.at(language), of.who, status=of.status)
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for violation in Axe().run(page, options=_OPTIONS).response["violations"]:
                nodes = [f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"]]
                found.append((theme, width, violation["id"], violation["help"], nodes[:3]))
    assert not found
