"""One's own votes: why one voted, the list with its days, and the filter on modules and roadmap."""

import re
from datetime import UTC, datetime

import pytest
from browser.browsing import Browsing, Demo
from browser.pages import EACH_LANGUAGE, says
from playwright.sync_api import Locator, Page, Route, expect
from support import wait_until

from service.interest.keys import reasons_key

pytestmark = pytest.mark.long

#: Those of some parts that have another one over their middle.
COVERED = """parts => parts.filter(part => {
    const { x, y, width, height } = part.getBoundingClientRect();
    const seen = document.elementFromPoint(x + width / 2, y + height / 2);
    return seen && !part.contains(seen);
}).map(part => part.dataset.vote)"""


def why(page: Page | Locator, lang: str) -> Locator:
    """The line that asks why one voted."""
    return page.get_by_label(
        says(lang, "What would you use it for?", "À quoi cela vous servirait-il\N{NO-BREAK SPACE}?")
    )


def reasons(served: Demo) -> dict[str, str]:
    """What the store has of LinkedIn, by account, without the time."""
    with served.store() as client:
        return {who: kept.partition(" ")[2] for who, kept in client.command("HGETALL", reasons_key("linkedin")).items()}


@EACH_LANGUAGE
def test_after_a_vote_one_line_asks_why_and_the_list_has_it_with_the_day(
    lang: str, browsing: Browsing, served: Demo
) -> None:
    page, mine = browsing.open(f"/{lang}/", "admin"), says(lang, "My votes", "Mes votes")
    tile = page.locator("#linkedin")
    button, line = tile.locator("[data-vote]"), why(tile, lang)
    expect(page.get_by_role("link", name=mine, exact=True)).to_be_visible()
    before = tile.bounding_box()
    button.click()
    expect(line).to_be_visible()
    assert tile.bounding_box() == before, "nothing moves"
    page.keyboard.press("Escape")
    expect(line).to_be_hidden()
    page.evaluate("fetch('/api/features/linkedin/interest', {method: 'DELETE'})")
    browsing.go(page, f"/{lang}/")
    page.mouse.move(0, 0)
    button.click()
    line.fill("  Pour 300 clients <b>  ")
    line.press("Enter")
    expect(line).to_be_hidden()
    expect(button).to_be_focused()
    wait_until(lambda: reasons(served).get("admin") == "Pour 300 clients <b>")

    browsing.go(page, f"/{lang}/account")
    voted = page.get_by_role("list", name=mine).get_by_role("listitem").filter(has_text="LinkedIn")
    expect(voted).to_contain_text("Pour 300 clients <b>")
    assert voted.locator("time").get_attribute("datetime") == str(datetime.now(UTC).date())

    browsing.go(page, f"/{lang}/roadmap")
    page.get_by_role("link", name=mine, exact=True).click()
    expect(page.locator(".row:visible")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?mine=1$"))
    browsing.go(page, f"/{lang}/?mine=1")  # of the address, with what has shipped by now
    expect(tile).to_be_visible()
    expect(page.locator(".tile:visible")).to_have_count(2)

    page.mouse.move(0, 0)
    button.click()  # which has come to it anew, so that it takes the vote back
    expect(page.locator(".tile:visible")).to_have_count(1)
    wait_until(lambda: "admin" not in reasons(served))


def test_whoever_is_signed_out_has_no_votes_to_filter(browsing: Browsing) -> None:
    page = browsing.open("/en/?mine=1")
    expect(page.locator("#linkedin")).to_be_visible()
    expect(page.get_by_role("link", name="My votes", exact=True)).to_be_hidden()


@EACH_LANGUAGE
def test_what_is_asked_after_a_vote_covers_no_other_button(lang: str, browsing: Browsing, served: Demo) -> None:
    for width in (390, 600, 820, 1440):
        served.add(f"many-{lang}-{width}", "Many")
        page = browsing.open(f"/{lang}/roadmap", f"many-{lang}-{width}", width=width, height=2_000)
        for button in page.locator(".stage").first.locator("[data-vote]").all():
            button.click()
            expect(page.locator("form.why")).to_be_in_viewport(ratio=1)
            assert page.locator(".row [data-vote]").evaluate_all(COVERED) == []


@EACH_LANGUAGE
def test_why_one_voted_outlives_the_session(lang: str, browsing: Browsing, served: Demo) -> None:
    """On the page of the vote, and where it was asked after a vote."""
    served.add("why", "Why")
    page = browsing.open(f"/{lang}/", "why")
    tile, line = page.locator("#linkedin"), why(page, lang)
    tile.locator("[data-vote]").click()
    line.fill("For 300 clients")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    line.press("Enter")
    expect(page.locator("#toast")).to_contain_text(re.compile("You are signed out|Vous n’êtes plus connecté"))
    expect(line).to_have_value("For 300 clients")
    page.context.add_cookies(cookies)  # as signing in does
    browsing.go(page, f"/{lang}/modules/linkedin/vote")
    line.fill("For 301 clients")
    page.context.clear_cookies()
    page.locator("form.why button").click()
    expect(page.locator(".eyebrow")).to_have_text("401")
    page.context.add_cookies(cookies)
    browsing.go(page, f"/{lang}/modules/linkedin/vote")
    expect(line).to_have_value("For 301 clients")
    page.locator(".actions form button").last.click()  # takes the vote back
    expect(line).to_have_count(0)


def test_nothing_is_told_of_a_vote_or_a_reason_that_is_taken_back(browsing: Browsing, served: Demo) -> None:
    """Nor of a press that another followed before it was answered."""
    served.add("quick", "Quick")
    page, held = browsing.open("/en/roadmap", "quick"), list[Route]()
    button, toast, heard = (page.locator(each) for each in ("#linkedin [data-vote]", "#toast", "#news"))

    def press(says: str) -> None:
        page.get_by_role("heading", level=1).click()
        page.wait_for_timeout(650)  # longer than a double click
        button.click()
        expect(button).to_have_attribute("data-says", says)

    def say_why() -> None:
        why(page, "en").fill("For clients")
        page.keyboard.press("Enter")

    press("voted")
    say_why()
    expect(toast).to_contain_text("your reason is saved")
    press("cast")
    assert toast.text_content() == ""

    press("voted")
    page.route("**/interest/reason", lambda route: held.append(route))
    say_why()
    press("cast")
    expect(heard).to_contain_text("is taken back")
    held.pop().fulfill(status=204)
    browsing.quiet(page)
    assert toast.text_content() == ""

    page.route(
        "**/interest", lambda route: route.continue_() if route.request.method == "DELETE" else held.append(route)
    )
    page.keyboard.press("Control+k")
    page.keyboard.type("vote linkedin")
    page.get_by_role("option", name="Vote for LinkedIn").click()
    expect(button).to_have_attribute("data-says", "voted")
    press("cast")
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        held.pop().continue_()
    browsing.quiet(page)
    assert toast.text_content() == ""


def test_while_it_is_not_known_what_one_voted_for_nothing_is_said_of_it(browsing: Browsing, served: Demo) -> None:
    served.add("past", "Past")
    page = browsing.profile("past").new_page()
    page.route("**/api/me/votes", lambda route: route.fulfill(status=503, json={}))
    browsing.go(page, "/en/?mine=1")
    expect(page.locator("#account")).to_contain_text("Past")
    expect(page.locator("#nothing")).to_be_hidden()
    page.unroute("**/api/me/votes")
    browsing.go(page, "/en/?mine=1")
    expect(page.locator("#nothing")).to_be_visible()
    browsing.forgive("status of 503")
