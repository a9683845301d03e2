"""Pages that are files of nginx, which ask a service on the same site for votes and accounts."""

import re
from collections.abc import Iterator
from pathlib import Path

import demo
import pytest
from browser.browsing import PATIENCE, Demo, served_demo
from browser.test_voting import stored
from clusters import free_ports
from nginx import NGINX, Nginx
from playwright.sync_api import Browser, Page, expect
from publish.serving import serving_files
from support import run, wait_until

pytestmark = [pytest.mark.long, pytest.mark.skipif(NGINX is None, reason="nginx is not installed")]


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Demo, str]]:
    """The origin of the files, the demo that they ask, and its origin, on one site whose hosts share no cookies."""
    folder, [port] = tmp_path_factory.mktemp("published"), free_ports(1)
    front = Nginx(folder / "nginx")
    own = f"http://registry.app.localhost:{front.address.rpartition(':')[2]}"
    api = f"http://votes.app.localhost:{port}"
    with served_demo(people=0, port=port, PUBLIC_URL=api, CORS_ORIGINS=own) as asked:
        path = folder / "files"
        done = run("publish", str(path), "--api", api, REGISTRY_FILE=str(asked.registry), PUBLIC_URL=own)
        assert done.returncode == 0, done.stderr
        with front.running(serving_files(front, path)):
            yield own, asked, api


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a fresh profile, which fails the test where a script fails or the policy forbids something."""
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    made = context.new_page()
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("console", lambda message: wrong.append(message.text) if "Policy" in message.text else None)
    yield made
    context.close()
    assert wrong == []


def test_votes_are_cast_from_files_with_a_service_on_the_same_site(page: Page, hosts: tuple[str, Demo, str]) -> None:
    own, asked, api = hosts
    asked.add("ada", "Ada")
    page.goto(demo.sign_in_link(asked.serve.data_dir, api, "ada"))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator("#account")).to_contain_text("Ada")
    before = stored(asked)
    page.goto(f"{own}/en/")
    expect(page.locator("#account")).to_contain_text("Ada")
    button = page.locator("#linkedin [data-vote]")
    button.click()
    expect(button).to_have_attribute("data-says", "voted")
    wait_until(lambda: stored(asked) == before + 1)
    expect(page.locator("#linkedin .needed b")).to_have_text(str(before + 1))
    page.locator("#linkedin form.why input").fill("Much")
    page.locator("#linkedin form.why button.button").click()
    expect(page.locator("#toast")).to_contain_text("your reason is saved")
    page.goto(f"{own}/fr/?mine=1")
    expect(page.locator("#modules .tile:visible")).to_have_count(1)
    page.locator("#account button.account-link").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.locator("#sign-in")).to_have_attribute("href", f"{api}/fr/sign-in?next=%2Ffr%2F")
    page.goto(f"{own}/fr/roadmap")
    page.locator("#linkedin [data-vote]").click()  # signed out: where one signs in for it
    expect(page).to_have_url(re.compile(f"{api}/fr/sign-in"))
    assert stored(asked) == before + 1


def test_without_a_service_pages_ask_for_nothing(page: Page, hosts: tuple[str, Demo, str], tmp_path: Path) -> None:
    """Nobody is told of votes, and filters, search and languages are there."""
    _, asked, _ = hosts
    path, front, paths = tmp_path / "published", Nginx(tmp_path / "nginx"), list[str]()
    assert run("publish", str(path), REGISTRY_FILE=str(asked.registry)).returncode == 0
    page.on("response", lambda answer: paths.append(answer.url) if answer.status >= 400 else None)
    with front.running(serving_files(front, path)):
        page.goto(f"{front.url}/en/")
        page.locator(".filters.js-only [data-value=coming_soon]").click()
        expect(page.locator("#linkedin")).to_be_visible()
        expect(page.locator("#modules .tile:visible [data-vote], #sign-in, .vote")).to_have_count(0)
        page.keyboard.press("Control+k")
        page.keyboard.type("linkedin")
        expect(page.get_by_role("option").first).to_contain_text("LinkedIn")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{front.url}/en/modules/linkedin")
        page.locator(".tools [data-language=fr]").click()
        expect(page).to_have_url(f"{front.url}/fr/modules/linkedin")
        page.goto(f"{front.url}/fr/graph")
        page.locator("#find").fill("google")
        page.locator("#hits a").first.click()
        expect(page).to_have_url(f"{front.url}/fr/modules/scrap")
        page.goto(f"{front.url}/fr/roadmap?sort=votes")
        expect(page.locator("#linkedin")).to_be_visible()
        expect(page.locator("#away")).to_have_count(0)
    assert paths == []
