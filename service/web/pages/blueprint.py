"""The blueprint of all pages, and the ways in which a view answers with one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from service.web.documents import respond
from service.web.pages.languages import LANGUAGES
from service.web.responses import no_store
from service.web.state import Snapshot, state

pages = Blueprint("pages", __name__)

#: What a rule begins with, so that it holds in each language.
LANG = f"/<any({', '.join(LANGUAGES)}):lang>"


def kept(here: Snapshot, template: str, lang: str, path: str, status: str = "200 OK", **facts: Any) -> Response:
    """A public page that is rendered at its first request, and kept until the registry changes or others displace it.

    `here` is the snapshot that `facts` were taken from, so that no other keeps them. The rest as for `Site.html`. The
    page must hold nothing about a person.
    """
    site = state().site
    address = f"/{lang}/{path}"
    document = here.documents.get(address)
    if document is None:
        document = site.document(template, lang, path, status, **facts)
        here.keep(address, document)
    return respond(document)


def personal(template: str, lang: str, path: str, status: int = 200, **facts: Any) -> Response:
    """A page about whoever asks, or about a fault: rendered now, and kept by nobody. Arguments as for `Site.html`.

    It has no address for crawlers, unless it says in which languages.
    """
    site = state().site
    body = site.html(template, lang, path, **{"languages": ()} | facts)
    return no_store(Response(body, status, headers=list(site.headers), mimetype="text/html"))
