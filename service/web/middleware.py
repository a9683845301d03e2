"""What stands around Flask: documents are answered before it, and whatever is answered is counted, and logged if asked.

A request is told of by its route, such as /api/features/<feature_id>/interest, its method and its status; never by its
path or query, which whoever asks makes up, nor by an id, a token or an address.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from service.metrics import counting
from service.metrics.counting import OTHER, SUM
from service.metrics.definitions import BOUNDS, REQUESTS
from service.metrics.uses import Uses
from service.registry.reload import ReloadingRegistry
from service.tracing import REQUEST_ID, at_hand, request_id
from service.web.documents import Answered, Asked, Document, answer
from service.web.protection import Headers, embedded
from service.web.state import Snapshot

#: The methods that are called by their names.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: What stands for a path that leads nowhere, or not by this method.
NO_ROUTE = "(no route)"

#: The methods that documents answer.
_READING = frozenset({"GET", "HEAD"})
#: A path of a document that is about one module, and its slug.
_OF_ONE = re.compile("/(?:modules|graph)/([^/]+)")
#: How many answers a document keeps, of at most so many characters of headers: strangers choose what they ask with.
_MOST_KEPT, _LONGEST_KEPT = 32, 256

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_logger = logging.getLogger(__name__)


def route_of(routes: Map, path: str, method: str) -> str:
    """The rule that a path and a method lead to, such as `/api/features/<feature_id>/interest`."""
    try:
        rule, _ = routes.bind("").match(path, method, return_rule=True)
    except HTTPException:
        return NO_ROUTE
    return str(rule.rule)


def prepared(
    application: WSGIApplication, registry: ReloadingRegistry[Snapshot], routes: Map, uses: Uses
) -> WSGIApplication:
    """Answer GET and HEAD of the documents in force from memory, and pass every other request on to `application`.

    That refuses a request with two Host headers, which servers join by a comma.

    What `application` returns is handed to the server as it is, so a view may stream: the server sends each part when
    it comes, and closes the answer.

    What a document answered is kept with it, since browsers send the same few headers. `uses` has who asks by which.
    """
    slot = counting.slot()
    numbers, first = slot.numbers, BOUNDS[0]

    def answered(document: Document, environ: WSGIEnvironment, asked: Asked) -> Answered:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        status, headers, body = answer(document, environ)
        place = slot.place(REQUESTS, route_of(routes, path, method), method, status[:3])
        name = _OF_ONE.search(path)
        use = uses.of(name[1]) if name and name[1] in registry.current.registry.ending_names else None
        made = status, headers, [body] if method == "GET" else [], place, use
        if len(document.answered) < _MOST_KEPT and sum(map(len, filter(None, asked))) <= _LONGEST_KEPT:
            document.answered[asked] = made
        return made

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        get = environ.get
        document = registry.current.documents.get(get("PATH_INFO", ""))
        if document is None or (method := environ["REQUEST_METHOD"]) not in _READING or "," in get("HTTP_HOST", ""):
            return application(environ, start_response)
        asked = method, get("HTTP_ACCEPT_ENCODING"), get("HTTP_IF_NONE_MATCH"), get("HTTP_IF_MODIFIED_SINCE")
        status, headers, body, place, use = document.answered.get(asked) or answered(document, environ, asked)
        if use is not None:
            uses.add(use, get("HTTP_USER_AGENT", ""))
        start_response(status, [*headers, (REQUEST_ID, request_id(environ))])
        took = perf_counter() - began
        if took > first:
            slot.observe(place, took)
        else:  # as it does, without a call
            numbers[place] += 1
            numbers[place + SUM] += took
        return body

    return serve


def completed(application: WSGIApplication, protection: Headers) -> WSGIApplication:
    """Count whatever `application`, a Flask app, answers, and have it carry the request's id and those headers that it
    lacks, but for a 304. By hooks of Flask it takes a tenth of a vote more.

    What the application does is known by the names of the request. What is no refusal and has a length is handed on in
    one piece: a refusal of a late body ends when its client leaves.
    """
    slot = counting.slot()
    everything = {header[0].lower(): header for header in (*protection, *embedded(by_all=False))}

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began, is_whole = perf_counter(), False

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal is_whole
            request = environ.get("werkzeug.request")  # as werkzeug documents
            rule, method = request and request.url_rule, environ["REQUEST_METHOD"]
            known = method if method in METHODS else OTHER
            place = slot.place(REQUESTS, rule.rule if rule else NO_ROUTE, known, status[:3])
            slot.observe(place, perf_counter() - began)
            own = {name.lower() for name, _ in headers}
            is_whole = status.startswith("204") or (status < "4" and "content-length" in own)
            lacking = [] if status.startswith("304") else [everything[name] for name in everything if name not in own]
            return start_response(status, [*headers, *lacking, (REQUEST_ID, request_id(environ))], *error)

        token = at_hand.set(environ)
        try:
            answer = application(environ, start)
        finally:
            at_hand.reset(token)
        if not is_whole:
            return answer
        body = list(answer)  # granian hands a list over at once, and asks an iterator for each part
        answer.close()  # type: ignore[attr-defined]  # werkzeug's has it
        return body

    return serve


def access_logged(application: WSGIApplication, routes: Map) -> WSGIApplication:
    """The application, which logs method, route, status and the time to answer (in milliseconds)."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        status = ""

        def start(said: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal status
            status = said[:3]
            return start_response(said, headers, *error)

        answer = application(environ, start)
        method = environ["REQUEST_METHOD"]
        fields = {
            "method": method if method in METHODS else "OTHER",
            "route": route_of(routes, environ["PATH_INFO"], method),
            "status": int(status),
            "ms": round((perf_counter() - began) * 1000, 1),
        }
        token = at_hand.set(environ)
        _logger.info("%(method)s %(route)s %(status)s %(ms)s ms", fields, extra={"fields": fields})
        at_hand.reset(token)
        return answer

    return serve
