"""What is sent about a request: the traceparent of what did it, and the language of whoever asked, as it is by then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from deliveries import Deliveries
from receiving import SECRET
from support import OPERATOR, AnyClient

from service.accounts import store as accounts
from service.accounts.sessions import Caller, choose_locale
from service.accounts.store import Account, Status
from service.feedback.keys import thread_key
from service.feedback.model import Thread
from service.feedback.store import change_status, open_thread
from service.privacy import erase
from service.registry.model import Label, Module, Registry
from service.tracing import at_hand
from service.webhooks.keys import REQUESTS
from service.webhooks.message import message
from service.webhooks.receiver import Receiver, send

ALICE = Caller("alice")
REGISTRY = Registry((Module(slug="sms", category="outreach", label=Label("SMS", "Texts"), is_on_demand=True),))
TRACES = [f"00-4bf92f3577b34da6a3ce929d0e0e473{number}-00f067aa0ba902b7-01" for number in range(3)]


@contextmanager
def request_of(traceparent: str) -> Iterator[None]:
    """A request that came with this header."""
    token = at_hand.set({"HTTP_TRACEPARENT": traceparent})
    yield
    at_hand.reset(token)


@pytest.fixture
def told(way: Deliveries) -> Callable[[], list[str | None]]:
    """The languages of what has been told: all that happens from now on, as soon as it is asked for."""
    accounts.add(way.redis, Account("alice", Status.ACTIVE, locale="fr-FR"), by=OPERATOR)
    made = way.begun(REQUESTS)

    def languages() -> list[str | None]:
        made.round()
        return [one.body["data"]["locale"] for one in way.receiver.received]

    return languages


def ask(redis: AnyClient) -> Thread:
    """Have Alice ask for a module."""
    return open_thread(redis, ALICE, "sms", "Please", REGISTRY)[0]


def test_the_language_is_that_of_the_account_at_that_moment(
    redis: AnyClient, told: Callable[[], list[str | None]]
) -> None:
    thread = ask(redis)
    assert told() == ["fr"]
    choose_locale(redis, ALICE, "en")
    change_status(redis, thread.id, "declined", [thread.etag], REGISTRY, by=OPERATOR)
    assert told() == ["fr", "en"]
    redis.command("HSET", "{registry}:account:alice", "locale", "xx")
    damaged = ask(redis)
    assert told() == ["fr", "en", None]
    change_status(redis, damaged.id, "declined", [damaged.etag], REGISTRY, by=OPERATOR)
    redis.command("SET", thread_key(damaged.id), "no hash")
    assert told() == ["fr", "en", None, None], "damage holds up nothing"
    redis.delete(thread_key(damaged.id))
    choose_locale(redis, ALICE, "en")
    again = ask(redis)
    redis.rename("{registry}:account:alice", "kept")
    redis.command("SET", "{registry}:account:alice", "no hash")
    assert told()[4:] == [None], "nor does that of an account"
    redis.rename("kept", "{registry}:account:alice")
    change_status(redis, again.id, "declined", [again.etag], REGISTRY, by=OPERATOR)
    erase(redis, "alice", by=OPERATOR)
    assert told()[5:] == [None], "nothing is known of who is gone"


def test_a_traceparent_is_that_of_the_request_whoever_delivers(way: Deliveries) -> None:
    made = way.begun(REQUESTS)
    accounts.add(way.redis, Account("alice", Status.ACTIVE), by=OPERATOR)
    with request_of(TRACES[0]):
        thread = ask(way.redis)
    with request_of(TRACES[1]):
        thread = change_status(way.redis, thread.id, "declined", [thread.etag], REGISTRY, by=OPERATOR)
    change_status(way.redis, thread.id, "open", [thread.etag], REGISTRY, by=OPERATOR)
    with request_of(TRACES[2]):  # of another request, which has nothing to do with it
        made.round()
    assert [one.headers.get("traceparent") for one in way.receiver.received] == [*TRACES[:2], None]
    assert all("traceparent" not in one.body["data"] for one in way.receiver.received)


def test_what_is_no_traceparent_is_not_sent(way: Deliveries) -> None:
    for value in ('"x\\r\\nwebhook-id: 1"', "null", "[1]"):
        event = f'{{"kind": "opened", "thread": "a", "module": "b", "status": "open", "traceparent": {value}}}'
        assert send(Receiver(way.receiver.url, SECRET), message(REQUESTS, "1-1", event)).is_delivered
    assert [one.headers.get("traceparent") for one in way.receiver.received] == [None] * 3
    assert all("traceparent" not in one.body["data"] for one in way.receiver.received)
