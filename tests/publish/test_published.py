"""What is published answers as `serve` does: the real nginx beside the application, for each address and coding."""

import json
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask
from nginx import NGINX, Answer, Nginx, ask
from publish.serving import PUBLIC_URL, SETTINGS, serving_files
from redis import Redis
from support import REPOSITORY, run, wait_until
from werkzeug.test import TestResponse

from service.history import store
from service.history.model import Change, Kind
from service.publish.publishing import addresses
from service.registry.model import Label
from service.settings.redis_url import RedisUrl
from service.settings.settings import Settings
from service.web.app import create_app
from service.web.site import Published

pytestmark = [pytest.mark.long, pytest.mark.skipif(NGINX is None, reason="nginx is not installed")]

#: What clients send, and browsers.
CODINGS = (None, "identity", "gzip", "br", "zstd", "gzip, deflate, br", "gzip, deflate, br, zstd", "br;q=0, gzip")

#: Header fields that a client can notice, all but those of a server.
SAME = (
    "Content-Type", "Content-Encoding", "Content-Length", "Location", "Cache-Control", "Vary", "Link", "Deprecation",
    "Sunset", "Registry-Revision", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
    "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy",
    "Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options",
)  # fmt: skip


#: What a page has that leads to what concerns a person.
OF_PEOPLE = re.compile(
    r"data-(vote|sign-in|service|shared|needed)|[?]mine|(?<!/docs)/(sign-in|account|requests|admin|vote|pipelines)(?![\w-])"
)


def told(answer: Answer | TestResponse) -> dict[str, str | None]:
    return {name: answer.headers.get(name) for name in SAME}


def check_all(app: Flask, nginx: Nginx, public: Iterable[str], coding: str | None) -> None:
    """Fail unless each address answers as the application does, and whoever has that already, too."""
    client, sent = app.test_client(), {"Accept-Encoding": coding} if coding else {}
    for address in public:
        asked = f"/changes.atom?lang={address[1:3]}" if address.endswith(".atom") else address
        expected, answer = client.get(asked, headers=sent), ask(nginx.url, address, **sent)
        assert (address, answer.status, told(answer)) == (address, expected.status_code, told(expected))
        assert answer.body == expected.data, address
        head = ask(nginx.url, address, "HEAD", **sent)
        assert (head.status, told(head), head.body) == (answer.status, told(answer), b"")
        assert answer["Last-Modified"] is None
        if answer.status != 200:
            continue
        etag = answer["ETag"]
        assert etag.startswith('"')
        known = client.get(asked, headers=sent | {"If-None-Match": expected.headers["ETag"]})
        for names in (etag, f'W/"other", W/{etag}', "*"):
            unchanged = ask(nginx.url, address, **sent, if_none_match=names)
            assert (unchanged.status, unchanged.body, unchanged["ETag"]) == (304, b"", etag)
            assert told(unchanged) == told(known), address
        assert ask(nginx.url, address, **sent, if_none_match='"other"').status == 200


@pytest.mark.parametrize("coding", CODINGS, ids=str)
def test_each_address_answers_as_serve_does(serving: Callable[..., Flask], nginx: Nginx, coding: str | None) -> None:
    app = serving()
    public = [*addresses(app.extensions["module_registry"]), "/", "/docs/", "/docs/votes?from=here"]
    assert len(public) > 200
    check_all(app, nginx, public, coding)


def test_what_is_published_is_what_serve_says_but_for_what_concerns_a_person(
    serving: Callable[..., Flask], registry: Path
) -> None:
    """All of it but pages, and where they are; of pages, what is said with them."""
    app, environ = serving(), SETTINGS | {"REDIS_URL": "redis://127.0.0.1:1", "SECRET_KEY": "x" * 16}
    settings = Settings.from_env(environ)
    served = create_app(replace(settings, registry_file=registry)).test_client()
    for address in addresses(app.extensions["module_registry"]):
        expected, answer = served.get(address), app.test_client().get(address)
        is_page = (expected.mimetype == "text/html" and answer.status_code in (200, 410)) or address == "/sitemap.xml"
        different = {"Content-Length"} if is_page else set()
        assert answer.status_code == expected.status_code
        assert {name for name in SAME if told(answer)[name] != told(expected)[name]} <= different, address
        assert is_page or answer.data == expected.data
        text = answer.data.decode(errors="replace")
        shown = re.sub("(?s)<main.*</main>", "", text) if "/docs/" in address else text
        assert not (is_page and OF_PEOPLE.search(shown)), address


