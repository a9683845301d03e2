"""A webhook of something that a request did carries the traceparent of that request, also when it is sent again."""

from __future__ import annotations

from collections.abc import Callable

from receiving import SECRET
from receiving import Receiver as Receiving
from support import DOCUMENTED, OPERATOR, AnyClient

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account, Status
from service.feedback.store import change_status, open_thread
from service.registry.loading import load
from service.tracing import traced
from service.webhooks.deliverer import Deliverer
from service.webhooks.keys import REQUESTS
from service.webhooks.message import message
from service.webhooks.receiver import Receiver, send

TRACES = [f"00-4bf92f3577b34da6a3ce929d0e0e473{number}-00f067aa0ba902b7-01" for number in range(3)]


def test_it_is_that_of_the_request_whoever_delivers(
    redis: AnyClient, receiving: Receiving, deliverer: Callable[..., Deliverer]
) -> None:
    made = deliverer(REQUESTS)
    made.round()
    accounts.add(redis, Account("alice", Status.ACTIVE), by=OPERATOR)
    registry = load(DOCUMENTED)
    with traced(TRACES[0]):
        thread, _ = open_thread(redis, Caller("alice"), "sms_campaign", "Please", registry)
    with traced(TRACES[1]):
        thread = change_status(redis, thread.id, "declined", [thread.etag], registry, by=OPERATOR)
    change_status(redis, thread.id, "open", [thread.etag], registry, by=OPERATOR)
    with traced(TRACES[2]):  # of another request, which has nothing to do with it
        made.round()
    assert [one.headers.get("traceparent") for one in receiving.received] == [*TRACES[:2], None]
    assert all("traceparent" not in one.body["data"] for one in receiving.received)


def test_what_is_no_traceparent_is_not_sent(receiving: Receiving) -> None:
    for value in ('"x\\r\\nwebhook-id: 1"', "null", "[1]"):
        event = f'{{"kind": "opened", "thread": "a", "module": "b", "status": "open", "traceparent": {value}}}'
        assert send(Receiver(receiving.url, SECRET), message(REQUESTS, "1-1", event)).is_delivered
    assert [one.headers.get("traceparent") for one in receiving.received] == [None] * 3
    assert all("traceparent" not in one.body["data"] for one in receiving.received)
