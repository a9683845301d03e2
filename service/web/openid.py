"""Signing in with an OpenID Connect provider: the way there, and the way back."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, after_this_request, current_app, request, session
from itsdangerous import BadData
from werkzeug.exceptions import NotFound

from service.accounts.openid_account import signed_in
from service.accounts.openid_attempt import LIFETIME, Attempt, over
from service.web.pages.blueprint import LANG, elsewhere, found, own_address, pages
from service.web.pages.sign_in import go_back, remember
from service.web.request_data import query
from service.web.responses import asks_for_page, no_store, no_store_json
from service.web.session import BY_PROVIDER, begin, serializer
from service.web.state import state

if TYPE_CHECKING:
    from service.accounts.openid import OpenId

openid = Blueprint("openid", __name__)

#: Where the provider sends people back to, below PUBLIC_URL.
CALLBACK = "/sign-in/openid/callback"

#: Where a browser keeps its attempt, which it sends to CALLBACK alone, signed.
_COOKIE, _SALT = "openid", "openid attempt"


@pages.get(f"{LANG}/sign-in/openid")
def go(lang: str) -> Response:
    """Lead to the provider. Not by a form: where one is sent, Chromium holds each redirect against `form-action`, and a
    provider may lead on to others that nobody here knows.

    Nobody is led there by another site, or by a browser that fetches what might be asked for: they see the ways in.
    """
    here = _configured()
    back = own_address(query().get("next", ""))
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return found(f"/{lang}/sign-in?{urlencode({'next': back or f'/{lang}/'})}")
    attempt = Attempt.new()
    response = elsewhere(here.begin(attempt, lang))
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    kept = serializer(_SALT).dumps(attempt)
    response.set_cookie(_COOKIE, kept, LIFETIME, path=CALLBACK, httponly=True, samesite="Lax", secure=secure)
    if back:
        remember(response, back)
    return response


@openid.get(CALLBACK)
def come_back() -> Response:
    """Sign in whom the provider names, once. A browser goes back to where it was, or tries again after a 503."""
    here = _configured()

    @after_this_request
    def forget(response: Response) -> Response:
        if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            response.delete_cookie(_COOKIE, path=CALLBACK)
        return no_store(response)

    claims = here.finish(state().client, _attempt(), query())
    caller, status = signed_in(state().client, here.registration, claims, keeps=state().audit_length)
    begin(caller)
    session[BY_PROVIDER] = True
    if asks_for_page(request):
        return go_back()
    return no_store_json({"account": caller.id, "status": status})


def _configured() -> OpenId:
    """What signs in with the provider. Raises NotFound where none is configured."""
    here = state().openid
    if here is None:
        raise NotFound
    return here


def _attempt() -> Attempt:
    """What this browser has begun in the last 15 minutes. Raises SignInOver for nothing."""
    try:
        return Attempt(*serializer(_SALT).loads(request.cookies.get(_COOKIE, ""), max_age=LIFETIME))
    except (BadData, TypeError):
        raise over() from None
