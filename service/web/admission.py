"""What is refused before any view runs: frozen modules, other sites, and bodies that the route does not take.

Browsers say where a request comes from in Sec-Fetch-Site (W3C Fetch Metadata) and Origin (RFC 6454). A client that
sends neither is not a browser, and cannot be made to send somebody's cookie.

Servers wait for a body for ever. So one is read only for a view that says by `takes_body` how much of it it wants and
from whom, once the store has said that the sender is one of these; for a few seconds, and by some threads at once, so
that others are free. What was left unread, granian closes the connection for.
"""

import logging
import re
from collections.abc import Callable
from threading import Thread
from typing import Any, TypeVar

from flask import Flask, Request, Response, after_this_request, request
from werkzeug import exceptions

from service.accounts.model import Account
from service.accounts.sessions import VOTERS, Caller, account_of, check_is_admin, check_may_read, check_may_vote
from service.problems import CrossSiteRequest, MalformedHeader, ModuleFrozen
from service.settings.settings import Settings
from service.web.session import caller
from service.web.state import state
from service.wording import printable, shortened

_logger = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

#: A body that the route does not take is ignored up to this size, in bytes; beyond it is 413.
LARGEST_IGNORED = 64 * 1024

_SITES = ("same-origin", "same-site", "cross-site", "none")

#: scheme://host:port (RFC 6454, 6.2; RFC 3986, 3.2.2). Not urlsplit, which remembers the last values it was given.
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._~%!$&'()*+,;=-]+)(:[0-9]+)?", re.IGNORECASE)

#: How much of an origin a message shows, in characters; a host has at most 253.
_LONGEST_SHOWN = 300

#: How long a body may take to come, and how long a member's may wait until others are read, in seconds.
LONGEST_BODY, _PATIENCE = 3.0, 0.25


def readers(account: Account) -> None:
    """Those who are signed in, pending or not. Raises NotAuthenticated for others."""
    check_may_read(account.status)


def members(account: Account) -> None:
    """Those whose account is active. Raises NotAuthenticated or AccountNotActive for others."""
    check_may_vote(account.status, to="do this")


def admins(account: Account) -> None:
    """Active admins. Raises NotAuthenticated, AccountNotActive or NotAnAdmin for others."""
    check_is_admin(account.status, account.role)


def takes_body(largest: int, *, of: Callable[[Account], None] = members) -> Callable[[View], View]:
    """Have a view take a body of up to `largest` bytes, which is there when it runs. Goes below the view's route.

    Whoever is not among those whom `of` lets through is refused before anything is read. The size may be announced
    (Content-Length) or not (chunked).
    """

    def mark(view: View) -> View:
        view.takes_body = (largest, of)  # type: ignore[attr-defined]
        return view

    return mark


def has_body(sent: Request) -> bool:
    """Whether a request has a body, of a size that is announced or not."""
    return bool(sent.content_length) or "HTTP_TRANSFER_ENCODING" in sent.environ


def init_app(app: Flask, settings: Settings) -> None:
    """Look at every request to `app` before its view does."""
    app.config["MAX_CONTENT_LENGTH"] = 0  # no view reads a body that it does not say it takes

    @app.before_request
    def admit() -> None:
        # To look through Flask's `request` takes as long as most of what is looked at.
        sent: Request = request._get_current_object()  # type: ignore[attr-defined]  # as Flask has it for threads
        environ, method = sent.environ, sent.method
        host = environ.get("HTTP_HOST", "")
        if "," in host:  # two Host headers, which servers join (RFC 9112, 3.2)
            raise MalformedHeader(f"Host is {host[:100]!r}; a request has one Host, with one name.")
        module = state().in_force.registry.frozen_endpoints.get(sent.path)
        if module is not None:  # the alpha freeze answers any other request at all (product documentation)
            named = f"{module.label.en} ({module.slug})"
            raise ModuleFrozen(f"{named} is built but frozen during the alpha; it cannot be started yet.")
        if environ["REQUEST_METHOD"] != method and sent.url_rule:
            # Werkzeug takes "get" for GET; the name of a method is case-sensitive (RFC 9110, 9.1).
            raise exceptions.MethodNotAllowed(app.url_map.bind("").allowed_methods(sent.path))
        if method not in ("GET", "HEAD", "OPTIONS", "TRACE"):
            _check_origin(sent, settings)
            view = app.view_functions.get(sent.endpoint or "")
            largest, check = getattr(view, "takes_body", (LARGEST_IGNORED, None))
            if check:  # one byte more, since werkzeug cuts a chunked body off there: it tells that it was too large
                sent.max_content_length = largest + 1
            if has_body(sent):
                _admit_body(sent, largest, check)


