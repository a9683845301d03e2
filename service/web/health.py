"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from service.web.state import state

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return _fresh(jsonify(status="alive"))


@health.get("/readyz")
def ready() -> Response:
    """A registry is in force (or the app would not have started) and Redis answers; else a 503 says what is wrong."""
    state().client.ping()
    return _fresh(jsonify(status="ready", modules=len(state().registry.modules)))


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
