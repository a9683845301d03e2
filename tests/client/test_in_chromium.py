"""The client in a real browser, on a page of the service: hidden pages, HTTP caches, votes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from client.conftest import KEY
from playwright.sync_api import Browser, Page, expect
from support import OPERATOR, Serve, connect, session_cookie, socket_url, wait_until

from service.accounts import store
from service.accounts.store import Account
from service.problems import AccountExists

pytestmark = pytest.mark.long

#: A client of the page, which keeps what it tells; a tab of Playwright's cannot be hidden, so its document says so.
START = """async (script) => {
  const { RegistryClient } = await import(script);
  Object.defineProperty(document, "hidden", { configurable: true, get: () => window.isHidden });
  window.hide = (hidden) => {
    window.isHidden = hidden;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  window.isHidden = false;
  window.told = [];
  window.client = new RegistryClient({ interval: 50 });
  client.subscribe(({ features, registry, error }) =>
    told.push({ count: features?.counts.get("linkedin"), modules: registry?.modules.length, error: error?.status }));
  client.start();
}"""


@contextmanager
def opened(browser: Browser, running: Serve) -> Iterator[Page]:
    """The page of modules, of somebody who may vote."""
    with closing(connect(socket_url(running.data_dir))) as client, suppress(AccountExists):
        store.add(client, Account("alice", "active"), by=OPERATOR)
    name, _, value = session_cookie(KEY, "alice").partition("=")
    with browser.new_context(base_url=running.url) as context:
        context.add_cookies([{"name": name, "value": value, "url": running.url}])
        page = context.new_page()
        page.goto("/en/")
        yield page


@pytest.fixture
def page(browser: Browser, running: Serve) -> Iterator[Page]:
    """Such a page, with a client that has begun."""
    with opened(browser, running) as page:
        script = page.locator("script[type=module]").first.get_attribute("src") or ""
        page.evaluate(START, script.rpartition("/")[0] + "/client.js")
        # Playwright's own way to wait is against the page's policy.
        wait_until(lambda: page.evaluate("Boolean(client.state.registry)"))
        yield page


def test_polls_are_answered_304_and_stop_while_the_page_is_hidden(page: Page) -> None:
    statuses: list[int] = []
    page.on("response", lambda response: statuses.append(response.status) if "/api/modules" in response.url else None)
    for _ in range(3):
        page.wait_for_event("response", lambda response: response.url.endswith("/api/modules"))
    assert set(statuses) == {304}
    assert page.evaluate("told.length") == 1
    page.evaluate("hide(true)")
    page.evaluate("client.refresh()")  # whatever was under way
    statuses.clear()
    page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))")  # several intervals
    assert statuses == []
    with page.expect_response("**/api/modules"):
        page.evaluate("hide(false)")


def test_who_votes_too_often_is_told_when_to_go_on_and_nothing_is_sent_before(
    browser: Browser, serve: Callable[..., Serve]
) -> None:
    with opened(browser, serve(SECRET_KEY=KEY, VOTE_BURST="1", VOTE_RATE="0.001")) as page:
        sent: list[int] = []
        page.on("response", lambda answer: sent.append(answer.status) if answer.url.endswith("/interest") else None)
        button, toast = page.locator('[data-vote="linkedin"]').first, page.locator("#toast")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        wait_until(lambda: page.evaluate("1") and sent == [204])
        for _ in range(3):
            page.evaluate("document.getElementById('toast').textContent = ''")
            button.click()
            expect(toast).to_have_text(re.compile(r"^You have voted very often: try again in (1,000|9\d\d) s\.$"))
            expect(button).to_have_attribute("aria-pressed", "true")
        assert sent == [204, 429]
