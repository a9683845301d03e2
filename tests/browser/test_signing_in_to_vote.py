"""A vote that is pressed while signed out: sign-in says what for, and then it is cast where it was pressed."""

import re
from collections.abc import Callable, Iterator

import pytest
from browser.browsing import Browsing, Demo, arrived, served_with_provider
from browser.pages import EACH_LANGUAGE, says
from browser.test_voting import stored
from playwright.sync_api import Browser, Page, expect
from support import Serve, wait_until
from web.small_provider import SmallProvider, running

from service.accounts.store import Status

pytestmark = pytest.mark.long

EACH_WAY = pytest.mark.parametrize("way", ["link", "provider"])


@pytest.fixture(scope="module")
def provider() -> Iterator[SmallProvider]:
    with running() as made:
        yield made


@pytest.fixture(scope="module")
def served(provider: SmallProvider) -> Iterator[Demo]:
    """The demo where people sign in with it, too."""
    with served_with_provider(provider.issuer, OIDC_DOMAINS="example.com") as demo:
        yield demo


def press(page: Page, lang: str) -> tuple[str, float]:
    """Vote for LinkedIn further down a list; returns its address and how far down the button is."""
    button = page.locator("#linkedin [data-vote]")
    button.scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 37)")  # which is no place that a link leads to
    address, top = page.url, page.evaluate("scrollY")
    assert top > 0
    button.click()
    is_asked_to_sign_in(page, lang)
    return address, top


def is_asked_to_sign_in(page: Page, lang: str) -> None:
    expect(page).to_have_url(re.compile(f"/{lang}/sign-in"))
    title = says(lang, "Sign in to vote for LinkedIn", "Connectez-vous pour voter pour « LinkedIn »")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def sign_in(page: Page, served: Demo, provider: SmallProvider, way: str, who: str, lang: str) -> None:
    """By a link, or with the provider, which asks nobody for a password: somebody else for each language.

    Bob, whose address is not verified there, has a pending account.
    """
    somebody = f"{who}-{lang}"
    if way == "link":
        served.add(somebody, who, status=Status.PENDING if who == "bob" else Status.ACTIVE)
        page.goto(served.link(somebody))  # as it was sent to them
        page.get_by_role("main").get_by_role("button").click()
    else:
        provider.at_browser, provider.accounts[somebody] = somebody, provider.accounts[who]
        page.get_by_role("main").get_by_role("link", name="Example").click()


def forgive_the_provider(browsing: Browsing, provider: SmallProvider, way: str) -> None:
    if way == "provider":
        browsing.forgive(f"request to elsewhere: {provider.issuer}")


@EACH_LANGUAGE
@EACH_WAY
def test_a_vote_is_cast_where_it_was_pressed(
    browsing: Browsing, served: Demo, provider: SmallProvider, way: str, lang: str
) -> None:
    before = stored(served)
    page = browsing.open(f"/{lang}/?category=sources", width=820, height=500)
    for named in ("[rel=canonical]", f"[hreflang={lang}]"):
        expect(page.locator(f"link{named}")).to_have_attribute("href", f"{served.url}/{lang}/")
    address, top = press(page, lang)
    sign_in(page, served, provider, way, "alice", lang)
    expect(page.locator("#linkedin [data-vote]")).to_have_attribute("data-says", "voted")
    arrived(page, address)
    assert page.evaluate("scrollY") == top
    wait_until(lambda: stored(served) == before + 1)
    expect(page.locator("#linkedin .needed b")).to_have_text(str(before + 1))
    browsing.quiet(page)
    assert "vote-intent" not in str(page.context.cookies())
    page.reload()
    browsing.quiet(page)
    assert stored(served) == before + 1
    if way == "provider":
        page.locator("#account button").first.click()
        page.locator("[data-sign-out]").click()
        page.wait_for_url(f"{provider.issuer}/session/end**")
    forgive_the_provider(browsing, provider, way)


@EACH_LANGUAGE
@EACH_WAY
def test_a_pending_account_is_told_and_who_signs_in_elsewhere_has_not_voted(
    browsing: Browsing, served: Demo, provider: SmallProvider, way: str, lang: str
) -> None:
    before = stored(served)
    page = browsing.open(f"/{lang}/roadmap", height=500)
    address, top = press(page, lang)
    other = browsing.profile().new_page()
    other.goto(served.link("member"))
    other.get_by_role("main").get_by_role("button").click()
    browsing.go(other, f"/{lang}/roadmap")
    sign_in(page, served, provider, way, "bob", lang)
    told = says(
        lang,
        "You can vote once your account has been activated.",
        "Vous pourrez voter dès que votre compte sera activé.",
    )
    expect(page.locator("#toast")).to_have_text(told)
    arrived(page, address)
    assert page.evaluate("scrollY") == top
    browsing.quiet(page)
    assert stored(served) == before
    forgive_the_provider(browsing, provider, way)


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


@EACH_LANGUAGE
@EACH_WAY
def test_without_scripts_too(browsing: Browsing, served: Demo, provider: SmallProvider, way: str, lang: str) -> None:
    """By a link the vote is cast; from a provider one comes to its button, since no GET votes.

    Signing out leads to the provider: Chromium holds the redirect of a form against form-action.
    """
    page = browsing.open(f"/{lang}/?category=sources", java_script_enabled=False)
    before, buttons = stored(served), page.get_by_role("main").get_by_role("button")
    page.locator("#linkedin a.press").click()
    buttons.filter(has_text=says(lang, "Sign in to vote", "Se connecter pour voter")).click()
    is_asked_to_sign_in(page, lang)
    sign_in(page, served, provider, way, "carol", lang)
    if way == "provider":
        arrived(page, re.compile(f"/{lang}/modules/linkedin/vote$"))
        with served.store() as client:
            kept = {key: client.hmget(key, "name", "status") for key in client.keys("{registry}:account:oidc-*")}
            [key] = [key for key, said in kept.items() if said == ["Carol", "pending"]]
            client.hset(key, "status", "active")
        page.reload()
        buttons.filter(has_text=re.compile(says(lang, "^Vote$", "^Voter$"))).click()
    voted = says(lang, "You have voted for this module.", "Vous avez voté pour ce module.")
    expect(page.get_by_role("main")).to_contain_text(voted)
    assert stored(served) == before + 1
    if way == "provider":
        browsing.go(page, f"/{lang}/account")
        page.get_by_role("button", name=says(lang, "Sign out", "Se déconnecter")).click()
        page.wait_for_url(f"{provider.issuer}/session/end**")
        browsing.forgive(f"request to elsewhere: {provider.issuer}")


def test_without_a_provider_it_says_whom_to_ask(chromium: Browser, serve: Callable[..., Serve]) -> None:
    told = {"fr": "Écrivez à acces@example.com.", "en": "Write to access@example.com."}
    running = serve(SIGN_IN_HELP_FR=told["fr"], SIGN_IN_HELP_EN=told["en"])
    page = chromium.new_page(base_url=running.url)
    for lang, said in told.items():
        page.goto(f"/{lang}/sign-in")
        expect(page.get_by_text(said, exact=True)).to_be_visible()
    page.close()
