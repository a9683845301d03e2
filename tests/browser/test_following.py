"""Pages of modules follow the registry while they are open, and leave the reader where they are."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from browser.browsing import REGISTRY, Browsing
from demo_registry import as_yaml, document
from playwright.sync_api import Route, expect
from support import wait_until

pytestmark = pytest.mark.long


@contextmanager
def edited(browsing: Browsing, said: dict[str, Any]) -> Iterator[None]:
    """The demo with another registry in force, until the block ends."""
    file, ask = browsing.demo.registry, browsing.profile().request

    def in_force(wanted: dict[str, Any]) -> bool:
        labels = [module["label"] for module in ask.get("/api/modules").json()["modules"]]
        return labels == [entry["label"] for entry in wanted["modules"]]

    file.write_text(as_yaml(said), encoding="utf-8")
    try:
        wait_until(lambda: in_force(said))
        yield
    finally:
        file.write_text(REGISTRY, encoding="utf-8")
        wait_until(lambda: in_force(document()))


def test_an_edit_shows_without_moving_scroll_focus_or_typed_text(browsing: Browsing) -> None:
    page = browsing.profile("member").new_page()
    page.clock.install()
    browsing.go(page, "/en/?state=coming_soon")
    page.evaluate("scrollTo(0, 500)")
    scroll = page.evaluate("scrollY")
    assert scroll > 0
    page.keyboard.press("Control+k")
    palette, main = page.get_by_role("dialog"), page.get_by_role("main")
    palette.get_by_role("combobox").fill("link")

    said = document()
    linkedin = next(entry for entry in said["modules"] if entry["slug"] == "linkedin")
    linkedin["label"] = {"fr": "LinkedIn et Xing", "en": "LinkedIn and Xing"}
    label = {"fr": "Podcasts", "en": "Podcasts"}
    said["modules"].append({"slug": "podcasts", "category": "sources", "label": label, "coming_soon": True})
    with edited(browsing, said):
        page.clock.fast_forward(30_000)
        expect(main.get_by_text("LinkedIn and Xing", exact=True)).to_have_count(1)
        expect(main.get_by_text("Podcasts", exact=True)).to_have_count(1)
        expect(palette.get_by_role("combobox")).to_have_value("link")
        expect(palette.get_by_role("combobox")).to_be_focused()
        assert page.evaluate("scrollY") == scroll
        page.keyboard.press("Escape")
        page.get_by_role("button", name="LinkedIn and Xing").focus()
        top = page.evaluate("document.activeElement.getBoundingClientRect().top")
        page.keyboard.press("Control+k")
        expect(palette.get_by_role("combobox")).to_be_focused()
    page.clock.fast_forward(30_000)
    expect(main.get_by_text("Podcasts", exact=True)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Vote for LinkedIn")).to_be_focused()  # whose tile was made anew
    assert abs(page.evaluate("document.activeElement.getBoundingClientRect().top") - top) < 2


def test_a_page_that_was_kept_follows_the_first_answer(browsing: Browsing) -> None:
    def newer(route: Route) -> None:
        if route.request.resource_type == "document":
            return route.continue_()
        answer = route.fetch()
        text = re.sub(r' data-digest="\w+"', ' data-digest="another"', answer.text())
        return route.fulfill(response=answer, body=text.replace(">Email finder<", ">Mail finder<"))

    page = browsing.profile("member").new_page()
    page.route("**/en/", newer)
    browsing.go(page, "/en/")
    expect(page.locator("#emails h3")).to_have_text("Mail finder")
    expect(page.locator("[data-needed=linkedin] b")).to_have_count(1)
