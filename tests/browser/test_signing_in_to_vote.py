"""A vote that is pressed while signed out: sign-in says what for, and then it is cast where it was pressed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from browser.browsing import PATIENCE, Browsing, Demo, arrived, served_with_provider
from browser.test_voting import stored
from playwright.sync_api import Browser, Page, expect
from support import wait_until
from web.small_provider import SmallProvider

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def connected() -> Iterator[tuple[Demo, SmallProvider]]:
    """The demo, and the provider that it is connected with."""
    with (
        tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder,
        SmallProvider() as provider,
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(provider.serve_forever, 0.05)
        with served_with_provider(Path(folder), provider.issuer, OIDC_DOMAINS="example.com") as demo:
            yield demo, provider
        provider.closing.set()
        provider.shutdown()


def at_the_provider(page: Page, provider: SmallProvider, who: str) -> None:
    """Have somebody sign in with the provider, which asks nobody for a password."""
    provider.at_browser = who
    page.get_by_role("main").get_by_role("link", name="Example").click()


def press(page: Page, lang: str) -> tuple[str, float]:
    """Vote for LinkedIn further down a list that is filtered; returns its address and how far down the button is."""
    button = page.locator("#linkedin [data-vote]")
    button.scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 37)")  # which is no place that a link leads to
    address, top = page.url, page.evaluate("scrollY")
    assert top > 0
    button.click()
    expect(page).to_have_url(re.compile(f"/{lang}/sign-in"))
    title = {"en": "Sign in to vote for LinkedIn", "fr": "Connectez-vous pour voter pour « LinkedIn »"}[lang]
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return address, top


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_vote_is_cast_after_a_link_where_it_was_pressed(browsing: Browsing, served: Demo, lang: str) -> None:
    before = stored(served)
    served.add(f"late-{lang}", "Late")
    page = browsing.open(f"/{lang}/?category=sources", height=500)
    address, top = press(page, lang)
    page.goto(served.link(f"late-{lang}"))  # as somebody sent it
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator("#linkedin [data-vote]")).to_have_attribute("data-says", "voted")
    arrived(page, address)
    assert page.evaluate("scrollY") == top
    wait_until(lambda: stored(served) == before + 1)
    expect(page.locator("#linkedin .needed b")).to_have_text(
        f"{before + 1:,}".replace(",", "," if lang == "en" else "\u202f")
    )
    browsing.quiet(page)
    assert "vote-intent" not in str(page.context.cookies())
    page.reload()
    browsing.quiet(page)
    assert stored(served) == before + 1


def test_a_pending_account_is_told_and_who_signs_in_elsewhere_has_not_voted(browsing: Browsing, served: Demo) -> None:
    before = stored(served)
    page = browsing.open("/en/roadmap", height=500)
    press(page, "en")
    other = browsing.profile().new_page()
    other.goto(served.link("member"))
    other.get_by_role("main").get_by_role("button").click()
    browsing.go(other, "/en/roadmap")
    page.goto(served.link("pending"))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator("#toast")).to_contain_text("activated")
    browsing.quiet(page)
    assert stored(served) == before


def test_a_press_that_takes_back_never_votes(browsing: Browsing, served: Demo) -> None:
    """Whoever signs in next where a session has ended: it was not to be cast."""
    served.add("back", "Back")
    page = browsing.open("/en/", "back")
    button = page.locator("#linkedin [data-vote]")
    button.click()
    expect(button).to_have_attribute("data-says", "voted")
    page.mouse.move(0, 0)
    page.context.clear_cookies()
    page.wait_for_timeout(650)
    button.click()  # as a pointer that comes back
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert "vote-intent" not in str(page.context.cookies())


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_vote_is_cast_after_a_provider_where_it_was_pressed(
    chromium: Browser, connected: tuple[Demo, SmallProvider], who: str
) -> None:
    """Bob, whose address is not verified, has a pending account, and is told so."""
    demo, provider = connected
    context = chromium.new_context(base_url=demo.url, locale="fr-FR", viewport={"width": 820, "height": 500})
    context.set_default_timeout(PATIENCE)
    page, before = context.new_page(), stored(demo)
    page.goto("/fr/?state=coming_soon")
    address, top = press(page, "fr")
    at_the_provider(page, provider, who)
    if who == "alice":
        expect(page.locator("#linkedin [data-vote]")).to_have_attribute("data-says", "voted")
        wait_until(lambda: stored(demo) == before + 1)
    else:
        expect(page.locator("#toast")).to_have_text("Vous pourrez voter dès que votre compte sera activé.")
        assert stored(demo) == before
    arrived(page, address)
    assert page.evaluate("scrollY") == top
    context.close()


@pytest.mark.parametrize("way", ["link", "provider"])
def test_without_scripts_too(chromium: Browser, connected: tuple[Demo, SmallProvider], way: str) -> None:
    """By a link the vote is cast; from a provider one comes to its button, since no GET votes."""
    demo, provider = connected
    context = chromium.new_context(base_url=demo.url, locale="en-GB", java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    page, before = context.new_page(), stored(demo)
    page.goto("/en/?category=sources")
    page.locator("#linkedin a.press").click()
    page.get_by_role("button", name="Sign in to vote").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to vote for LinkedIn")
    if way == "link":
        demo.add("plain", "Plain")
        page.goto(demo.link("plain"))
        page.get_by_role("main").get_by_role("button").click()
    else:
        at_the_provider(page, provider, "carol")
        expect(page).to_have_url(re.compile("/en/modules/linkedin/vote$"))
        with demo.store() as client:
            [key] = [key for key in client.keys("{registry}:account:oidc-*") if client.hget(key, "name") == "Carol"]
            client.hset(key, "status", "active")
        page.reload()
        page.get_by_role("button", name="Vote", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("You have voted for this module.")
    assert stored(demo) == before + 1
    context.close()
