"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response

from service.accounts.store import account_key
from service.problems import WritesRefused
from service.web.responses import no_store_json
from service.web.state import state

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return no_store_json({"status": "alive"})


@health.get("/readyz")
def ready() -> Response:
    """A registry is in force (or the app would not have started) and Redis answers; else a 503 says what is wrong.

    What does not make the service unready but degraded: an edit of the file that is not in force, because it has
    problems, and a Redis that answers but takes no writes, so that no vote can be stored.
    """
    here = state()
    here.client.command("PING")
    modules = len(here.in_force.registry.modules)
    trouble = here.live.trouble
    problems = list(trouble.problems) if trouble else []
    try:
        here.client.command("DEL", account_key(""))  # no account has this id: a write that changes nothing
    except WritesRefused as error:
        problems.append(str(error))
    if not problems:
        return no_store_json({"status": "ready", "modules": modules})
    since = {"since": trouble.since.isoformat(timespec="seconds")} if trouble else {}
    others = trouble.others if trouble else 0
    return no_store_json({"status": "degraded", "modules": modules, **since, "problems": problems, "others": others})
