"""Votes on the modules page: seen at once, corrected by the server, and rolled back on an error."""

from __future__ import annotations

import re

import pytest
from browser.browsing import Browsing, Demo
from playwright.sync_api import Locator, Page, expect
from support import wait_until

from service.interest.maintenance import tally
from service.registry.loading import load

pytestmark = pytest.mark.long

#: The count of N beside the button.
COUNT = re.compile(r"Needed \((\d[\d,]*)\)")


def vote_button(page: Page) -> Locator:
    """The vote button of LinkedIn, by its accessible name: what it says first, then the feature."""
    return page.get_by_role("button", name=re.compile(r"^Vote\b.*LinkedIn"))


def count(page: Page) -> int:
    """The count beside the button of LinkedIn."""
    tile = page.locator("#linkedin")
    expect(tile).to_contain_text(COUNT)
    matched = COUNT.search(tile.inner_text())
    assert matched
    return int(matched[1].replace(",", ""))


def stored(served: Demo) -> int:
    """The number of votes for LinkedIn, as the store has it."""
    with served.store() as client:
        return tally(client, ["linkedin"], load(served.registry))["linkedin"]


def test_one_press_votes_and_another_retracts(browsing: Browsing, served: Demo) -> None:
    page = browsing.open("/en/", "admin")
    button = vote_button(page)
    expect(button).to_have_attribute("aria-pressed", "false")
    before, text = count(page), button.inner_text()
    assert before == stored(served)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert count(page) == before + 1
    assert button.inner_text() == text == "Vote"
    expect(page.get_by_role("status").filter(has_text="LinkedIn")).to_contain_text(f"{before + 1}")  # heard
    wait_until(lambda: stored(served) == before + 1)
    browsing.go(page, "/en/")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.press("Space")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert count(page) == before
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


@pytest.mark.parametrize("status", [503, None])
def test_a_vote_that_fails_is_taken_back_and_said(status: int | None, browsing: Browsing, served: Demo) -> None:
    """By the service, or since there is no network."""
    page = browsing.open("/en/", "admin")
    page.route(
        "**/api/features/*/interest",
        lambda route: route.fulfill(status=status, json={}) if status else route.abort("internetdisconnected"),
    )
    button, before = vote_button(page), count(page)
    button.click()
    expect(page.locator("#toast")).to_have_text(re.compile(r"\w"))
    expect(button).to_have_attribute("aria-pressed", "false")
    assert count(page) == before == stored(served)
    browsing.forgive(f"status of {status}" if status else "ERR_INTERNET_DISCONNECTED")


def test_a_pending_account_is_told_why_it_cannot_vote_yet(browsing: Browsing) -> None:
    page = browsing.open("/en/", "pending")
    before = count(page)
    vote_button(page).click()
    expect(page.locator("#toast")).to_contain_text("activated")
    expect(vote_button(page)).to_have_attribute("aria-pressed", "false")
    assert count(page) == before


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
    browsing.forgive("status of 503")


def test_who_is_signed_out_sees_no_counts_and_comes_back_to_the_filters_that_were_chosen(
    browsing: Browsing, served: Demo
) -> None:
    page = browsing.open("/en/")
    page.locator("[data-filter=state][data-value=coming_soon]").click()
    expect(page).to_have_url(re.compile(r"\?state=coming_soon"))
    chosen = page.url
    expect(page.get_by_role("main")).not_to_contain_text(COUNT)
    for way_in in (vote_button(page), page.locator("#sign-in")):
        way_in.click()
        expect(page).to_have_url(re.compile("/en/sign-in"))
        page.goto(served.link("member"))  # as somebody sent it
        page.get_by_role("button", name="Sign in as member").click()
        expect(page).to_have_url(chosen)
        assert count(page) == stored(served)
        page.context.clear_cookies()
        browsing.go(page, chosen.removeprefix(served.url))
