"""What is counted and measured: on the main port for this machine alone, or on a port of its own."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from service.interest import maintenance, readiness
from service.metrics.definitions import Key, Read
from service.metrics.memory import Memory
from service.origins import is_this_machine
from service.problems import StorageUnavailable
from service.storage import space
from service.web.responses import no_store
from service.web.state import State, state
from service.webhooks import store as webhooks
from service.webhooks.keys import QUEUES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

metrics = Blueprint("metrics", __name__)

#: How the headers begin by which proxies say whom they ask for.
_OF_PROXIES = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP")
#: As a server may write it; granian leaves out the nought.
_HTTP_1_0 = ("HTTP/1.0", "HTTP/1")
#: An Accept of more characters than this is as good as none: Prometheus sends 300.
_LONGEST_ACCEPT = 1000


@metrics.get("/metrics")
def scrape() -> Response:
    """For this machine: a proxy asks for another host, or says what it is; so does a page whose name leads here.

    nginx says nothing, and asks for the address that it was given, but in HTTP/1.0, unless it is told otherwise.
    """
    here = state()
    is_passed_on = request.environ["SERVER_PROTOCOL"] in _HTTP_1_0 or any(
        name.startswith(_OF_PROXIES) for name in request.environ
    )
    if here.memory is None or is_passed_on or not is_this_machine(f"http://{request.host}"):
        raise NotFound
    content_type, body = _exposed(here, here.memory, request.environ)
    return no_store(Response(body, content_type=content_type))


def port_of_its_own(here: State, memory: Memory) -> WSGIApplication:
    """An application that answers /metrics and nothing else."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/metrics" or environ["REQUEST_METHOD"] != "GET":
            start_response("404 Not Found", [("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
            return [b"Here is nothing but GET /metrics.\n"]
        content_type, body = _exposed(here, memory, environ)
        start_response("200 OK", [("Content-Type", content_type), ("Cache-Control", "no-store")])
        return [body]

    return serve


def _exposed(here: State, memory: Memory, environ: WSGIEnvironment) -> tuple[str, bytes]:
    from service.metrics.exposition import exposition  # whose library takes 24 ms to import

    accept = environ.get("HTTP_ACCEPT", "")
    read = [*_read(here), Read("workers_wanted", "Workers that there are to be.", values={(): memory.workers})]
    return exposition(memory.read(), read, accept if len(accept) <= _LONGEST_ACCEPT else "")


def _read(here: State) -> list[Read]:
    """What is read at this moment, and counted nowhere."""
    in_force = here.in_force
    from_store = list(_from_store(here))
    refusal = readiness.refusal(here.client, here.vote_limit)
    return [
        Read(
            "registry_age_seconds",
            "Since the registry in force was edited.",
            values={(): time.time() - in_force.modified},
        ),
        Read("redis_up", "Whether Redis could be read for this answer.", values={(): float(bool(from_store))}),
        Read(
            "votes_possible",
            "Whether votes can be recorded, as GET /readyz?need=votes says.",
            values={(): float(refusal is None)},
        ),
        Read("store_free_bytes", "Room on the disk of the embedded store.", values=_room(here)),
        *from_store,
    ]


def _room(here: State) -> dict[Key, float]:
    data_dir = here.client.url.data_dir
    try:
        return {} if data_dir is None else {(): space.free(data_dir)}
    except OSError:  # it was taken away
        return {}


def _from_store(here: State) -> Iterable[Read]:
    """What Redis holds; nothing where it cannot be used, which must not keep the rest from being told."""
    try:
        votes = maintenance.counts(here.client, here.in_force.registry)
        found = [
            Read("feature_votes", "Votes that a feature has.", ("feature",), {(name,): n for name, n in votes.items()})
        ]
        return [*found, *_webhooks(here)] if here.receiver else found
    except StorageUnavailable:
        return []


def _webhooks(here: State) -> Iterator[Read]:
    states = {(queue.name,): webhooks.state(here.client, queue) for queue in QUEUES}
    told = {
        "webhook_lag_seconds": ("Since the event was added that is to be delivered next.", "lag"),
        "webhook_waiting": ("Events that wait to be delivered.", "waiting"),
        "webhook_given_up": ("Events that were given up, and wait for an operator.", "given_up"),
    }
    for name, (help, field) in told.items():
        yield Read(name, help, ("queue",), {queue: float(getattr(one, field)) for queue, one in states.items()})
