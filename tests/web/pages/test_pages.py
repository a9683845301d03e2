"""Every public page: what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from urllib.parse import parse_qs, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from application import signed_out
from contract import DECODE, Client
from flask import Flask
from markup import Element, parse
from redis import Redis

from service.settings import Settings
from service.web.pages.languages import LANGUAGES
from service.web.pages.table import PAGES

#: What a browser sends.
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PUBLIC_URL = "https://registry.example.com/tools"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

#: Every page that is rendered for each registry, and one of each kind that is rendered when it is asked for.
PATHS = [f"/{lang}/{page.path}" for page in PAGES for lang in page.languages]
PATHS += [f"/{lang}/pipelines" for lang in LANGUAGES]
PATHS += [f"/{lang}/modules/{slug}" for lang in LANGUAGES for slug in ("scrap", "linkedin", "sms_campaign", "finance")]

#: Addresses of pages that are about a person.
PERSONAL = ("sign-in", "requests", "admin/", "/vote", "/request")


@pytest.fixture
def client(public_app: Flask) -> Client:
    """Nobody, on an app that these tests share."""
    return signed_out(public_app)


@pytest.fixture(scope="module")
def site(make_public_app: Callable[..., Flask]) -> Client:
    """The service behind a proxy that gives it a path of its own."""
    client = make_public_app(public_url=PUBLIC_URL, platform_url="https://app.example.com").test_client()
    assert isinstance(client, Client)
    return client


def page(client: Client, path: str) -> Element:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    return parse(response.text)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_served_as_every_prepared_document(client: Client, path: str) -> None:
    whole = client.get(path)
    assert whole.headers["Cache-Control"].startswith("public, max-age=10")
    assert whole.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in whole.headers
    for coding in ("gzip", "br", "zstd"):
        response = client.get(path, headers={"Accept-Encoding": coding})
        assert response.headers["Content-Encoding"] == coding
        assert DECODE[coding](response.data) == whole.data
    again = client.get(path, headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_the_same_for_everybody(client: Client, alice: Client, path: str) -> None:
    assert client.get(path).data == alice.get(path, headers={"Accept-Language": "fr", "Host": "x.example"}).data


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_nothing_inline(client: Client, path: str) -> None:
    assert client.get(path).headers["Content-Security-Policy"] == POLICY
    for element in page(client, path):
        assert element.tag != "style"
        assert element.tag != "script" or (element.attributes["src"] and not element.children)
        assert not any(name == "style" or name.startswith("on") for name in element.attributes)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_says_what_it_is(client: Client, path: str) -> None:
    found = page(client, path)
    html = found.one("html")
    assert html.attributes["lang"] == path.split("/")[1]
    assert len(found.all("h1")) == 1
    assert found.one("title").text
    description = found.one("meta", name="description").attributes["content"]
    assert found.one("meta", property="og:description").attributes["content"] == description
    ids = [element.attributes["id"] for element in found if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for link in found.all("a"):
        assert link.text or "aria-label" in link.attributes


@pytest.mark.parametrize("path", PATHS)
def test_the_same_page_in_the_other_language_says_so_too(site: Client, path: str) -> None:
    """Reciprocal hreflang, by the address of PUBLIC_URL, whatever Host says."""

    def alternates(of: str) -> dict[str, str]:
        links = parse(site.get(of, headers={"Host": "evil.example"}).text).all("link", rel="alternate")
        named = [link.attributes for link in links if "hreflang" in link.attributes]  # the feed has none
        return {link["hreflang"]: link["href"] for link in named}

    found = alternates(path)
    assert found[path.split("/")[1]] == PUBLIC_URL + path
    for address in found.values():
        assert address.startswith(f"{PUBLIC_URL}/")
        assert alternates(address.removeprefix(PUBLIC_URL)) == found


@pytest.mark.parametrize("path", PATHS)
def test_who_shares_a_page_shows_its_name_and_address(site: Client, path: str) -> None:
    """Open Graph (ogp.me)."""
    found = parse(site.get(path, headers={"Host": "evil.example"}).text)
    told = {
        element.attributes["property"]: element.attributes["content"]
        for element in found.all("meta")
        if "property" in element.attributes
    }
    assert told["og:url"] == PUBLIC_URL + path == found.one("link", rel="canonical").attributes["href"]
    assert found.one("title").text.startswith(told["og:title"])
    assert (told["og:type"], told["og:site_name"]) == ("website", "Modules")
    locales = {"en": "en_GB", "fr": "fr_FR"}
    assert told["og:locale"] == locales.pop(path.split("/")[1])
    assert [told["og:locale:alternate"]] == list(locales.values())


def test_links_and_files_of_pages_are_there(site: Client) -> None:
    addresses = {
        (path, element.attributes[name])
        for path in PATHS
        for element in page(site, path)
        for name in ("href", "src")
        if name in element.attributes
    }
    own = set()
    for path, address in addresses:
        resolved = urlsplit(urljoin(PUBLIC_URL + path, address))
        if resolved.netloc != "registry.example.com":
            assert address.startswith("https://app.example.com/"), "of another origin, without being told of it"
            continue
        assert resolved.path.startswith("/tools/"), "the path of PUBLIC_URL comes first"
        own.add(resolved.path.removeprefix("/tools"))
    statuses = {one: site.get(one).status_code for one in own if not any(part in one for part in PERSONAL)}
    assert {one: status for one, status in statuses.items() if status not in (200, 302)} == {}


def test_a_page_without_a_public_address_has_none_of_host(client: Client) -> None:
    assert "evil" not in client.get("/fr/", headers={"Host": "evil.example"}).text


def test_scripts_know_where_the_service_is(site: Client, client: Client) -> None:
    html = page(site, "/fr/").one("html").attributes
    assert (html["data-base"], html["data-sign-in"]) == ("/tools", "/tools/fr/sign-in?next={next}")
    assert page(client, "/fr/").one("html").attributes["data-base"] == ""


@pytest.mark.parametrize("path", ["graph", "pipelines?modules=scrap,import", "changes?module=scrap"])
def test_signing_in_leads_back_to_where_one_was(make_app: Callable[..., Flask], redis: Redis, path: str) -> None:
    client = signed_out(make_app())
    link = page(client, f"/fr/{path}").one("a", id="sign-in").attributes["href"]
    assert parse_qs(urlsplit(link).query) == {"next": [f"/fr/{path}"]}


def test_where_the_platform_signs_in_the_address_to_come_back_to_is_absolute(make_app: Callable[..., Flask]) -> None:
    sign_in_url = "https://app.example.com/login?to={next}&x=y"
    client = make_app(public_url=PUBLIC_URL, sign_in_url=sign_in_url).test_client()
    link = page(client, "/fr/").one("a", id="sign-in")
    expected = "https%3A%2F%2Fregistry.example.com%2Ftools%2Ffr%2F"
    assert link.attributes["href"] == f"https://app.example.com/login?to={expected}&x=y"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_site_has_the_name_of_the_settings(make_app: Callable[..., Flask], lang: str) -> None:
    client = make_app(site_name="<Atelier>").test_client()
    found = page(client, f"/{lang}/")
    assert found.one("a", class_="logo").text == "<Atelier>"
    assert "<Atelier>" in found.one("title").text
    assert {one.name: one.default for one in fields(Settings)}["site_name"] == "Modules"


def test_assets_are_kept_for_ever_and_change_their_address(client: Client) -> None:
    address = page(client, "/fr/").one("link", rel="stylesheet").attributes["href"]
    response = client.get(address, headers={"Accept-Encoding": "br"})
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Encoding"] == "br"
    assert response.mimetype == "text/css"
    _, assets, digest, name = address.split("/")
    older = client.get(f"/{assets}/{digest[::-1]}/{name}")
    assert older.data == DECODE["br"](response.data), "a page of another version still finds it"
    assert older.headers["Cache-Control"].startswith("public, max-age=10,")
    assert client.get(f"/{assets}/{digest}/nothing.css").status_code == 404
    assert client.get(f"/{assets}/{digest}/../site.py").status_code == 404


def test_crawlers_are_told_of_every_page(site: Client) -> None:
    robots = site.get("/robots.txt")
    assert robots.mimetype == "text/plain"
    assert f"Sitemap: {PUBLIC_URL}/sitemap.xml" in robots.text.splitlines()
    assert "Disallow: /tools/fr/admin/" in robots.text.splitlines()
    listed = [one.text or "" for one in ElementTree.fromstring(site.get("/sitemap.xml").data).iter() if one.text]
    addresses = [one for one in listed if one.strip()]
    assert {f"{PUBLIC_URL}/fr/", f"{PUBLIC_URL}/en/modules/linkedin"} <= set(addresses)
    assert all(site.get(one.removeprefix(PUBLIC_URL)).status_code == 200 for one in addresses)


def test_a_browser_finds_the_icon_unasked(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.data.startswith(b"\0\0\1\0")
    assert response.mimetype == "image/x-icon"
