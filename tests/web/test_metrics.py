"""/metrics of one app: to whom it is told, in which format, and what is read for it."""

import time

import pytest
from application import FEATURES, MakeApp, SignIn, signed_in, signed_out
from contract import Client
from flask import Flask
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from service.interest.keys import interest_key
from service.metrics.counting import Memory
from service.webhooks.store import QUEUES, REQUESTS

#: What Prometheus 3 sends.
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.fixture(scope="module")
def client(make_public_app: MakeApp, memory: Memory) -> Client:
    """Of an app that tells it to this machine."""
    return signed_out(make_public_app(memory=memory))


def samples(client: Client, name: str) -> dict[tuple[str, ...], float]:
    """The values of one metric, by those of its labels."""
    families, name = text_string_to_metric_families(client.get("/metrics").text), f"module_registry_{name}"
    return {(*each.labels.values(),): each.value for family in families for each in family.samples if each.name == name}


def test_it_is_told_in_the_format_that_is_preferred(client: Client) -> None:
    text = client.get("/metrics")
    assert text.headers["Content-Type"].startswith("text/plain; version=")
    assert text.headers["Cache-Control"] == "no-store"
    asked = client.get("/metrics", headers={"Accept": PROMETHEUS})
    assert asked.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    families = {family.name for family in openmetrics.text_string_to_metric_families(asked.text)}
    assert {"module_registry_votes", "module_registry_requests", "module_registry_registry_info"} <= families
    kept = client.get("/metrics", headers={"Accept": "application/openmetrics-text," * 100})
    assert kept.headers["Content-Type"].startswith("text/plain")


def test_who_asks_for_another_host_is_told_nothing(client: Client, app: Flask) -> None:
    """A proxy in front passes on the name that people use; a page whose name leads here has its own."""
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert client.get("/metrics", headers={"Host": host}).status_code == 200
    for host in ("registry.example.com", "localhost.example.com", "10.0.0.7:8000", "", "@127.0.0.1"):
        assert client.get("/metrics", headers={"Host": host}).status_code == 404
    for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via"):
        assert client.get("/metrics", headers={name: "1.1 a"}).status_code == 404
    assert client.get("/metrics", environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"}).status_code == 404
    assert app.test_client().get("/metrics").status_code == 404, "without a serve, there is nothing to tell"


def test_each_answer_is_counted_once_by_its_route(client: Client, redis: Redis) -> None:
    before = samples(client, "requests_total")
    for path in ("/api/modules/scrap", "/api/modules/linkedin", "/en/modules/scrap", "/nothing", "/api/features"):
        for _ in range(2):
            client.get(path)
    client.head("/api/modules/scrap")
    client.get("/api/modules/scrap", headers={"If-None-Match": "*"})
    client.post("/api/modules/scrap")
    client.open("/healthz", method="QUERY")
    after = samples(client, "requests_total")
    more = {labels: count - before.get(labels, 0) for labels, count in after.items()}
    assert {labels: count for labels, count in more.items() if count} == {
        ("GET", "/metrics", "200"): 1,
        ("GET", "/api/modules/<slug>", "200"): 4,
        ("HEAD", "/api/modules/<slug>", "200"): 1,
        ("GET", "/api/modules/<slug>", "304"): 1,
        ("GET", "/<any(en, fr):lang>/modules/<slug>", "200"): 2,
        ("GET", "(no route)", "404"): 2,
        ("GET", "/api/features", "401"): 2,
        ("POST", "(no route)", "405"): 1,
        ("other", "(no route)", "405"): 1,
    }


def test_votes_are_those_that_are_stored_and_none_that_was_refused(
    client: Client, redis: Redis, sign_in: SignIn
) -> None:
    redis.sadd(interest_key("linkedin"), "alice", "bob")
    redis.sadd(interest_key("gone"), "alice")
    assert samples(client, "feature_votes") == {(name,): 2 * (name == "linkedin") for name in FEATURES}
    sign_in(status="pending")
    alice = signed_in(client.application, "alice")
    assert alice.post("/api/features/linkedin/interest").status_code == 403
    assert alice.post("/api/features/nonsense/interest").status_code == 403
    assert samples(client, "votes_total") == {}


def test_what_waits_for_webhooks_and_for_how_long(make_app: MakeApp, memory: Memory, redis: Redis) -> None:
    receiver = {"webhook_url": "https://hooks.example.com/", "webhook_secret": "whsec_" + "A" * 32}
    client = signed_out(make_app(memory=memory, **receiver))
    names = {(queue.name,) for queue in QUEUES}
    assert samples(client, "webhook_lag_seconds") == dict.fromkeys(names, 0)
    redis.hset(REQUESTS.state_key, mapping={"position": "0-0", "count": 0})
    for seconds in (100, 50):
        redis.xadd(REQUESTS.stream, {"event": "{}"}, f"{int((time.time() - seconds) * 1000)}-0")
    redis.hset(REQUESTS.given_up_key, "1-0", "{}")
    assert 100 <= samples(client, "webhook_lag_seconds")["requests",] < 200
    assert samples(client, "webhook_waiting") == {("requests",): 2, ("changes",): 0}
    assert samples(client, "webhook_given_up") == {("requests",): 1, ("changes",): 0}


def test_whether_votes_are_possible_is_told_though_reading_works(client: Client, redis: Redis) -> None:
    assert samples(client, "votes_possible") == {(): 1}
    redis.config_set("min-replicas-to-write", 1)
    try:
        assert samples(client, "votes_possible") == {(): 0}
        assert samples(client, "redis_up") == {(): 1}
    finally:
        redis.config_set("min-replicas-to-write", 0)


def test_without_redis_the_rest_is_told(make_app: MakeApp, memory: Memory) -> None:
    client = signed_out(make_app(memory=memory, redis_url="redis://127.0.0.1:1"))
    assert samples(client, "redis_up") == samples(client, "votes_possible") == {(): 0}
    assert samples(client, "store_free_bytes") == {}, "its own exporter tells that"
    assert samples(client, "redis_errors_total")["connection",] >= 1
    assert samples(client, "workers") == {(): 1}
    assert samples(client, "registry_age_seconds")[()] >= 0
    assert samples(client, "feature_votes") == {}
