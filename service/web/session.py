"""Who is calling: flask-login's session in Flask's signed cookie, which the platform sets and shares.

The caller's id is where flask-login keeps it, and the account's generation is beside it. The account itself is not
looked up here but in the same atomic step in Redis as what the caller asks for, so that one request is one round trip,
and a session that was ended is out at once.
"""

import logging
import time
from functools import lru_cache
from traceback import clear_frames
from typing import Any

from flask import Flask, Request, Response, current_app, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import BadData, URLSafeTimedSerializer

from service.accounts.sessions import Caller
from service.audit.model import Actor
from service.problems import NotAuthenticated
from service.settings.settings import Settings
from service.web.state import state

#: Where a session carries its account's generation.
GENERATION = "_generation"

#: What flask-login keeps for a moment of its remember-me cookie, and would set one for.
_OF_REMEMBERING = ("_remember", "_remember_seconds")

#: Whether somebody was signed in by a provider of identities, who is to sign them out as well.
BY_PROVIDER = "_openid"

#: What pages read before they ask who is signed in, as the session itself is for no script to read: "yes", or "no",
#: which `assets/service.js` writes. It is believed in nothing else.
HINT = "signed-in"

#: How many signed cookies a worker remembers, and how long each may be, in characters, as browsers keep them.
_MOST_REMEMBERED, _LONGEST = 1000, 4096

#: How far ahead of this machine's clock a session may have been signed, in seconds.
_MOST_AHEAD = 24 * 60 * 60

_FROM_THE_FUTURE = (
    "A session was signed %d s from now: the clock of this machine was set back, or is behind that of whoever signs "
    "sessions, too. Sessions that are up to a day ahead count; set the clocks by NTP. This is said once."
)

_logger = logging.getLogger(__name__)


class _Sessions(SecureCookieSessionInterface):
    """Flask's sessions, which may be of a clock that is ahead. A signed cookie of some other shape is nobody's session
    instead of an error. The cookies are the same.
    """

    def __init__(self, app: Flask) -> None:
        self._has_told = False
        signer = self.get_signing_serializer(app)
        assert signer is not None  # there is a key

        @lru_cache(_MOST_REMEMBERED)  # to find it out takes a fifth of a vote; of what is not signed, nothing is kept
        def signed(value: str) -> tuple[dict[str, Any], float]:
            data, when = signer.loads(value, return_timestamp=True)
            kept = {name: value for name, value in dict(data).items() if name not in _OF_REMEMBERING}
            return kept, when.timestamp()

        self._signed = signed

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        value = request.cookies.get(self.get_cookie_name(app))
        if not value or len(value) > _LONGEST:
            return self.session_class()
        try:
            data, when = self._signed(value)
        except (BadData, TypeError, ValueError, KeyError, AttributeError) as error:
            # itsdangerous keeps its errors in variables, which they keep, and the cookie, until the collector comes.
            clear_frames(error.__traceback__)
            return self.session_class()
        age = int(time.time()) - when
        if age < 0 and not self._has_told:
            self._has_told = True
            _logger.warning(_FROM_THE_FUTURE, -age)
        is_current = -_MOST_AHEAD <= age <= app.permanent_session_lifetime.total_seconds()
        return self.session_class(data if is_current else None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        # flask-login looks into the session at each request, upon which Flask says `Vary: Cookie`. What caches may keep
        # is the same for everybody, and what is about a person says `no-store`.
        if session.modified:
            super().save_session(app, session, response)
            if session:
                hinted(response)
            else:
                response.delete_cookie(HINT)


class _User(UserMixin):  # type: ignore[misc]  # which has no types
    """Whom flask-login signs in."""

    def __init__(self, caller: Caller) -> None:
        self.id, self.caller = caller.id, caller


def init_app(app: Flask, settings: Settings) -> None:
    """Configure sessions for `app`."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.session_cookie_secure is not False,
        SESSION_REFRESH_EACH_REQUEST=False,  # a session's lifetime is the platform's to extend
        REMEMBER_COOKIE_NAME="",  # none has this name: one of the platform's would outlive what ends its sessions
    )
    app.session_interface = _Sessions(app)
    manager = LoginManager(app)
    manager.session_protection = None  # which would sign the platform's cookies anew
    manager.user_loader(_load)
    manager.unauthorized_handler(_refuse)


def _load(account_id: object) -> _User | None:
    """Whom the session at hand names, or None for what no account has: an id with a lone surrogate."""
    text, generation = str(account_id), session.get(GENERATION)
    generation = "" if generation is None else generation
    if not text or not isinstance(generation, str) or not (text + generation).isprintable():
        return None
    return _User(Caller(text, generation))


def _refuse() -> None:
    raise NotAuthenticated("Sign in first: this request carries no valid session.")


def begin(caller: Caller) -> None:
    """Begin a session, with nothing in it of the one before."""
    session.clear()
    login_user(_User(caller))
    session[GENERATION] = caller.generation


def hinted(response: Response) -> Response:
    """The response, which has pages of this browser ask who is signed in."""
    response.set_cookie(HINT, "yes", samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


def end() -> None:
    """End the session at hand, with all that the platform kept in it, so that the cookie goes."""
    logout_user()
    session.clear()


def caller_or_none() -> Caller | None:
    """Whom the session at hand names, or None for nobody."""
    named: Caller | None = getattr(current_user, "caller", None)
    return named


def caller() -> Caller:
    """Whom the session at hand names. Raises NotAuthenticated if it names nobody."""
    return caller_or_none() or current_app.login_manager.unauthorized()  # type: ignore[attr-defined]


def actor() -> Actor:
    """Who acts as an admin, for what is recorded of it. Raises NotAuthenticated if the session names nobody."""
    who = caller()
    return Actor.account(who.id, who.generation, keeps=state().audit_length)


def serializer(salt: str) -> URLSafeTimedSerializer:
    """What signs a cookie that is no session, by the keys of sessions; for each such cookie another salt."""
    keys = [*reversed(current_app.config["SECRET_KEY_FALLBACKS"]), current_app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt)