#: What a browser says of languages, and what it remembers.
LANGUAGES = [
    {},
    {"accept_language": "fr"},
    {"accept_language": "FR-ca"},
    {"accept_language": "EN"},
    {"accept_language": "fr-CA, en;q=0.5"},
    {"accept_language": "en-US,en;q=0.9,fr;q=0.8"},
    {"accept_language": "en;q=0.3, fr;q=0.8"},
    {"accept_language": "de, fr;q=0.05"},
    {"accept_language": "fr;q=0, en;q=0.1"},
    {"accept_language": "de"},
    {"accept_language": "frr, xx-fr"},
    {"cookie": "language=fr"},
    {"cookie": "other=1; language=en", "accept_language": "fr"},
    {"cookie": "language=de; mylanguage=en", "accept_language": "fr"},
]


@pytest.mark.parametrize("sent", LANGUAGES, ids=str)
@pytest.mark.parametrize("address", ["/", "/?state=meta", "/docs/", "/docs/votes?a=b%20c#here", "/docs/a/b"])
def test_an_address_without_a_language_leads_to_ones_own(
    serving: Callable[..., Flask], nginx: Nginx, address: str, sent: dict[str, str]
) -> None:
    headers = {name.replace("_", "-").title(): value for name, value in sent.items() if name != "cookie"}
    client = serving().test_client(use_cookies=False)
    environ = {"HTTP_COOKIE": sent["cookie"]} if "cookie" in sent else {}
    path = address.partition("#")[0]
    expected = client.get(path, headers=headers, environ_overrides=environ)
    answer = ask(nginx.url, path, **sent)
    assert (answer.status, told(answer), answer.body) == (302, told(expected), expected.data)


def links(nginx: Nginx) -> set[str]:
    """Where all of it leads, from the first pages and those of the sitemap on; fails where one is nowhere."""
    sitemap = ask(nginx.url, "/sitemap.xml").body.decode()
    left = {f"{PUBLIC_URL}/", f"{PUBLIC_URL}/fr/nothing"} | set(re.findall(r"<loc>(.*?)</loc>", sitemap))
    seen: set[str] = set()
    while left:
        address = left.pop()
        seen.add(address)
        if not address.startswith(f"{PUBLIC_URL}/"):
            continue
        path = address.removeprefix(PUBLIC_URL)
        answer = ask(nginx.url, path)
        assert answer.status in ((404,) if path == "/fr/nothing" else (200, 302, 308)), address
        found = [answer["Location"] or address]
        if re.match("text/html|application/atom", answer["Content-Type"] or ""):
            found += re.findall('\\s(?:href|src|action)="([^"]+)"', answer.body.decode())
        left |= {urljoin(address, unescape(each)).partition("#")[0].partition("?")[0] for each in found} - seen
    return seen


def test_no_link_leads_nowhere(nginx: Nginx) -> None:
    assert len(links(nginx)) > 100


API = "https://votes.example.com"


