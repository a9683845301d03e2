"""Who is calling: flask-login's session in Flask's signed cookie, which the platform sets and shares.

The caller's id is where flask-login keeps it, and the account's generation is beside it. The account itself is not
looked up here but in the same atomic step in Redis as what the caller asks for, so that one request is one round trip,
and a session that was ended is out at once.
"""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from traceback import clear_frames
from typing import Any

from flask import Flask, Request, Response, current_app, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, login_user
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from werkzeug.sansio.http import parse_cookie

from service.accounts.sessions import Caller
from service.problems import NotAuthenticated
from service.settings import Settings

#: Where flask-login has a session carry its account's id, and where it carries the account's generation beside it.
_ACCOUNT_ID, GENERATION = "_user_id", "_generation"

#: Whether somebody was signed in by a provider of identities, who is to sign them out as well.
BY_PROVIDER = "_openid"

#: How many signed cookies a worker remembers, at most, and how long each may be, in characters: sessions take some 130
#: to 200, and base64 passes over whatever else somebody puts into theirs.
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 1000, 512

#: How far ahead of this machine's clock a session may have been signed, in seconds.
_MOST_AHEAD = 24 * 60 * 60

_FROM_THE_FUTURE = (
    "A session was signed %d s from now: the clock of this machine was set back, or is behind that of whoever signs "
    "sessions, too. Sessions that are up to a day ahead count; set the clocks by NTP. This is said once."
)

_logger = logging.getLogger(__name__)


class _Sessions(SecureCookieSessionInterface):
    """Flask's sessions, prepared once instead of at each request.

    A signed cookie of some other shape is nobody's session instead of an error. The cookies are the same. What a signed
    one says is remembered: to find it out takes a fifth of what the app takes for a vote. Of any other, nothing is.
    """

    def __init__(self, app: Flask) -> None:
        serializer = self.get_signing_serializer(app)
        assert serializer is not None  # there is a key
        self._serializer = serializer
        # One signer, whose keys are derived once: to derive them each time, as Flask does, takes 12 % of what the app
        # takes for GET /api/features.
        deriving = serializer.make_signer()
        keys = [deriving.derive_key(key) for key in deriving.secret_keys]
        self._signer = TimestampSigner(keys, key_derivation="none", digest_method=self.digest_method)
        self._has_told = False
        self._remembered = lru_cache(_MOST_REMEMBERED)(self._signed)

    def _signed(self, cookie: str) -> tuple[Any, float]:
        """What a cookie says, and when it was signed, in seconds since 1970. Raises BadData if it was not."""
        payload, signed = self._signer.unsign(cookie, return_timestamp=True)
        return self._serializer.load_payload(payload), signed.timestamp()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        try:
            value = parse_cookie(request.environ.get("HTTP_COOKIE")).get(self.get_cookie_name(app))
            if not value:
                return self.session_class()
            data, signed = (self._remembered if len(value) <= _LONGEST_REMEMBERED else self._signed)(value)
            age = int(time.time()) - signed
            if age < 0 and not self._has_told:
                self._has_told = True
                _logger.warning(_FROM_THE_FUTURE, -age)
            is_current = -_MOST_AHEAD <= age <= app.permanent_session_lifetime.total_seconds()
            return self.session_class(data if is_current else None)
        except (BadData, TypeError, ValueError, KeyError, AttributeError) as error:
            # itsdangerous keeps its errors in variables, which they keep, and the cookie, until the collector comes.
            clear_frames(error.__traceback__)
            return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        # Flask gathers the cookie's settings before it asks, which takes 6 % of what the app takes for /api/features.
        if session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            response.headers.add("Vary", "Cookie")


class _User:
    """Whom flask-login signs in (its user protocol, as far as it is used)."""

    def __init__(self, caller: Caller) -> None:
        self._id = caller.id

    def get_id(self) -> str:
        return self._id


def init_app(app: Flask, settings: Settings) -> None:
    """Configure sessions for `app`.

    flask-login's own `init_app` would add no more than its remember-me cookie, which is not used here, and with it
    `Vary: Cookie` on every response, which would keep shared caches from holding the public documents.
    """
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.session_cookie_secure is not False,
        SESSION_REFRESH_EACH_REQUEST=False,  # a session's lifetime is the platform's to extend
    )
    app.session_interface = _Sessions(app)
    app.login_manager = LoginManager()  # type: ignore[attr-defined]  # where flask-login looks for it


def begin(caller: Caller) -> None:
    """Begin a session, with nothing in it of the one before."""
    session.clear()
    login_user(_User(caller), force=True)  # a pending account may sign in, and read
    session[GENERATION] = caller.generation


def caller_or_none() -> Caller | None:
    """Whom the session at hand names, or None for nobody, and for what no account has: an id with a lone surrogate."""
    # Not by flask-login's current_user, which hashes the caller's address and browser, and looks for a token of its own
    # beside the session: 6 % of what the app takes for a vote, 7 % of GET /api/features.
    account_id, generation = session.get(_ACCOUNT_ID), session.get(GENERATION)
    if account_id is None:
        return None
    text, generation = str(account_id), "" if generation is None else generation
    if not isinstance(generation, str) or not (text + generation).isprintable():
        return None
    return Caller(text, generation)


def caller() -> Caller:
    """Whom the session at hand names. Raises NotAuthenticated if it names nobody."""
    found = caller_or_none()
    if found is None:
        raise NotAuthenticated("Sign in first: this request carries no valid session.")
    return found


def serializer(salt: str) -> URLSafeTimedSerializer:
    """What signs a cookie that is no session, by the keys of sessions; for each such cookie another salt."""
    keys = [*reversed(current_app.config["SECRET_KEY_FALLBACKS"]), current_app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt)
