"""One queue on its way to a receiver: in order, at least once, under one id, by one worker at a time."""

import json
import logging
import random
import time
from http.server import BaseHTTPRequestHandler
from itertools import chain, pairwise

import pytest
from deliveries import Deliveries
from receiving import SECRET, refuse, take_it
from support import DOCUMENTED, confirmed_soon, wait_until

from service.history.store import REGISTRY_KEY
from service.problems import StorageUnavailable
from service.rollout.announcements import WORKERS_KEY
from service.settings.durability import Durability
from service.settings.settings import Settings
from service.storage.writes import check_confirmation
from service.web.app import announced, create_app
from service.webhooks import deliverer, store
from service.webhooks.deliverer import FIRST_PAUSE, LONGEST_PAUSE, Deliverer, pause
from service.webhooks.receiver import Answer
from service.webhooks.store import CHANGES, QUEUES


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Pauses are short, or longer than a test where it asks for that, and a thread looks often."""
    monkeypatch.setattr(deliverer, "FIRST_PAUSE", getattr(request, "param", 0.01))
    monkeypatch.setattr(deliverer, "LONGEST_PAUSE", getattr(request, "param", 0.02))
    monkeypatch.setattr(deliverer, "INTERVAL", 0.01)


def test_events_since_its_worker_began_are_delivered_in_order_each_once(way: Deliveries) -> None:
    for number in range(5):
        way.redis.xadd(CHANGES.stream, {"event": '{"kind": "added"}'}, id=f"1764146400000-{number}")
    assert way.state == store.State("", 0, 0, 0, 0, 0.0, None, None, None), "before the first look nothing is known"
    made = way.worker()
    made._made -= 1.0  # a second ago
    ids = way.add(20)
    for _ in range(2):
        made.round()
        assert way.ids == ids
    state = way.state
    assert (state.waiting, state.given_up, state.lost, state.tries, state.failed) == (0, 0, 0, 0, None)
    assert state.delivered
    assert f"module-{state.delivered.entry}" == ids[-1] == f"module-{state.position}"
    assert [message.body["data"]["slug"] for message in way.receiver.received] == [f"m{each}" for each in range(20)]


def test_what_is_added_after_a_first_look_by_a_clock_that_was_ahead_is_delivered(way: Deliveries) -> None:
    made = way.worker()
    made._made += 3600.0
    made.round()
    ids = way.add(2)
    way.finish(made)
    assert way.ids == ids


def test_a_failure_is_tried_again_first_and_tells_no_secret(way: Deliveries, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "service")
    made, dice = way.begun(), random.Random(7)
    ids = way.add(10)
    answers = iter([refuse(500, "no"), take_it])
    way.receiver.answer = lambda handler: next(answers, dice.choice([take_it, refuse(500), refuse(302), refuse(429)]))(
        handler
    )
    way.finish(made)
    assert len(way.ids) > 11
    assert [current for current, other in pairwise([*way.ids, ""]) if current != other] == ids
    bodies = {message.id: message.body for message in way.receiver.received}
    assert all(bodies[message.id] == message.body for message in way.receiver.received)
    failed = way.state.failed
    assert failed and failed.reason.startswith("answered ")
    way.receiver.stop()
    way.add()
    made.round()
    for said in ("answered 500: no; again in", "is delivered, after 1 failure", "could not be reached"):
        assert said in caplog.text
    assert not any(word in caplog.text for word in ("hush", "/hooks", SECRET.removeprefix("whsec_")))


@pytest.mark.parametrize("pauses", [1000.0], indirect=True)
def test_what_fails_is_tried_again_for_a_day_then_given_up(way: Deliveries, caplog: pytest.LogCaptureFixture) -> None:
    def poisoned(handler: BaseHTTPRequestHandler) -> None:
        (refuse(500, "no such module") if way.ids[-1] == ids[0] else take_it)(handler)

    way.receiver.answer = poisoned
    second, first = way.worker(), way.begun()
    ids = way.add(2)
    first.round()
    first.round()
    way.redis.hset(CHANGES.state_key, "ends", 0)
    second.round()  # the pause stands in Redis
    assert way.ids == ids[:1]
    state = way.state
    assert (state.tries, state.waiting, 400 < state.next_in <= 1000) == (1, 2, True)
    way.redis.hset(CHANGES.state_key, "next", int((time.time() + 5000) * 1000))
    assert way.state.next_in == pytest.approx(5000, abs=2)
    way.redis.hincrby(CHANGES.state_key, "first", -86_400_000)
    store.hurry(way.redis, CHANGES)
    second.round()
    assert way.ids == [ids[0], *ids]
    state = way.state
    assert (state.given_up, state.waiting, state.tries) == (1, 0, 0)
    [(entry, event)] = store.given_up(way.redis, CHANGES)
    assert (f"module-{entry}", json.loads(event)["slug"]) == (ids[0], "m0")
    assert state.failed and state.failed.reason == "answered 500: no such module"
    assert f"webhook {ids[0]} is given up" in caplog.text
    for event in ("", "x", "[]", "{}", '{"kind": 1}'):
        way.redis.xadd(CHANGES.stream, {"event": event})
    way.redis.xadd(CHANGES.stream, {"other": "x"})
    ids += way.add()
    second.round()
    assert way.ids[-1] == ids[-1], "what is no event holds up nothing"
    assert way.state.given_up == 7


def test_one_that_was_killed_or_suspended_is_followed_when_its_time_is_over(way: Deliveries) -> None:
    other, killed = way.worker(), way.begun()
    [entry] = way.add()
    taken = store.take(way.redis, CHANGES, killed._id, 20)  # and there it ends
    other.round()
    assert way.ids == []
    way.redis.hset(CHANGES.state_key, "ends", 0)
    other.round()
    assert way.ids == [entry]
    assert way.state.holder == other._id
    way.redis.hset(CHANGES.state_key, mapping={"holder": "x", "ends": int((time.time() + 3600) * 1000)})
    other.round()
    assert way.state.holder == other._id, "nobody may for an hour, but under a clock that was ahead"
    # Should it come back, it moves nothing: neither as one that delivered, nor as one that failed.
    assert taken
    more = way.add()
    assert store.go_on(way.redis, CHANGES, taken)  # which is so, whoever did it
    store.fail(way.redis, CHANGES, taken, 1000, "late")
    assert not store.go_on(way.redis, CHANGES, taken._replace(entry="1-1"), "late")
    assert store.take(way.redis, CHANGES, killed._id, 1) is None
    other.round()
    assert way.ids == [entry, *more]
    assert way.state.given_up == 0
    way.add()
    for tries in (1, 2):
        taken = store.take(way.redis, CHANGES, other._id, 1000)
        assert taken
        store.fail(way.redis, CHANGES, taken, 1000, "answered 500")
        assert way.state.tries == tries
    store.fail(way.redis, CHANGES, taken._replace(tries=0), 1, "late")
    state = way.state
    assert state.failed and (state.tries, state.failed.reason) == (2, "answered 500")


@pytest.mark.parametrize("script", ["_TAKE", "_PASS", "_FAIL", "_LOOK"])
def test_scripts_that_run_twice_change_no_more(way: Deliveries, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = way.worker()
    run, counted = made._client.run, getattr(store, script)

    def twice(which: object, *args: object, **options: bool) -> object:
        first = run(which, *args, **options)  # type: ignore[arg-type]
        return run(which, *args, **options) if which is counted else first  # type: ignore[arg-type]

    monkeypatch.setattr(made._client, "run", twice)
    made.round()
    answers = iter([refuse(500), take_it, take_it])
    way.receiver.answer = lambda handler: next(answers)(handler)
    ids = way.add(2)
    way.finish(made)
    assert way.ids == [ids[0], *ids]
    assert (way.state.waiting, way.state.lost, way.state.given_up) == (0, 0, 0)


def test_one_that_hears_late_that_it_may_deliver_does_not(way: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    made = way.begun()
    way.add()
    monkeypatch.setattr(deliverer, "_MARGIN", -1.0)
    made._deliver()
    assert way.ids == []
    assert way.state.waiting == 1


def test_what_was_dropped_before_its_turn_is_said(way: Deliveries, caplog: pytest.LogCaptureFixture) -> None:
    made = way.begun()
    ids = way.add(3)
    made.round()
    ids += way.add(10)
    way.redis.xtrim(CHANGES.stream, maxlen=4, approximate=False)
    assert (way.state.lost, way.state.waiting) == (6, 4)
    made.round()
    assert way.ids == [*ids[:3], *ids[-4:]]
    assert (way.state.lost, way.state.waiting) == (6, 0)
    assert "webhooks: 6 events dropped before their turn" in caplog.text
    way.redis.xtrim(CHANGES.stream, maxlen=0, approximate=False)
    ids = way.add()
    made.round()
    assert way.ids[-1:] == ids
    way.redis.delete(CHANGES.stream)  # what was delivered may go
    made.round()
    ids = way.add(2)
    made.round()
    assert way.ids[-2:] == ids
    assert (way.state.lost, way.state.waiting) == (6, 0)


def test_nothing_is_sent_that_the_store_may_lose(way: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    made = way.worker(durability=Durability.REPLICA)
    with monkeypatch.context() as patched:
        confirmed_soon(patched)
        patched.setattr(
            "service.storage.client.check_confirmation",
            lambda durability, answer: check_confirmation(durability, 0),  # no replica confirms
        )
        made.round()
        ids = way.add()
        with pytest.raises(StorageUnavailable):
            made.round()
        assert way.ids == []
    monkeypatch.setattr(made._client, "durability", Durability.SERVER)
    made.round()
    assert way.ids == ids


def test_a_state_that_is_damaged_is_the_stores_fault(way: Deliveries) -> None:
    way.redis.hset(CHANGES.state_key, mapping={"position": "1-1", "lost": "x"})
    with pytest.raises(StorageUnavailable):
        _ = way.state


def test_pauses_grow_to_an_hour_and_half_of_each_is_left_to_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    failed = Answer(500, "answered 500")
    for tries, most in [(0, 1), (1, 2), (5, 32), (11, 2048), (12, 3600), (30, 3600), (10_000, 3600)]:
        pauses = [pause(tries, failed) for _ in range(200)]
        assert most / 2 <= min(pauses) < max(pauses) <= most
        assert max(pauses) - min(pauses) > most / 4
    assert (FIRST_PAUSE, LONGEST_PAUSE) == (1.0, 3600.0)
    assert pause(0, Answer(503, "", retry_after=120.0)) == 120
    assert pause(0, Answer(503, "", retry_after=999_999.0)) == 3600
    assert pause(0, Answer(410, "")) == 3600


def test_an_app_has_threads_that_deliver_where_there_is_a_receiver_alone(way: Deliveries, valkey_url: str) -> None:
    given = {"REGISTRY_FILE": str(DOCUMENTED), "REDIS_URL": valkey_url, "SECRET_KEY": "k" * 32}
    told = given | {"WEBHOOK_URL": way.receiver.url, "WEBHOOK_SECRET": SECRET}
    apps = [announced(create_app(Settings.from_env(settings))) for settings in (given, told)]
    tasks = [app.extensions["module_registry_tasks"] for app in apps]
    assert [sum(isinstance(task, Deliverer) for task in each) for each in tasks] == [0, len(QUEUES)]
    wait_until(lambda: all(store.state(way.redis, queue).position for queue in QUEUES))
    ids = {way.add(1, queue)[0] for queue in QUEUES}
    wait_until(lambda: set(way.ids) == ids)
    wait_until(lambda: way.redis.exists(REGISTRY_KEY) and way.redis.exists(WORKERS_KEY))
    for task in chain(*tasks):
        task.end()
