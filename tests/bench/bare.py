"""The baselines: applications that do nothing but answer, on the very same server settings as `serve`.

Run as a process of its own: `python -m bench.bare KIND REGISTRY FEATURES`, where KIND is wsgi or flask, and the others
are files with the bytes to answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from service.cli.address import listening_address
from service.cli.supervisor import run_workers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ETAG = '"bare"'


def wsgi(registry: bytes, features: bytes) -> WSGIApplication:
    """A function that answers any request with the registry's bytes: the floor of the server."""
    headers = [("Content-Type", "application/json"), ("ETag", ETAG)]

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_IF_NONE_MATCH") == ETAG:
            start_response("304 Not Modified", [("ETag", ETAG)])
            return []
        start_response("200 OK", headers)
        return [registry]

    return app


def flask(registry: bytes, features: bytes) -> WSGIApplication:
    """Flask views that return constants: no session, no account, no store."""
    app = Flask("bare", static_folder=None)

    @app.get("/api/modules-registry")
    def document() -> Response:
        if request.headers.get("If-None-Match") == ETAG:
            return Response(status=304, headers={"ETag": ETAG})
        return Response(registry, content_type="application/json", headers={"ETag": ETAG})

    @app.get("/api/features")
    def read() -> Response:
        return Response(features, content_type="application/json")

    @app.post("/api/features/<feature_id>/interest")
    @app.delete("/api/features/<feature_id>/interest")
    def vote(feature_id: str) -> tuple[str, int]:
        return "", 204

    return app


KINDS: dict[str, Callable[[bytes, bytes], WSGIApplication]] = {"wsgi": wsgi, "flask": flask}


def main(kind: str, registry: str, features: str) -> None:
    """Serve one of them on a free port, with one worker, until a signal stops it."""
    address = listening_address("127.0.0.1", 0)
    make_app = partial(KINDS[kind], Path(registry).read_bytes(), Path(features).read_bytes())
    run_workers(address, 1, make_app, f"Serving on {address.url} (bare {kind})")


if __name__ == "__main__":
    main(*sys.argv[1:])
