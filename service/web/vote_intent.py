"""The vote that somebody pressed for while signed out, until they are signed in: what was wanted, in a signed cookie.

Nothing here votes. A POST of a page of ours keeps what was pressed, for an hour. A sign-in that leads back to where it
was pressed makes it that account's, for a minute. Then the page asks for it, once, and votes by the same call as any
other. So neither an address nor a GET votes, nor a cookie that another site has set: its name begins with __Host-,
which browsers take from this host alone, over HTTPS (RFC 6265bis, 4.1.3.2). Scripts may see that there is one.
"""

import secrets
from typing import Any, NamedTuple

from flask import Response, current_app, request
from itsdangerous import BadData

from service.accounts.sessions import Caller
from service.interest.keys import spent_key
from service.registry.model import Module
from service.web.responses import own_cookie
from service.web.session import serializer
from service.web.state import state

_PRESSED, _OWNED = "vote intent", "vote intent of an account"

#: How long somebody may take to sign in after they pressed, in seconds: an hour.
LIFETIME = 3600

#: How long a page may take to ask for it once somebody is signed in, in seconds.
_OWNED_FOR = 60

#: How long a used intent is remembered, in seconds: as long as a cookie with its id can be accepted. Signing in just
#: before LIFETIME is over makes another cookie of it, for _OWNED_FOR. Ages are whole seconds: each may last one more.
_REMEMBERED_FOR = LIFETIME + 1 + _OWNED_FOR + 1


class Intent(NamedTuple):
    """What was pressed: a random id, the feature, and the address to come back to."""

    id: str
    feature: str
    back: str

    @property
    def has_no_scripts(self) -> bool:
        """Whether it was pressed on the page of one vote, where those are who have no scripts."""
        return self.back.split("/", 2)[2:] == [f"modules/{self.feature}/vote"]


def keep(response: Response, feature: str, back: str) -> None:
    """Have the browser keep what was pressed."""
    _keep(response, serializer(_PRESSED).dumps(Intent(secrets.token_urlsafe(16), feature, back)), LIFETIME)


def pressed(back: str) -> Intent | None:
    """What was pressed where this sign-in leads back to, in the last hour; None for nothing."""
    try:
        intent = Intent(*serializer(_PRESSED).loads(request.cookies.get(_name(), ""), max_age=LIFETIME))
    except BadData:
        return None
    return intent if intent.back == back else None


def module_of(intent: Intent | None) -> Module | None:
    """The module that is to be voted for; None where nothing was pressed, or can be voted for any more."""
    registry = state().in_force.registry
    module = registry.find(intent.feature) if intent else None
    return module if module and module.slug in registry.allowed_features else None


def own(response: Response, intent: Intent, caller: Caller) -> None:
    """Make it the account's that has signed in to vote, and of no other that may come after it."""
    _keep(response, serializer(_OWNED).dumps([intent.id, intent.feature, *caller]), _OWNED_FOR)


def spend(caller: Caller) -> str | None:
    """The feature that this account pressed for, by its id of now, the first time that it is asked; else None.

    Raises StorageUnavailable.
    """
    try:
        intent_id, feature, *account = serializer(_OWNED).loads(request.cookies.get(_name(), ""), max_age=_OWNED_FOR)
    except BadData:
        return None
    if account != [*caller] or not spend_id(intent_id):
        return None
    module = state().in_force.registry.find(feature)
    return module.slug if module else str(feature)


def spend_id(intent_id: str) -> bool:
    """Use it up by its id; returns whether that is the first time. Raises StorageUnavailable."""
    return state().client.command("SET", spent_key(intent_id), "1", "NX", "EX", _REMEMBERED_FOR) is not None


def forget(response: Response) -> None:
    """Have the browser forget it."""
    if _name() in request.cookies:
        response.delete_cookie(_name(), **_kind())


def _keep(response: Response, value: str | bytes, seconds: int) -> None:
    response.set_cookie(_name(), str(value), seconds, **_kind())


def _name() -> str:
    return "__Host-vote-intent" if current_app.config["SESSION_COOKIE_SECURE"] else "vote-intent"


def _kind() -> dict[str, Any]:
    return own_cookie() | {"httponly": False}
