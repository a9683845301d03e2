"""One queue on its way to a receiver: in order, at least once, under one id, by one worker at a time."""

from __future__ import annotations

import json
import logging
import random
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

import pytest
from receiving import SECRET, refuse, take_it
from receiving import Receiver as Receiving
from support import AnyClient, wait_until

from service.problems import StorageUnavailable
from service.storage.durability import Durability
from service.webhooks import backoff, deliverer, store
from service.webhooks.backoff import FIRST_PAUSE, LONGEST_PAUSE, pause
from service.webhooks.deliverer import Deliverer
from service.webhooks.keys import CHANGES, QUEUES, REQUESTS, Queue
from service.webhooks.receiver import Answer

Make = Callable[..., Deliverer]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short, and who was killed is followed soon."""
    monkeypatch.setattr(backoff, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(backoff, "LONGEST_PAUSE", 0.02)


def add(redis: AnyClient, number: int = 1, queue: Queue = CHANGES) -> list[str]:
    """Add events; returns the ids that they are to have at the receiver."""
    texts = [json.dumps({"kind": "released", "slug": f"m{each}", "votes": each}) for each in range(number)]
    return [f"{queue.subject}-{redis.xadd(queue.stream, {'event': text}, maxlen=10_000)}" for text in texts]


def state(redis: AnyClient) -> store.State:
    return store.state(redis, CHANGES)


def begin(made: Deliverer) -> None:
    """A first round, which finds nothing: from now on what is added is delivered."""
    made.round()


def until_delivered(made: Deliverer, redis: AnyClient) -> None:
    """Rounds until nothing waits any more."""

    def none_waits() -> bool:
        made.round()
        return state(redis).waiting == 0

    wait_until(none_waits)


def test_events_are_delivered_in_order_each_once(redis: AnyClient, receiving: Receiving, deliverer: Make) -> None:
    made = deliverer()
    begin(made)
    ids = add(redis, 20)
    made.round()
    assert receiving.ids == ids
    made.round()
    assert receiving.ids == ids
    found = state(redis)
    assert (found.waiting, found.given_up, found.lost, found.tries, found.failed) == (0, 0, 0, 0, None)
    assert found.delivered
    assert f"module-{found.delivered.entry}" == ids[-1] == f"module-{found.position}"
    assert [one.body["data"]["slug"] for one in receiving.received] == [f"m{each}" for each in range(20)]


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_a_thread_delivers_what_is_added_later(
    redis: AnyClient, receiving: Receiving, deliverer: Make, queue: Queue
) -> None:
    made = deliverer(queue)
    made.start()
    wait_until(lambda: store.state(redis, queue).position)
    ids = add(redis, 3, queue)
    wait_until(lambda: receiving.ids == ids)


def test_a_receiver_that_is_new_is_not_told_what_was_before(
    redis: AnyClient, receiving: Receiving, deliverer: Make
) -> None:
    for number in range(5):
        redis.xadd(CHANGES.stream, {"event": '{"kind": "added"}'}, id=f"1764146400000-{number}")
    made = deliverer()
    begin(made)
    ids = add(redis, 2)
    made.round()
    assert receiving.ids == ids
    assert state(redis).lost == 0


def test_what_came_between_the_start_of_a_worker_and_its_first_look_is_told(
    redis: AnyClient, receiving: Receiving, deliverer: Make
) -> None:
    made = deliverer()
    made._made -= 1.0  # a second ago
    ids = add(redis, 3)
    made.round()
    assert receiving.ids == ids


def test_a_failure_is_tried_again_under_its_id_before_anything_else(
    redis: AnyClient, receiving: Receiving, deliverer: Make
) -> None:
    made = deliverer()
    begin(made)
    dice = random.Random(7)
    receiving.answer = lambda handler: dice.choice([take_it, refuse(500), refuse(302), refuse(429)])(handler)
    ids = add(redis, 20)
    until_delivered(made, redis)
    assert len(receiving.ids) > 20
    assert [one for one, other in pairwise([*receiving.ids, ""]) if one != other] == ids
    bodies = {one.id: json.dumps(one.body) for one in receiving.received}
    assert all(bodies[one.id] == json.dumps(one.body) for one in receiving.received)
    receiving.answer = take_it
    add(redis, 1)
    until_delivered(made, redis)
    assert state(redis).waiting == 0
    failed = state(redis).failed
    assert failed
    assert failed.reason.startswith("answered ")


def test_nothing_is_tried_before_its_pause_is_over(
    redis: AnyClient, receiving: Receiving, deliverer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "FIRST_PAUSE", 1000.0)
    monkeypatch.setattr(backoff, "LONGEST_PAUSE", 1000.0)
    receiving.answer = refuse(500)
    first, second = deliverer(), deliverer()
    begin(first)
    ids = add(redis, 2)
    first.round()
    first.round()
    first.end()
    second.round()  # the pause stands in Redis
    assert receiving.ids == ids[:1]
    found = state(redis)
    assert (found.tries, found.waiting) == (1, 2)
    assert 400 < found.next_in <= 1000
    store.hurry(redis, CHANGES)
    receiving.answer = take_it
    second.round()
    assert receiving.ids == [ids[0], *ids]


def test_after_a_day_it_is_given_up_and_kept_and_the_next_one_follows(
    redis: AnyClient,
    receiving: Receiving,
    deliverer: Make,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def poisoned(handler: BaseHTTPRequestHandler) -> None:
        (refuse(500, "no such module") if receiving.received[-1].id == ids[0] else take_it)(handler)

    monkeypatch.setattr(backoff, "FIRST_PAUSE", 1000.0)
    monkeypatch.setattr(backoff, "LONGEST_PAUSE", 1000.0)
    made = deliverer()
    begin(made)
    ids = add(redis, 2)
    receiving.answer = poisoned
    made.round()
    redis.hincrby(CHANGES.state_key, "first", -86_400_000)
    store.hurry(redis, CHANGES)
    made.round()
    assert receiving.ids == [ids[0], *ids]
    found = state(redis)
    assert (found.given_up, found.waiting, found.tries) == (1, 0, 0)
    [(entry, event)] = store.given_up(redis, CHANGES)
    assert (f"module-{entry}", json.loads(event)["slug"]) == (ids[0], "m0")
    assert found.failed
    assert found.failed.reason == "answered 500: no such module"
    assert f"webhook {ids[0]} is given up" in caplog.text


@pytest.mark.parametrize("fields", [{"event": "x"}, {"event": "[]"}, {"other": "x"}, {"event": ""}])
def test_what_is_no_event_holds_up_nothing(
    redis: AnyClient, receiving: Receiving, deliverer: Make, fields: dict[str, str]
) -> None:
    made = deliverer()
    begin(made)
    redis.xadd(CHANGES.stream, fields)
    ids = add(redis, 1)
    made.round()
    assert receiving.ids == ids
    assert state(redis).given_up == 1


def test_of_two_workers_one_delivers(redis: AnyClient, receiving: Receiving, deliverer: Make) -> None:
    workers = [deliverer(), deliverer()]
    begin(workers[0])
    for worker in workers:
        worker.start()
    ids = []
    for _ in range(10):
        ids += add(redis, 5)
        wait_until(lambda: state(redis).waiting == 0)
    assert receiving.ids == ids
    holder = state(redis).holder
    assert holder in {worker._id for worker in workers}


def test_one_that_was_killed_is_followed_when_its_time_is_over(
    redis: AnyClient, receiving: Receiving, deliverer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed, other = deliverer(), deliverer()
    begin(killed)
    [entry] = add(redis, 1)
    taken = store.take(redis, CHANGES, killed._id, 1000)  # and there it ends
    other.round()
    assert receiving.ids == []
    redis.hset(CHANGES.state_key, "ends", 0)
    other._idle_until = 0.0
    other.round()
    assert receiving.ids == [entry]
    assert state(redis).holder == other._id
    # Should it come back, it moves nothing: neither as one that delivered, nor as one that failed.
    assert taken
    more = add(redis, 1)
    assert store.delivered(redis, CHANGES, taken)  # which is so, whoever did it
    store.fail(redis, CHANGES, taken, 1000, "late")
    assert not store.give_up(redis, CHANGES, taken._replace(entry="1-1"), "late")
    assert store.take(redis, CHANGES, killed._id, 1) is None
    other.round()
    assert receiving.ids == [entry, *more]
    assert state(redis).given_up == 0


def test_one_that_is_suspended_in_a_try_loses_nothing(redis: AnyClient, receiving: Receiving, deliverer: Make) -> None:
    """Its receiver is slow, its time runs out, and another one delivers the same and what follows."""
    is_slow, go_on = threading.Event(), threading.Event()

    def slow_at_first(handler: BaseHTTPRequestHandler) -> None:
        if not is_slow.is_set():
            is_slow.set()
            go_on.wait(20)
        take_it(handler)

    receiving.answer = slow_at_first
    suspended, other = deliverer(), deliverer()
    begin(suspended)
    ids = add(redis, 2)
    thread = threading.Thread(target=suspended.round)
    thread.start()
    is_slow.wait(20)
    other.round()
    assert receiving.ids == ids[:1]
    redis.hset(CHANGES.state_key, "ends", 0)
    other._idle_until = 0.0
    other.round()
    assert receiving.ids == [ids[0], *ids]
    go_on.set()
    thread.join()
    more = add(redis, 1)
    until_delivered(other, redis)
    assert receiving.ids == [ids[0], *ids, *more]


def test_one_that_ends_is_followed_at_once(redis: AnyClient, receiving: Receiving, deliverer: Make) -> None:
    first, second = deliverer(), deliverer()
    begin(first)
    first.end()
    ids = add(redis, 1)
    first.round()
    assert receiving.ids == []
    second.round()
    assert receiving.ids == ids


@pytest.mark.parametrize("script", ["_TAKE", "_PASS", "_FAIL", "_LOOK"])
def test_scripts_that_run_twice_change_nothing_more(
    redis: AnyClient, receiving: Receiving, deliverer: Make, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = deliverer()
    run, counted = made._client.run, getattr(store, script)

    def twice(which: object, *args: object, **options: bool) -> object:
        first = run(which, *args, **options)  # type: ignore[arg-type]
        return run(which, *args, **options) if which is counted else first  # type: ignore[arg-type]

    monkeypatch.setattr(made._client, "run", twice)
    begin(made)
    answers = iter([refuse(500), take_it, take_it])
    receiving.answer = lambda handler: next(answers)(handler)
    ids = add(redis, 2)
    until_delivered(made, redis)
    assert receiving.ids == [ids[0], *ids]
    assert (state(redis).waiting, state(redis).lost, state(redis).given_up) == (0, 0, 0)


def test_a_failure_that_is_noted_twice_or_late_is_one(redis: AnyClient, deliverer: Make) -> None:
    made = deliverer()
    begin(made)
    add(redis, 1)
    taken = [store.take(redis, CHANGES, made._id, 1000)]
    for tries in (1, 2):
        assert taken[-1]
        for _ in range(2):
            store.fail(redis, CHANGES, taken[-1], 1000, "answered 500")
        assert state(redis).tries == tries
        taken.append(store.take(redis, CHANGES, made._id, 1000))
    assert taken[0]
    store.fail(redis, CHANGES, taken[0], 1, "late")
    found = state(redis)
    assert found.failed
    assert (found.tries, found.failed.reason) == (2, "answered 500")


def test_one_that_hears_late_that_it_may_deliver_does_not(
    redis: AnyClient, receiving: Receiving, deliverer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, take = deliverer(), store.take
    begin(made)
    add(redis, 1)

    def late(*args: object) -> object:
        made._has_ended = True  # so that it looks once
        return take(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("service.webhooks.deliverer._MARGIN", -1.0)
    monkeypatch.setattr(store, "take", late)
    made.round()
    assert receiving.ids == []
    assert state(redis).waiting == 1


def trimmed(redis: AnyClient, length: int) -> None:
    redis.xtrim(CHANGES.stream, maxlen=length, approximate=False)


def test_what_was_dropped_before_its_turn_is_said(
    redis: AnyClient, receiving: Receiving, deliverer: Make, caplog: pytest.LogCaptureFixture
) -> None:
    made = deliverer()
    begin(made)
    ids = add(redis, 3)
    made.round()
    ids += add(redis, 10)
    trimmed(redis, 4)
    assert (state(redis).lost, state(redis).waiting) == (6, 4)
    made.round()
    assert receiving.ids == [*ids[:3], *ids[-4:]]
    assert (state(redis).lost, state(redis).waiting) == (6, 0)
    assert "webhooks: 6 events dropped before their turn" in caplog.text
    trimmed(redis, 0)
    ids = add(redis, 1)
    made.round()
    assert receiving.ids[-1:] == ids
    assert state(redis).lost == 6


def test_a_stream_that_was_delivered_may_go(redis: AnyClient, receiving: Receiving, deliverer: Make) -> None:
    made = deliverer()
    begin(made)
    first = add(redis, 3)
    made.round()
    redis.delete(CHANGES.stream)
    made.round()
    ids = add(redis, 2)
    made.round()
    assert receiving.ids == [*first, *ids]
    assert (state(redis).waiting, state(redis).lost) == (0, 0)


def test_one_queue_does_not_wait_for_the_other(redis: AnyClient, receiving: Receiving, deliverer: Make) -> None:
    changes, requests = deliverer(CHANGES), deliverer(REQUESTS)
    begin(changes)
    begin(requests)

    def refuses_changes(handler: BaseHTTPRequestHandler) -> None:
        (refuse(500) if receiving.received[-1].id.startswith("module-") else take_it)(handler)

    receiving.answer = refuses_changes
    add(redis, 1)
    ids = add(redis, 2, REQUESTS)
    changes.round()
    requests.round()
    assert [one for one in receiving.ids if one.startswith("request-")] == ids
    assert state(redis).waiting == 1


def test_without_the_store_nothing_happens_and_afterwards_all(
    redis: AnyClient, receiving: Receiving, deliverer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = deliverer()
    begin(made)
    ids = add(redis, 1)
    run = made._client.run

    def away(*args: object, **options: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(made._client, "run", away)
    made.round()
    assert receiving.ids == []
    monkeypatch.setattr(made._client, "run", run)
    made.round()
    assert receiving.ids == ids


def test_nothing_is_sent_that_the_store_may_lose(
    redis: AnyClient, receiving: Receiving, deliverer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = deliverer(durability=Durability.REPLICA)
    monkeypatch.setattr(Durability, "is_met", lambda self, answer: False)  # whatever there is: nobody has it
    begin(made)
    ids = add(redis, 1)
    made.round()
    assert receiving.ids == []
    monkeypatch.undo()
    monkeypatch.setattr(made._client, "durability", Durability.SERVER)
    made.round()
    assert receiving.ids == ids


def test_a_defect_does_not_end_the_rounds(
    redis: AnyClient, deliverer: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = deliverer()

    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(made._client, "run", broken)
    made.round()
    made.round()  # waits a while
    monkeypatch.undo()
    assert caplog.text.count("RuntimeError: broken") == 1


def test_neither_secret_nor_path_is_logged(
    redis: AnyClient, receiving: Receiving, deliverer: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "service")
    made = deliverer()
    begin(made)
    answers = iter([refuse(500, "no"), take_it])
    receiving.answer = lambda handler: next(answers)(handler)
    add(redis, 1)
    until_delivered(made, redis)
    receiving.stop()
    add(redis, 1)
    made.round()
    assert "answered 500: no; again in" in caplog.text
    assert "is delivered, after 1 failure" in caplog.text
    assert "could not be reached" in caplog.text
    assert not any(word in caplog.text for word in ("hush", "/hooks", SECRET.removeprefix("whsec_")))


def test_pauses_grow_to_an_hour_and_half_of_each_is_left_to_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    failed = Answer(500, "answered 500")
    for tries, most in [(0, 1), (1, 2), (5, 32), (11, 2048), (12, 3600), (30, 3600), (10_000, 3600)]:
        found = [pause(tries, failed) for _ in range(200)]
        assert most / 2 <= min(found) < max(found) <= most
        assert max(found) - min(found) > most / 4
    assert (FIRST_PAUSE, LONGEST_PAUSE) == (1.0, 3600.0)
    assert pause(0, Answer(503, "", retry_after=120.0)) == 120
    assert pause(0, Answer(503, "", retry_after=999_999.0)) == 3600
    assert pause(0, Answer(410, "")) == 3600


def test_others_are_kept_away_for_longer_than_a_try_takes() -> None:
    assert deliverer._MARGIN > 0
    assert deliverer.LEASE >= 10 * deliverer.INTERVAL


def test_a_store_that_holds_nonsense_is_said_to_be_damaged(redis: AnyClient) -> None:
    redis.hset(CHANGES.state_key, mapping={"position": "1-1", "lost": "x"})
    with pytest.raises(StorageUnavailable):
        state(redis)


def test_before_the_first_look_there_is_nothing_to_say(redis: AnyClient) -> None:
    add(redis, 3)
    assert state(redis) == store.State("", 0, 0, 0, 0, 0.0, None, None, None)
