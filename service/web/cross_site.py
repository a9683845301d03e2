"""Refuse what a browser sends on behalf of another site, and bodies that no route asks for.

Browsers say where a request comes from in Sec-Fetch-Site (W3C Fetch Metadata) and Origin (RFC 6454). A client that
sends neither is not a browser, and cannot be made to send somebody's cookie.
"""

from __future__ import annotations

import re

from flask import Request
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

from service.problems import CrossSiteRequest, MalformedHeader
from service.settings import Settings
from service.wording import printable

#: A body that nobody asked for is ignored up to this size, in bytes; beyond it is 413.
MAX_BODY = 64 * 1024
_TOO_LARGE = f"A request body may have at most {MAX_BODY // 1024} KiB."

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
_SITES = ("same-origin", "same-site", "cross-site", "none")

#: scheme://host:port (RFC 6454, 6.2; RFC 3986, 3.2.2). Not urlsplit, which remembers the last values it was given.
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._~%!$&'()*+,;=-]+)(:[0-9]+)?", re.IGNORECASE)

#: How much of an origin a message shows, in characters; a host has at most 253.
_LONGEST_SHOWN = 300


def guard(asked: Request, settings: Settings) -> None:
    """Raise CrossSiteRequest, MalformedHeader, 411 or 413 for a request that must not change anything.

    No body is read: a server may wait for one for ever.
    """
    if asked.method in _SAFE_METHODS:
        return
    check_origin(asked, settings)
    if "HTTP_TRANSFER_ENCODING" in asked.environ:
        raise LengthRequired("A request body needs a Content-Length here; this one has a Transfer-Encoding.")
    if (asked.content_length or 0) > MAX_BODY:
        raise RequestEntityTooLarge(_TOO_LARGE)


def check_origin(asked: Request, settings: Settings) -> None:
    """Raise CrossSiteRequest if a browser says that another site asks, MalformedHeader if it makes no sense."""
    site = asked.environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None and site not in _SITES:
        raise MalformedHeader(f"Sec-Fetch-Site is {site[:100]!r}; it must be one of {', '.join(_SITES)}.")
    if site == "cross-site":
        raise _refusal("another site (Sec-Fetch-Site: cross-site)", _own_origins(asked, settings))
    origin = asked.environ.get("HTTP_ORIGIN")
    if origin is None or origin.lower() in settings.cors_origins:
        return
    if origin != "null" and not _ORIGIN.fullmatch(origin):
        raise MalformedHeader(f"Origin is {origin[:100]!r}, which is not an origin.")
    own = _own_origins(asked, settings)
    if origin.lower() not in own:
        raise _refusal(f"another origin ({origin[:_LONGEST_SHOWN]})", own)


def _refusal(where: str, own: tuple[str, ...]) -> CrossSiteRequest:
    expected = printable(" or ".join(own))[:_LONGEST_SHOWN]
    return CrossSiteRequest(f"This request comes from {where}; expected {expected}.")


def _own_origins(asked: Request, settings: Settings) -> tuple[str, ...]:
    """What Origin may say, in lower case: PUBLIC_URL alone where it is set, or else whatever the request was sent to.

    Without PUBLIC_URL both schemes will do: behind a proxy that ends TLS this service cannot know its own.
    """
    if settings.public_origin is not None:
        return (settings.public_origin,)
    host = asked.host.lower()
    return (f"http://{host}", f"https://{host}")
