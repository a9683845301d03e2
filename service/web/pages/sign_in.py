"""Signing in, with a link or with an OpenID Connect provider, the way back to where one was, and signing out."""

import hmac
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, after_this_request, request, session
from itsdangerous import BadData
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from service.accounts import sessions, sign_in
from service.accounts.openid_account import CALLBACK, LIFETIME, Attempt, over, signed_in
from service.accounts.sessions import VOTERS, Caller
from service.web import vote_intent
from service.web.admission import has_body
from service.web.languages import BACK, of_path, of_request, preferred
from service.web.pages.blueprint import LANG, lead_to, own_address, pages, personal
from service.web.pages.person import language, person
from service.web.request_data import query
from service.web.responses import asks_for_page, no_content, no_store, no_store_json, own_cookie
from service.web.session import BY_PROVIDER, begin, caller_or_none, end, hinted, serializer
from service.web.state import state
from service.wording import printable

signing_in = Blueprint("signing_in", __name__)

#: How long a browser keeps the address to come back to, while a sign-in link is on its way: an hour, in seconds.
_KEPT = 3600

#: Where a browser keeps its attempt, which it sends to CALLBACK alone, signed.
_COOKIE, _SALT = "openid", "openid attempt"


@pages.get(f"{LANG}/sign-in")
def ways_in(lang: str) -> Response:
    """The ways in, for those who are signed out. The others go on to `next`. With a token, the page of its link.

    Who comes back from the platform to vote says so by the intent's random id, which no other page knows.
    """
    fields = query()
    if token := fields.get("token"):
        return link_page(token)
    back = own_address(fields.get("next", "")) or _way_back() or f"/{lang}/"
    intent, me = vote_intent.pressed(back), person()
    if me is not None:
        is_back = intent is not None and hmac.compare_digest(fields.get("intent", "").encode(), intent.id.encode())
        return hinted(go_back(me.caller, me.status) if is_back else lead_to(back))
    switch = f"sign-in?{urlencode({'next': back})}"
    home = f"/{lang}/{switch}&{urlencode({'intent': intent.id})}" if intent else back
    feature, is_cast = vote_intent.module_of(intent), intent is not None and not intent.has_no_scripts
    page = personal("sign-in.html", lang, "sign-in", switch=switch, home=home, feature=feature, is_cast=is_cast)
    return remember(page, back)


def _way_back() -> str | None:
    """The address that this browser keeps to come back to."""
    return own_address(request.cookies.get(BACK, ""))


def remember(response: Response, back: str) -> Response:
    """Have a browser keep the address to come back to."""
    response.set_cookie(BACK, back, _KEPT, **own_cookie())
    return response


def link_page(token: str) -> Response:
    """What a sign-in link would do, and the button that does it. Raises InvalidToken, StorageUnavailable.

    It is in the language of the address, of the page one came from, or else of the account. The button's request needs
    no body: what stands in a query never has to be waited for.
    """
    link = sign_in.verify(state().client, token)
    lang = of_path(request.path) or of_path(request.cookies.get(BACK, "")) or link.locale or preferred(request)
    account = printable(link.account_id)
    sent = urlencode({"token": token, "nonce": sign_in.new_nonce()})
    switch = f"sign-in?{urlencode({'token': token})}"
    feature = vote_intent.module_of(vote_intent.pressed(_way_back() or "")) if link.status in VOTERS else None
    return personal("sign-in-link.html", lang, "sign-in", switch=switch, query=sent, account=account, feature=feature)


def go_back(who: Caller, status: str) -> Response:
    """Lead those who have signed in back to where they were, once, or else to the first page in their language.

    Who has pressed for a vote there finds it pressed. Without scripts they come from the page of one vote: the POST
    of a link, which has signed them in, goes on to its button. What was pressed elsewhere is forgotten: the next to
    sign in may be somebody else.
    """
    way_back = _way_back() or ""
    back = way_back or f"/{language()}/"
    intent = vote_intent.pressed(way_back)
    if intent and intent.has_no_scripts:
        votes = request.method == "POST" and status in VOTERS and vote_intent.spend_id(intent.id)
        response = lead_to(f"{back}?wanted=yes", 307) if votes else lead_to(back, 303)
        vote_intent.forget(response)
    elif intent:
        response = lead_to(f"{back}#{intent.feature}", 303)  # where on that page it was pressed
        vote_intent.own(response, intent, who)
    else:
        response = lead_to(back, 303)
        vote_intent.forget(response)
    response.delete_cookie(BACK, **own_cookie())
    return response


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


def _signed_in(caller: Caller, status: str) -> Response:
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
