"""An activation request from the tile to the answer: with JavaScript and without, by keyboard, and by two admins."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser.browsing import Browsing, Demo
from playwright.sync_api import Page, expect

from service.feedback.erasing import erase

pytestmark = pytest.mark.long

#: On demand, and the one that the demo's member has not asked for; somebody who has asked for nothing.
MODULE, NEWCOMER = "whatsapp_campaign", "newcomer"


@pytest.fixture
def newcomer(served: Demo) -> Iterator[str]:
    """The account of somebody who has asked for nothing yet."""
    served.add(NEWCOMER, "Nour El Amrani")
    yield NEWCOMER
    with served.store() as client:
        erase(client, NEWCOMER)


def ask(page: Page, text: str) -> str:
    """From the tile of a module to its request; returns the id of that."""
    page.locator(f"#{MODULE}").get_by_role("link", name="Request activation").click()
    page.get_by_label("What do you need it for?").fill(text)
    page.get_by_role("button", name="Send the request").click()
    expect(page).to_have_url(re.compile("/en/requests/[0-9a-f]{16}"))
    expect(page.get_by_role("main")).to_contain_text(text)
    found = re.search("/requests/([0-9a-f]+)", page.url)
    assert found
    return found[1]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_request_is_asked_answered_and_read(javascript: bool, browsing: Browsing, newcomer: str) -> None:
    member = browsing.open("/en/", newcomer, java_script_enabled=javascript)
    thread = ask(member, "For 300 clients, please.")
    if javascript:
        expect(member.get_by_role("main")).to_contain_text("Your message was sent.")
        expect(member).to_have_url(re.compile(f"/en/requests/{thread}#latest$"))
        member.reload()
        expect(member.get_by_role("main")).to_contain_text("For 300 clients, please.")
        expect(member.get_by_role("main")).not_to_contain_text("Your message was sent.")  # told once

    admin = browsing.open("/en/admin/", "admin", java_script_enabled=javascript)
    admin.locator(f"main a[href$='/admin/requests/{thread}']").click()
    expect(admin.get_by_role("article")).to_contain_text("For 300 clients, please.")
    admin.get_by_label("Your answer").fill("With pleasure: from Monday.")
    admin.get_by_label("Status").select_option("activated")
    admin.get_by_role("button", name="Send").click()
    expect(admin.get_by_role("article")).to_contain_text("With pleasure: from Monday.")
    expect(admin.get_by_role("article").locator(".request-activated").first).to_be_visible()

    browsing.go(member, "/en/")
    account = member.locator("#account").get_by_role("button")
    if javascript:
        expect(account).to_have_accessible_name("1 unread Nour El Amrani")
    browsing.go(member, "/en/requests")
    listed = member.locator(f"main a[href$='/requests/{thread}']")
    expect(listed).to_contain_text("Unread")
    listed.click()
    expect(member.get_by_role("main")).to_contain_text("With pleasure: from Monday.")
    expect(member.get_by_role("main")).to_contain_text("The module has been activated for you.")
    if not javascript:
        member.get_by_role("button", name="Mark as read").click()
    browsing.quiet(member)
    if javascript:
        expect(account).to_have_accessible_name("Nour El Amrani")
    browsing.go(member, "/en/requests")
    expect(listed).not_to_contain_text("Unread")


def test_the_second_admin_is_told_and_loses_nothing_that_was_typed(
    browsing: Browsing, newcomer: str, served: Demo
) -> None:
    thread = ask(browsing.open("/en/", newcomer), "May we have it?")
    served.add("admin2", "Lin Chen", role="admin")
    first, second = (browsing.open(f"/en/admin/requests/{thread}", who) for who in ("admin", "admin2"))
    first.get_by_label("Status").select_option("declined")
    first.get_by_role("button", name="Send").click()
    expect(first.get_by_role("status").filter(has_text="changed").first).to_be_visible()
    second.get_by_label("Your answer").fill("Of course!")
    second.get_by_label("Status").select_option("activated")
    second.get_by_role("button", name="Send").click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody was faster.")
    expect(second.get_by_role("alert")).to_contain_text("Declined")
    expect(second.get_by_label("Your answer")).to_have_value("Of course!")
    browsing.forgive("status of 412")


def test_an_empty_message_is_refused_at_its_field(browsing: Browsing) -> None:
    page = browsing.open(f"/fr/modules/{MODULE}/request", "member", java_script_enabled=False)
    page.locator("main form button").first.click()
    expect(page.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("textbox")).to_be_focused()
    assert page.title().startswith("Erreur")


def test_the_desk_by_keyboard_alone(browsing: Browsing) -> None:
    page = browsing.open("/en/admin/requests", "admin")
    current = page.locator(".desk-list a[aria-current]")
    first = current.get_attribute("href") or ""
    page.keyboard.press("j")
    expect(current).not_to_have_attribute("href", first)
    page.keyboard.press("k")
    expect(current).to_have_attribute("href", first)
    page.keyboard.press("r")
    answer = page.get_by_label("Your answer")
    expect(answer).to_be_focused()
    page.keyboard.type("jkr")  # letters are letters where one types
    expect(answer).to_have_value("jkr")

    switch = page.get_by_label("Keys:")
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).not_to_be_checked()
    page.keyboard.press("r")
    expect(switch).to_be_focused()
    browsing.go(page, "/en/admin/requests")  # remembered
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(answer).not_to_be_focused()
    expect(current).to_have_attribute("href", first)