def _admit_body(sent: Request, limit: int, check: Callable[[Account], None] | None) -> None:
    """Read the body that a view takes, if who sends it may. Raises 400, 401, 403, 408, 411, 413, or 503."""
    if (sent.content_length or 0) > limit:
        raise _too_large(limit)
    if check is None:
        if "HTTP_TRANSFER_ENCODING" in sent.environ:
            needed = "A request body needs a Content-Length here; this one has a Transfer-Encoding."
            raise exceptions.LengthRequired(needed)
        return
    who, bulkhead = caller(), state().bulkhead
    account = account_of(state().client, who)
    check(account)
    is_member = account.status in VOTERS
    place = who.id if is_member else ""
    if not bulkhead.enter(place, _PATIENCE if is_member else 0):
        raise exceptions.ServiceUnavailable("Another body is being read; try again.", retry_after=1)
    _read(sent, who, lambda: bulkhead.leave(place))
    length = len(sent.get_data())
    if length < (sent.content_length or 0):
        raise exceptions.BadRequest(f"The body was cut off: {length:,} bytes of {sent.content_length:,} have come.")
    if length > limit:  # a chunked one, which shows only now
        raise _too_large(limit)


def _read(sent: Request, who: Caller, leave: Callable[[], None]) -> None:
    """Read the body for at most LONGEST_BODY, and `leave` its place once it is read. Raises 408, 503, or as it fails.

    A thread that reads cannot be called back: granian has no time limit, and lets no answer end while another thread
    reads. So a late one keeps its place, and the answer, which the client has by then, ends when the client leaves.
    """
    faults: list[Exception] = []

    def read() -> None:
        try:
            sent.get_data()  # which keeps it for the view
        except Exception as error:  # noqa: BLE001  # raised below, in the thread of the request
            faults.append(error)
        finally:
            leave()

    reading = Thread(target=read, name="body", daemon=True)
    try:
        reading.start()
    except RuntimeError as error:  # as where the system lets no more threads begin
        leave()
        _logger.error("A body could not be read: %s", error)
        raise exceptions.ServiceUnavailable("Bodies cannot be read at the moment; try again.", retry_after=1) from None
    reading.join(LONGEST_BODY)
    if reading.is_alive():
        _logger.warning(
            "A body from the account %s has not come within %g s, and keeps one of the threads that read bodies until "
            "the client leaves.",
            shortened(printable(who.id), 100),
            LONGEST_BODY,
        )

        @after_this_request
        def close(response: Response) -> Response:
            response.headers["Connection"] = "close"
            response.call_on_close(reading.join)
            return response

        raise exceptions.RequestTimeout(f"The body has not come within {LONGEST_BODY:g} s.")
    if faults:
        raise faults.pop()  # which leaves nothing that refers to itself


def _too_large(limit: int) -> exceptions.RequestEntityTooLarge:
    return exceptions.RequestEntityTooLarge(f"A request body may have at most {limit // 1024} KiB here.")


def _check_origin(sent: Request, settings: Settings) -> None:
    """Raise CrossSiteRequest if a browser says that another site asks, MalformedHeader if it makes no sense.

    Where PUBLIC_URL is set, its origin alone is this site's, or else whatever the request was sent to, by both schemes:
    behind a proxy that ends TLS this service cannot know its own.
    """
    site, origin = sent.environ.get("HTTP_SEC_FETCH_SITE"), sent.environ.get("HTTP_ORIGIN")
    if site is None and origin is None:
        return
    host = sent.host.lower()
    own = (f"http://{host}", f"https://{host}") if settings.public_url is None else (settings.public_url,)
    if site not in (None, *_SITES):
        raise MalformedHeader(f"Sec-Fetch-Site is {site[:100]!r}; it must be one of {', '.join(_SITES)}.")
    if site == "cross-site":
        where = "another site (Sec-Fetch-Site: cross-site)"
    elif origin is None or origin.lower() in (*own, *settings.cors_origins):
        return
    elif origin != "null" and not _ORIGIN.fullmatch(origin):
        raise MalformedHeader(f"Origin is {origin[:100]!r}, which is not an origin.")
    else:
        where = f"another origin ({origin[:_LONGEST_SHOWN]})"
    expected = printable(" or ".join(own))[:_LONGEST_SHOWN]
    raise CrossSiteRequest(f"This request comes from {where}; expected {expected}.")
