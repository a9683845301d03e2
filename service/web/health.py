"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response

from service.web.responses import fresh_json
from service.web.state import state

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return fresh_json({"status": "alive"})


@health.get("/readyz")
def ready() -> Response:
    """A registry is in force (or the app would not have started) and Redis answers; else a 503 says what is wrong.

    An edit of the file that is not in force, because it has problems, does not make the service unready but degraded.
    """
    here = state()
    here.client.ping()
    modules = len(here.in_force.registry.modules)
    trouble = here.live.trouble
    if trouble is None:
        return fresh_json({"status": "ready", "modules": modules})
    since = trouble.since.isoformat(timespec="seconds")
    body = {"status": "degraded", "modules": modules, "since": since}
    return fresh_json({**body, "problems": trouble.problems, "others": trouble.others})
