"""Headers that tell browsers what an answer must never be used for.

What is no page may not be run, framed or guessed to be of another type. A page has a Content-Security-Policy of its
own: scripts, styles, images and calls of this origin alone, and nothing inline.
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


#: What pages say in place of it. Not no-referrer, with which browsers say `Origin: null` where a form is sent (WHATWG
#: Fetch, 3.2).
_PAGE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "strict-origin",
}


def page_protection(protection: Headers, provider: str | None = None) -> Headers:
    """The same for pages, whose forms may lead on to the origin of a provider of identities: to sign out there."""
    said = dict(_PAGE)
    if provider is not None:
        policy = said["Content-Security-Policy"]
        said["Content-Security-Policy"] = policy.replace("form-action 'self'", f"form-action 'self' {provider}")
    return tuple((name, said.get(name, value)) for name, value in protection)


def protection(settings: Settings) -> Headers:
    """What every answer carries but a 304, which changes nothing about the copy that the client has."""
    over_https = (settings.public_url or "").startswith("https:")
    return (*_ALWAYS, _HTTPS_ONLY) if over_https else _ALWAYS
