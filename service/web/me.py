"""Who is signed in."""

from __future__ import annotations

from flask import Blueprint, Response

from service.accounts.store import Role, shown_name
from service.feedback import store
from service.web.responses import no_store_json
from service.web.session import caller
from service.web.state import state

me = Blueprint("me", __name__)


@me.get("/api/me")
def read() -> Response:
    """The caller's account, and how much news it has: one step in Redis, since each page asks for it."""
    who = caller()
    found, unread = store.news(state().client, who)
    role = Role.ADMIN if found.role == Role.ADMIN else Role.MEMBER
    return no_store_json(
        {"id": who.id, "name": shown_name(found.name), "role": role, "status": found.status, "unread": unread}
    )
