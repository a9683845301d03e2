"""While the store does not answer, pages that need it say so once, and offer no sign-in to whoever is signed in."""

import pytest
from browser import checks
from browser.browsing import Browsing
from browser.pages import EACH_LANGUAGE, says
from playwright.sync_api import expect

pytestmark = pytest.mark.long


@EACH_LANGUAGE
def test_it_is_said_once_on_pages_that_need_it(browsing: Browsing, lang: str) -> None:
    page = browsing.profile("member", width=390).new_page()
    page.route("**/api/**", lambda route: route.fulfill(status=503, json={}))
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          seen.wasOffered = document.querySelector("#sign-in")?.checkVisibility();
        })"""
    )
    said = says(
        lang,
        "Votes, requests and your account are not available right now.",
        "Les votes, les demandes et votre compte ne sont pas accessibles pour le moment.",
    )
    notice = page.get_by_role("status").filter(has_text=said)
    for path, needs_it in (("", True), ("roadmap", True), ("modules/sms_campaign", True), ("graph", False)):
        browsing.go(page, f"/{lang}/{path}")
        assert not page.evaluate("seen.wasOffered"), "before it is known, either"
        expect(page.locator("#sign-in")).to_be_hidden()
        expect(notice).to_have_count(int(needs_it))
        assert checks.moving(page) == []
    browsing.forgive("status of 503")
    page.unroute("**/api/**")
    browsing.go(page, f"/{lang}/")
    expect(page.locator("#account").get_by_role("button")).to_be_visible()
    expect(notice).to_have_count(0)
