"""Which public pages there are. They are rendered in each language for each registry that comes into force."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Response, request
from werkzeug.exceptions import NotFound

from service.registry.model import Registry
from service.web.documents import Document, respond
from service.web.pages import (
    account,
    admin,
    admin_person,
    audit,
    changes,
    crawlers,
    docs,
    graph,
    insights,
    module,
    modules,
    people,
    pipelines,
    redirects,
    requests,
    roadmap,
    sign_in,
    vote,
)
from service.web.pages.blueprint import pages
from service.web.pages.languages import LANGUAGES
from service.web.pages.page import Page
from service.web.pages.site import Site
from service.web.state import state

#: Imported for their routes, which they add to the blueprint.
VIEWS = (
    *(redirects, module, changes, pipelines, vote, sign_in, account, requests, docs),
    *(admin, insights, people, admin_person, audit),
)

PAGES: tuple[Page, ...] = (modules.PAGE, graph.PAGE, roadmap.PAGE)


#: Every address of a page of `PAGES`.
_PATHS = {f"/{lang}/{page.path}": (lang, page) for page in PAGES for lang in page.languages}


def documents(registry: Registry, site: Site) -> dict[str, Callable[[], Document]]:
    """What makes each page of `PAGES` in each of its languages, and what crawlers ask for, by path."""

    def render(lang: str, page: Page) -> Document:
        facts = page.facts(registry, site, lang)
        return site.document(page.template, lang, page.path, languages=page.languages, **facts)

    def sitemap() -> Document:
        listed = [path for path, (_, page) in _PATHS.items() if page.in_sitemap]
        listed += [f"/{lang}/{path}" for path in (changes.PATH, pipelines.PATH) for lang in LANGUAGES]
        listed += docs.PATHS
        listed += [f"/{lang}/modules/{module.slug}" for lang in LANGUAGES for module in registry.modules]
        return crawlers.sitemap(site, listed)

    return {
        "/favicon.ico": lambda: site.icon,
        "/robots.txt": partial(crawlers.robots, site),
        "/sitemap.xml": sitemap,
        **{path: partial(render, lang, page) for path, (lang, page) in _PATHS.items()},
    }


@pages.get("/favicon.ico")
@pages.get("/robots.txt")
@pages.get("/sitemap.xml")
def document() -> Response:
    """A document that is always there."""
    return respond(state().in_force.document(request.path))


@pages.get(crawlers.SECURITY)
def security() -> Response:
    """Whom to tell of a vulnerability, made at each request: it ends so long from today."""
    site = state().site
    if site.security_contact is None:
        raise NotFound
    return respond(crawlers.security(site, site.security_contact))


for _path in _PATHS:
    pages.add_url_rule(_path, view_func=document)
