"""What stands on every page: search, languages, the theme, and the account."""

import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.request import urlopen

import pytest
from browser import checks
from browser.browsing import WATCH, Browsing, Demo
from browser.pages import EACH_LANGUAGE
from playwright.sync_api import Browser, expect
from support import wait_until

pytestmark = pytest.mark.long


def test_the_theme_is_the_systems_until_it_is_switched(browsing: Browsing) -> None:
    page = browsing.open("/en/", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    switch = page.get_by_role("button", name="Dark theme")
    expect(switch).to_have_attribute("aria-pressed", "true")
    dark = page.evaluate(background)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    light = page.evaluate(background)
    assert light != dark
    browsing.go(page, "/fr/roadmap")  # remembered, and there before the first paint
    assert page.evaluate(background) == light
    page.get_by_role("banner").locator(".tools .theme-switch").click()  # dark, as it was chosen, and yet light on paper
    page.emulate_media(media="print")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    for pressed in ("button", "#search", ".foot", "#menu a"):
        assert not page.locator(pressed).filter(visible=True).count()


def test_the_language_that_one_switches_to_is_that_of_the_account_in_every_browser(browsing: Browsing) -> None:
    browsing.demo.add("polly", "Polly Glott")
    page = browsing.open("/en/modules/emails", "polly", locale="en-GB")
    expect(page.get_by_role("button", name="Polly Glott")).to_be_visible()
    with page.expect_request("**/api/me/locale"):
        page.get_by_role("banner").get_by_role("link", name="Français").click()
    expect(page).to_have_url(re.compile("/fr/modules/emails$"))
    wait_until(lambda: page.request.get("/api/me").json()["locale"] == "fr")
    other = browsing.open("/", "polly", locale="en-GB")
    expect(other).to_have_url(re.compile("/fr/$"))


def test_admins_print_the_list_or_the_request_that_they_read(browsing: Browsing) -> None:
    page = browsing.open("/en/admin/requests", "admin", width=718)
    page.emulate_media(media="print")
    expect(page.locator(".desk-list a").last).to_be_visible()
    expect(page.locator(".desk-thread")).to_be_hidden()
    browsing.go(page, f"/en/admin/requests/{browsing.demo.thread('member')}")
    expect(page.locator(".desk-thread .words").last).to_be_visible()
    expect(page.locator(".desk-list")).to_be_hidden()


@EACH_LANGUAGE
def test_at_400_percent_the_bar_gives_way_and_all_of_its_menus_can_be_reached(lang: str, browsing: Browsing) -> None:
    page = browsing.open(f"/{lang}/", "admin", width=320, height=256)
    for button, items in (("#account button", "#account-items a"), (".menu-button", "#menu a, #menu button")):
        page.locator(button).first.click()
        for item in page.locator(items).filter(visible=True).all():
            item.click(trial=True)  # which scrolls to it
        page.keyboard.press("Escape")
    page.mouse.move(160, 200)
    page.mouse.wheel(0, 400)
    wait_until(lambda: checks.run(page, "covering") == [0])


def test_letters_are_as_wide_where_there_is_no_other_font_than_debians(browsing: Browsing) -> None:
    """No font is served. DejaVu Sans, a third wider than others where it is bold, is fitted to them."""
    page = browsing.open("/fr/")
    used = page.context.new_cdp_session(page)
    used.send("DOM.enable")
    used.send("CSS.enable")
    root = used.send("DOM.getDocument")["root"]["nodeId"]
    node = used.send("DOM.querySelector", {"nodeId": root, "selector": ".lead"})["nodeId"]
    [font] = used.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    if font["familyName"] != "DejaVu Sans":
        pytest.skip(f"here is {font['familyName']}")
    widths = page.evaluate(
        """() => [["400", ".lead"], ["650", "h1"]].map(([weight, at]) => {
          const context = document.createElement("canvas").getContext("2d");
          const text = document.querySelector(at).textContent;
          const wide = (family) => (context.font = `${weight} 100px ${family}`, context.measureText(text).width);
          return wide("Fitted") / wide('"DejaVu Sans"');
        })"""
    )
    assert [round(width, 2) for width in widths] == [0.93, 0.86]
    assert font["isCustomFont"] is False, "nothing is loaded"


def test_the_bar_is_painted_whole_however_a_page_comes(chromium: Browser, served: Demo) -> None:
    """Else what comes of it later moves what is there."""

    class InTwoParts(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with urlopen(served.url + self.path) as answer:
                self.send_response(200)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.end_headers()
                first, middle, last = answer.read().partition(b'<div class="tools">')
            self.wfile.write(first)
            time.sleep(1 if middle else 0)  # in which it would be painted
            self.wfile.write(middle + last)

    with ThreadingHTTPServer(("127.0.0.1", 0), InTwoParts) as server, chromium.new_context() as context:
        Thread(target=server.serve_forever, daemon=True).start()
        context.add_init_script(path=WATCH)
        page = context.new_page()
        page.set_viewport_size({"width": 320, "height": 256})
        page.goto(f"http://127.0.0.1:{server.server_port}/fr/roadmap")
        assert page.locator("#menu").count() == 1
        assert checks.shifting(page) == []
        server.shutdown()
