"""`module-registry webhooks`: how deliveries stand, trying them again, a test."""

import json
import time

import pytest
from deliveries import Deliveries
from receiving import SECRET, refuse, take_it
from receiving import Receiver as Receiving
from support import AnyClient, run

from service.webhooks import store
from service.webhooks.store import CHANGES, REQUESTS


@pytest.fixture
def settings(valkey_url: str, way: Deliveries) -> dict[str, str]:
    return {"REDIS_URL": valkey_url, "WEBHOOK_URL": way.receiver.url, "WEBHOOK_SECRET": SECRET}


def test_a_test_is_sent_signed_and_its_answer_said(receiving: Receiving) -> None:
    settings = {"WEBHOOK_URL": receiving.url, "WEBHOOK_SECRET": SECRET, "REDIS_URL": "redis://127.0.0.1:1"}
    done = run("webhooks", "test", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    [message] = receiving.received
    assert (message.body["type"], message.id[:5]) == ("test", "test-")
    assert done.stdout.startswith(f"http://127.0.0.1:{receiving.port} answered 204 (")
    assert message.id in done.stdout
    receiving.answer = refuse(401, "who \x1b[31m are you")
    done = run("webhooks", "test", **settings)
    assert done.returncode == 1
    assert "answered 401: who \\x1b[31m are you" in done.stdout
    assert "hush" not in done.stdout


def test_without_a_receiver_there_is_nothing_to_send_but_a_status(redis: AnyClient, valkey_url: str) -> None:
    for command in ("test", "retry"):
        done = run("webhooks", command)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("WEBHOOK_URL: is not set")
    done = run("webhooks", "status", REDIS_URL=valkey_url)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "receiver  WEBHOOK_URL is not set here")


def test_status_says_how_deliveries_stand(way: Deliveries, settings: dict[str, str]) -> None:
    said = run("webhooks", "status", **settings).stdout
    assert [" ".join(line.split()) for line in said.splitlines()] == [
        f"receiver http://127.0.0.1:{way.receiver.port}",
        "",
        "queue waiting given up lost position delivered by last delivery last failure",
        *(f"{queue} 0 0 0 not begun nobody none none" for queue in ("changes", "requests")),
    ]
    made = way.begun()
    first = way.add()[0].removeprefix("module-")
    made.round()
    way.receiver.answer = refuse(500, "no \x1b[31m\n::error::x")
    second = way.add(2)[0].removeprefix("module-")
    made.round()
    way.redis.hset(CHANGES.state_key, "next", (int(time.time()) + 90) * 1000 + 900)
    done = run("webhooks", "status", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    _, _, _, changes, requests, _, again, why = done.stdout.splitlines()
    host, pid, _ = made._id.split()
    assert changes.split()[:7] == ["changes", "2", "0", "0", first, host, pid]
    assert requests.split()[:4] == ["requests", "0", "0", "0"]
    assert again.startswith(f"changes: {second} has failed 1 time, and is tried again in ")
    assert 80 < int(again.split()[-2]) <= 91
    assert why == f"changes: the last failure, of {second}: answered 500: no \\x1b[31m ::error::x"
    assert "hush" not in done.stdout
    facts = json.loads(run("webhooks", "status", "--format", "json", **settings).stdout)
    told, other = facts["queues"]["changes"], facts["queues"]["requests"]
    assert (facts["receiver"], other["holder"]) == (f"http://127.0.0.1:{way.receiver.port}", None)
    assert (told["waiting"], told["delivered"]["entry"], told["failed"]["reason"][:12]) == (2, first, "answered 500")
    store.hurry(way.redis, CHANGES)
    assert f"{second} has failed 1 time, and is tried again now" in run("webhooks", "status", **settings).stdout


def test_retry_sends_what_was_given_up_in_order_and_what_waits(way: Deliveries, settings: dict[str, str]) -> None:
    made = way.begun()
    ids = way.add(11)  # the tenth id of a millisecond sorts behind the second
    for _ in ids:
        taken = store.take(way.redis, CHANGES, made._id, 1000)
        assert taken
        assert store.go_on(way.redis, CHANGES, taken, "answered 500: \x1b[31m")
    way.receiver.answer = refuse(410)  # which is asked again in an hour
    waits, [last] = way.begun(REQUESTS), way.add(1, REQUESTS)
    waits.round()
    answers = iter([take_it, take_it, refuse(503)])
    way.receiver.answer = lambda handler: next(answers)(handler)
    done = run("webhooks", "retry", **settings)
    assert done.returncode == 1
    entries = [id_.removeprefix("module-") for id_ in ids]
    assert done.stdout.splitlines() == [
        f"changes: {entries[0]} is delivered: answered 204",
        f"changes: {entries[1]} is delivered: answered 204",
        f"changes: {entries[2]} is not delivered: answered 503",
        "requests: none was given up",
    ]
    way.receiver.answer = take_it
    assert run("webhooks", "retry", **settings).returncode == 0
    assert way.ids[1:] == [*ids[:3], *ids[2:]]
    waits.round()
    assert way.ids[-1] == last, "the one that waits is tried now"
    assert way.state.given_up == 0
    assert run("webhooks", "retry", **settings).stdout.splitlines()[0] == "changes: none was given up"
    recorded = run("audit", "--what", "webhooks-retried", "--format", "csv", REDIS_URL=settings["REDIS_URL"])
    assert recorded.stdout.count("done") == 3
