"""A line in the log for each answer, without what tells who asked for what: no id, no token, no address.

A path is said by its route, such as /api/features/<feature_id>/interest, and a query not at all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

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
            "method": method if method in _METHODS else "OTHER",
            "route": _route(routes, environ["PATH_INFO"], method),
            "status": int(status),
            "ms": round((time.perf_counter() - began) * 1000, 1),
        }
        _logger.info("%(method)s %(route)s %(status)s %(ms)s ms", fields, extra={"fields": fields})
        return answer

    return serve


def _route(routes: Map, path: str, method: str) -> str:
    try:
        rule, _ = routes.bind("").match(path, method, return_rule=True)
    except HTTPException:
        return "(no route)"
    return str(rule.rule)
