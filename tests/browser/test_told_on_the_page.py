"""You asked, it is here: told on the page of all modules, in place of its lead, until it is dismissed."""

from __future__ import annotations

import re

import pytest
from browser import checks
from browser.browsing import Browsing, Demo
from playwright.sync_api import Locator, Page, expect
from support import OPERATOR, wait_until

from service.accounts import store as accounts
from service.accounts.store import Status
from service.interest.keys import dismissed_key
from service.interest.maintenance import add_voters

pytestmark = pytest.mark.long

#: What it is called, and its button says.
TITLE, DISMISS = "You asked, it is here", "Dismiss"
#: Two modules that are active, what they are called, and who voted for them.
REVIEWS, SOCIALS = "Customer reviews", "Social profiles"
ASKER = "asker"


@pytest.fixture(autouse=True)
def asker(browsing: Browsing, served: Demo) -> None:
    """Somebody who voted for two modules and has dismissed neither."""
    served.add(ASKER, "Inès Moreau")
    with served.store() as client:
        for slug in ("reviews", "socials"):
            add_voters(client, slug, [ASKER])
        client.delete(dismissed_key(ASKER))

    def told() -> bool:
        return len(browsing.profile(ASKER).request.get("/api/me").json()["shipped"]) == 2

    wait_until(told)  # which modules have votes, a worker believes for ten seconds


def panel(page: Page) -> Locator:
    return page.get_by_role("region", name=TITLE)


def button(page: Page, label: str) -> Locator:
    return panel(page).get_by_role("button", name=f"{DISMISS} {label}", exact=True)


def test_it_is_told_with_links_and_dismissed_by_the_keyboard(browsing: Browsing) -> None:
    narrow = browsing.open("/en/", ASKER, width=390)
    expect(panel(narrow)).to_be_visible()
    assert narrow.evaluate("seen.shift") <= 0.1, "what Core Web Vitals calls good"
    page = browsing.open("/en/", ASKER)
    links = panel(page).get_by_role("link")
    expect(links).to_have_text([SOCIALS, REVIEWS], use_inner_text=True)
    assert page.evaluate("seen.shift") == 0, "where all names fit into one row"
    expect(links.last).to_have_attribute("href", "/en/modules/reviews")
    expect(page.locator(".lead")).to_be_hidden()

    links.first.focus()
    page.keyboard.press("Tab")
    expect(button(page, SOCIALS)).to_be_focused()
    page.keyboard.press("Enter")
    expect(links).to_have_text([REVIEWS], use_inner_text=True)
    expect(page.get_by_role("status").filter(has_text=SOCIALS)).to_have_count(1)  # heard
    expect(button(page, REVIEWS)).to_be_focused()
    page.keyboard.press("Space")
    expect(panel(page)).to_be_hidden()
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.locator(".lead")).to_be_visible()

    browsing.go(page, "/en/")  # nor is it told again
    expect(panel(page)).to_be_hidden()
    assert checks.shifting(page) == []


def test_what_fails_stays_and_is_said(browsing: Browsing) -> None:
    page = browsing.open("/en/", ASKER)
    page.route("**/api/me/shipped/*", lambda route: route.fulfill(status=503, json={}))
    button(page, REVIEWS).click()
    expect(page.locator("#toast")).to_contain_text("Customer reviews could not be dismissed")
    expect(button(page, REVIEWS)).to_be_focused()
    browsing.forgive("status of 503")
    page.unroute("**/api/me/shipped/*")
    page.context.clear_cookies()
    button(page, REVIEWS).click()
    expect(page).to_have_url(re.compile("/en/sign-in"))


def test_a_pending_account_is_told_and_dismisses_nothing(browsing: Browsing, served: Demo) -> None:
    browsing.open("/en/", ASKER)  # signed in
    with served.store() as client:
        accounts.set_status(client, ASKER, Status.PENDING, by=OPERATOR)
        try:
            page = browsing.open("/en/", ASKER)
            expect(panel(page).get_by_role("link")).to_have_count(2)
            expect(panel(page).get_by_role("button")).to_have_count(0)
        finally:
            accounts.set_status(client, ASKER, Status.ACTIVE, by=OPERATOR)
