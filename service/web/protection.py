"""Headers that tell browsers what an answer must never be used for.

Nothing here is a page, so nothing in it may be run, framed or guessed to be of another type. A view that answers with a
page sets a Content-Security-Policy of its own, which then stays.
"""

from __future__ import annotations

from service.settings import Settings

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