def test_with_a_service_and_a_store_pages_ask_it_and_tell_what_changed(
    serving: Callable[..., Flask], registry: Path, redis: Redis, valkey_url: str, tmp_path: Path
) -> None:
    moved = Change(Kind.MOVED, "scrap", Label("Cartes", "Maps"), "coming_soon", "active")
    store.record(redis, None, "a" * 64, "", [moved, Change(Kind.REMOVED, "lost", Label("Perdu", "Lost"), None, None)])
    environ = SETTINGS | {"REGISTRY_FILE": str(registry), "REDIS_URL": valkey_url, "SECRET_KEY": "x" * 16}
    path, front = tmp_path / "registry", Nginx(tmp_path / "nginx")
    done = run("publish", str(path), "--history", "--api", API, **environ)
    assert done.returncode == 0, done.stderr
    app = serving(Published(API, has_history=True), RedisUrl.parse(valkey_url))
    public = addresses(app.extensions["module_registry"])
    with front.running(serving_files(front, path)):
        for coding in (None, "br"):
            check_all(app, front, public, coding)
        feed = ask(front.url, "/changes.atom?lang=fr")
        assert (feed.status, feed.body) == (200, ask(front.url, "/fr/changes.atom").body)
        assert "Cartes" in feed.body.decode()
        seen = links(front)
        page = ask(front.url, "/en/modules/podcasts")
    assert {f"{PUBLIC_URL}/en/changes", f"{PUBLIC_URL}/fr/changes.atom"} <= seen
    asked = {each.removeprefix(API) for each in seen if each.startswith(API)}
    assert {"/en/requests", "/fr/sign-in", "/en/pipelines", "/en/modules", "/en/modules/podcasts/vote"} <= asked
    served = create_app(replace(Settings.from_env(environ | {"REDIS_URL": "redis://127.0.0.1:1"})))
    unknown = {address for address in asked if served.test_client().get(address).status_code == 404}
    assert unknown == {"/en/modules", "/fr/modules"}  # which are by an owner
    policy = page["Content-Security-Policy"]
    assert f"connect-src 'self' {API};" in policy and f"form-action 'self' {API};" in policy


REFUSED = [
    ("https://registry.example.com", "https://votes.example.org"),
    ("https://registry.example.com", "http://votes.example.com"),
    ("https://registry.example.co.uk", "https://votes.other.co.uk"),
    ("https://10.0.0.1", "https://11.0.0.1"),
    ("https://registry.example.com", "https://votes.example.com/path"),
    (None, "https://votes.example.com"),
]


@pytest.mark.parametrize(("own", "api"), REFUSED)
def test_a_service_of_another_site_is_refused(tmp_path: Path, own: str | None, api: str) -> None:
    done = run("publish", str(tmp_path / "registry"), "--api", api, **({"PUBLIC_URL": own} if own else {}))
    assert done.returncode == 2 and "--api" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_says_so(nginx: Nginx) -> None:
    for address in (
        "/nothing",
        "/api/modules/nothing",
        "/api/modules/",
        "/api/modules/scrap.json",
        "//api/modules",
        "/api/features",
        "/api/modules/VINE",  # which is gone in small letters
        "/api/modules/vine.br",
        "/api/modules//vine",
    ):
        answer = ask(nginx.url, address)
        assert (answer.status, answer["Content-Type"]) == (404, "application/problem+json"), address
        assert (answer["Cache-Control"], answer["Access-Control-Allow-Origin"]) == ("no-store", "*")
        assert json.loads(answer.body)["status"] == 404
    for lang, name in (("en", "Page not found"), ("fr", "Cette page n’existe pas")):
        for path in ("nothing", "graph.html", "index", "docs/index", "sign-in", "modules/VINE", "/modules/vine"):
            answer = ask(nginx.url, f"/{lang}/{path}", accept_encoding="br")
            assert (answer.status, answer["Content-Encoding"]) == (404, None)
            assert name in answer.body.decode()
    for address in (
        "/nginx/http.conf",
        "/module-registry.json",
        "/gone/en/modules/vine",
        "/.registry/410",
        "/missing/en.html",
    ):
        assert ask(nginx.url, address).status == 404


#: An address that each location of the published configuration answers.
PUBLISHED = (
    "/", "/docs/votes", "/api/modules-registry", "/api/modules", "/api/modules/index", "/api/modules/scrap",
    "/api/modules/vine", "/en/", "/en/docs/", "/en/docs/votes", "/en/modules/scrap", "/en/modules/vine", "/fr/",
    "/fr/docs/", "/fr/modules/scrap", "/openapi.yaml", "/schemas/registry.schema.json", "/sitemap.xml", "/robots.txt",
    "/changes.atom", "/en/changes.atom", "/assets/0123456789ab/site.css", "/gone/en/modules/vine", "/.registry/410",
)  # fmt: skip

#: What an attacker adds to an address: a line feed, a null, a folder above, and 8 KiB.
HOSTILE = ("%0a", "%00", "/%2f..", "%2f..%2f..%2fetc/passwd", "%0d%0aX-Injected:1", "a" * 8192)


