"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from service.web.responses import fresh
from service.web.state import in_force, state

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return fresh(jsonify(status="alive"))


@health.get("/readyz")
def ready() -> Response:
    """A registry is in force (or the app would not have started) and Redis answers; else a 503 says what is wrong.

    An edit of the file that is not in force, because it has problems, does not make the service unready but degraded.
    """
    state().client.ping()
    modules = len(in_force().registry.modules)
    trouble = state().live.trouble
    if trouble is None:
        return fresh(jsonify(status="ready", modules=modules))
    since = trouble.since.isoformat(timespec="seconds")
    return fresh(jsonify(status="degraded", modules=modules, since=since, problems=trouble.problems))
