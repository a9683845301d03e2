"""Signing in with a link, and signing out."""

from __future__ import annotations

from urllib.parse import parse_qs

from flask import Blueprint, Response, request, session
from flask_login import login_user
from werkzeug.exceptions import BadRequest

from service.accounts import sign_in
from service.web.responses import fresh_json, no_content
from service.web.session import Caller
from service.web.state import state

signing_in = Blueprint("signing_in", __name__)


@signing_in.get("/sign-in")
def follow_link() -> Response:
    """Spend the link's token and start a session. HEAD, which link previews send, spends nothing."""
    # Not request.args, which raises on bytes that are not UTF-8.
    [token] = parse_qs(request.query_string.decode(errors="replace")).get("token", [""])[:1]
    if not token:
        raise BadRequest("A sign-in link carries a token: /sign-in?token=...")
    if request.method == "HEAD":
        sign_in.look(state().client, token)
        response = fresh_json({})
    else:
        account = sign_in.spend(state().client, token)
        login_user(Caller(account.id), force=True)  # a pending account may sign in, and read
        response = fresh_json({"account": account.id, "status": account.status})
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@signing_in.post("/sign-out")
def leave() -> Response:
    """End the session, with all that the platform kept in it, so that the cookie goes. Signing out twice is fine."""
    session.clear()
    return no_content()
