"""Headers that tell browsers what an answer must never be used for, and which pages may read it.

What is no page may not be run, framed or guessed to be of another type. A page has a Content-Security-Policy of its
own: scripts, styles, images and calls of this origin alone, and nothing inline. Pages of other origins may embed public
documents alone.

Which pages of other origins may read the answers (WHATWG Fetch, CORS) is told by flask-cors. Anyone may read the public
documents, whose own answers carry the headers already; what is left are preflights and errors. Votes and requests carry
a session, so their origins are listed in the settings. Cookies are SameSite=Lax: only pages on the same site can make
use of it.
"""

import re
from collections.abc import Sequence

from flask import Blueprint, Flask
from flask_cors import CORS

from service.settings.settings import Settings

#: As WSGI takes them.
Headers = tuple[tuple[str, str], ...]

_ALWAYS: Headers = (
    ("X-Content-Type-Options", "nosniff"),  # WHATWG Fetch, 3.6
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),  # W3C CSP 3
    ("Referrer-Policy", "no-referrer"),  # addresses here may carry a sign-in token
)

#: How long a browser may remember a preflight, in seconds. Chrome keeps none for longer.
_MAX_AGE = 7200

#: What pages say besides or instead. Windows of other origins that open them, or that they open, do not reach them
#: (WHATWG HTML, 7.1.3), and they use none of these (W3C Permissions Policy). Not no-referrer, with which browsers say
#: `Origin: null` where a form is sent (WHATWG Fetch, 3.2).
_OF_PAGES: Headers = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "strict-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


def embedded(*, by_all: bool) -> Headers:
    """Whose pages may embed an answer (WHATWG Fetch, 3.7): those of all origins, or of its own; CORS is apart."""
    return (("Cross-Origin-Resource-Policy", "cross-origin" if by_all else "same-origin"),)


def page_protection(protection: Headers, provider: str | None = None, service: str | None = None) -> Headers:
    """The same for pages, whose forms may lead on to the origin of a provider of identities: to sign out there.

    Pages that are published as files ask the origin of a `service`, by calls and forms.
    """
    headers = dict((*protection, *_OF_PAGES))
    policy = headers["Content-Security-Policy"]
    for directive, origins in (("form-action 'self'", (provider, service)), ("connect-src 'self'", (service,))):
        policy = policy.replace(directive, " ".join((directive, *filter(None, origins))))
    return tuple((headers | {"Content-Security-Policy": policy}).items())


def always(settings: Settings) -> Headers:
    """What every answer carries but a 304, which changes nothing about the copy that the client has."""
    if not (settings.public_url or "").startswith("https:"):
        return _ALWAYS
    # A year, by which browsers ask by HTTPS alone (RFC 6797). Not for subdomains: they are others' to speak for.
    return (*_ALWAYS, ("Strict-Transport-Security", "max-age=31536000"))


def any_origin(blueprint: Blueprint) -> None:
    """Let pages of every origin read what the blueprint answers."""
    CORS(
        blueprint,
        origins="*",
        send_wildcard=True,
        methods=["GET", "HEAD"],
        allow_headers=["If-None-Match"],
        expose_headers=["ETag"],
        max_age=_MAX_AGE,
    )


def listed_origins(app: Flask, origins: Sequence[str]) -> None:
    """Let pages of these origins vote, ask and choose with the caller's session, and read the answers."""
    if origins:
        CORS(
            app,
            resources=r"/(sign-out|api/(features(/[^/]*/(interest(/reason)?|voters))?|me(/locale|/votes|/shipped/[^/]*)?|feedback(/[^/]*(/messages|/read)?)?|admin/feedback))\Z",
            origins=[re.compile(re.escape(origin) + r"\Z", re.IGNORECASE) for origin in origins],
            supports_credentials=True,
            always_send=False,
            methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Content-Type", "If-Match"],
            expose_headers=["ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"],
            max_age=_MAX_AGE,
        )
