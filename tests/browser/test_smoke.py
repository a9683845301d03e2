"""One look at the modules page: quick enough for every run."""

from __future__ import annotations

from browser import checks
from browser.browsing import Browsing
from playwright.sync_api import expect


def test_the_modules_page_is_whole_in_a_browser(browsing: Browsing) -> None:
    page = browsing.open("/fr/", "member", width=320)
    expect(page.get_by_role("heading", level=1)).to_have_text("Modules")
    expect(page.locator("#account")).to_contain_text("Camille Lefèvre")
    assert [*checks.overflowing(page), *checks.cut_off(page), *checks.small_targets(page)] == []
    assert checks.axe(page) == []
