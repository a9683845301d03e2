"""Signing in with a link, and signing out."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request, session
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from service.accounts import sessions, sign_in
from service.web.admission import has_body
from service.web.pages.blueprint import elsewhere, found
from service.web.pages.languages import of_request
from service.web.pages.sign_in import go_back, link_page
from service.web.request_data import query
from service.web.responses import asks_for_page, no_content, no_store_json
from service.web.session import BY_PROVIDER, begin, caller_or_none, end
from service.web.state import state

signing_in = Blueprint("signing_in", __name__)


@signing_in.get("/sign-in")
def show_link() -> Response:
    """What a link would do, as a page with a button for browsers. Spends nothing: mail scanners follow links, too."""
    token = _token(query())
    if asks_for_page(request):
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
    fields = query()
    caller, status = sign_in.redeem(state().client, _token(fields), fields.get("nonce", ""))
    begin(caller)
    if asks_for_page(request):
        return go_back()
    return no_store_json({"account": caller.id, "status": status})


@signing_in.post("/sign-out")
def leave() -> Response:
    """End every session of the account, and this one with all that the platform kept in it, so that the cookie goes.

    Whom a provider of identities signed in is led on to sign out there, where it offers that and answers. Signing out
    twice is fine. Where Redis does not answer nothing happens, so that trying again ends all of them.
    """
    caller, openid = caller_or_none(), state().openid
    if caller is not None:
        sessions.sign_out(state().client, caller)
    away = openid.end_session() if openid and session.get(BY_PROVIDER) else None
    end()
    if not asks_for_page(request):
        return no_content() if away is None else no_store_json({"next": away})
    return found(f"/{of_request(request)}/", 303) if away is None else elsewhere(away, 303)


def _token(fields: Mapping[str, str]) -> str:
    token = fields.get("token", "")
    if not token:
        raise BadRequest(
            "A token is needed in the query, as in /sign-in?token=... . `module-registry accounts sign-in-link` makes "
            "a link that has one."
        )
    return token
