"""What a form has done, which the page that it leads to tells once, and soon.

It is kept in a signed cookie of its own. An address that says so is anybody's to write, and the session is perhaps the
platform's: to write it here would renew it, and where the platform shares it among hosts, leave a copy behind.
"""

from __future__ import annotations

from flask import Response, after_this_request, request
from itsdangerous import BadData

from service.web.pages.redirects import found, own_cookie
from service.web.session import caller, caller_or_none, serializer

#: How long a browser may take to the page, in seconds.
_LIFETIME = 60

_COOKIE = _SALT = "done"


def lead_on(lang: str, where: str, what: str, more: str = "") -> Response:
    """Lead whoever is signed in to the page at /{lang}/{where}, which tells what was done; `more` ends the address."""
    response = found(f"/{lang}/{where}{more}", 303)
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

    @after_this_request
    def forget(response: Response) -> Response:
        response.delete_cookie(_COOKIE, **own_cookie())
        return response

    return str(what)
