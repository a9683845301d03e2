"""What the pages ask of the room: one of several admins answers, threads are counted, an open one is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis
from support import OPERATOR, acting

from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.feedback import queue, store
from service.feedback.model import Status, Thread
from service.problems import InvalidField, ThreadChanged, UnknownThread
from service.registry.model import Label, Module, Registry
from service.storage.client import Client
from service.storage.script import Script

STUB = Module(slug="sms", category="outreach", label=Label("SMS", "Texts"), is_on_demand=True)
MAIL = replace(STUB, slug="mail")
REGISTRY = Registry((STUB, MAIL))
RENAMED = Registry((replace(STUB, slug="texts", formerly=("sms",)), MAIL))
GONE = Registry((MAIL,))
ALICE, BOB, ZOE = Caller("alice"), Caller("bob"), Caller("zoe")


@pytest.fixture(autouse=True)
def people(redis: Redis) -> None:
    accounts.add(redis, Account("alice", "active"), by=OPERATOR)
    accounts.add(redis, Account("bob", "active", "admin"), by=OPERATOR)
    accounts.add(redis, Account("zoe", "active"), by=OPERATOR)


@pytest.fixture
def thread(redis: Redis) -> Thread:
    """Alice's, open."""
    return store.open_thread(redis, ALICE, "sms", "Please", REGISTRY)[0]


def answer(redis: Redis, seen: Thread, text: str = "Yes", registry: Registry = REGISTRY) -> Thread:
    return store.add_message(redis, seen.id, text, registry, by=acting(BOB), etags=[seen.etag])


def test_an_answer_to_what_was_seen_is_for_once(redis: Redis, thread: Thread) -> None:
    assert [message.text for message in answer(redis, thread).messages] == ["Please", "Yes"]
    with pytest.raises(ThreadChanged):
        answer(redis, thread, "No")
    seen = store.thread(redis, BOB, thread.id, REGISTRY)
    assert seen.message_count == 2
    assert answer(redis, seen, "Also").message_count == 3


def test_of_many_answers_in_the_same_moment_one_is_said(redis: Redis, thread: Thread) -> None:
    def attempt(number: int) -> bool:
        try:
            answer(redis, thread, str(number))
        except ThreadChanged:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(attempt, range(20))) == 1
    assert store.thread(redis, BOB, thread.id, REGISTRY).message_count == 2


def test_a_change_of_the_registry_is_one_of_the_thread(redis: Redis, thread: Thread) -> None:
    for registry in (RENAMED, GONE):
        with pytest.raises(ThreadChanged):
            answer(redis, thread, registry=registry)
        seen = store.thread(redis, BOB, thread.id, registry)
        thread = answer(redis, seen, registry=registry)
    assert thread.message_count == 3


def test_an_answer_whose_script_runs_twice_is_said_once(
    redis: Redis, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = Client.run

    def twice(self: Client, script: Script, *args: Any, **options: Any) -> Any:
        once(self, script, *args, **options)
        return once(self, script, *args, **options)

    monkeypatch.setattr(Client, "run", twice)
    assert answer(redis, thread).message_count == 2


def test_an_answer_is_checked_in_the_same_order_with_an_etag(redis: Redis, thread: Thread) -> None:
    with pytest.raises(UnknownThread):
        store.add_message(redis, thread.id, "", REGISTRY, by=acting(ZOE), etags=["x"])
    with pytest.raises(InvalidField):
        store.add_message(redis, thread.id, "", REGISTRY, by=acting(BOB), etags=["x"])
    with pytest.raises(ThreadChanged):
        store.add_message(redis, thread.id, "Yes", REGISTRY, by=acting(BOB), etags=[])


def test_an_open_thread_is_found_by_each_name_of_its_module(redis: Redis, thread: Thread) -> None:
    assert store.open_with(redis, ALICE, STUB) == thread.id
    assert store.open_with(redis, ALICE, RENAMED.modules[0]) == thread.id
    assert store.open_with(redis, ALICE, MAIL) is None
    assert store.open_with(redis, ZOE, STUB) is None
    store.change_status(redis, thread.id, "declined", [thread.etag], REGISTRY, by=acting(BOB))
    assert store.open_with(redis, ALICE, STUB) is None


def test_threads_are_counted_by_what_they_read_as(redis: Redis, thread: Thread) -> None:
    store.open_thread(redis, ZOE, "sms", "Please", REGISTRY)
    store.open_thread(redis, ZOE, "mail", "Please", REGISTRY)
    answer(redis, thread)
    nothing = dict.fromkeys(Status, 0)
    counts = queue.counts(redis, BOB, RENAMED)
    assert counts.by_module == {
        "texts": nothing | {Status.OPEN: 1, Status.ANSWERED: 1},
        "mail": nothing | {Status.OPEN: 1},
    }
    assert (counts.by_status, counts.unread) == (nothing | {Status.OPEN: 2, Status.ANSWERED: 1}, 2)
    assert queue.counts(redis, BOB, GONE).by_module["sms"] == nothing | {Status.DECLINED: 2}
