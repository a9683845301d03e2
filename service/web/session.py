"""Who is calling, by flask-login over Flask's signed session cookie, which the platform sets and shares.

flask-login finds the caller's id. The account's status is not looked up here but in the same atomic step in Redis as
what the caller asks for, so that one request is one round trip and a suspended account is out at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from traceback import clear_frames
from typing import Any, cast

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, current_user
from itsdangerous import BadData, Signer, URLSafeTimedSerializer
from werkzeug.sansio.http import parse_cookie

from service.problems import NotAuthenticated
from service.settings import Settings


class _Serializer(URLSafeTimedSerializer):
    """itsdangerous's serializer with one signer for all cookies, whose keys are derived once."""

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

    digest_method: Any = staticmethod(sha1)  # Flask's own wraps it, which keeps hmac from its implementation in C

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
        if session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            response.headers.add("Vary", "Cookie")


class _Manager(LoginManager):  # type: ignore[misc]  # it is not typed
    def _session_protection_failed(self) -> bool:
        """No: SESSION_PROTECTION is off. flask-login would find out after hashing the caller's address and browser."""
        return False


class Caller:
    """The account id that a session vouches for (flask-login's user protocol, as far as it is used)."""

    def __init__(self, account_id: str) -> None:
        self.id = account_id

    def get_id(self) -> str:
        return self.id


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


def _caller(account_id: object) -> Caller | None:
    """The caller of a session, or None for an id that no account can have, such as one with a lone surrogate."""
    text = str(account_id)
    return Caller(text) if text.isprintable() else None


_manager.user_loader(_caller)


def caller_id() -> str:
    """The account id of the session at hand. Raises NotAuthenticated if there is none."""
    account_id = current_user.get_id()
    if account_id is None:
        raise NotAuthenticated("Sign in first: this request carries no valid session.")
    return cast(str, account_id)
