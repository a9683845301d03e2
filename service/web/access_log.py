"""A line in the log for each answer, without what tells who asked for what: no id, no token, no address.

A path is said by its route, such as /api/features/<feature_id>/interest, and a query not at all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Map

from service.web.routes import METHODS, route_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_logger = logging.getLogger(__name__)


def access_logged(application: WSGIApplication, routes: Map) -> WSGIApplication:
    """The application, which logs method, route, status and the time to answer (in milliseconds)."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
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
            "ms": round((time.perf_counter() - began) * 1000, 1),
        }
        _logger.info("%(method)s %(route)s %(status)s %(ms)s ms", fields, extra={"fields": fields})
        return answer

    return serve
