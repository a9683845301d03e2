"""The blueprint of all pages, and the ways in which a view answers: with one, or by leading somewhere else.

What a form has done is told once, and soon, by the page that it leads to. It is kept in a signed cookie of its own. An
address that says so is anybody's to write, and the session is perhaps the platform's: to write it here would renew it,
and where the platform shares it among hosts, leave a copy behind.
"""

import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, after_this_request, current_app, request
from itsdangerous import BadData

from service.feedback.model import LONGEST_TEXT
from service.web.documents import respond
from service.web.pages.languages import LANGUAGES
from service.web.responses import no_store
from service.web.session import caller, caller_or_none, serializer
from service.web.state import Snapshot, state

pages = Blueprint("pages", __name__)

#: What a rule begins with, so that it holds in each language.
LANG = f"/<any({', '.join(LANGUAGES)}):lang>"

#: A path of this service, and a query, as browsers send them (RFC 3986): no other host, which `//` and `/\\` begin, and
#: nothing that a header or a browser reads as something else.
_OWN = re.compile(r"/(?![/\\])[\w./~!$&'()*+,;=:@%-]*(\?[\w./~!$&'()*+,;=:@%?-]*)?", re.ASCII)

#: The longest address that anybody is led to, in characters: werkzeug remembers the last hundred that it was given.
LONGEST = 500

#: How long a browser may take to the page that tells what was done, in seconds.
_LIFETIME = 60

_COOKIE = _SALT = "done"


def kept(in_force: Snapshot, template: str, lang: str, path: str, **facts: Any) -> Response:
    """A public page that is rendered at its first request, and kept until the registry changes or others displace it.

    `in_force` is the snapshot that `facts` were taken from, so that no other keeps them. The rest: `Site.document`.
    The page must hold nothing about a person.
    """
    address = f"/{lang}/{path}"
    if (document := in_force.documents.get(address)) is None:
        document = state().site.document(template, lang, path, **facts)
        in_force.keep(address, document)
    return respond(document)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done: an HTTP status, the last part of the problem's type, and headers that say what to do."""

    status: int
    kind: str
    headers: dict[str, str]


def personal(
    template: str, lang: str, path: str, status: int = 200, refusal: Refusal | None = None, **facts: Any
) -> Response:
    """A page about whoever asks, or about a fault: rendered now, and kept by nobody. Arguments as for `Site.html`.

    It has no address for crawlers, unless it says in which languages. With `filters` of a list, the other language has
    the same ones. Of a form it has the `text` that stands in it already, and why that was refused, or what was done at
    `where`: that is what `lead_on` was given, where it is not `path`.
    """
    site, switch = state().site, path + facts["filters"].query() if "filters" in facts else path
    usual = {"languages": (), "switch": switch, "text": "", "where": path}
    facts = usual | {"longest": LONGEST_TEXT, "posted": request.method == "POST"} | facts
    told = None if refusal else done(facts["where"])
    body = site.html(template, lang, path, refusal=refusal, done=told, **facts)
    response = Response(body, refusal.status if refusal else status, headers=list(site.headers), mimetype="text/html")
    response.headers.update(refusal.headers if refusal else {})
    return no_store(response)


def own_address(address: str) -> str | None:
    """Return the address if it is a path of this service, with or without a query. Otherwise return None."""
    return address if len(address) <= LONGEST and _OWN.fullmatch(address) else None


def add_query(path: str) -> str:
    """Return a path with the query of the request. Drop a query that is too long or that no browser sends."""
    query = request.query_string.decode("ascii", "replace")
    return (query and own_address(f"{path}?{query}")) or path


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


def lead_on(lang: str, where: str, what: str, more: str = "") -> Response:
    """Lead whoever is signed in to the page at /{lang}/{where}, which tells what was done; `more` ends the address."""
    response = lead_to(f"/{lang}/{where}{more}", 303)
    kept = serializer(_SALT).dumps([*caller(), where, what])
    response.set_cookie(_COOKIE, kept, _LIFETIME, **own_cookie())
    return response


def done(where: str) -> str | None:
    """What was done before this page was led to, if that is to be told: to whom did it, and the first time."""
    cookie, who = request.cookies.get(_COOKIE), caller_or_none()
    if not cookie or who is None:
        return None
    try:
        *about, what = serializer(_SALT).loads(cookie, max_age=_LIFETIME)
    except BadData:
        return None
    if about != [*who, where]:
        return None

    after_this_request(_forgotten)
    return str(what)


@pages.after_request
def forget_what_was_done(response: Response) -> Response:
    """What a form has done is not told after another one, which was refused, or failed."""
    has_done = response.status_code == 303
    return (
        _forgotten(response) if request.method == "POST" and _COOKIE in request.cookies and not has_done else response
    )


def _forgotten(response: Response) -> Response:
    response.delete_cookie(_COOKIE, **own_cookie())
    return response
