"""The search palette in Chromium: by keyboard, by pointer, and as a screen reader is told of it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from support import DEADLINE, Serve

pytestmark = pytest.mark.long

expect.set_options(timeout=DEADLINE * 1000)


@pytest.fixture
def visit(browser: Browser, running: Serve) -> Iterator[Callable[..., Page]]:
    """Open a page of the service in a profile of its own."""
    contexts = []

    def visit(path: str = "/en/", **options: Any) -> Page:
        contexts.append(browser.new_context(base_url=running.url, **options))
        page = contexts[-1].new_page()
        page.goto(path)
        page.wait_for_load_state("networkidle")  # the scripts have run
        return page

    yield visit
    for context in contexts:
        context.close()


def field(page: Page) -> Locator:
    return page.get_by_role("combobox")


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def opened(page: Page) -> Page:
    """The page with its palette open, which has all modules."""
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    expect(page.locator("#palette [data-message]")).to_be_empty()
    return page


def test_by_keyboard_alone(visit: Callable[..., Page]) -> None:
    page = opened(visit())
    for name, number in (("Sign in", 1), ("My requests", 1), ("Administration", 0)):  # which is not for everybody
        expect(options(page).filter(has_text=name)).to_have_count(number)
    page.keyboard.type("gogle maps")
    expect(options(page).first).to_contain_text("Google Maps scraper")
    expect(options(page).first).to_contain_text("Active")
    field(page).fill("email")
    expect(page.locator("#palette [data-count]")).to_have_text("8 results")  # two of them can be done
    assert options(page).count() == 8
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    for key, at in (("ArrowDown", 1), ("ArrowUp", 0), ("ArrowUp", 7), ("ArrowDown", 0)):
        page.keyboard.press(key)
        chosen = options(page).nth(at)
        expect(chosen).to_have_attribute("aria-selected", "true")
        expect(field(page)).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "")
        assert page.locator("#palette [aria-selected=true]").count() == 1
    address = options(page).first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_escape_gives_the_focus_back_and_a_slash_opens_it_unless_switched_off(visit: Callable[..., Page]) -> None:
    page = visit()
    link = page.get_by_role("link", name="Roadmap").first
    link.focus()
    opened(page)
    page.keyboard.type("crm")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(link).to_be_focused()
    opened(page)
    expect(field(page)).to_have_value("crm")
    expect(options(page).first).to_contain_text("CRM")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    page.keyboard.type("a/b")  # in place of the old one, which is selected
    expect(field(page)).to_have_value("a/b")
    page.get_by_role("button", name="All shortcuts").click()
    page.get_by_role("checkbox").uncheck()  # what a slash does
    page.goto("/en/modules/scrap")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    page.keyboard.press("Control+k")  # toggles: were it open by now, this would close it
    expect(field(page)).to_be_focused()


def test_by_pointer(visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 390, "height": 760})
    search = page.get_by_role("button", name="Search")
    search.click()
    page.get_by_role("button", name="Close").click()
    expect(search).to_be_focused()
    search.click()
    page.mouse.click(5, 750)  # beside it
    expect(page.locator("#palette")).to_be_hidden()
    search.click()
    field(page).fill("pagesjaunes")
    options(page).first.click()
    page.wait_for_url("**/en/modules/pagesjaunes")


def test_no_number_is_told_before_the_modules_are_there(visit: Callable[..., Page]) -> None:
    page = visit("/fr/")
    waits, failed = "Chargement des modules…", "Fermez, puis réessayez"
    held: list[Route] = []
    page.route("**/api/modules", lambda route: held.append(route))
    page.keyboard.press("Control+k")
    field(page).fill("zzzz qqqq")
    message, count = page.locator("#palette [data-message]"), page.locator("#palette [data-count]")
    expect(message).to_have_text(waits)
    first(page, held).abort()
    expect(message).to_contain_text(failed)
    expect(count).to_be_empty()
    field(page).fill("feuille de route")
    expect(options(page).first).to_contain_text("Feuille de route")  # pages are found all the same
    field(page).fill("zzzz qqqq")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(message).to_have_text(waits)  # this time, again
    first(page, held).continue_()
    expect(count).to_contain_text("0")
    expect(field(page)).to_have_attribute("aria-expanded", "false")


def first(page: Page, held: list[Route]) -> Route:
    """The request that is held back, once there is one."""
    while not held:
        page.wait_for_timeout(20)  # which lets it come
    return held.pop()


def test_its_script_may_come_late_or_never(visit: Callable[..., Page]) -> None:
    page = visit()
    held: list[Route] = []
    page.route("**/palette.js", lambda route: held.append(route))
    page.keyboard.press("Control+k")
    page.keyboard.type("crm")
    first(page, held).continue_()
    expect(options(page).first).to_contain_text("CRM")
    expect(field(page)).to_have_value("crm")

    page = visit()
    page.route("**/palette.js", lambda route: held.append(route))
    page.keyboard.press("Control+k")
    page.keyboard.type("crm")
    page.keyboard.press("Enter")  # is not lost
    first(page, held).continue_()
    page.wait_for_url("**/en/modules/crm")

    page = visit()
    page.route("**/palette.js", lambda route: route.abort())
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#palette [data-message]")).to_have_text(re.compile("could not be loaded. Reload"))
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#palette")).to_be_hidden()
