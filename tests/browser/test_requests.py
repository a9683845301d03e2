"""An activation request from the tile to the answer, and the desk of admins by keyboard."""

import re
from collections.abc import Iterator

import pytest
from browser.browsing import Browsing, Demo
from browser.pages import EACH_LANGUAGE, OTHER, says
from playwright.sync_api import expect

from service.feedback.keys import thread_key
from service.privacy.personal_data import erase_requests

pytestmark = pytest.mark.long

#: On demand, first the one that the demo's member has not asked for; somebody who has asked for nothing.
MODULE, SECOND, NEWCOMER = "whatsapp_campaign", "email_campaign", "newcomer"


@pytest.fixture
def newcomer(served: Demo) -> Iterator[str]:
    """The account of somebody who has asked for nothing yet."""
    served.add(NEWCOMER, "Nour El Amrani")
    yield NEWCOMER
    with served.store() as client:
        erase_requests(client, NEWCOMER)


def test_a_request_is_asked_answered_and_read(browsing: Browsing, newcomer: str) -> None:
    member = browsing.open("/en/", newcomer)
    member.locator(f"#{MODULE}").get_by_role("link", name="Request activation").click()
    member.locator("main form button").first.click()
    expect(member.get_by_role("textbox")).to_be_focused()  # nothing was written
    member.get_by_label("What do you need it for?").fill("For 300 clients, please.")
    member.get_by_role("button", name="Send the request").click()
    expect(member).to_have_url(re.compile("/en/requests/[0-9a-f]{16}#latest$"))
    thread = member.url.partition("/requests/")[2][:16]
    shown = member.get_by_role("main")
    expect(shown).to_contain_text("Your message is with the team.")
    expect(shown).to_contain_text("For 300 clients, please.")

    admin = browsing.open("/en/admin/", "admin", width=390)
    expect(admin.locator(".menu-button").get_by_text(re.compile("[0-9]+"))).to_be_visible()  # how many wait
    admin.get_by_role("link", name=re.compile("^See all")).click()
    admin.locator(f"main a[href$='/admin/requests/{thread}']").click()
    expect(admin.get_by_role("article")).to_contain_text("For 300 clients, please.")
    admin.get_by_label("Your answer").fill("With pleasure: from Monday.")
    admin.get_by_label("Status").select_option("activated")
    admin.get_by_role("button", name="Send").click()
    expect(admin.get_by_role("article")).to_contain_text("With pleasure: from Monday.")
    expect(admin.get_by_role("article").locator(".request-activated").first).to_be_visible()

    browsing.go(member, "/en/")
    account = member.locator("#account").get_by_role("button")
    expect(account).to_have_accessible_name("1 unread Nour El Amrani")
    browsing.go(member, "/en/requests")
    member.locator(f"main a[href$='/requests/{thread}']").click()
    expect(shown).to_contain_text("With pleasure: from Monday.")
    expect(shown).to_contain_text("The module has been activated for you.")
    browsing.quiet(member)
    expect(account).to_have_accessible_name("Nour El Amrani")


def test_the_desk_by_keyboard_alone(browsing: Browsing) -> None:
    page = browsing.open("/en/admin/requests", "admin")
    current = page.locator(".desk-list a[aria-current]")
    first = current.get_attribute("href") or ""
    for key in "jk":
        page.keyboard.press(key)
        expect(current).to_have_attribute("href", re.compile(f"^(?!{first}$)" if key == "j" else f"^{first}$"))
        expect(current).to_be_focused()  # by when keys are heard
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
    expect(current).not_to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(answer).not_to_be_focused()
    expect(current).to_have_attribute("href", first)


def test_what_was_typed_outlives_the_session(browsing: Browsing, newcomer: str, served: Demo) -> None:
    """A body is not read of whoever is signed out: the page keeps what was typed until it is sent."""
    page = browsing.open(f"/en/modules/{MODULE}/request", newcomer)
    field = page.get_by_label("What do you need it for?")
    field.fill("For 300 clients, please.")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("main")).to_contain_text("You are not signed in, so this was not finished.")
    page.context.add_cookies(cookies)  # as signing in does
    browsing.go(page, f"/en/modules/{MODULE}/request")
    expect(field).to_have_value("For 300 clients, please.")
    page.context.clear_cookies()
    page.goto(served.link("member"))  # somebody else, in this tab
    page.get_by_role("main").get_by_role("button").click()
    browsing.go(page, f"/fr/modules/{MODULE}/request")
    expect(page.locator("#message")).to_have_value("")
    page.context.clear_cookies()
    page.context.add_cookies(cookies)
    browsing.go(page, f"/en/modules/{MODULE}/request")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("main")).to_contain_text("Your message is with the team.")


@EACH_LANGUAGE
def test_a_reload_after_a_refusal_sends_nothing_again_and_keeps_what_was_typed(
    browsing: Browsing, newcomer: str, lang: str
) -> None:
    page = browsing.open(f"/{lang}/modules/{MODULE}/request", newcomer)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.is_navigation_request() else None)
    field = page.locator("#message")
    field.fill("x" * 5_000)
    page.locator("main form.ask button").click()
    expect(page.locator("#message-error")).to_be_visible()
    page.wait_for_load_state("load")  # by when its script has seen to it
    page.reload()
    assert sent == ["POST", "GET"]
    expect(page.locator("#message-error")).to_have_count(0)
    expect(field).to_have_value("x" * 5_000)


@EACH_LANGUAGE
def test_an_answer_is_taken_kept_as_a_draft_of_its_request_and_sent_by_ctrl_enter(
    browsing: Browsing, newcomer: str, served: Demo, lang: str
) -> None:
    """Also where it was refused, beside what cannot be read."""
    member, asked = browsing.profile(newcomer).request, {"module": MODULE, "message": "For 300 clients, please."}
    thread, damaged = [
        member.post("/api/feedback", data=asked | each).json()["id"] for each in ({}, {"module": SECOND})
    ]
    with served.store() as client:
        client.hset(thread_key(damaged), "created", "x")
    page, number = browsing.open(f"/{lang}/roadmap", "admin"), says(lang, "unread", "à lire")
    expect(page.locator("#admin-link .count")).to_have_text(re.compile(rf"^[1-9]\d* {number}$"))
    browsing.go(page, f"/{lang}/admin/requests/{thread}?who=nour")
    expect(page.locator(".desk-list .thread-who")).to_contain_text("Nour El Amrani")
    page.get_by_text(says(lang, "Previous answers", "Réponses déjà données")).click()
    taken = page.locator("[data-take] bdi").first.inner_text()
    page.locator("[data-take]").first.click()
    field = page.locator("#message")
    expect(field).to_be_focused()
    page.keyboard.type(" And more.")
    browsing.go(page, f"/{lang}/admin/requests")
    page.locator(".desk-list .thread-link").nth(1).click()
    expect(field).to_have_value("")  # another request
    browsing.go(page, f"/{OTHER[lang]}/admin/requests/{thread}")
    expect(page.get_by_text(says(OTHER[lang], "1 entry cannot be read", "1 élément est illisible"))).to_be_visible()
    assert member.post(f"/api/feedback/{thread}/messages", data={"message": "Or not"}).ok
    field.press("Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()  # there is something new
    page.reload()
    expect(field).to_have_value(f"{taken} And more.")
    field.press("Control+Enter")
    expect(page.locator(".words").last).to_have_text(f"{taken} And more.")
    page.wait_for_load_state("load")  # by when its script has dropped the draft
    page.reload()
    expect(field).to_have_value("")
    browsing.forgive("status of 412")
