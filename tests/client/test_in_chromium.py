"""The client in a real browser, on a page of the service: what it tells of a vote that is refused."""

import re
from collections.abc import Callable
from contextlib import closing

import pytest
from client.conftest import KEY
from playwright.sync_api import Browser, expect
from support import OPERATOR, Serve, connect, session_cookie, socket_url, wait_until

from service.accounts import store
from service.accounts.store import Account

pytestmark = pytest.mark.long


def test_who_votes_too_often_is_told_when_to_go_on_and_nothing_is_sent_before(
    browser: Browser, serve: Callable[..., Serve]
) -> None:
    running = serve(SECRET_KEY=KEY, VOTE_BURST="1", VOTE_RATE="0.001")
    with closing(connect(socket_url(running.data_dir))) as client:
        store.add(client, Account("alice", "active"), by=OPERATOR)
    name, _, value = session_cookie(KEY, "alice").partition("=")
    with browser.new_context(base_url=running.url) as context:
        context.add_cookies([{"name": name, "value": value, "url": running.url}])
        page = context.new_page()
        page.goto("/en/")
        sent: list[int] = []
        page.on("response", lambda answer: sent.append(answer.status) if answer.url.endswith("/interest") else None)
        button, toast = page.locator('[data-vote="linkedin"]').first, page.locator("#toast")
        button.click()
        expect(button).to_have_text("Voted")
        wait_until(lambda: page.evaluate("1") and sent == [204])
        for _ in range(3):
            page.evaluate("document.getElementById('toast').textContent = ''")
            # The line below it that asks why may come, and move what is hovered, until it is there.
            wait_until(lambda: page.mouse.move(0, 0) or button.hover() or button.text_content() == "Take back")
            page.wait_for_timeout(650)  # so that it is no double click
            button.click()
            expect(toast).to_have_text(
                re.compile(r"^You have voted too often in a short time: try again in (1,000|9\d\d) s\.$")
            )
            expect(button).to_have_text("Voted")
        assert sent == [204, 429]
