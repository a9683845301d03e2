"""How to sign in, and the way back to where one was."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, request

from service.accounts import sessions, sign_in
from service.accounts.sessions import Caller
from service.web.pages.blueprint import LANG, pages, personal
from service.web.pages.languages import of_request
from service.web.pages.redirects import found
from service.web.query import query
from service.web.session import caller_or_none
from service.web.state import state
from service.wording import printable

#: Where a browser keeps the address to come back to, while a sign-in link is on its way: an hour, in seconds.
_COOKIE, _KEPT = "next", 3600

#: A path of this service, and a query, as browsers send them (RFC 3986): no other host, which `//` and `/\\` begin, and
#: nothing that a header or a browser reads as something else.
_OWN = re.compile(r"/(?![/\\])[\w./~!$&'()*+,;=:@%-]*(\?[\w./~!$&'()*+,;=:@%?-]*)?", re.ASCII)

#: The longest address that is kept, in characters.
_LONGEST = 500


def own_address(address: str) -> str | None:
    """The address, if it is one of this service to come back to; None for any other."""
    return address if len(address) <= _LONGEST and _OWN.fullmatch(address) else None


@pages.get(f"{LANG}/sign-in")
def ways_in(lang: str) -> Response:
    """The ways in, for those who are signed out. The others go on to `next`. With a token, the page of its link."""
    if token := query().get("token"):
        return link_page(lang, token)
    back = own_address(query().get("next", "")) or f"/{lang}/"
    if signed_in():
        return found(back)
    switch = f"sign-in?{urlencode({'next': back})}"
    response = personal("sign-in.html", lang, "sign-in", languages=(), switch=switch)
    response.set_cookie(_COOKIE, back, _KEPT, **_cookie())
    return response


def link_page(lang: str, token: str) -> Response:
    """What a sign-in link would do, and the button that does it. Raises InvalidToken, StorageUnavailable.

    The button's request needs no body: what stands in a query never has to be waited for.
    """
    account = printable(sign_in.verify(state().client, token).account_id)
    sent = urlencode({"token": token, "nonce": sign_in.new_nonce()})
    switch = f"sign-in?{urlencode({'token': token})}"
    return personal("sign-in-link.html", lang, "sign-in", languages=(), switch=switch, query=sent, account=account)


def go_back() -> Response:
    """Lead those who have signed in back to where they were, once."""
    back = own_address(request.cookies.get(_COOKIE, "")) or f"/{of_request(request)}/"
    response = found(back, 303)
    response.delete_cookie(_COOKIE, **_cookie())
    return response


def signed_in() -> tuple[Caller, str] | None:
    """Whom the session names, and the status of that account, if it may read. Raises StorageUnavailable."""
    someone = caller_or_none()
    status = sessions.status_of(state().client, someone) if someone else None
    return (someone, status) if someone and status in sessions.READERS else None


def _cookie() -> dict[str, Any]:
    """How the cookie is kept: for this service alone, and not for scripts."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return {"path": state().site.base or "/", "httponly": True, "samesite": "Lax", "secure": secure}
