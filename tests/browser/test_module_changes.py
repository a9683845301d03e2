"""What changed of a module, on its page."""

from __future__ import annotations

import pytest
from browser.browsing import Browsing
from playwright.sync_api import expect

pytestmark = pytest.mark.long


def test_a_module_tells_what_changed_once_it_is_opened(browsing: Browsing) -> None:
    page = browsing.open(f"/en/modules/{browsing.demo.changed()}")
    part = page.locator("#what-changed")
    expect(part.locator(".event")).to_have_count(0)
    page.emulate_media(media="print")
    expect(part).to_be_hidden()
    page.emulate_media(media="screen")
    part.locator("summary").press("Enter")
    expect(part.locator(".event").last).to_contain_text("Released: it was coming soon, and is active now.")
    expect(part.get_by_text("Loading…")).to_have_count(0)
    part.locator("summary").press("Enter")
    part.locator("summary").press("Enter")
    browsing.quiet(page)
    expect(part.locator(".events")).to_have_count(1)
    page.emulate_media(media="print")
    expect(part.locator(".event").last).to_be_visible()


def test_where_it_cannot_be_loaded_it_says_so_and_tries_again(browsing: Browsing) -> None:
    page = browsing.open(f"/fr/modules/{browsing.demo.changed()}")
    part = page.locator("#what-changed")
    page.context.set_offline(True)
    part.locator("summary").click()
    expect(part.get_by_text("Le chargement a échoué. Refermez et réessayez.")).to_be_visible()
    browsing.forgive("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(False)
    part.locator("summary").click()
    part.locator("summary").click()
    expect(part.locator(".event").first).to_be_visible()
    expect(part.get_by_text("Le chargement a échoué")).to_have_count(0)
