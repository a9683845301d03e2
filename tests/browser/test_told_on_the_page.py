"""You asked, it is here: told on the page of all modules, in place of its lead, until it is dismissed."""

from __future__ import annotations

import json
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

TITLE = {"en": "You asked, it is here", "fr": "Vous l’aviez demandé, c’est disponible"}
DISMISS = {"en": "Dismiss", "fr": "Masquer"}
#: Two modules that are active, what they are called, and who voted for them.
REVIEWS = {"en": "Customer reviews", "fr": "Avis clients"}
SOCIALS = {"en": "Social profiles", "fr": "Réseaux sociaux"}
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


def panel(page: Page, language: str = "en") -> Locator:
    return page.get_by_role("region", name=TITLE[language])


def button(page: Page, label: dict[str, str], language: str = "en") -> Locator:
    return panel(page, language).get_by_role("button", name=f"{DISMISS[language]} {label[language]}", exact=True)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_is_told_with_links_and_dismissed_by_the_keyboard(language: str, browsing: Browsing) -> None:
    page = browsing.open(f"/{language}/", ASKER)
    links = panel(page, language).get_by_role("link")
    expect(links).to_have_text([SOCIALS[language], REVIEWS[language]], use_inner_text=True)
    expect(links.last).to_have_attribute("href", f"/{language}/modules/reviews")
    expect(page.locator(".lead")).to_be_hidden()

    links.first.focus()
    page.keyboard.press("Tab")
    expect(button(page, SOCIALS, language)).to_be_focused()
    page.keyboard.press("Enter")
    expect(links).to_have_text([REVIEWS[language]], use_inner_text=True)
    expect(page.get_by_role("status").filter(has_text=SOCIALS[language])).to_have_count(1)  # heard
    expect(button(page, REVIEWS, language)).to_be_focused()
    page.keyboard.press("Space")
    expect(panel(page, language)).to_be_hidden()
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.locator(".lead")).to_be_visible()

    browsing.go(page, f"/{language}/")  # nor is it told again
    expect(panel(page, language)).to_be_hidden()
    assert checks.shifting(page) == []


@pytest.mark.parametrize("who", [None, "member", "pending"])
def test_nothing_moves_for_those_who_have_none(who: str | None, browsing: Browsing) -> None:
    page = browsing.open("/fr/", who)
    expect(panel(page, "fr")).to_be_hidden()
    expect(page.locator(".lead")).to_be_visible()
    assert checks.shifting(page) == []


@pytest.mark.parametrize(("width", "most"), [(1440, 0), (390, 0.1)])
def test_little_moves_for_those_who_have_some(width: int, most: float, browsing: Browsing) -> None:
    """0.1 is what Core Web Vitals calls good; where all names fit into one row, nothing moves."""
    page = browsing.open("/en/", ASKER, width=width)
    expect(panel(page)).to_be_visible()
    assert page.evaluate("seen.shift") <= most


def test_what_fails_stays_and_is_said(browsing: Browsing) -> None:
    page = browsing.open("/en/", ASKER)
    problem = {"type": "about:blank", "title": "No", "status": 503, "detail": "Try again."}
    page.route(
        "**/api/me/shipped/*",
        lambda route: route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem)),
    )
    button(page, REVIEWS).click()
    expect(page.locator("#toast")).to_contain_text("Customer reviews could not be dismissed")
    expect(button(page, REVIEWS)).to_be_focused()
    browsing.forgive("status of 503")


def test_whose_session_has_ended_is_led_to_sign_in(browsing: Browsing) -> None:
    page = browsing.open("/en/", ASKER)
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


def test_without_javascript_the_page_is_as_ever(browsing: Browsing) -> None:
    page = browsing.open("/en/", ASKER, java_script_enabled=False)
    expect(panel(page)).to_be_hidden()
    expect(page.locator(".lead")).to_be_visible()


def test_other_pages_do_not_tell_it(browsing: Browsing) -> None:
    assert panel(browsing.open("/en/roadmap", ASKER)).count() == 0
