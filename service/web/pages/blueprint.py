"""The blueprint of all pages, and the ways in which a view answers: with one, or by leading somewhere else."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, current_app, request

from service.web.documents import respond
from service.web.pages.languages import LANGUAGES
from service.web.responses import no_store
from service.web.state import Snapshot, state

pages = Blueprint("pages", __name__)

#: What a rule begins with, so that it holds in each language.
LANG = f"/<any({', '.join(LANGUAGES)}):lang>"

#: A path of this service, and a query, as browsers send them (RFC 3986): no other host, which `//` and `/\\` begin, and
#: nothing that a header or a browser reads as something else.
_OWN = re.compile(r"/(?![/\\])[\w./~!$&'()*+,;=:@%-]*(\?[\w./~!$&'()*+,;=:@%?-]*)?", re.ASCII)

#: The longest address that anybody is led to, in characters: werkzeug remembers the last hundred that it was given.
LONGEST = 500


def kept(in_force: Snapshot, template: str, lang: str, path: str, **facts: Any) -> Response:
    """A public page that is rendered at its first request, and kept until the registry changes or others displace it.

    `in_force` is the snapshot that `facts` were taken from, so that no other keeps them. The rest: `Site.document`.
    The page must hold nothing about a person.
    """
    site = state().site
    address = f"/{lang}/{path}"
    document = in_force.documents.get(address)
    if document is None:
        document = site.document(template, lang, path, **facts)
        in_force.keep(address, document)
    return respond(document)


def personal(template: str, lang: str, path: str, status: int = 200, **facts: Any) -> Response:
    """A page about whoever asks, or about a fault: rendered now, and kept by nobody. Arguments as for `Site.html`.

    It has no address for crawlers, unless it says in which languages. With `filters` of a list, the other language has
    the same ones.
    """
    site, switch = state().site, path + facts["filters"].query() if "filters" in facts else path
    usual = {"languages": (), "modules": state().in_force.registry.by_slug, "switch": switch}
    body = site.html(template, lang, path, **usual | facts, posted=request.method == "POST")
    return no_store(Response(body, status, headers=list(site.headers), mimetype="text/html"))


def own_address(address: str) -> str | None:
    """The address, if it is one of this service to come back to; None for any other."""
    return address if len(address) <= LONGEST and _OWN.fullmatch(address) else None


def lead_to(address: str, status: int = 302) -> Response:
    """Lead to an address, for once: a cache does not know what decided. Of a path of this service Host has no say."""
    response = no_store(Response(status=status, headers={"Location": address}))
    response.vary.update(["Accept-Language", "Cookie"])
    return response


def own_cookie() -> dict[str, Any]:
    """How a cookie is kept that is about where one is led: for this service alone, and not for scripts."""
    return {"httponly": True, "samesite": "Lax", "secure": current_app.config["SESSION_COOKIE_SECURE"]}


def download(response: Response, name: str) -> Response:
    """A response that browsers keep as a file of a name, and nobody else keeps."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return no_store(response)
