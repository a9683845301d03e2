"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import BadRequest

from service.interest import readiness
from service.web.request_data import query
from service.web.responses import no_store_json
from service.web.state import state

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return no_store_json({"status": "alive"})


@health.get("/readyz")
def ready() -> Response:
    """Whether documents can be served: always, for the app would not have started without a registry, until it stops.

    What makes it degraded is an edit of the registry's file that is not in force, and votes that cannot be recorded.
    With ?need=votes the latter is a 503.
    """
    need = query().get("need")
    if need not in (None, "votes"):
        raise BadRequest("What is needed may be left out, or be votes: /readyz?need=votes.")
    app = state()
    refusal = readiness.refusal(app.client, app.vote_limit)
    if refusal is not None and need == "votes":
        raise refusal
    stale, in_force = app.registry.reload_error, app.in_force
    problems = list(stale.problems) if stale else []
    if refusal is not None:
        problems.append(str(refusal))
    answer: dict[str, object] = {
        "status": "degraded" if problems else "ready",
        "registry": "stale" if stale else "current",
        "votes": "unavailable" if refusal else "possible",
        "modules": len(in_force.registry.modules),
        "revision": in_force.revision,
    }
    if stale:
        answer["since"] = stale.since.isoformat(timespec="seconds")
    if problems:
        answer |= {"problems": problems, "others": stale.others if stale else 0}
    return no_store_json(answer)
