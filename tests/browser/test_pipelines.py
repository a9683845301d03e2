"""Putting a pipeline together, with scripts."""

import re

import pytest
from browser.browsing import Browsing
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.long


def steps(page: Page) -> list[list[str]]:
    """The modules of each step, by what they are called."""
    listed = page.locator("#plan .step").all()
    return [step.locator(".step-name").all_inner_texts() for step in listed]


def test_the_plan_follows_what_is_picked_and_the_focus_stays(browsing: Browsing) -> None:
    page = browsing.open("/en/pipelines", height=700)
    page.get_by_label("Email finder", exact=True).check()
    page.get_by_label("Google Maps scraper", exact=True).focus()
    page.keyboard.press("Space")
    expect(page.locator("#plan .step")).to_have_count(2)
    assert steps(page) == [["Google Maps scraper"], ["Email finder"]]
    expect(page).to_have_url(re.compile(r"/en/pipelines\?modules=scrap,emails$"))
    expect(page.get_by_label("Google Maps scraper", exact=True)).to_be_focused()
    expect(page.locator("#news")).to_have_text("2 steps")
    page.get_by_label("Sort", exact=True).focus()  # the last box
    expect(page.locator("#plan")).to_be_in_viewport(ratio=0.99)


def test_what_is_missing_is_heard_and_added_by_one_press(browsing: Browsing) -> None:
    page = browsing.open("/en/pipelines")
    page.get_by_label("Email verification", exact=True).check()
    expect(page.locator("#news")).to_have_text("1 step, missing: emails")
    page.locator("#plan").get_by_role("link", name="Email finder", exact=True).click()
    expect(page.get_by_label("Email finder", exact=True)).to_be_checked()
    browsing.quiet(page)
    page.get_by_label("Email verification", exact=True).uncheck()
    page.get_by_label("Email finder", exact=True).uncheck()
    expect(page.get_by_text("No modules chosen yet.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/en/pipelines$"))
    browsing.quiet(page)


def test_where_the_service_is_gone_the_plan_stays_and_it_says_so(browsing: Browsing) -> None:
    page = browsing.open("/en/pipelines?modules=scrap")
    page.context.set_offline(True)
    page.get_by_label("File import", exact=True).check()
    expect(page.locator("#toast")).to_have_text("The plan could not be made. Try again in a moment.")
    assert steps(page) == [["Google Maps scraper"]]
    page.context.set_offline(False)
    browsing.forgive("ERR_INTERNET_DISCONNECTED")
