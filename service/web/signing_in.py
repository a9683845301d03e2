"""Signing in with a link, and signing out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, session
from werkzeug.exceptions import BadRequest

from service.accounts import sessions, sign_in
from service.web.admission import read_body, takes_body
from service.web.json_body import json_object
from service.web.pages.languages import of_request
from service.web.pages.redirects import elsewhere, found
from service.web.pages.sign_in import go_back, link_page
from service.web.query import query
from service.web.responses import asks_for_page, no_content, no_store_json
from service.web.session import BY_PROVIDER, begin, caller_or_none
from service.web.state import state

signing_in = Blueprint("signing_in", __name__)

#: Largest body that is read, in bytes. A token and a nonce take about 100.
LARGEST_BODY = 4096


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
@takes_body(LARGEST_BODY)
def follow_link() -> Response:
    """Spend a token and begin a session. A browser goes back to where it was."""
    fields: dict[str, Any] = query()
    if "token" not in fields:
        fields = _body()
    caller, status = sign_in.redeem(state().client, _token(fields), _text(fields, "nonce"))
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
    session.clear()
    if not asks_for_page(request):
        return no_content() if away is None else no_store_json({"next": away})
    return found(f"/{of_request(request)}/", 303) if away is None else elsewhere(away, 303)


def _body() -> dict[str, Any]:
    """The fields of a form or a JSON object. Raises 400, 413, or 503 while another body is waited for."""
    body = read_body()
    return (
        json_object(body, '{"token": "..."}')
        if body and request.mimetype == "application/json"
        else request.form.to_dict()
    )


def _token(fields: Mapping[str, Any]) -> str:
    token = _text(fields, "token")
    if not token:
        raise BadRequest(
            "A token is needed: in the query, as in /sign-in?token=..., or as the field `token` of a form or a JSON "
            "object. `module-registry accounts sign-in-link` makes a link that has one."
        )
    return token


def _text(fields: Mapping[str, Any], name: str) -> str:
    """A field, or an empty text where it is missing."""
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a text.")
    return value
