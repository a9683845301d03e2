"""Chromium and one served demo for a whole session, and a fresh profile for each page that a test opens."""

from collections.abc import Iterator

import pytest
from browser.browsing import PATIENCE, Browsing, Demo, launch, served_demo, served_with_provider
from playwright.sync_api import Browser, expect, sync_playwright
from support import CHROMIUM

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, for the whole session."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: put chromium-headless-shell or chromium on PATH, or its path in CHROMIUM")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served() -> Iterator[Demo]:
    """The demo, for the whole session: a test that changes what others look at changes it back."""
    with served_demo() as running:
        yield running


@pytest.fixture(scope="session")
def with_provider() -> Iterator[Demo]:
    """The demo where people sign in with a provider, which is down."""
    with served_with_provider() as running:
        yield running


@pytest.fixture
def browsing(chromium: Browser, served: Demo, request: pytest.FixtureRequest) -> Iterator[Browsing]:
    """Opens pages; whatever goes wrong in one of them fails the test."""
    opened = Browsing(chromium, served, lambda: request.getfixturevalue("with_provider"))
    try:
        yield opened
    finally:
        opened.close()
    assert not opened.problems
