"""A span for each request, sent to an OpenTelemetry collector, where the extra `otel` is installed and one is named.

Where and how is said by the variables of OpenTelemetry itself, OTEL_EXPORTER_OTLP_ENDPOINT first of all:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from os import environ as variables
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Map

from service import tracing
from service.web.middleware import METHODS, route_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Each names a collector of traces.
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
#: What the service is called where no variable says so.
_NAME = "module-registry"
#: The method of a request that is none of those known (OpenTelemetry, "HTTP spans").
_OTHER = "_OTHER"

_logger = logging.getLogger(__name__)
_providers: list[Any] = []


def spanned(application: WSGIApplication, routes: Map) -> WSGIApplication:
    """The application, whose requests are told to a collector from now on, if there is one to be told.

    A span has the route, method and status, and never the path, the query or who asks: a sign-in link has its token in
    the query. What is logged for a request, and webhooks of it, name the span as their parent.

    To be called in the process that serves: a thread of it sends the spans.
    """
    endpoint = next((name for name in _ENDPOINTS if variables.get(name)), None)
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
        said = "no spans are sent to the collector of %s: run pip install '.[otel]'"
        _logger.warning(said, endpoint, extra={"once": True})
        return application

    named = Resource.create({"service.name": _NAME}).merge(OTELResourceDetector().detect())  # unless it has a name
    provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _providers.append(provider)
    tracer, propagator = provider.get_tracer(_NAME), TraceContextTextMapPropagator()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        route = route_of(routes, environ.get("PATH_INFO", ""), method)
        method = method if method in METHODS else _OTHER
        given = tracing.traceparent(environ.get("HTTP_TRACEPARENT"))
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

            def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
                span.set_attribute("http.response.status_code", int(status[:3]))
                if status >= "500":
                    span.set_status(StatusCode.ERROR)
                return start_response(status, headers, *error)

            return application(environ, start)

    return serve


def end_all() -> None:
    """Send what was not sent yet, as a process that is about to end."""
    for provider in _providers:
        provider.shutdown()
