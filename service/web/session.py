"""Who is calling, by flask-login over Flask's signed session cookie, which the platform sets and shares.

flask-login finds the caller's id, and the account's generation is beside it. The account itself is not looked up here
but in the same atomic step in Redis as what the caller asks for, so that one request is one round trip, and a session
that was ended is out at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from traceback import clear_frames

from flask import Flask, Request, Response, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, current_user, login_user
from itsdangerous import BadData, Signer, URLSafeTimedSerializer
from werkzeug.sansio.http import parse_cookie

from service.accounts.sessions import Caller
from service.problems import NotAuthenticated
from service.settings import Settings

#: Where a session carries its account's generation, beside flask-login's `_user_id`.
GENERATION = "_generation"


class _Serializer(URLSafeTimedSerializer):
    """itsdangerous's serializer with one signer for all cookies, whose keys are derived once.

    To derive them at each request, as Flask does, takes 12 % of what the app takes for GET /api/features.
    """

    def __init__(self, keys: Sequence[str], interface: SecureCookieSessionInterface) -> None:
        options = {"key_derivation": interface.key_derivation, "digest_method": interface.digest_method}
        super().__init__(list(keys), interface.salt, serializer=interface.serializer, signer_kwargs=options)
        deriving = super().make_signer()
        derived = [deriving.derive_key(key) for key in deriving.secret_keys]
        self._signer = self.signer(derived, self.salt, key_derivation="none", digest_method=interface.digest_method)

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return self._signer  # nobody asks for another salt


class _Sessions(SecureCookieSessionInterface):
    """Flask's sessions, prepared once instead of at each request.

    A signed cookie of some other shape is nobody's session instead of an error. The cookies are the same.
    """

    def __init__(self, settings: Settings) -> None:
        assert settings.secret_key is not None
        self._serializer = _Serializer([*settings.secret_key_fallbacks, settings.secret_key], self)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer:
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        try:
            value = parse_cookie(request.environ.get("HTTP_COOKIE")).get(self.get_cookie_name(app))
            if not value:
                return self.session_class()
            data = self._serializer.loads(value, max_age=int(app.permanent_session_lifetime.total_seconds()))
            return self.session_class(data)
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


class _Manager(LoginManager):  # type: ignore[misc]  # it is not typed
    def _session_protection_failed(self) -> bool:
        """No: SESSION_PROTECTION is off. flask-login finds out after hashing the caller's address and browser, which
        takes 7 % of what the app takes for GET /api/features."""
        return False


class _User:
    """The caller that a session vouches for (flask-login's user protocol, as far as it is used)."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def get_id(self) -> str:
        return self.caller.id


_manager = _Manager()


def init_app(app: Flask, settings: Settings) -> None:
    """Configure sessions for `app`.

    flask-login's own `init_app` would add no more than its remember-me cookie, which is not used here, and with it
    `Vary: Cookie` on every response, which would keep shared caches from holding the public documents.
    """
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        REMEMBER_COOKIE_NAME=";",  # no cookie's name: the session alone signs in, not flask-login's token beside it
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.session_cookie_secure is not False,
        SESSION_REFRESH_EACH_REQUEST=False,  # a session's lifetime is the platform's to extend
        SESSION_PROTECTION=None,  # else it signs and sets the cookie anew at each request of a platform session
    )
    app.session_interface = _Sessions(settings)
    app.login_manager = _manager  # type: ignore[attr-defined]  # where flask-login looks for it


def _user(account_id: object) -> _User | None:
    """The user of the session at hand, or None for what no account can have, such as an id with a lone surrogate."""
    text, generation = str(account_id), session.get(GENERATION)
    if generation is None:
        generation = ""
    if not isinstance(generation, str) or not (text + generation).isprintable():
        return None
    return _User(Caller(text, generation))


_manager.user_loader(_user)


def begin(caller: Caller) -> None:
    """Begin a session, with nothing in it of the one before."""
    session.clear()
    login_user(_User(caller), force=True)  # a pending account may sign in, and read
    session[GENERATION] = caller.generation


def caller_or_none() -> Caller | None:
    """Whom the session at hand names, if it names anyone."""
    return getattr(current_user, "caller", None)  # which flask-login's anonymous user has not


def caller() -> Caller:
    """Whom the session at hand names. Raises NotAuthenticated if it names nobody."""
    found = caller_or_none()
    if found is None:
        raise NotAuthenticated("Sign in first: this request carries no valid session.")
    return found
