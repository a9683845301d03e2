"""What is sent about a request: the traceparent of what did it, and the language of whoever asked, as it is by then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from deliveries import Deliveries
from support import OPERATOR, AnyClient

from service.accounts import store as accounts
from service.accounts.model import account_key
from service.accounts.sessions import Caller, choose_locale
from service.accounts.store import Account, Status
from service.feedback.keys import thread_key
from service.feedback.model import Thread
from service.feedback.store import change_status, open_thread
from service.registry.model import Label, Module, Registry
from service.tracing import at_hand
from service.webhooks.receiver import message
from service.webhooks.store import REQUESTS

ALICE = Caller("alice")
REGISTRY = Registry((Module(slug="sms", category="outreach", label=Label("SMS", "Texts"), is_on_demand=True),))
TRACES = [f"00-4bf92f3577b34da6a3ce929d0e0e473{number}-00f067aa0ba902b7-01" for number in range(3)]


@contextmanager
def request_of(traceparent: str) -> Iterator[None]:
    """A request that came with this header."""
    token = at_hand.set({"HTTP_TRACEPARENT": traceparent})
    yield
    at_hand.reset(token)


def ask(redis: AnyClient) -> Thread:
    """Have Alice ask for a module."""
    return open_thread(redis, ALICE, "sms", "Please", REGISTRY)[0]


def test_the_language_is_that_of_the_account_at_that_moment(way: Deliveries) -> None:
    redis, made = way.redis, way.begun(REQUESTS)
    accounts.add(redis, Account("alice", Status.ACTIVE, locale="fr-FR"), by=OPERATOR)
    thread = ask(redis)
    made.round()
    choose_locale(redis, ALICE, "en")
    thread = change_status(redis, thread.id, "declined", [thread.etag], REGISTRY, by=OPERATOR)
    made.round()
    redis.command("HSET", account_key("alice"), "locale", "xx")
    thread = change_status(redis, thread.id, "open", [thread.etag], REGISTRY, by=OPERATOR)
    made.round()
    choose_locale(redis, ALICE, "en")
    thread = change_status(redis, thread.id, "declined", [thread.etag], REGISTRY, by=OPERATOR)
    for key in (account_key("alice"), thread_key(thread.id)):  # damage holds up nothing
        redis.rename(key, "kept")
        redis.command("SET", key, "no hash")
        made.round()
        redis.rename("kept", key)
        thread = change_status(redis, thread.id, "open", [thread.etag], REGISTRY, by=OPERATOR)
    assert [message.body["data"]["locale"] for message in way.receiver.received] == ["fr", "en", None, None, None]


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
    assert [message.headers.get("traceparent") for message in way.receiver.received] == [*TRACES[:2], None]
    assert all("traceparent" not in message.body["data"] for message in way.receiver.received)


@pytest.mark.parametrize("value", ['"x\\r\\nwebhook-id: 1"', "null", "[1]"])
def test_what_is_no_traceparent_is_not_sent(value: str) -> None:
    event = f'{{"kind": "opened", "thread": "a", "module": "b", "status": "open", "traceparent": {value}}}'
    made = message(REQUESTS, "1-1", event)
    assert made.traceparent is None
    assert "traceparent" not in made.body
