"""WSGI middleware that answers for the prepared documents from memory, before Flask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from service.registry.reload import ReloadingRegistry
from service.web.documents import answer
from service.web.state import Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def prepared(application: WSGIApplication, live: ReloadingRegistry[Snapshot]) -> WSGIApplication:
    """Serves GET and HEAD of the documents in force, and passes all else on to `application`.

    It returns lists, which granian sends with one call; any other iterable costs it one call more than each part.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method == "GET" or method == "HEAD":
            document = live.current.documents.get(environ.get("PATH_INFO", ""))
            if document is not None:
                status, headers, body = answer(document, environ)
                start_response(status, list(headers))  # what is passed here is the server's to change (PEP 3333)
                return [body] if method == "GET" else []
        parts = application(environ, start_response)
        try:
            return list(parts)  # no view streams
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return serve
