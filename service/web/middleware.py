"""WSGI middleware around Flask: the prepared documents before it, and headers on whatever it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from service.registry.reload import ReloadingRegistry
from service.web.documents import answer
from service.web.protection import Headers
from service.web.state import Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def prepared(application: WSGIApplication, registry: ReloadingRegistry[Snapshot]) -> WSGIApplication:
    """Answer GET and HEAD of the documents in force from memory, and pass every other request on to `application`.

    What `application` returns is handed to the server as it is, so a view may stream: the server sends each part when
    it comes, and closes the answer.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method == "GET" or method == "HEAD":
            document = registry.current.documents.get(environ.get("PATH_INFO", ""))
            if document is not None:
                status, headers, body = answer(document, environ)
                start_response(status, list(headers))  # what is passed here is the server's to change (PEP 3333)
                return [body] if method == "GET" else []
        return application(environ, start_response)

    return serve


def protected(application: WSGIApplication, protection: Headers) -> WSGIApplication:
    """Whatever `application` answers gets those headers of `protection` that it did not set itself."""
    everything = list(protection)

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _ in headers}
            lacking = everything
            if status.startswith("304"):
                lacking = []
            elif "content-security-policy" in own:  # a page, which may have others of them, too
                lacking = [header for header in everything if header[0].lower() not in own]
            return start_response(status, headers + lacking, *error)

        return application(environ, start)

    return serve
