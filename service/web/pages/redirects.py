"""Addresses without a language, which lead to the visitor's own; and files of another version.

An address that names its language never leads away from it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, request
from werkzeug.exceptions import NotFound

from service.web.documents import respond
from service.web.pages.blueprint import pages
from service.web.pages.person import language
from service.web.query import address
from service.web.responses import no_store
from service.web.state import state

#: A path of this service, and a query, as browsers send them (RFC 3986): no other host, which `//` and `/\\` begin, and
#: nothing that a header or a browser reads as something else.
_OWN = re.compile(r"/(?![/\\])[\w./~!$&'()*+,;=:@%-]*(\?[\w./~!$&'()*+,;=:@%?-]*)?", re.ASCII)

#: The longest address that anybody is led to, in characters: werkzeug remembers the last hundred that it was given.
_LONGEST = 500


def own_address(address: str) -> str | None:
    """The address, if it is one of this service to come back to; None for any other."""
    return address if len(address) <= _LONGEST and _OWN.fullmatch(address) else None


@pages.get("/")
@pages.get("/docs/")
@pages.get("/docs/<path:rest>")
def localised(rest: str = "") -> Response:
    """Lead to the same page in the language of the account, or that the browser chose last, or that it asks for."""
    if len(rest) > _LONGEST:
        raise NotFound
    asked = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    path = f"/{language()}{quote(request.path)}"
    return found(own_address(path + asked) or path)


def found(path: str, status: int = 302) -> Response:
    """Lead to a path of this service, for once: a cache does not know what decided. Host has no say in it."""
    response = no_store(Response(status=status, headers={"Location": path}))
    response.vary.update(["Accept-Language", "Cookie"])
    return response


def own_cookie() -> dict[str, Any]:
    """How a cookie is kept that is about where one is led: for this service alone, and not for scripts."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"httponly": True, "samesite": "Lax", "secure": secure}


def elsewhere(address: str, status: int = 302) -> Response:
    """Lead to an address of another service, such as that of a provider of identities."""
    return no_store(Response(status=status, headers={"Location": address}))


def to_sign_in(lang: str) -> Response:
    """Lead to where one signs in, and from there back to the page at hand."""
    back = own_address(address()) or f"/{lang}/"
    return no_store(Response(status=302, headers={"Location": state().site.sign_in(lang, back)}))


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
