"""What has become of requests, as it is kept for webhooks: each change once, in order, and nothing about a person."""

from __future__ import annotations

import json

import pytest
from redis import Redis
from support import acting, without_audit

from service.accounts.sessions import Caller
from service.feedback import store
from service.feedback.keys import EVENTS_KEY
from service.feedback.model import Thread
from service.problems import StorageUnavailable, ThreadChanged
from service.registry.model import Label, Module, Registry

STUB = Module(slug="sms", category="outreach", label=Label("SMS", "Texts"), is_on_demand=True)
REGISTRY = Registry((STUB,))
ACTIVE = Registry((Module(slug="sms", category="outreach", label=STUB.label, api_endpoint="/api/sms"),))
ALICE, BOB = Caller("alice"), Caller("bob")


def ask(redis: Redis, text: str = "Please") -> Thread:
    return store.open_thread(redis, ALICE, "sms", text, REGISTRY)[0]


def change(redis: Redis, thread: Thread, status: str, registry: Registry = REGISTRY) -> Thread:
    return store.change_status(redis, thread.id, status, [thread.etag], registry, by=acting(BOB))


def kept(redis: Redis) -> list[str]:
    """What is kept of the only thread, and that every entry is of it."""
    entries = [json.loads(fields["event"]) for _, fields in redis.xrange(EVENTS_KEY)]
    assert all(entry.keys() == {"kind", "thread", "module", "status"} for entry in entries)
    assert {(entry["thread"], entry["module"]) for entry in entries} <= {(entries[0]["thread"], "sms")}
    return [f"{entry['kind']} {entry['status']}" for entry in entries]


def test_a_new_request_and_each_change_of_its_status_are_kept_in_order_and_nothing_about_a_person(redis: Redis) -> None:
    thread = ask(redis)
    assert kept(redis) == ["opened open"]
    thread = store.add_message(redis, thread.id, "Which country?", REGISTRY, by=acting(BOB))
    thread = store.add_message(redis, thread.id, "France", REGISTRY, by=acting(ALICE))
    thread = change(redis, thread, "activated")
    thread = change(redis, thread, "open")
    change(redis, thread, "declined")
    assert kept(redis) == [
        "opened open",
        "status-changed answered",
        "status-changed open",
        "status-changed activated",
        "status-changed open",
        "status-changed declined",
    ]
    other = ask(redis, "My number is 06 12 34 56 78")
    assert other.id != thread.id
    store.add_message(redis, other.id, "I call you", REGISTRY, by=acting(BOB))
    ask(redis, "And more")  # which opens an answered one
    entries = redis.xrange(EVENTS_KEY)[-3:]
    assert [json.loads(fields["event"])["status"] for _, fields in entries] == ["open", "answered", "open"]
    assert not any(word in str(entries) for word in ("alice", "Alice", "bob", "Bob", "number", "call"))


def test_what_changes_no_status_is_no_event(redis: Redis) -> None:
    thread = ask(redis)
    ask(redis)
    ask(redis, "And please")
    store.add_message(redis, thread.id, "It is urgent", REGISTRY, by=acting(ALICE))
    store.mark_read(redis, BOB, thread.id)
    thread = store.add_message(redis, thread.id, "Yes", REGISTRY, by=acting(BOB))
    thread = store.add_message(redis, thread.id, "Soon", REGISTRY, by=acting(BOB))
    assert change(redis, thread, "answered").version == thread.version
    with pytest.raises(ThreadChanged):
        store.change_status(redis, thread.id, "declined", ["1-own-sms"], REGISTRY, by=acting(BOB))
    assert store.thread(redis, ALICE, thread.id, ACTIVE).status == "activated"  # which the registry's own event says
    assert kept(redis) == ["opened open", "status-changed answered"]


def test_where_an_event_cannot_be_kept_nothing_is_written(redis: Redis) -> None:
    thread = ask(redis)
    redis.delete(EVENTS_KEY)
    redis.set(EVENTS_KEY, "no stream")
    before = without_audit(redis)
    with pytest.raises(StorageUnavailable):
        change(redis, thread, "declined")
    with pytest.raises(StorageUnavailable):
        store.add_message(redis, thread.id, "Yes", REGISTRY, by=acting(BOB))
    assert without_audit(redis) == before


def test_the_newest_ten_thousand_are_kept(redis: Redis) -> None:
    redis.command("EVAL", "for i = 1, 10500 do redis.call('XADD', KEYS[1], '*', 'event', '{}') end", 1, EVENTS_KEY)
    thread = ask(redis)
    assert 10_000 <= redis.xlen(EVENTS_KEY) <= 10_100
    assert thread.id in str(redis.xrevrange(EVENTS_KEY, count=1))
