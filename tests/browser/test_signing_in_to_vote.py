"""A vote that is pressed while signed out: sign-in says what for, and then it is cast where it was pressed."""

import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from browser.browsing import PATIENCE, Browsing, Demo, arrived, served_with_provider
from browser.pages import LOCALES
from browser.test_voting import stored
from playwright.sync_api import Browser, Page, expect
from support import Serve, wait_until
from web.small_provider import SmallProvider

pytestmark = pytest.mark.long

TITLE = {"en": "Sign in to vote for LinkedIn", "fr": "Connectez-vous pour voter pour « LinkedIn »"}
PENDING = {
    "en": "You can vote once your account has been activated.",
    "fr": "Vous pourrez voter dès que votre compte sera activé.",
}
#: On the page of the vote: to sign in, to vote, and that one has.
PLAIN = {
    "en": ("Sign in to vote", "Vote", "You have voted for this module."),
    "fr": ("Se connecter pour voter", "Voter", "Vous avez voté pour ce module."),
}
#: As a setting says it.
HELP = {"en": "Write to access@example.com.", "fr": "Écrivez à acces@example.com."}


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


def at_the_provider(page: Page, provider: SmallProvider, who: str, lang: str) -> None:
    """Have somebody sign in with the provider, which asks nobody for a password: somebody else for each language."""
    provider.at_browser = f"{who}-{lang}"
    provider.accounts[provider.at_browser] = provider.accounts[who]
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
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE[lang])
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


@pytest.mark.parametrize("lang", PENDING)
def test_a_pending_account_is_told_and_who_signs_in_elsewhere_has_not_voted(
    browsing: Browsing, served: Demo, lang: str
) -> None:
    before = stored(served)
    page = browsing.open(f"/{lang}/roadmap", height=500)
    press(page, lang)
    other = browsing.profile().new_page()
    other.goto(served.link("member"))
    other.get_by_role("main").get_by_role("button").click()
    browsing.go(other, f"/{lang}/roadmap")
    page.goto(served.link("pending"))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator("#toast")).to_have_text(PENDING[lang])
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


@pytest.mark.parametrize("lang", PENDING)
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_vote_is_cast_after_a_provider_where_it_was_pressed(
    chromium: Browser, connected: tuple[Demo, SmallProvider], who: str, lang: str
) -> None:
    """Bob, whose address is not verified, has a pending account, and is told so."""
    demo, provider = connected
    context = chromium.new_context(base_url=demo.url, locale=LOCALES[lang], viewport={"width": 820, "height": 500})
    context.set_default_timeout(PATIENCE)
    page, before = context.new_page(), stored(demo)
    page.goto(f"/{lang}/?state=coming_soon")
    for named in ("[rel=canonical]", f"[hreflang={lang}]"):
        expect(page.locator(f"link{named}")).to_have_attribute("href", f"{demo.url}/{lang}/")
    address, top = press(page, lang)
    at_the_provider(page, provider, who, lang)
    if who == "alice":
        expect(page.locator("#linkedin [data-vote]")).to_have_attribute("data-says", "voted")
        wait_until(lambda: stored(demo) == before + 1)
    else:
        expect(page.locator("#toast")).to_have_text(PENDING[lang])
        assert stored(demo) == before
    arrived(page, address)
    assert page.evaluate("scrollY") == top
    context.close()


@pytest.mark.parametrize("lang", PLAIN)
@pytest.mark.parametrize("way", ["link", "provider"])
def test_without_scripts_too(chromium: Browser, connected: tuple[Demo, SmallProvider], way: str, lang: str) -> None:
    """By a link the vote is cast; from a provider one comes to its button, since no GET votes."""
    (demo, provider), (sign_in, vote, voted) = connected, PLAIN[lang]
    context = chromium.new_context(base_url=demo.url, locale=LOCALES[lang], java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    page, before = context.new_page(), stored(demo)
    page.goto(f"/{lang}/?category=sources")
    page.locator("#linkedin a.press").click()
    page.get_by_role("button", name=sign_in).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE[lang])
    if way == "link":
        demo.add(f"plain-{lang}", "Plain")
        page.goto(demo.link(f"plain-{lang}"))
        page.get_by_role("main").get_by_role("button").click()
    else:
        at_the_provider(page, provider, "carol", lang)
        arrived(page, re.compile(f"/{lang}/modules/linkedin/vote$"))
        with demo.store() as client:
            kept = {key: client.hmget(key, "name", "status") for key in client.keys("{registry}:account:oidc-*")}
            [key] = [key for key, said in kept.items() if said == ["Carol", "pending"]]
            client.hset(key, "status", "active")
        page.reload()
        page.get_by_role("button", name=vote, exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(voted)
    assert stored(demo) == before + 1
    context.close()


def test_without_a_provider_it_says_whom_to_ask(chromium: Browser, serve: Callable[..., Serve]) -> None:
    running = serve(SIGN_IN_HELP_FR=HELP["fr"], SIGN_IN_HELP_EN=HELP["en"])
    page = chromium.new_page(base_url=running.url)
    for lang, said in HELP.items():
        page.goto(f"/{lang}/sign-in")
        expect(page.get_by_text(said, exact=True)).to_be_visible()
    page.close()
