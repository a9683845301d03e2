"""What is counted and measured: on the main port for this machine alone, or on a port of its own."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, request
from prometheus_client import Metric as Family
from werkzeug.exceptions import NotFound

from service.interest import maintenance, readiness
from service.metrics.counting import Key, Memory
from service.metrics.exposition import Exposition, gauge
from service.problems import StorageUnavailable
from service.setting_values import is_this_machine
from service.web.responses import no_store
from service.web.state import State, state
from service.webhooks import store as webhooks

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
    memory = state().memory
    is_passed_on = request.environ["SERVER_PROTOCOL"] in _HTTP_1_0 or any(
        name.startswith(_OF_PROXIES) for name in request.environ
    )
    if memory is None or is_passed_on or not is_this_machine(f"http://{request.host}"):
        raise NotFound
    content_type, body = exposed(state(), memory, request.headers.get("Accept", ""))
    return no_store(Response(body, content_type=content_type))


def exposed(app_state: State, memory: Memory, accept: str) -> tuple[str, bytes]:
    """What is told to whoever accepts `accept`: its media type, and the bytes."""
    wanted = gauge("workers_wanted", "Workers that there are to be.", {(): memory.workers})
    exposition = Exposition(memory.read(), [*_read(app_state), wanted])
    return exposition.encoded(accept if len(accept) <= _LONGEST_ACCEPT else "")


def _read(app_state: State) -> Iterator[Family]:
    """What is read at this moment, and counted nowhere."""
    age = time.time() - app_state.in_force.modified
    refusal = readiness.refusal(app_state.client, app_state.vote_limit)
    from_store = _from_store(app_state)
    up, possible = float(bool(from_store)), float(refusal is None)
    yield gauge("registry_age_seconds", "Since the registry in force was edited.", {(): age})
    yield gauge("redis_up", "Whether Redis could be read for this answer.", {(): up})
    yield gauge("votes_possible", "Whether votes can be recorded, as GET /readyz?need=votes says.", {(): possible})
    yield gauge("store_free_bytes", "Room on the disk of the embedded store.", _room(app_state))
    yield from from_store


def _room(app_state: State) -> dict[Key, float]:
    data_dir = app_state.client.url.data_dir
    try:
        return {} if data_dir is None else {(): shutil.disk_usage(data_dir).free}
    except OSError:  # it was taken away
        return {}


def _from_store(app_state: State) -> list[Family]:
    """What Redis holds; nothing where it cannot be used, which must not keep the rest from being told."""
    try:
        registry = app_state.in_force.registry
        votes = maintenance.tally(app_state.client, registry.allowed_features, registry)
        told = [gauge("feature_votes", "Votes that a feature has.", _by_name(votes), ["feature"])]
        if app_state.receiver:
            told += _webhooks({queue.name: webhooks.state(app_state.client, queue) for queue in webhooks.QUEUES})
        return told
    except StorageUnavailable:
        return []


def _webhooks(queues: Mapping[str, webhooks.State]) -> Iterator[Family]:
    for name, help in (
        ("lag_seconds", "Since the event was added that is to be delivered next."),
        ("waiting", "Events that wait to be delivered."),
        ("given_up", "Events that were given up, and wait for an operator."),
    ):
        values = {queue: getattr(told, name.removesuffix("_seconds")) for queue, told in queues.items()}
        yield gauge(f"webhook_{name}", help, _by_name(values), ["queue"])


def _by_name(values: Mapping[str, float]) -> dict[Key, float]:
    return {(name,): value for name, value in values.items()}
