"""Signing in, with a link or with an OpenID Connect provider, and signing out."""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, after_this_request, request, session
from itsdangerous import BadData
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from service.accounts import sessions, sign_in
from service.accounts.openid_account import CALLBACK, LIFETIME, Attempt, over, signed_in
from service.web.admission import has_body
from service.web.pages.blueprint import LANG, lead_to, own_address, own_cookie, pages
from service.web.pages.languages import of_request
from service.web.pages.sign_in import go_back, link_page, remember
from service.web.request_data import query
from service.web.responses import asks_for_page, no_content, no_store, no_store_json
from service.web.session import BY_PROVIDER, begin, caller_or_none, end, serializer
from service.web.state import state

signing_in = Blueprint("signing_in", __name__)

#: Where a browser keeps its attempt, which it sends to CALLBACK alone, signed.
_COOKIE, _SALT = "openid", "openid attempt"


@signing_in.get("/sign-in")
def show_link() -> Response:
    """What a link would do, as a page with a button for browsers. Spends nothing: mail scanners follow links, too."""
    token = _token()
    if asks_for_page():
        response = link_page(token)
    else:
        link = sign_in.verify(state().client, token)
        response = no_store_json({"account": link.account_id, "expires": link.expires.isoformat(timespec="seconds")})
    response.vary.add("Accept")
    return response


@signing_in.post("/sign-in")
def follow_link() -> Response:
    """Spend a token and begin a session. A browser goes back to where it was.

    Nothing is read of a body: whoever can make somebody wait has an account.
    """
    if has_body(request):
        raise RequestEntityTooLarge("A sign-in takes no body: its token is in the query, /sign-in?token=...")
    return _signed_in(*sign_in.redeem(state().client, _token(), query().get("nonce", "")))


def _signed_in(caller: sessions.Caller, status: str) -> Response:
    begin(caller)
    if asks_for_page():
        return go_back(caller, status)
    return no_store_json({"account": caller.id, "status": status})


@signing_in.post("/sign-out")
def leave() -> Response:
    """End every session of the account, and this one with all that the platform kept in it, so that the cookie goes.

    Whom a provider of identities signed in is led on to sign out there, where it is known to offer that. Signing out
    twice is fine. Where Redis does not answer nothing happens, so that trying again ends all of them.
    """
    caller, openid = caller_or_none(), state().openid
    if caller is not None:
        sessions.sign_out(state().client, caller)
    away = openid.end_session() if openid and session.get(BY_PROVIDER) else None
    end()
    if not asks_for_page():
        return no_content() if away is None else no_store_json({"next": away})
    return lead_to(away or f"/{of_request(request)}/", 303)


def _token() -> str:
    token = query().get("token", "")
    if not token:
        raise BadRequest(
            "A token is needed in the query, as in /sign-in?token=... . `module-registry accounts sign-in-link` makes "
            "a link that has one."
        )
    return token


@pages.get(f"{LANG}/sign-in/openid")
def go(lang: str) -> Response:
    """Lead to the provider. Not by a form: where one is sent, Chromium holds each redirect against `form-action`, and a
    provider may lead on to others that nobody here knows.

    Nobody is led there by another site, or by a browser that fetches what might be asked for: they see the ways in.
    """
    provider = state().provider
    back = own_address(query().get("next", ""))
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return lead_to(f"/{lang}/sign-in?{urlencode({'next': back or f'/{lang}/'})}")
    attempt = Attempt.new()
    response = lead_to(provider.begin(attempt, lang))
    response.set_cookie(_COOKIE, serializer(_SALT).dumps(attempt), LIFETIME, path=CALLBACK, **own_cookie())
    if back:
        remember(response, back)
    return response


@signing_in.get(CALLBACK)
def come_back() -> Response:
    """Sign in whom the provider names, once. A browser goes back to where it was, or tries again after a 503.

    What answers another attempt leaves the one of this browser as it is: anybody can lead it here.
    """
    provider, answer = state().provider, query()
    after_this_request(no_store)
    try:  # what this browser has begun, in time
        attempt = Attempt(*serializer(_SALT).loads(request.cookies.get(_COOKIE, ""), max_age=LIFETIME))
    except (BadData, TypeError):  # the latter for a form of another version
        raise over() from None

    @after_this_request
    def forget(response: Response) -> Response:
        is_tried_again = response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        if attempt.is_of(answer.get("state", "")) and not is_tried_again:
            response.delete_cookie(_COOKIE, path=CALLBACK)
        return response

    claims = provider.finish(state().client, attempt, answer)
    response = _signed_in(*signed_in(state().client, provider.settings, claims))
    session[BY_PROVIDER] = True
    return response
