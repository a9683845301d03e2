"""Who is signed in."""

from __future__ import annotations

from flask import Blueprint, Response

from service.accounts.sessions import check_may_read, profile_of
from service.accounts.store import Role
from service.web.responses import no_store_json
from service.web.session import caller
from service.web.state import state
from service.wording import printable, shortened

me = Blueprint("me", __name__)

#: Longest name that is shown, in characters: the platform may write any.
_LONGEST_NAME = 100


@me.get("/api/me")
def read() -> Response:
    """The caller's account."""
    who = caller()
    found = profile_of(state().client, who)
    check_may_read(found.status)
    role = Role.ADMIN if found.role == Role.ADMIN else Role.MEMBER
    name = shortened(printable(found.name), _LONGEST_NAME)
    return no_store_json({"id": who.id, "name": name, "role": role, "status": found.status})
