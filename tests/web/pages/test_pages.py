"""Every public page: what holds for all of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from application import signed_out
from contract import DECODE, Client
from flask import Flask
from markup import parse, public
from support import REPOSITORY

from service.web.languages import LANGUAGES
from service.web.pages.table import PAGES

PUBLIC_URL = "https://registry.example.com"
SECURITY = "/.well-known/security.txt"

ASSETS = REPOSITORY / "service" / "web" / "pages" / "assets"
STYLES_AND_SCRIPTS = [*ASSETS.glob("*.css"), *ASSETS.glob("*.js")]

#: Every page that is rendered for each registry, and one of each kind that is rendered when it is asked for.
PATHS = [f"/{lang}/{path}" for path in PAGES for lang in LANGUAGES]
PATHS += [f"/{lang}/{path}" for path in ("pipelines", "docs/concepts/module-registry") for lang in LANGUAGES]
PATHS += [f"/{lang}/modules/{slug}" for lang in LANGUAGES for slug in ("scrap", "linkedin", "sms_campaign", "finance")]

#: Addresses of pages that are about a person.
PERSONAL = ("sign-in", "requests", "admin/", "/vote", "/request")

every_page = pytest.mark.parametrize("path", PATHS)


@pytest.fixture(scope="module")
def site(make_public_app: Callable[..., Flask]) -> Client:
    """The service at an address that it knows, beside a platform."""
    client = make_public_app(public_url=PUBLIC_URL, platform_url="https://app.example.com").test_client()
    assert isinstance(client, Client)
    return client


@every_page
def test_a_page_is_served_as_every_prepared_document_the_same_for_everybody_and_says_what_it_is(
    client: Client, alice: Client, path: str
) -> None:
    whole = client.get(path)
    assert whole.headers["Vary"] == "Accept-Encoding"
    documents = client.application.extensions["module_registry"].in_force.documents
    assert (path in documents) is not path.endswith("/pipelines"), "it is made once, but for what has a query"
    assert "Set-Cookie" not in whole.headers
    for coding in ("gzip", "br", "zstd"):
        response = client.get(path, headers={"Accept-Encoding": coding})
        assert response.headers["Content-Encoding"] == coding
        assert DECODE[coding](response.data) == whole.data
    again = client.get(path, headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert alice.get(path, headers={"Accept-Language": "fr", "Host": "evil.example"}).data == whole.data
    assert "evil" not in whole.text

    page = public(client, path)
    assert page.one("html")["lang"] == path.split("/")[1]
    assert page.one("title").text
    described = page.one("meta[name=description]")["content"]
    assert page.one("meta[property=og:description]")["content"] == described
    assert all(link.text or "aria-label" in link.attributes for link in page.all("a"))
    assert {each["fetchpriority"] for each in page.all("script[type=module]")} == {"low"}  # they hold up no paint


@every_page
def test_its_other_languages_and_who_shares_it_have_its_public_address(site: Client, path: str) -> None:
    """Reciprocal hreflang and Open Graph (ogp.me), by the address of PUBLIC_URL, whatever Host says."""

    def alternates(of: str) -> dict[str, str]:
        links = parse(site.get(of, headers={"Host": "evil.example"}).text).all("link[rel=alternate]")
        return {link["hreflang"]: link["href"] for link in links if "hreflang" in link.attributes}  # the feed has none

    others, lang = alternates(path), path.split("/")[1]
    assert others[lang] == PUBLIC_URL + path
    for address in others.values():
        assert address.startswith(f"{PUBLIC_URL}/")
        assert alternates(address.removeprefix(PUBLIC_URL)) == others

    page = parse(site.get(path, headers={"Host": "evil.example"}).text)
    told = {element["property"]: element["content"] for element in page.all("meta") if "property" in element.attributes}
    assert told["og:url"] == PUBLIC_URL + path == page.one("link[rel=canonical]")["href"]
    assert page.one("title").text.startswith(told["og:title"])
    assert (told["og:type"], told["og:site_name"]) == ("website", "Module registry")
    locales = ["en_GB", "fr_FR"] if lang == "en" else ["fr_FR", "en_GB"]
    assert [told["og:locale"], told["og:locale:alternate"]] == locales


def test_links_and_files_of_pages_are_there(site: Client) -> None:
    own = set()
    for path in PATHS:
        page = parse(site.get(path).text)
        for address in [each["href"] for each in page.all("[href]")] + [each["src"] for each in page.all("[src]")]:
            resolved = urlsplit(urljoin(PUBLIC_URL + path, address))
            own |= {resolved.path} if resolved.netloc == "registry.example.com" else set()
            assert resolved.netloc in ("registry.example.com", "app.example.com"), "of an origin that it is not told of"
    statuses = {path: site.get(path).status_code for path in own if not any(part in path for part in PERSONAL)}
    assert {path: status for path, status in statuses.items() if status not in (200, 302)} == {}


def test_assets_are_small_kept_for_ever_and_change_their_address(client: Client) -> None:
    address = public(client, "/fr/").one("link[rel=stylesheet]")["href"]
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
    icon = client.get("/favicon.ico")
    assert (icon.data[:4], icon.mimetype) == (b"\0\0\1\0", "image/x-icon"), "browsers ask for it unasked"
    addresses = [f"/{assets}/{digest}/{file.name}" for file in STYLES_AND_SCRIPTS]
    sizes = {each: len(client.get(each, headers={"Accept-Encoding": "br"}).data) for each in addresses}
    assert 0 < sum(sizes.values()) <= 48 * 1000, sizes


def test_comments_of_assets_are_not_sent(client: Client) -> None:
    """Nor is anything else left out, and lines keep their numbers."""
    folder = public(client, "/fr/").one("link[rel=stylesheet]")["href"].rpartition("/")[0]
    for file in STYLES_AND_SCRIPTS:
        sent = client.get(f"{folder}/{file.name}").text.split("\n")
        pairs = zip(file.read_text("utf-8").split("\n"), sent, strict=True)
        changed = {(line.strip().split(" ")[0], other) for line, other in pairs if line != other}
        assert changed and changed <= {(mark, "") for mark in ("//", "/*", "/**", "*", "*/")}, file


def test_crawlers_are_told_of_every_page(site: Client) -> None:
    robots = site.get("/robots.txt")
    assert robots.mimetype == "text/plain"
    assert {f"Sitemap: {PUBLIC_URL}/sitemap.xml", "Disallow: /fr/admin/"} <= set(robots.text.splitlines())
    listed = ElementTree.fromstring(site.get("/sitemap.xml").data).itertext()
    addresses = [address.removeprefix(PUBLIC_URL) for address in listed if address.strip()]
    assert {"/fr/", "/en/modules/linkedin", "/en/changes", "/fr/changes"} <= set(addresses)
    assert all(site.get(address).status_code == 200 for address in addresses)


def test_who_finds_a_hole_is_told_whom_to_tell(site: Client, make_public_app: Callable[..., Flask]) -> None:
    """As RFC 9116 has it: contact and an end in less than a year; nothing where there is nobody to tell."""
    assert site.get(SECURITY).status_code == 404
    contact = "mailto:security@example.com"
    response = signed_out(make_public_app(public_url=PUBLIC_URL, security_contact=contact)).get(SECURITY)
    assert response.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.text.splitlines())
    assert fields.pop("Canonical") == PUBLIC_URL + SECURITY
    ends = datetime.fromisoformat(fields.pop("Expires"))
    assert timedelta(days=90) < ends - datetime.now(UTC) < timedelta(days=365)
    assert fields == {"Contact": contact}
