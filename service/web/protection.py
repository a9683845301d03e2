"""Headers that tell browsers what an answer must never be used for.

Nothing here is a page, so nothing in it may be run, framed or guessed to be of another type. A view that answers with a
page sets a Content-Security-Policy of its own, which then stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from service.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: As WSGI takes them.
Headers = tuple[tuple[str, str], ...]

_ALWAYS: Headers = (
    ("X-Content-Type-Options", "nosniff"),  # WHATWG Fetch, 3.6
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),  # W3C CSP 3
    ("Referrer-Policy", "no-referrer"),  # addresses here may carry a sign-in token
)

#: A year, by which browsers ask by HTTPS alone (RFC 6797). Not for subdomains: they are others' to speak for.
_HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")


def protection(settings: Settings) -> Headers:
    """What every answer carries but a 304, which changes nothing about the copy that the client has."""
    over_https = (settings.public_origin or "").startswith("https:")
    return (*_ALWAYS, _HTTPS_ONLY) if over_https else _ALWAYS


def protected(application: WSGIApplication, protection: Headers) -> WSGIApplication:
    """WSGI middleware: whatever `application` answers gets those headers of `protection` that it did not set itself."""
    everything = list(protection)

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _ in headers}
            lacking = everything
            if status.startswith("304"):
                lacking = []
            elif "content-security-policy" in own:  # a page, which may have others of them, too
                lacking = [header for header in everything if header[0].lower() not in own]
            return start_response(status, headers + lacking, *error)

        return application(environ, start)

    return serve
