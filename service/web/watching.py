"""What those who run the service watch: whether it lives and works, what is counted, and who uses names that end.

Metrics are told on the main port to this machine alone, or on a port of its own (`cli/listening.py`).
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from flask import Blueprint, Response, request
from prometheus_client import Metric as Family
from werkzeug.exceptions import BadRequest, NotFound, RequestURITooLarge

from service.accounts.sessions import check_admin
from service.interest import consistency, maintenance
from service.metrics.counting import Key, Memory
from service.metrics.exposition import Exposition, gauge
from service.problems import PageFailed, StorageUnavailable
from service.settings.values import is_this_machine
from service.usage.counting import DAYS
from service.usage.store import read
from service.web.request_data import fields, listed, query
from service.web.responses import LONGEST_ACCEPT, no_store, no_store_json
from service.web.session import caller
from service.web.state import State, state
from service.webhooks import store as webhooks

watching = Blueprint("watching", __name__)

#: How the headers begin by which proxies say whom they ask for.
_OF_PROXIES = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP")

#: What is told of each queue of webhooks.
_OF_QUEUES = (
    ("lag_seconds", "Since the event was added that is to be delivered next."),
    ("waiting", "Events that wait to be delivered."),
    ("given_up", "Events that were given up, and wait for an operator."),
)

#: Views with a name in their path that no client uses: they are about one person, or for admins.
_NO_USES = ("me.dismiss", "features.who")


@watching.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return no_store_json({"status": "alive"})


@watching.get("/readyz")
def ready() -> Response:
    """Tell whether documents can be served. They can, unless a public page of the current registry cannot be made.

    What makes it degraded is an edit of the registry's file that is not in force, and votes that cannot be recorded.
    With ?need=votes the latter is a 503.
    """
    need = query().get("need")
    if need not in (None, "votes"):
        raise BadRequest("What is needed may be left out, or be votes: /readyz?need=votes.")
    app, in_force = state(), state().in_force
    if (error := in_force.page_error) and error.page not in in_force.documents:  # a request may have made it since
        raise PageFailed(error.page, "the log of the service says why")  # which may name what is not for everybody
    refusal = consistency.refusal(app.client, app.vote_limit)
    if refusal is not None and need == "votes":
        raise refusal
    stale = app.registry.reload_error
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


@watching.get("/metrics")
def scrape() -> Response:
    """For this machine: a proxy asks for another host, or says what it is; so does a page whose name leads here.

    nginx says nothing, and asks for the address that it was given, but in HTTP/1.0, unless it is told otherwise.
    """
    memory, environ = state().memory, request.environ
    is_old = environ["SERVER_PROTOCOL"] in ("HTTP/1.0", "HTTP/1")  # granian leaves out the nought
    is_passed_on = is_old or any(name.startswith(_OF_PROXIES) for name in environ)
    if memory is None or is_passed_on or not is_this_machine(f"http://{request.host}"):
        raise NotFound
    content_type, body = exposed(state(), memory, request.headers.get("Accept", ""))
    return no_store(Response(body, content_type=content_type))


def exposed(app: State, memory: Memory, accept: str) -> tuple[str, bytes]:
    """What is told to whoever accepts `accept`: its media type, and the bytes."""
    exposition = Exposition(memory.read(), _read(app, memory))
    return exposition.encoded(accept if len(accept) <= LONGEST_ACCEPT else "")


def _read(app: State, memory: Memory) -> Iterator[Family]:
    """What is read at this moment, and counted nowhere: what Redis holds only where it can be used."""
    age, possible = time.time() - app.in_force.modified, consistency.refusal(app.client, app.vote_limit) is None
    try:
        votes: dict[str, int] | None = maintenance.counts(app.client, app.in_force.registry)
        queues = {queue.name: webhooks.state(app.client, queue) for queue in webhooks.QUEUES} if app.receiver else {}
    except StorageUnavailable:  # which must not keep the rest from being told
        votes, queues = None, {}
    yield gauge("registry_age_seconds", "Since the registry in force was edited.", {(): age})
    yield gauge("redis_up", "Whether Redis could be read for this answer.", {(): votes is not None})
    yield gauge("votes_possible", "Whether votes can be recorded, as GET /readyz?need=votes says.", {(): possible})
    yield gauge("store_free_bytes", "Room on the disk of the embedded store.", _room(app.client.url.data_dir))
    if votes is not None:
        by_feature: dict[Key, float] = {(name,): number for name, number in votes.items()}
        yield gauge("feature_votes", "Votes that a feature has.", by_feature, ["feature"])
    for name, help in _OF_QUEUES if queues else ():
        of = name.removesuffix("_seconds")
        values: dict[Key, float] = {(queue,): getattr(each, of) for queue, each in queues.items()}
        yield gauge(f"webhook_{name}", help, values, ["queue"])
    yield gauge("workers_wanted", "Workers that there are to be.", {(): memory.workers})


def _room(data_dir: Path | None) -> dict[Key, float]:
    try:
        return {} if data_dir is None else {(): shutil.disk_usage(data_dir).free}
    except OSError:  # it was taken away
        return {}


def count_names() -> None:
    """Count a request that came to Flask by each name that it has and that clients should give up, however it ends."""
    rule, app = request.url_rule, state()
    if rule is None or rule.endpoint in _NO_USES or request.method == "OPTIONS":  # which comes before another request
        return
    given = request.view_args or {}
    named = {given.get("slug") or given.get("feature_id", "")}
    if rule.endpoint in ("public.pipeline", "pages.pipelines"):
        with suppress(RequestURITooLarge):
            named.update(listed("modules"))
    for name in named & app.in_force.registry.ending_names:
        app.uses.count(name, request.headers.get("User-Agent", ""))


@watching.get("/api/admin/uses")
def uses() -> Response:
    """Who still uses the names of a module that clients should give up, or all such names."""
    app, slug = state(), fields("module")["module"]
    check_admin(app.client, caller())
    names, module = app.in_force.registry.ending_names, app.in_force.registry.find(slug or "")
    if slug is not None:
        names &= {module.slug, *module.formerly} if module else {slug}
    return no_store_json({"days": DAYS, "names": [each._asdict() for each in read(app.client, names)]})
