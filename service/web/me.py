"""Who is signed in."""

from __future__ import annotations

from flask import Blueprint, Response

from service.accounts.sessions import check_may_read, profile_of
from service.accounts.store import Role, shown_name
from service.web.responses import no_store_json
from service.web.session import caller
from service.web.state import state

me = Blueprint("me", __name__)


@me.get("/api/me")
def read() -> Response:
    """The caller's account."""
    who = caller()
    found = profile_of(state().client, who)
    check_may_read(found.status)
    role = Role.ADMIN if found.role == Role.ADMIN else Role.MEMBER
    return no_store_json({"id": who.id, "name": shown_name(found.name), "role": role, "status": found.status})
