"""The roadmap: what shipped stands after the stages, and who is signed in can have each stage by votes."""

import pytest
from browser import checks
from browser.browsing import Browsing
from browser.pages import EACH_LANGUAGE, says
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.long


def stages(page: Page) -> list[list[str]]:
    """The slugs of each stage, in their order."""
    found = "stage => [...stage.querySelectorAll('li[id]')].map(row => row.id)"
    return [stage.evaluate(found) for stage in page.locator(".stage").all()]


@EACH_LANGUAGE
def test_what_has_shipped_in_90_days_is_told_after_the_stages(browsing: Browsing, lang: str) -> None:
    page = browsing.open(f"/{lang}/roadmap")
    part = page.locator("[data-days]")
    changed = browsing.demo.changed()
    expect(part.locator(f"a[href='/{lang}/modules/{changed}']")).to_have_count(1)
    assert checks.moving(page) == []
    page.clock.set_fixed_time("2100-01-01")
    browsing.go(page, f"/{lang}/roadmap")
    expect(part.locator(".event")).to_have_count(0)
    still = browsing.open(f"/{lang}/roadmap", java_script_enabled=False)
    expect(still.locator(f"a[href='/{lang}/changes?kind=shipped']")).to_be_visible()


@EACH_LANGUAGE
def test_by_votes_orders_each_stage_for_whoever_is_signed_in(browsing: Browsing, lang: str) -> None:
    usual = browsing.open(f"/{lang}/roadmap?sort=votes")  # signed out
    expect(usual.locator(".order")).to_have_css("display", "none")  # nor is room kept for it
    page = browsing.open(f"/{lang}/roadmap", "member")
    assert stages(page) == stages(usual), "nothing moves unasked"
    by_votes = says(lang, "By votes", "Par votes")
    page.get_by_role("link", name=by_votes).click()
    expect(page.locator(".order [aria-current]")).to_have_text(by_votes)
    expect(page.locator("html:not([data-sort])")).to_have_count(1)
    counts = page.request.get("/api/features").json()["counts"]
    for shown, before in zip(stages(page), stages(usual), strict=True):
        assert shown == sorted(before, key=lambda slug: -counts[slug])
    assert stages(page) != stages(usual)
    assert checks.moving(page) == []
