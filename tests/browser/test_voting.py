"""Votes on the modules page: seen at once, corrected by the server, rolled back on an error, and possible without
JavaScript."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest
from browser.browsing import Browsing, Demo
from playwright.sync_api import Locator, Page, expect
from support import wait_until

from service.interest.maintenance import tally
from service.registry.loading import load

pytestmark = pytest.mark.long

#: What the button says, and the count of N beside it.
VOTE = {"en": "Vote", "fr": "Voter"}
COUNT = {"en": r"Needed \((\d[\d,]*)\)", "fr": r"(\d[\d\s]*)\sdemandes?"}


def vote_button(page: Page, language: str = "en") -> Locator:
    """The vote button of LinkedIn, by its accessible name: what it says first, then the feature."""
    return page.get_by_role("button", name=re.compile(f"^{VOTE[language]}\\b.*LinkedIn"))


def count(page: Page, language: str = "en") -> int:
    """The count beside the button of LinkedIn."""
    tile = page.locator("#linkedin")
    expect(tile).to_contain_text(re.compile(COUNT[language]))
    found = re.search(COUNT[language], tile.inner_text())
    assert found
    return int(re.sub(r"\D", "", found[1]))


def stored(served: Demo) -> int:
    """The number of votes for LinkedIn, as the store has it."""
    with served.store() as client:
        return tally(client, ["linkedin"], load(served.registry))["linkedin"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_one_press_votes_and_another_retracts(language: str, browsing: Browsing, served: Demo) -> None:
    page = browsing.open(f"/{language}/", "admin")
    button = vote_button(page, language)
    expect(button).to_have_attribute("aria-pressed", "false")
    before, text = count(page, language), button.inner_text()
    assert before == stored(served)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert count(page, language) == before + 1
    assert button.inner_text() == text == VOTE[language]
    expect(page.get_by_role("status").filter(has_text="LinkedIn")).to_contain_text(f"{before + 1}")  # heard
    wait_until(lambda: stored(served) == before + 1)
    browsing.go(page, f"/{language}/")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.press("Space")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert count(page, language) == before
    expect(button).to_be_focused()
    wait_until(lambda: stored(served) == before)


def test_the_look_of_a_vote_is_not_a_matter_of_colour_alone(browsing: Browsing) -> None:
    page = browsing.open("/en/", "admin", forced_colors="active")
    button = vote_button(page)
    page.mouse.move(0, 0)
    before = button.screenshot()
    assert page.evaluate("b => parseFloat(getComputedStyle(b).borderTopWidth)", button.element_handle()) >= 1
    button.evaluate("button => button.setAttribute('aria-pressed', 'true')")
    assert button.screenshot() != before


@pytest.mark.parametrize("status", [503, 429])
def test_a_vote_that_fails_is_taken_back_and_said(status: int, browsing: Browsing, served: Demo) -> None:
    page = browsing.open("/en/", "admin")
    problem = {"type": "about:blank", "title": "No", "status": status, "detail": "Try again."}
    page.route(
        "**/api/features/*/interest",
        lambda route: route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(problem)),
    )
    button, before = vote_button(page), count(page)
    button.click()
    expect(page.locator("#toast")).to_have_text(re.compile(r"\w"))
    expect(button).to_have_attribute("aria-pressed", "false")
    assert count(page) == before == stored(served)
    browsing.forgive(f"status of {status}")


def test_a_vote_without_a_network_is_taken_back_and_said(browsing: Browsing) -> None:
    page = browsing.open("/fr/", "admin")
    button = vote_button(page, "fr")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.context.set_offline(True)
    button.click()
    expect(page.locator("#toast")).to_have_text(re.compile(r"\w"))
    expect(button).to_have_attribute("aria-pressed", "false")
    browsing.forgive("ERR_INTERNET_DISCONNECTED")


def test_where_nobody_knows_who_is_signed_in_a_vote_is_tried(browsing: Browsing, served: Demo) -> None:
    page = browsing.profile("admin").new_page()
    page.route("**/api/me", lambda route: route.fulfill(status=503, json={}))
    browsing.go(page, "/en/")
    expect(page.locator("#account")).to_have_text("", use_inner_text=True)  # neither a name, nor to sign in
    before = stored(served)
    button = vote_button(page)
    for pressed, number in (("true", before + 1), ("false", before)):
        button.click()
        expect(button).to_have_attribute("aria-pressed", pressed)
        assert count(page) == number
        wait_until(lambda: stored(served) == number)  # noqa: B023 -- called at once
    page.route("**/api/features/*/interest", lambda route: route.fulfill(status=503, json={}))
    button.click()
    expect(page.locator("#toast")).to_have_text(re.compile(r"\w"))
    browsing.forgive("status of 503")


def test_who_is_signed_out_sees_no_counts_and_is_led_to_sign_in_and_back(browsing: Browsing, served: Demo) -> None:
    page = browsing.open("/en/?state=coming_soon")
    expect(page.get_by_role("main")).not_to_contain_text(re.compile(COUNT["en"]))
    vote_button(page).click()
    expect(page).to_have_url(re.compile("/en/sign-in"))
    page.goto(served.link("member"))  # as somebody sent it
    page.get_by_role("button", name="Sign in as member").click()
    expect(page).to_have_url(f"{served.url}/en/?state=coming_soon")
    expect(page.locator("#account")).to_contain_text("Camille Lefèvre")
    assert count(page) == stored(served)


def test_the_link_of_the_bar_leads_back_to_the_filters_that_were_chosen(browsing: Browsing, served: Demo) -> None:
    page = browsing.open("/en/")
    page.locator("[data-filter=state][data-value=coming_soon]").click()
    expect(page).to_have_url(re.compile(r"\?state=coming_soon"))
    chosen = page.url
    page.locator("#sign-in").click()
    expect(page).to_have_url(re.compile("/en/sign-in"))
    page.goto(served.link("member"))
    page.get_by_role("button", name="Sign in as member").click()
    expect(page).to_have_url(chosen)


@pytest.mark.parametrize("elsewhere", ["//example.com/", "https://example.com/", "/\\example.com", "javascript:a()"])
def test_signing_in_leads_to_no_other_site(elsewhere: str, browsing: Browsing, served: Demo) -> None:
    page = browsing.open("/en/sign-in?" + urlencode({"next": elsewhere}))
    page.goto(served.link("member"))
    page.get_by_role("button", name="Sign in as member").click()
    expect(page).to_have_url(re.compile(re.escape(served.url) + "/en/?$"))


def test_a_link_is_for_one_use_and_says_so(browsing: Browsing, served: Demo) -> None:
    link = served.link("member")
    page = browsing.profile(locale="fr-FR").new_page()
    page.goto(link)
    page.get_by_role("main").get_by_role("button").click()
    expect(page).to_have_url(f"{served.url}/fr/")
    answer = page.goto(link)
    assert answer and answer.status == 410
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")


def test_a_pending_account_is_told_why_it_cannot_vote_yet(browsing: Browsing) -> None:
    page = browsing.open("/en/", "pending")
    button, before = vote_button(page), count(page)
    button.click()
    expect(page.locator("#toast")).to_contain_text("activated")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert count(page) == before


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_vote_without_javascript(language: str, browsing: Browsing, served: Demo) -> None:
    page = browsing.open(f"/{language}/", "admin", java_script_enabled=False)
    before = stored(served)
    page.get_by_role("main").locator("a[href$='/modules/linkedin/vote']").click()
    page.get_by_role("main").get_by_role("button").click()  # a form, and a 303 back
    assert stored(served) == before + 1
    browsing.go(page, f"/{language}/modules/linkedin/vote")
    page.get_by_role("main").get_by_role("button").click()
    assert stored(served) == before


def test_everything_can_be_read_without_javascript(browsing: Browsing, served: Demo) -> None:
    page = browsing.open("/fr/?state=coming_soon", java_script_enabled=False)
    for module in load(served.registry).modules:
        expect(page.get_by_role("main").get_by_role("link", name=module.label.fr, exact=True).first).to_be_visible()
