"""An admin lets somebody in."""

import pytest
from browser.browsing import Browsing
from playwright.sync_api import expect

pytestmark = pytest.mark.long


def test_who_cannot_sign_in_has_a_link_after_three_clicks(browsing: Browsing) -> None:
    browsing.demo.add("jean/..", "Jean-Noël Özgür")  # whose id would be lost in a path
    page = browsing.open("/en/", "admin")
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Administration").click()
    page.get_by_role("main").get_by_role("link", name="People").click()
    page.get_by_label("Name, e-mail address or identifier").fill("ozgur jean")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Jean-Noël Özgür")
    page.get_by_role("button", name="Create a sign-in link").click()
    field = page.get_by_label("Sign-in link")
    expect(field).to_be_focused()
    link = field.input_value()
    assert "token" not in page.url
    copy = page.locator("[data-copy]")
    copy.press("Enter")
    expect(copy).to_have_text("Copied")
    expect(copy).to_be_focused()  # also where the clipboard is not given
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy.click()
    assert page.evaluate("navigator.clipboard.readText()") == link
    for broken, says, focused in (
        ("Object.defineProperty(navigator, 'clipboard', {value: undefined})", "Copied", copy),  # as without HTTPS
        ("document.execCommand = () => false", "Copy", field),  # as where a policy forbids it
    ):
        page.evaluate(broken)
        copy.evaluate("button => button.textContent = 'Copy'")
        copy.click()
        expect(focused).to_be_focused()
        expect(copy).to_have_text(says)

    person = browsing.open(link.removeprefix(browsing.demo.url))
    person.get_by_role("button", name="Sign in as").click()
    expect(person.locator("#account")).to_contain_text("Jean-Noël Özgür")
