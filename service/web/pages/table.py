"""Which public pages there are, and what else of the site is the same for everybody.

Pages are rendered in each language for each registry that comes into force. An address without a language leads to the
visitor's own; one that names its language never leads away from it. What crawlers ask for, robots.txt (RFC 9309) and
sitemap.xml (sitemaps.org), and security.txt (RFC 9116) have absolute addresses where PUBLIC_URL is set. Where it is
not, nobody knows them, and they are paths.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import partial
from html import escape
from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import NotFound

from service.registry.model import Registry
from service.web.documents import Document, respond
from service.web.pages import changes, docs, graph, insights, modules, people, pipelines, requests, sign_in
from service.web.pages.blueprint import LONGEST, add_query, lead_to, pages
from service.web.pages.languages import LANGUAGES
from service.web.pages.person import language
from service.web.pages.site import Site
from service.web.state import state

#: Imported for their routes, which they add to the blueprint.
VIEWS = (modules, changes, pipelines, sign_in, requests, docs, insights, people)

#: Public pages: path below /{lang}/, template, and what that is given of a registry and a language.
PAGES: dict[str, tuple[str, Callable[[Registry, str], Mapping[str, Any]]]] = {
    "": ("modules.html", modules.facts),
    "graph": ("graph.html", graph.facts),
    "roadmap": ("roadmap.html", modules.roadmap),
}

#: Every address of a page of `PAGES`.
_PATHS = {f"/{lang}/{path}": (lang, path) for path in PAGES for lang in LANGUAGES}

#: What stands on a page about a person, or leads to nothing but one.
_NOT_FOR_CRAWLERS = ("/sign-in", "/api/features", *(f"/{lang}/{path}" for lang in LANGUAGES for path in (
    "admin/", "requests", "sign-in", "modules/*/vote", "modules/*/request",
)))  # fmt: skip

SECURITY = "/.well-known/security.txt"
#: Less than a year (RFC 9116, 2.5.5).
_HOLDS = timedelta(days=180)

#: A sitemap of more addresses than this is not read (sitemaps.org).
_MOST_ADDRESSES = 50_000


def documents(registry: Registry, site: Site) -> dict[str, Callable[[], Document]]:
    """What makes each page of `PAGES` in each of its languages, and what crawlers ask for, by path."""

    def render(lang: str, path: str) -> Document:
        template, facts = PAGES[path]
        return site.document(template, lang, path, **facts(registry, lang))

    return {
        "/favicon.ico": lambda: site.file(site.assets.files["favicon.ico"].identity.body, "image/x-icon"),
        "/robots.txt": partial(_robots, site),
        "/sitemap.xml": partial(_sitemap, site, registry),
        **{address: partial(render, *named) for address, named in _PATHS.items()},
    }


def _robots(site: Site) -> Document:
    """Which pages a crawler may read, and where all of them are listed."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_CRAWLERS)]
    if site.public_url:
        lines += ["", f"Sitemap: {site.absolute('/sitemap.xml')}"]
    return _lines(site, lines)


def _sitemap(site: Site, registry: Registry) -> Document:
    """Where the public pages are."""
    more = [path for path, at in ((changes.PATH, site.changes), (pipelines.PATH, site.service)) if at == ""]
    paths = [f"/{lang}/{path}" for path in (*PAGES, *more) for lang in LANGUAGES] + [*docs.PATHS]
    paths += [f"/{lang}/modules/{module.slug}" for lang in LANGUAGES for module in registry.modules]
    listed = [f"<url><loc>{escape(site.absolute(path))}</loc></url>" for path in paths][:_MOST_ADDRESSES]
    root = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return _lines(site, ['<?xml version="1.0" encoding="UTF-8"?>', root, *listed, "</urlset>"], "application/xml")


def _lines(site: Site, lines: Iterable[str], content_type: str = "text/plain; charset=utf-8") -> Document:
    return site.file("".join(f"{line}\n" for line in lines).encode(), content_type)


def always_there() -> Response:
    """A document that is always there."""
    return respond(state().in_force.document(request.path))


for _path in ("/favicon.ico", "/robots.txt", "/sitemap.xml", *_PATHS):
    pages.add_url_rule(_path, view_func=always_there)


@pages.get(SECURITY)
def security() -> Response:
    """Whom to tell of a vulnerability. It ends half a year from today, since whoever runs the service says so today."""
    site = state().site
    if site.security_contact is None:
        raise NotFound
    ends = datetime.combine(datetime.now(UTC).date() + _HOLDS, time(), UTC)
    lines = [f"Contact: {site.security_contact}", f"Expires: {ends.isoformat()}"]
    if site.public_url:
        lines.append(f"Canonical: {site.absolute(SECURITY)}")
    return respond(_lines(site, lines))


@pages.get("/")
@pages.get("/docs/")
@pages.get("/docs/<path:rest>")
def localised(rest: str = "") -> Response:
    """Redirect to the same page in a language.

    The language is that of the account, or else the one that this browser chose last, or
    else the one that its Accept-Language asks for.

    Raises:
        NotFound: the address is too long.
    """
    if len(rest) > LONGEST:
        raise NotFound
    return lead_to(add_query(f"/{language()}{quote(request.path)}"))


@pages.get("/assets/<digest>/<name>")
def other_version(digest: str, name: str) -> Response:
    """A file as it is now, for a page of a worker that is older or newer. What is asked for by its digest is prepared.

    The browser may keep it no longer than a page.
    """
    site = state().site
    file = site.assets.files.get(name)
    if file is None:
        raise NotFound
    response = respond(file)
    response.headers["Cache-Control"] = site.cache_control
    return response
