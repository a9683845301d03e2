"""What the service is measured beside, on the very same server settings as `serve`.

Run as a process of its own: `python -m bench.bare wsgi FILE` or `python -m bench.bare plain REDIS_URL REGISTRY_FILE`.
"""

import os
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import redis
import yaml
from flask import Flask, Response, jsonify
from flask_login import LoginManager, UserMixin, current_user, login_required

from service.accounts.store import account_key
from service.cli.listening import listening_address
from service.cli.supervisor import run_workers
from service.interest.keys import interest_key

ETAG = '"bare"'


def wsgi(file: str) -> WSGIApplication:
    """A function that answers any request with the bytes of a file: the floor of the server."""
    body = Path(file).read_bytes()
    headers = [("Content-Type", "application/json"), ("ETag", ETAG)]

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_IF_NONE_MATCH") == ETAG:
            start_response("304 Not Modified", [("ETag", ETAG)])
            return []
        start_response("200 OK", headers)
        return [body]

    return app


class _User(UserMixin):  # type: ignore[misc]  # which has no types
    def __init__(self, id: str) -> None:
        self.id = id


def plain(redis_url: str, registry_file: str) -> WSGIApplication:
    """The same service as one writes it first: flask-login, redis-py, SADD, SREM and SCARD, and nothing prepared."""
    app, store = Flask("plain"), redis.Redis.from_url(redis_url, decode_responses=True)
    app.secret_key = os.environ["SECRET_KEY"]
    registry: dict[str, Any] = yaml.safe_load(Path(registry_file).read_text("utf-8"))
    modules: list[dict[str, Any]] = registry["modules"]
    coming = [module["slug"] for module in modules if module.get("coming_soon")]
    allowed = sorted({*coming, *registry.get("legacy_features", [])})
    manager = LoginManager(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(account_id: str) -> _User | None:
        return _User(account_id) if store.hget(account_key(account_id), "status") == "active" else None

    @app.get("/api/modules-registry")
    def document() -> Response:
        active = [module for module in modules if module.get("api_endpoint")]
        pages = {module["slug"]: module.get("feature_page") for module in active}
        return jsonify(active=[*pages], coming_soon=coming, feature_pages=pages)

    @app.get("/api/features")
    @login_required  # type: ignore[untyped-decorator]
    def read() -> Response:
        with store.pipeline(transaction=False) as pipeline:
            for feature in allowed:
                pipeline.scard(interest_key(feature))
                pipeline.sismember(interest_key(feature), current_user.id)
            answers = pipeline.execute()
        voted = [feature for feature, is_wanted in zip(allowed, answers[1::2], strict=True) if is_wanted]
        return jsonify(voted=voted, counts=dict(zip(allowed, answers[::2], strict=True)))

    @app.post("/api/features/<feature_id>/interest")
    @login_required  # type: ignore[untyped-decorator]
    def vote(feature_id: str) -> tuple[str, int]:
        if feature_id not in allowed:
            return "", 404
        store.sadd(interest_key(feature_id), current_user.id)
        return "", 204

    @app.delete("/api/features/<feature_id>/interest")
    @login_required  # type: ignore[untyped-decorator]
    def retract(feature_id: str) -> tuple[str, int]:
        if feature_id not in allowed:
            return "", 404
        store.srem(interest_key(feature_id), current_user.id)
        return "", 204

    return app


def main(kind: str, *arguments: str) -> None:
    """Serve one of them on a free port, with one worker, until a signal stops it."""
    address = listening_address("127.0.0.1", 0)
    make_app = partial({"wsgi": wsgi, "plain": plain}[kind], *arguments)
    run_workers(address, 1, make_app, f"Serving on {address.url} ({kind})")


if __name__ == "__main__":
    main(*sys.argv[1:])
