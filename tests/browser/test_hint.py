"""Pages ask who is signed in where somebody may be, by a cookie that scripts can read."""

import pytest
from browser.browsing import Browsing, Demo, served_demo
from browser.pages import EACH_LANGUAGE, says
from playwright.sync_api import Page, expect
from support import session_cookie

pytestmark = pytest.mark.long


def asked_of(page: Page, path: str, last: str = "", **options: str) -> int:
    """How often a page asks who is signed in, and whose votes they are: at `last`, if anything."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response(lambda answer: answer.url.endswith(last or path)):
        page.goto(path, wait_until="networkidle", **options)  # type: ignore[arg-type]
    return sum(url.endswith(("/api/me", "/api/features")) for url in asked)


@EACH_LANGUAGE
def test_without_a_session_nothing_is_asked(browsing: Browsing, served: Demo, lang: str) -> None:
    served.add("ann", "Ann")
    page = browsing.profile().new_page()
    for path in (f"/{lang}/", f"/{lang}/roadmap", f"/{lang}/modules/linkedin"):
        assert asked_of(page, path) == 0
        way_in = page.get_by_role("banner").get_by_role("link", name=says(lang, "Sign in", "Se connecter"))
        expect(way_in).to_be_visible()
    page.goto(served.link("ann"))
    page.get_by_role("main").get_by_role("button").click()
    menu = page.get_by_role("button", name="Ann", exact=True)
    expect(menu).to_be_visible()
    assert asked_of(page, f"/{lang}/roadmap", last="/api/features") == 2
    menu.click()
    with page.expect_navigation():
        page.get_by_role("button", name=says(lang, "Sign out", "Se déconnecter")).click()
    assert "signed-in" not in str(page.context.cookies())
    assert asked_of(page, f"/{lang}/") == 0


@EACH_LANGUAGE
def test_a_session_of_the_platform_s_is_noticed_by_whoever_comes_from_there(browsing: Browsing, lang: str) -> None:
    with served_demo(people=0, SECRET_KEY="a key that the platform knows") as served:
        browsing.demo = served
        served.add("ann", "Ann")
        page = browsing.profile().new_page()
        assert asked_of(page, f"/{lang}/") == 1
        assert asked_of(page, f"/{lang}/roadmap", referer=f"{served.url}/{lang}/") == 0
        name, _, value = session_cookie("a key that the platform knows", "ann").partition("=")
        page.context.add_cookies([{"name": name, "value": value, "url": served.url}])
        assert asked_of(page, f"/{lang}/roadmap", referer="https://platform.example/", last="/api/features") == 2
        expect(page.locator("#sign-in")).to_be_hidden()
