"""Signing in and out with a real OpenID Connect provider, in a real browser, under the policies of both."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import openid_provider
import pytest
from browser.browsing import PATIENCE, Demo, served_with_provider
from clusters import free_ports
from openid_provider import Running
from playwright.sync_api import Browser, Page, expect

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (openid_provider.FOLDER and openid_provider.NODE), reason=openid_provider.MISSING),
]


@pytest.fixture(scope="module")
def connected() -> Iterator[tuple[Demo, Running]]:
    """The demo, and the provider that it is connected with."""
    [port] = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="mr-", dir="/tmp") as folder:
        issuer = f"http://127.0.0.1:{port}"
        served = served_with_provider(Path(folder), issuer, OIDC_DOMAINS="example.com")
        with served as demo, openid_provider.running(demo.url, port=port) as provider:
            yield demo, provider


def opened(chromium: Browser, demo: Demo, **options: bool) -> Page:
    page = chromium.new_context(base_url=demo.url, locale="en-GB", **options).new_page()
    page.set_default_timeout(PATIENCE)
    return page


def sign_in(page: Page, provider: Running, path: str, button: str) -> None:
    """From a page, by the link in its bar unless it leads there by itself, over the provider, and back to it."""
    page.goto(path)
    if "/sign-in" not in page.url:
        page.get_by_role("banner").get_by_role("link", name="Se connecter").click()
    page.get_by_role("main").get_by_role("link", name=button).click()
    expect(page).to_have_url(re.compile(f"^{provider.issuer}/interaction/"))
    page.locator("input[name=login]").fill("alice")
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"**{path}")


def test_there_and_back_in_the_language_of_the_page(chromium: Browser, connected: tuple[Demo, Running]) -> None:
    demo, provider = connected
    page = opened(chromium, demo)
    sign_in(page, provider, "/fr/graph", "Se connecter avec Example")
    menu = page.get_by_role("button", name="Alice Martin")
    menu.click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url(f"{provider.issuer}/session/end**")
    page.locator("button[name=logout]").click()
    page.wait_for_url(f"{demo.url}/*/")
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    page.context.close()


def test_without_scripts_the_form_leads_to_the_provider_too(chromium: Browser, connected: tuple[Demo, Running]) -> None:
    """Chromium holds the redirect of a form against form-action."""
    demo, provider = connected
    page = opened(chromium, demo, java_script_enabled=False)
    sign_in(page, provider, "/en/requests", "Sign in with Example")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{provider.issuer}/session/end**")
    page.context.close()
