"""Votes on the modules page: no click is lost, a vote says so, and is rolled back on an error."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from browser.browsing import Browsing, Demo, held_back
from browser.pages import EACH_LANGUAGE, says
from playwright.sync_api import Locator, Page, Route, expect
from support import OPERATOR, wait_until

from service.accounts import store as accounts
from service.accounts.store import Status
from service.interest.maintenance import tally
from service.registry.loading.loader import load

pytestmark = pytest.mark.long

#: The count of N beside the button.
COUNT = re.compile(r"Needed \(\d[\d,]*\)|\d[\d\u202f]* votes")


def vote_button(page: Page) -> Locator:
    """The vote button of LinkedIn, whatever it says."""
    return page.locator("#linkedin [data-vote]")


def expect_says(button: Locator, words: str, name: str) -> None:
    """A button says this, and the name that is heard begins with it."""
    expect(button).to_have_text(words)
    expect(button).to_have_accessible_name(name)
    assert name.startswith(words)


def count(page: Page) -> int:
    """The count beside the button of LinkedIn."""
    tile = page.locator("#linkedin")
    expect(tile).to_contain_text(COUNT)
    matched = COUNT.search(tile.inner_text())
    assert matched
    return int(re.sub(r"\D", "", matched[0]))


def seen(page: Page) -> None:
    """Wait until something of a page that is loading is seen: before that, nothing has its place."""
    wait_until(lambda: page.evaluate("performance.getEntriesByName('first-contentful-paint').length") > 0)


def stored(served: Demo) -> int:
    """The number of votes for LinkedIn, as the store has it."""
    with served.store() as client:
        return tally(client, ["linkedin"], load(served.registry))["linkedin"]


#: What the button of LinkedIn says, and is called, of a vote: not cast, cast, and to be taken back.
WORDS = {
    "en": (
        ("Vote", "Vote for LinkedIn"),
        ("Voted", "Voted: LinkedIn"),
        ("Take back", "Take back your vote for LinkedIn"),
    ),
    "fr": (
        ("Voter", "Voter pour «\u00a0LinkedIn\u00a0»"),
        ("Voté", "Voté\u00a0: LinkedIn"),
        ("Retirer", "Retirer votre vote pour «\u00a0LinkedIn\u00a0»"),
    ),
}
#: What it says where a second press takes the vote back.
ASKS = {
    "en": ("Take back?", "Take back? Press again to take back your vote for LinkedIn."),
    "fr": ("Retirer\u00a0?", "Retirer\u00a0? Appuyez de nouveau pour retirer votre vote pour «\u00a0LinkedIn\u00a0»."),
}
#: A little longer than the second press of a double click does nothing, in milliseconds.
SLOWLY = 650


class Clock:
    """What time it is in a page, where this machine may stand still between two presses of a double click."""

    def __init__(self, page: Page) -> None:
        self._page, self._now = page, datetime.now(UTC)
        self.later(0)

    def later(self, milliseconds: float = SLOWLY) -> None:
        """Have it be so much later; nothing else has time pass there."""
        self._now += timedelta(milliseconds=milliseconds)
        self._page.clock.set_fixed_time(self._now)


@EACH_LANGUAGE
def test_a_vote_says_so_and_is_taken_back_by_a_mouse_that_comes_back(
    lang: str, browsing: Browsing, served: Demo
) -> None:
    page = browsing.open(f"/{lang}/", "admin")
    button, (cast, voted, take_back) = vote_button(page), WORDS[lang]
    before, box, clock = stored(served), button.bounding_box(), Clock(page)
    expect_says(button, *cast)
    button.dblclick()
    page.wait_for_timeout(SLOWLY)  # nor is it taken back later
    expect_says(button, *voted)
    clock.later()
    expect(page.locator("#linkedin .needed b")).to_have_text(str(before + 1))
    wait_until(lambda: stored(served) == before + 1)
    page.mouse.move(0, 0)
    expect_says(button, *voted)
    button.hover()
    expect_says(button, *take_back)
    assert button.bounding_box() == box, "whatever it says, it is as wide"
    button.dblclick()
    expect_says(button, *cast)
    expect(page.locator("#linkedin .needed b")).to_have_text(str(before))
    wait_until(lambda: stored(served) == before)


@EACH_LANGUAGE
def test_a_key_that_is_held_votes_once_and_takes_nothing_back(browsing: Browsing, served: Demo, lang: str) -> None:
    page = browsing.open(f"/{lang}/", "admin")
    button, (cast, voted, take_back) = vote_button(page), WORDS[lang]
    before = count(page)
    button.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # as a keyboard comes to it
    for _ in range(12):
        page.keyboard.down("Enter")
        page.wait_for_timeout(60)
    page.keyboard.up("Enter")
    expect_says(button, *voted)
    expect(page.get_by_role("status").filter(has_text="LinkedIn")).to_contain_text(f"{before + 1}")  # heard
    wait_until(lambda: stored(served) == before + 1)
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect_says(button, *take_back)
    page.keyboard.press("Space")
    expect_says(button, *cast)
    expect(button).to_be_focused()
    assert count(page) == before
    wait_until(lambda: stored(served) == before)


@EACH_LANGUAGE
def test_on_touch_a_second_tap_asks(browsing: Browsing, served: Demo, lang: str) -> None:
    page = browsing.open(f"/{lang}/", "admin", width=390, has_touch=True, is_mobile=True)
    button, before, clock = vote_button(page), count(page), Clock(page)
    cast, voted, _ = WORDS[lang]
    button.tap()
    expect_says(button, *voted)
    clock.later()
    for _ in range(2):  # quickly
        button.tap()
    expect_says(button, *ASKS[lang])
    browsing.quiet(page)
    assert stored(served) == before + 1
    clock.later()
    button.tap()
    expect_says(button, *cast)
    wait_until(lambda: stored(served) == before)


@EACH_LANGUAGE
def test_without_scripts_a_double_click_takes_nothing_back(browsing: Browsing, served: Demo, lang: str) -> None:
    page, before = browsing.open(f"/{lang}/modules/linkedin/vote", "admin", java_script_enabled=False), stored(served)
    box = page.get_by_role("button", name=WORDS[lang][0][0], exact=True).bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*middle)
    back = page.get_by_role("button", name=says(lang, "Take my vote back", "Retirer mon vote"))
    expect(back).to_be_visible()
    page.mouse.click(*middle)  # the second press of a double click: something else is there now
    browsing.quiet(page)
    assert stored(served) == before + 1
    expect(page.locator("form.why input")).to_be_visible()
    back.click()
    wait_until(lambda: stored(served) == before)


@pytest.mark.parametrize(("latency", "lang"), [(0, "en"), (300, "fr"), (600, "en"), (2000, "fr")])
@pytest.mark.parametrize("who", ["admin", None])
def test_no_click_is_lost_while_the_scripts_are_on_their_way(
    who: str | None, latency: int, lang: str, browsing: Browsing, served: Demo
) -> None:
    """Nothing is in the cache, and the scripts come when what is seen has been pressed."""
    page, before, held = browsing.profile(who).new_page(), stored(served), list[Route]()
    conditions = {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)
    scripts = re.compile(r"/assets/\w+/(?!early)\w+\.js")
    page.route(scripts, lambda route: held.append(route) if len(held) < 5 else route.continue_())
    page.goto(f"/{lang}/?state=coming_soon", wait_until="commit")
    seen(page)
    vote_button(page).dblclick()
    page.keyboard.press("Control+k")
    page.keyboard.type("bing")  # the palette is there
    while len(held) < 5:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    if who:
        expect_says(vote_button(page), *WORDS[lang][1])
        expect(page.get_by_role("option").first).to_contain_text("Bing Places")
        page.keyboard.press("Escape")
        wait_until(lambda: stored(served) == before + 1)
        expect(page.locator("#linkedin .needed b")).to_have_text(str(before + 1))
        # Nor does one retract that was made before it was known that there is a vote.
        page.route("**/api/features", lambda route: held.append(route))
        page.reload(wait_until="commit")
        seen(page)
        vote_button(page).click()
        page.wait_for_timeout(SLOWLY)
        page.unroute("**/api/features")
        page.reload()
        expect_says(vote_button(page), *WORDS[lang][1])
        assert stored(served) == before + 1
        page.request.delete("/api/features/linkedin/interest", headers={"Origin": served.url})
        wait_until(lambda: stored(served) == before)
    else:
        expect(page).to_have_url(re.compile(f"/{lang}/sign-in"))


def test_where_a_script_never_comes_a_press_leads_to_the_page_that_needs_none(browsing: Browsing) -> None:
    page = browsing.profile("admin").new_page()
    held = held_back(page, "**/votes.js")
    page.goto("/en/", wait_until="commit")
    seen(page)
    vote_button(page).click()
    held().abort()
    expect(page).to_have_url(re.compile("/en/modules/linkedin/vote$"))
    browsing.forgive("ERR_FAILED")


def test_the_look_of_a_vote_is_not_a_matter_of_colour_alone(browsing: Browsing) -> None:
    page = browsing.open("/en/", "admin", forced_colors="active")
    button = vote_button(page)
    page.mouse.move(0, 0)
    before = button.screenshot()
    assert page.evaluate("b => parseFloat(getComputedStyle(b).borderTopWidth)", button.element_handle()) >= 1
    button.evaluate("button => button.dataset.says = 'voted'")
    assert button.screenshot() != before


@pytest.mark.parametrize("status", [503, 429, None])
def test_a_vote_that_fails_is_taken_back_and_said(status: int | None, browsing: Browsing, served: Demo) -> None:
    """By the service, where there were too many before a time at which one more is sent, or without a network."""
    page, sent = browsing.open("/en/", "admin"), list[str]()

    def fail(route: Route) -> None:
        sent.append(route.request.method)
        if status is None:
            route.abort("internetdisconnected")
        else:
            route.fulfill(status=status, json={}, headers={"Retry-After": "1000"} if status == 429 else {})

    page.route("**/api/features/*/interest", fail)
    button, before, toast = vote_button(page), count(page), page.locator("#toast")
    for _ in range(2):
        button.click()
        often = r"^You have voted too often in a short time: try again in (1,000|9\d\d) s\.$"
        expect(toast).to_have_text(re.compile(often if status == 429 else r"\w"))
        expect_says(button, *WORDS["en"][0])
        assert count(page) == before == stored(served)
        toast.evaluate("toast => toast.textContent = ''")
        page.wait_for_timeout(SLOWLY)
    assert sent == ["POST"] * (1 if status == 429 else 2)
    browsing.forgive(f"status of {status}" if status else "ERR_INTERNET_DISCONNECTED")


def test_a_pending_account_is_told_why_it_cannot_vote_until_it_can(browsing: Browsing, served: Demo) -> None:
    served.add("soon", "Soon", status=Status.PENDING)
    page = browsing.open("/en/", "soon")
    before = count(page)
    vote_button(page).click()
    expect(page.locator("#toast")).to_contain_text("activated")
    expect_says(vote_button(page), *WORDS["en"][0])
    assert count(page) == before
    with served.store() as client:
        accounts.set_status(client, "soon", Status.ACTIVE, by=OPERATOR)
    vote_button(page).click()
    expect_says(vote_button(page), *WORDS["en"][1])
    wait_until(lambda: stored(served) == before + 1)


def test_who_is_signed_out_sees_no_counts_and_comes_back_to_the_filters_that_were_chosen(
    browsing: Browsing, served: Demo
) -> None:
    page = browsing.open("/en/")
    page.locator("[data-filter=state][data-value=coming_soon]").click()
    expect(page).to_have_url(re.compile(r"\?state=coming_soon"))
    chosen = page.url
    expect(page.get_by_role("main")).not_to_contain_text(COUNT)
    page.locator("#sign-in").click()
    expect(page).to_have_url(re.compile("/en/sign-in"))
    page.goto(served.link("member"))  # as somebody sent it
    page.get_by_role("button", name="Sign in as member").click()
    expect(page).to_have_url(chosen)
    browsing.quiet(page)
    assert count(page) == stored(served)
