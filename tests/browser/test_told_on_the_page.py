"""What one voted for and what is there by now: a sentence with its days, in place of the lead, until dismissed."""

import re
from collections.abc import Iterator

import pytest
from browser import checks
from browser.browsing import Browsing, Demo
from browser.pages import EACH_LANGUAGE, says
from playwright.sync_api import Locator, Page, expect
from support import OPERATOR, wait_until

from service.accounts import store as accounts
from service.accounts.store import Status
from service.history.store import RELEASED_KEY
from service.interest.keys import dismissed_key, voted_key
from service.interest.maintenance import add_voters

pytestmark = pytest.mark.long

#: Two modules that are active, and who voted for them: for the first on a day that is known, as its release is.
MODULES = ("reviews", "socials")
ASKER = "asker"

SAID = {
    "en": [
        "You voted for Customer reviews on 3 May 2025. It has been here since 1 June 2025. 1 more",
        "You voted for Social profiles. It is here now.",
    ],
    "fr": [
        "Vous avez voté pour Avis clients le 3 mai 2025. Disponible depuis le 1er juin 2025. 1 autre",
        "Vous avez voté pour Réseaux sociaux. C’est disponible.",
    ],
}


@pytest.fixture(autouse=True)
def asker(browsing: Browsing, served: Demo) -> Iterator[None]:
    """Somebody who voted for both and has dismissed neither."""
    served.add(ASKER, "Inès Moreau")
    with served.store() as client:
        for slug in MODULES:
            add_voters(client, slug, [ASKER])
            client.command("HDEL", voted_key(slug), ASKER)
        client.command("HSET", voted_key("reviews"), ASKER, "2025-05-03")
        client.command("HSET", RELEASED_KEY, "reviews", 1_748_772_000_000)
        client.delete(dismissed_key(ASKER))

        def told() -> bool:
            return len(browsing.profile(ASKER).request.get("/api/me").json()["shipped"]) == 2

        wait_until(told)  # which modules have votes, a worker believes for ten seconds
        yield
        client.command("HDEL", RELEASED_KEY, "reviews")


def told(page: Page) -> Locator:
    return page.locator("#told")


@EACH_LANGUAGE
@pytest.mark.parametrize(("path", "width"), [("", 1440), ("", 390), ("roadmap", 390)])
def test_it_is_a_sentence_with_its_days_and_is_dismissed_by_the_keyboard(
    lang: str, path: str, width: int, browsing: Browsing
) -> None:
    page = browsing.open(f"/{lang}/{path}", ASKER, width=width)
    link, button = told(page).get_by_role("link").first, told(page).get_by_role("button")
    expect(told(page).locator("p")).to_have_text(SAID[lang][0], use_inner_text=True)
    assert checks.moving(page) == []
    expect(page.locator(".lead").first).to_be_hidden()
    expect(link).to_have_attribute("href", f"/{lang}/modules/reviews")
    expect(button).to_have_accessible_name(re.compile(says(lang, "^Dismiss ", "^Masquer ")))

    button.focus()
    page.keyboard.press("Enter")
    expect(told(page).locator("p")).to_have_text(SAID[lang][1], use_inner_text=True)
    expect(button).to_be_focused()
    page.keyboard.press("Space")
    expect(told(page)).to_be_hidden()
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.locator(".lead").first).to_be_visible()

    browsing.go(page, f"/{lang}/{path}")  # nor is it told again
    expect(told(page)).to_be_hidden()
    assert checks.shifting(page) == []


def test_what_fails_stays_and_is_said(browsing: Browsing) -> None:
    page = browsing.open("/en/", ASKER)
    button = told(page).get_by_role("button")
    page.route("**/api/me/shipped/*", lambda route: route.fulfill(status=503, json={}))
    button.click()
    expect(page.locator("#toast")).to_contain_text("Customer reviews may not have been dismissed")
    expect(button).to_be_focused()
    browsing.forgive("status of 503")
    page.unroute("**/api/me/shipped/*")
    page.context.clear_cookies()
    button.click()
    expect(page).to_have_url(re.compile("/en/sign-in"))


def test_a_pending_account_is_told_and_dismisses_nothing(browsing: Browsing, served: Demo) -> None:
    browsing.open("/en/", ASKER)  # signed in
    with served.store() as client:
        accounts.set_status(client, ASKER, Status.PENDING, by=OPERATOR)
        try:
            page = browsing.open("/en/", ASKER)
            expect(told(page).locator("p")).to_have_text(SAID["en"][0], use_inner_text=True)
            expect(told(page).get_by_role("button")).to_have_count(0)
        finally:
            accounts.set_status(client, ASKER, Status.ACTIVE, by=OPERATOR)
