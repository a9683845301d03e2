"""What stands around Flask: documents are answered before it, and whatever is answered is counted; and, where that is
asked for, logged, and told to an OpenTelemetry collector.

A request is told of by its route, such as /api/features/<feature_id>/interest, its method and its status; never by its
path or query, which whoever asks makes up, nor by an id, a token or an address.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from os import environ as variables
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from service.http.tracing import REQUEST_ID, at_hand, request_id, traceparent
from service.metrics import counting
from service.metrics.counting import OTHER, SUM
from service.metrics.definitions import BOUNDS, REQUESTS
from service.registry.loading.reload import ReloadingRegistry
from service.usage.counting import Uses
from service.web.documents import Answered, Asked, Document, answer
from service.web.protection import Headers, embedded
from service.web.state import Snapshot
from service.wording import install_command

#: The methods that are called by their names.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: What stands for a path that leads nowhere, or not by this method.
_NO_ROUTE = "(no route)"

#: The methods that documents answer.
_READING = frozenset({"GET", "HEAD"})
#: How many answers a document keeps, of at most so many characters of headers: strangers choose what they ask with.
_MOST_KEPT, _LONGEST_KEPT = 32, 256

#: Each names a collector of traces.
_COLLECTORS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
#: What the service is called there, unless a variable says so.
_NAME = "module-registry"

_logger = logging.getLogger(__name__)
_providers: list[Any] = []


def _matched(routes: Map, path: str, method: str) -> tuple[str, Mapping[str, Any]]:
    """The rule that a path and a method lead to, such as `/api/features/<feature_id>/interest`, and its arguments."""
    try:
        rule, given = routes.bind("").match(path, method, return_rule=True)
    except HTTPException:
        return _NO_ROUTE, {}
    return str(rule.rule), given


def prepared(
    application: WSGIApplication, registry: ReloadingRegistry[Snapshot], routes: Map, uses: Uses
) -> WSGIApplication:
    """Answer GET and HEAD of the documents in force from memory, and pass every other request on to `application`.

    That refuses a request with two Host headers, which servers join by a comma.

    What a document answered is kept with it, since browsers send the same few headers. `uses` has who asks by which.
    """
    slot = counting.slot()
    numbers, first = slot.numbers, BOUNDS[0]

    def answered(document: Document, environ: WSGIEnvironment, asked: Asked) -> Answered:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        status, headers, body = answer(document, environ)
        route, given = _matched(routes, path, method)
        place, slug = slot.place(REQUESTS, route, method, status[:3]), given.get("slug")
        use = uses.of(slug) if slug in registry.current.registry.ending_names else None
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
            known = method if method in _METHODS else OTHER
            place = slot.place(REQUESTS, rule.rule if rule else _NO_ROUTE, known, status[:3])
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


def _heard(start_response: StartResponse, hear: Callable[[str], object]) -> StartResponse:
    """What begins an answer, of whose status `hear` is told: three digits."""

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        hear(status[:3])
        return start_response(status, headers, *error)

    return start


def access_logged(application: WSGIApplication, routes: Map) -> WSGIApplication:
    """The application, which logs method, route, status and the time to answer (in milliseconds)."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began, said = perf_counter(), list[str]()
        answer = application(environ, _heard(start_response, said.append))
        method = environ["REQUEST_METHOD"]
        fields = {
            "method": method if method in _METHODS else "OTHER",
            "route": _matched(routes, environ["PATH_INFO"], method)[0],
            "status": int(said[-1]),
            "ms": round((perf_counter() - began) * 1000, 1),
        }
        token = at_hand.set(environ)
        _logger.info("%(method)s %(route)s %(status)s %(ms)s ms", fields, extra={"fields": fields})
        at_hand.reset(token)
        return answer

    return serve


def spanned(application: WSGIApplication, routes: Map) -> WSGIApplication:
    """The application, whose requests are told to a collector if one is named and the extra `otel` is there.

    Where and how is said by variables of OpenTelemetry's own:
    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    A span has the route, method and status, and never the path, the query or who asks: a sign-in link has its token in
    the query. What is logged for a request, and webhooks of it, name the span as their parent.

    To be called in the process that serves: a thread of it sends the spans.
    """
    endpoint = next((name for name in _COLLECTORS if variables.get(name)), None)
    is_off = variables.get("OTEL_SDK_DISABLED", "").lower() == "true" or variables.get("OTEL_TRACES_EXPORTER") == "none"
    if endpoint is None or is_off:
        return application
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace import SpanKind, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
    except ImportError:
        message = "no spans are sent to the collector of %s: run %s"
        _logger.warning(message, endpoint, install_command("otel"), extra={"once": True})
        return application

    named = Resource.create({"service.name": _NAME}).merge(OTELResourceDetector().detect())  # unless it has a name
    provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _providers.append(provider)
    tracer, propagator = provider.get_tracer(_NAME), TraceContextTextMapPropagator()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        route, _ = _matched(routes, environ.get("PATH_INFO", ""), method)
        method = method if method in _METHODS else "_OTHER"  # as OpenTelemetry has it ("HTTP spans")
        given = traceparent(environ.get("HTTP_TRACEPARENT"))
        parent = propagator.extract({"traceparent": given} if given else {})
        told = {"http.request.method": method, "http.route": route}
        with tracer.start_span(
            f"{method} {route}",
            parent,
            SpanKind.SERVER,
            told,
            record_exception=False,  # whose text may hold an id
            set_status_on_exception=False,
        ) as span:
            own = span.get_span_context()
            environ["HTTP_TRACEPARENT"] = f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"

            def hear(status: str) -> None:
                span.set_attribute("http.response.status_code", int(status))
                if status >= "500":
                    span.set_status(StatusCode.ERROR)

            return application(environ, _heard(start_response, hear))

    return serve


def end_spans() -> None:
    """Send what was not sent yet, as a process that is about to end."""
    for provider in _providers:
        provider.shutdown()