@pytest.mark.parametrize("added", HOSTILE, ids=["line feed", "null", "above", "passwd", "header", "8 KiB"])
def test_hostile_paths_are_client_errors(nginx: Nginx, added: str) -> None:
    for address in PUBLISHED:
        answer = ask(nginx.url, address + added)
        is_redirect = answer.status in (302, 308) and address in ("/", "/docs/votes")  # to the language
        assert 400 <= answer.status < 500 or is_redirect, (address, answer.status)
        assert answer["X-Injected"] is None and b"root:" not in answer.body


def test_no_pattern_matches_before_a_line_feed(published: Path) -> None:
    """`$` does in PCRE, so `/en/modules/vine%0a` would be taken for the removed module."""
    files = [*(published / "nginx").iterdir(), REPOSITORY / "service" / "deploy" / "nginx.conf"]
    assert len(files) == 4
    patterns = re.compile(r'(?m)^ *(?:location ~\*? |rewrite |"~\*?\^?/)\S*\$[ ";]')
    assert [line for file in files for line in patterns.findall(file.read_text("utf-8"))] == []


def test_pages_of_all_origins_may_ask_as_they_may_ask_serve(serving: Callable[..., Flask], nginx: Nginx) -> None:
    sent = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "If-None-Match",
    }
    names = [f"Access-Control-{name}" for name in ("Allow-Origin", "Allow-Methods", "Allow-Headers", "Max-Age")]
    for address in ("/api/modules", "/api/modules/scrap", "/api/modules-registry", "/openapi.yaml"):
        expected = serving().test_client().options(address, headers=sent)
        answer = ask(nginx.url, address, "OPTIONS", **sent)
        assert (answer.status, answer.body) == (expected.status_code, expected.data)
        assert [answer[name] for name in names] == [expected.headers[name] for name in names]
    assert ask(nginx.url, "/api/modules", "POST").status == 405


def test_a_page_of_another_version_finds_its_files(serving: Callable[..., Flask], nginx: Nginx) -> None:
    address = "/assets/0123456789ab/site.css"
    expected, answer = serving().test_client().get(address), ask(nginx.url, address)
    assert (answer.status, told(answer), answer.body) == (200, told(expected), expected.data)
    assert ask(nginx.url, address, if_none_match=answer["ETag"]).status == 304
    assert ask(nginx.url, "/assets/0123456789ab/other.css").status == 404


def test_an_edit_comes_into_force_whole_once_nginx_is_reloaded(registry: Path, tmp_path: Path) -> None:
    """Bytes, headers, what moved and what is gone; and the ETag of what has not changed stays."""
    path, file, front = tmp_path / "registry", tmp_path / "registry.yaml", Nginx(tmp_path / "nginx")
    file.write_text(registry.read_text("utf-8"), "utf-8")
    assert run("publish", str(path), REGISTRY_FILE=str(file), **SETTINGS).returncode == 0
    with front.running(serving_files(front, path)):
        public = ("/api/modules", "/api/modules/index", "/api/modules/indices", "/en/modules/indices", "/en/docs/votes")
        before = [ask(front.url, address) for address in public]
        assert run("rename", "index", "indices", "--file", str(file)).returncode == 0
        assert run("publish", str(path), REGISTRY_FILE=str(file), **SETTINGS).returncode == 0
        now = [ask(front.url, address) for address in public]
        for each, other in zip(before[:2], now[:2], strict=True):
            assert (each.status, each.body, told(each)) == (other.status, other.body, told(other))
        assert [each.status for each in now] == [200, 200, 404, 404, 200]
        subprocess.run(front.command("-s", "reload"), check=True)

        # Workers that are about to end may still answer some of these.
        def reloaded() -> list[Answer] | None:
            answers = [ask(front.url, address) for address in public]
            is_new = answers[0]["Registry-Revision"] != before[0]["Registry-Revision"]
            return answers if is_new and [each.status for each in answers] == [200, 308, 200, 200, 200] else None

        after = wait_until(reloaded)
    assert after[1]["Location"] == "/api/modules/indices"
    assert after[0]["ETag"] != before[0]["ETag"]
    assert after[4]["ETag"] == before[4]["ETag"] and after[4].body == before[4].body
