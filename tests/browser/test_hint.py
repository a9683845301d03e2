"""Pages ask who is signed in where somebody may be, by a cookie that scripts can read."""

from collections.abc import Callable
from contextlib import closing

import pytest
from browser.browsing import PATIENCE
from browser.pages import LOCALES
from playwright.sync_api import Browser, Page, expect
from support import OPERATOR, Serve, connect, session_cookie, socket_url

from service.accounts import sign_in, store
from service.accounts.store import Account

pytestmark = pytest.mark.long

#: What the platform signs its sessions with, too.
KEY = "a key that the platform knows"
#: To sign in, in the bar and with a link, and to sign out.
WORDS = {
    "en": ("Sign in", "Sign in as ann", "Sign out"),
    "fr": ("Se connecter", "Se connecter en tant que ann", "Se déconnecter"),
}


def asked_of(page: Page, path: str, last: str = "", **options: str) -> int:
    """How often a page asks who is signed in, and whose votes they are: at `last`, if anything."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response(lambda answer: answer.url.endswith(last or path)):
        page.goto(path, wait_until="networkidle", **options)  # type: ignore[arg-type]
    return sum(url.endswith(("/api/me", "/api/features")) for url in asked)


@pytest.mark.parametrize("lang", WORDS)
def test_without_a_session_nothing_is_asked(chromium: Browser, serve: Callable[..., Serve], lang: str) -> None:
    running, (way_in, by_link, way_out) = serve(), WORDS[lang]
    with closing(connect(socket_url(running.data_dir))) as client:
        store.add(client, Account("ann", "active", name="Ann"), by=OPERATOR)
        token = sign_in.make_token(client, "ann", by=OPERATOR)
    context = chromium.new_context(base_url=running.url, locale=LOCALES[lang])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    for path in (f"/{lang}/", f"/{lang}/roadmap", f"/{lang}/modules/linkedin"):
        assert asked_of(page, path) == 0
        expect(page.get_by_role("banner").get_by_role("link", name=way_in)).to_be_visible()
    page.goto(f"/sign-in?token={token}")
    page.get_by_role("button", name=by_link).click()
    menu = page.get_by_role("button", name="Ann", exact=True)
    expect(menu).to_be_visible()
    assert asked_of(page, f"/{lang}/roadmap", last="/api/features") == 2
    menu.click()
    with page.expect_navigation():
        page.get_by_role("button", name=way_out).click()
    assert "signed-in" not in str(context.cookies())
    assert asked_of(page, f"/{lang}/") == 0
    context.close()


@pytest.mark.parametrize("lang", WORDS)
def test_a_session_of_the_platform_s_is_noticed_by_whoever_comes_from_there(
    chromium: Browser, serve: Callable[..., Serve], lang: str
) -> None:
    running = serve(SECRET_KEY=KEY)
    with closing(connect(socket_url(running.data_dir))) as client:
        store.add(client, Account("ann", "active"), by=OPERATOR)
    context = chromium.new_context(base_url=running.url, locale=LOCALES[lang])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    assert asked_of(page, f"/{lang}/") == 1
    assert asked_of(page, f"/{lang}/roadmap", referer=f"{running.url}/{lang}/") == 0
    name, _, value = session_cookie(KEY, "ann").partition("=")
    context.add_cookies([{"name": name, "value": value, "url": running.url}])
    assert asked_of(page, f"/{lang}/roadmap", referer="https://platform.example/", last="/api/features") == 2
    expect(page.get_by_role("banner").get_by_role("link", name=WORDS[lang][0])).to_have_count(0)
    context.close()
