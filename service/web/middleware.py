"""WSGI middleware around Flask: the prepared documents before it, and headers on whatever it answers.

Both count what is answered, by route, method and status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Map

from service.metrics import counting
from service.metrics.definitions import BOUNDS, REQUESTS
from service.metrics.memory import OTHER, SUM
from service.registry.reload import ReloadingRegistry
from service.tracing import REQUEST_ID, at_hand, request_id
from service.web.documents import Answered, Asked, Document, answer
from service.web.protection import Headers, embedded
from service.web.routes import METHODS, NO_ROUTE, route_of
from service.web.state import Snapshot

#: The methods that documents answer.
_READING = frozenset({"GET", "HEAD"})
#: How many answers a document keeps, of at most so many characters of headers: strangers choose what they ask with.
_MOST_KEPT, _LONGEST_KEPT = 32, 256

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def prepared(application: WSGIApplication, registry: ReloadingRegistry[Snapshot], routes: Map) -> WSGIApplication:
    """Answer GET and HEAD of the documents in force from memory, and pass every other request on to `application`.

    That refuses a request with two Host headers, which servers join by a comma.

    What `application` returns is handed to the server as it is, so a view may stream: the server sends each part when
    it comes, and closes the answer.

    What a document answered is kept with it, since browsers send the same few headers: to look it up again, and a call
    more for each thing that is done here, would be seen in what a request takes.
    """
    slot = counting.slot()
    numbers, first = slot.numbers, BOUNDS[0]

    def answered(document: Document, environ: WSGIEnvironment, asked: Asked) -> Answered:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        status, headers, body = answer(document, environ)
        place = slot.place(REQUESTS, route_of(routes, path, method), method, status[:3])
        found = status, headers, [body] if method == "GET" else [], place, place + SUM
        if len(document.answered) < _MOST_KEPT and sum(map(len, filter(None, asked))) <= _LONGEST_KEPT:
            document.answered[asked] = found
        return found

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        get = environ.get
        document = registry.current.documents.get(get("PATH_INFO", ""))
        if document is None or (method := environ["REQUEST_METHOD"]) not in _READING or "," in get("HTTP_HOST", ""):
            return application(environ, start_response)
        asked = method, get("HTTP_ACCEPT_ENCODING"), get("HTTP_IF_NONE_MATCH"), get("HTTP_IF_MODIFIED_SINCE")
        status, headers, body, place, sum_place = document.answered.get(asked) or answered(document, environ, asked)
        start_response(status, [*headers, (REQUEST_ID, request_id(environ))])
        took = perf_counter() - began
        if took > first:
            slot.observe(place, took)
        else:  # as it does, without a call
            numbers[place] += 1
            numbers[sum_place] += took
        return body

    return serve


def counted(application: WSGIApplication) -> WSGIApplication:
    """Count what `application`, a Flask app, answers."""
    slot = counting.slot()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            request = environ.get("werkzeug.request")  # which Flask leaves there
            rule = request and request.url_rule
            method = environ["REQUEST_METHOD"]
            place = slot.place(
                REQUESTS, rule.rule if rule else NO_ROUTE, method if method in METHODS else OTHER, status[:3]
            )
            slot.observe(place, perf_counter() - began)
            return start_response(status, headers, *error)

        return application(environ, start)

    return serve


def traced(application: WSGIApplication) -> WSGIApplication:
    """Have what `application` does for a request known by the names of the request."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        token = at_hand.set(environ)
        try:
            return application(environ, start_response)
        finally:
            at_hand.reset(token)

    return serve


def protected(application: WSGIApplication, protection: Headers) -> WSGIApplication:
    """Whatever `application` answers gets the request's id, and those headers of `protection` that it did not set."""
    everything = [*protection, *embedded(by_all=False)]

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _ in headers}
            lacking = everything
            if status.startswith("304"):
                lacking = []
            elif "content-security-policy" in own:  # a page, which may have others of them, too
                lacking = [header for header in everything if header[0].lower() not in own]
            return start_response(status, [*headers, *lacking, (REQUEST_ID, request_id(environ))], *error)

        return application(environ, start)

    return serve
