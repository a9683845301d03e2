"""What is refused before any view runs: frozen modules, other sites, and bodies that the route does not take.

Browsers say where a request comes from in Sec-Fetch-Site (W3C Fetch Metadata) and Origin (RFC 6454). A client that
sends neither is not a browser, and cannot be made to send somebody's cookie.

A body has no time limit: a server may wait for one for ever. So no body is read here, and none at all but by a view
that says with `takes_body` how much of one it wants, and only by some threads at once, so that others are free. What
was left unread, the server closes the connection for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Semaphore
from typing import Any, TypeVar

from flask import Flask, Request, current_app, request
from flask.globals import request_ctx
from werkzeug.exceptions import LengthRequired, MethodNotAllowed, RequestEntityTooLarge, ServiceUnavailable

from service.problems import CrossSiteRequest, MalformedHeader, ModuleFrozen
from service.registry.model import Registry
from service.settings import Settings
from service.web.state import State
from service.wording import printable

View = TypeVar("View", bound=Callable[..., Any])

#: A body that the route does not take is ignored up to this size, in bytes; beyond it is 413.
LARGEST_IGNORED = 64 * 1024

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
_SITES = ("same-origin", "same-site", "cross-site", "none")

#: scheme://host:port (RFC 6454, 6.2; RFC 3986, 3.2.2). Not urlsplit, which remembers the last values it was given.
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._~%!$&'()*+,;=-]+)(:[0-9]+)?", re.IGNORECASE)

#: How much of an origin a message shows, in characters; a host has at most 253.
_LONGEST_SHOWN = 300


class _Readers:
    """The threads of a worker that read bodies: at most `most` at once.

    Another waits for its turn for `patience` seconds, since a body that has come is read in microseconds; but where one
    has waited in vain nobody waits any more, until one of those has ended that are read slowly.
    """

    def __init__(self, most: int, patience: float) -> None:
        self._places = Semaphore(most)
        self._patience = patience
        self._is_stuck = False

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among them. Raises ServiceUnavailable where there is none."""
        if not self._places.acquire(timeout=0 if self._is_stuck else self._patience):
            self._is_stuck = True
            raise ServiceUnavailable("Another body is being read; try again.", retry_after=1)
        try:
            yield
        finally:
            self._is_stuck = False
            self._places.release()


#: For whoever is not signed in, one thread; for those who are, half of the eight that `serve` has in each worker.
_strangers, _callers = _Readers(1, 0), _Readers(4, 0.25)


def takes_body(largest: int) -> Callable[[View], View]:
    """Have a view take a body of up to `largest` bytes, which it reads with `read_body`. Goes below the view's route.

    The size may be announced (Content-Length) or not (chunked).
    """

    def mark(view: View) -> View:
        view.largest_body = largest  # type: ignore[attr-defined]
        return view

    return mark


def read_body(*, of_caller: bool = False) -> bytes:
    """The body of the request at hand; `request.form` works afterwards. Raises 413, or 503 while others are awaited.

    `of_caller`: the session at hand names somebody, who is not kept waiting by those who are not signed in.
    """
    if not request.content_length and "HTTP_TRANSFER_ENCODING" not in request.environ:
        return b""
    with (_callers if of_caller else _strangers).place():
        body = request.get_data()
    limit = _largest_body(current_app, request)
    if len(body) > limit:  # a chunked one, which shows only now
        raise _too_large(limit)
    return body


def init_app(app: Flask, settings: Settings) -> None:
    """Look at every request to `app` before its view does."""

    @app.before_request
    def admit() -> None:
        # Not through Flask's proxies: each look through one takes longer than what is looked at, 9 % of a vote in all.
        asking: Request = request._get_current_object()  # type: ignore[attr-defined]  # documented for proxies
        here: State = app.extensions["module_registry"]
        _check_host(asking.environ.get("HTTP_HOST", ""))
        _refuse_frozen(asking.path, here.in_force.registry)  # the alpha freeze answers any other request at all
        if asking.url_rule and asking.environ["REQUEST_METHOD"] != asking.method:
            # Werkzeug takes "get" for GET; the name of a method is case-sensitive (RFC 9110, 9.1).
            assert request_ctx.url_adapter  # it has found the rule
            raise MethodNotAllowed(request_ctx.url_adapter.allowed_methods())
        if asking.method not in _SAFE_METHODS:
            _check_origin(asking, settings)
            _check_body(asking, _largest_body(app, asking))


def _largest_body(app: Flask, asking: Request) -> int:
    """How much of a body the route of a request takes, in bytes; 0 if it takes none, or there is no route."""
    return getattr(app.view_functions.get(asking.endpoint or ""), "largest_body", 0)


def _check_host(host: str) -> None:
    """Raise MalformedHeader where a request has two Host headers, which servers join by a comma (RFC 9112, 3.2)."""
    if "," in host:
        raise MalformedHeader(f"Host is {host[:100]!r}; a request has one Host, with one name.")


def _refuse_frozen(path: str, registry: Registry) -> None:
    """Raise ModuleFrozen for the endpoint of an alpha_unavailable module (product documentation: it returns 503)."""
    frozen = registry.frozen_endpoints.get(path)
    if frozen is not None:
        raise ModuleFrozen(
            f"{frozen.label.en} ({frozen.slug}) is built but frozen during the alpha; it cannot be started yet."
        )


def _check_body(request: Request, largest: int) -> None:
    """Raise 411 or 413 for a body that a view which takes `largest` bytes, 0 if it takes none, must not be sent."""
    # Werkzeug cuts a chunked body off at its limit. One byte more tells that it was too large.
    request.max_content_length = largest + 1 if largest else 0
    if not largest and "HTTP_TRANSFER_ENCODING" in request.environ:
        raise LengthRequired("A request body needs a Content-Length here; this one has a Transfer-Encoding.")
    limit = largest or LARGEST_IGNORED
    if (request.content_length or 0) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"A request body may have at most {limit // 1024} KiB here.")


def _check_origin(request: Request, settings: Settings) -> None:
    """Raise CrossSiteRequest if a browser says that another site asks, MalformedHeader if it makes no sense."""
    site = request.environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None and site not in _SITES:
        raise MalformedHeader(f"Sec-Fetch-Site is {site[:100]!r}; it must be one of {', '.join(_SITES)}.")
    if site == "cross-site":
        raise _refusal("another site (Sec-Fetch-Site: cross-site)", _own_origins(request, settings))
    origin = request.environ.get("HTTP_ORIGIN")
    if origin is None or origin.lower() in settings.cors_origins:
        return
    if origin != "null" and not _ORIGIN.fullmatch(origin):
        raise MalformedHeader(f"Origin is {origin[:100]!r}, which is not an origin.")
    own = _own_origins(request, settings)
    if origin.lower() not in own:
        raise _refusal(f"another origin ({origin[:_LONGEST_SHOWN]})", own)


def _refusal(where: str, own: tuple[str, ...]) -> CrossSiteRequest:
    expected = printable(" or ".join(own))[:_LONGEST_SHOWN]
    return CrossSiteRequest(f"This request comes from {where}; expected {expected}.")


def _own_origins(request: Request, settings: Settings) -> tuple[str, ...]:
    """What Origin may say, in lower case: PUBLIC_URL alone where it is set, or else whatever the request was sent to.

    Without PUBLIC_URL both schemes will do: behind a proxy that ends TLS this service cannot know its own.
    """
    if settings.public_url is not None:
        return (settings.public_url,)
    host = request.host.lower()
    return (f"http://{host}", f"https://{host}")
