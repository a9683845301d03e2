"""Requests as they are kept: through renames, races, and scripts that run twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from support import acting, connect, without_audit

from service import problems
from service.accounts.sessions import Caller
from service.feedback import queue, store
from service.feedback.keys import EVENTS_KEY, thread_key
from service.feedback.model import Status, Thread, checked_text
from service.registry.model import Label, Module, Registry
from service.storage.client import Client
from service.storage.token_bucket import TokenBucket

STUB = Module(slug="sms", category="outreach", label=Label("SMS", "Texts"), is_on_demand=True)
MAIL = replace(STUB, slug="mail")
BEFORE = Registry((STUB,))
RENAMED = Registry((replace(STUB, slug="texts", formerly=("sms",)),))
ACTIVE = Registry((replace(STUB, is_on_demand=False, api_endpoint="/api/sms"),))
RENAMED_ACTIVE = Registry((replace(ACTIVE.modules[0], slug="texts", formerly=("sms",)),))
GONE = Registry(())
ALICE, BOB, ZOE = Caller("alice"), Caller("bob"), Caller("zoe")


@pytest.fixture
def thread(redis: Redis) -> Thread:
    """Alice's, open."""
    return store.open_thread(redis, ALICE, "sms", "Please", BEFORE)[0]


def change(redis: Redis, thread: Thread, status: str, registry: Registry = BEFORE) -> Thread:
    return store.change_status(redis, thread.id, status, [thread.etag], registry, by=acting(BOB))


def answer(redis: Redis, seen: Thread, text: str = "Yes") -> Thread:
    return store.add_message(redis, seen.id, text, BEFORE, by=acting(BOB), etags=[seen.etag])


@pytest.mark.parametrize(
    ("registry", "module", "status"),
    [
        (BEFORE, "sms", "open"),
        (RENAMED, "texts", "open"),
        (ACTIVE, "sms", "activated"),
        (RENAMED_ACTIVE, "texts", "activated"),
        (GONE, "sms", "declined"),
        (Registry((replace(STUB, is_on_demand=False, coming_soon=True),)), "sms", "open"),
        (Registry((replace(ACTIVE.modules[0], alpha_unavailable=True),)), "sms", "open"),
    ],
)
def test_a_thread_follows_its_module_and_nothing_of_that_is_written(
    redis: Redis, thread: Thread, registry: Registry, module: str, status: str
) -> None:
    before = without_audit(redis)
    for found in (
        store.thread(redis, ALICE, thread.id, registry),
        *store.own_threads(redis, ALICE, registry).threads,
        *queue.threads(redis, BOB, registry, status=status, module=module).threads,
        *queue.threads(redis, BOB, registry, module="sms").threads,
    ):
        assert (found.id, found.module, found.status) == (thread.id, module, status)
        assert (found.note is None) == (status == "open")
    assert len(queue.threads(redis, BOB, registry, status=status).threads) == 1
    by_status = dict.fromkeys(Status, 0) | {Status(status): 1}
    assert queue.counts(redis, BOB, registry) == queue.Counts(
        by_status, {module: by_status}, {module: (1, thread.updated)}
    )
    assert without_audit(redis) == before
    assert store.thread(redis, ALICE, thread.id, BEFORE) == thread


@pytest.mark.parametrize("registry", [RENAMED, ACTIVE, GONE])
def test_the_etag_is_another_where_the_registry_changes_what_a_thread_reads_as(
    redis: Redis, thread: Thread, registry: Registry
) -> None:
    now = store.thread(redis, ALICE, thread.id, registry)
    assert now.etag != thread.etag
    with pytest.raises(problems.ThreadChanged):
        change(redis, thread, "declined", registry)
    if registry is not RENAMED:
        with pytest.raises(problems.ThreadChanged):
            change(redis, now, "declined", BEFORE)
    assert change(redis, now, "declined", registry).status == (now.status if registry is not RENAMED else "declined")


@pytest.mark.parametrize(("first", "second"), [(BEFORE, RENAMED), (RENAMED, BEFORE)])
@pytest.mark.parametrize("module", ["sms", "texts"])
def test_there_is_one_open_thread_across_a_rename_by_workers_with_either_registry(
    redis: Redis, first: Registry, second: Registry, module: str
) -> None:
    opened, is_new = store.open_thread(redis, ALICE, first.modules[0].slug, "one", first)
    assert is_new
    if module in {second.modules[0].slug, *second.modules[0].formerly}:
        found, is_new = store.open_thread(redis, ALICE, module, "two", second)
        assert (found.id, is_new) == (opened.id, False)
    seen = store.thread(redis, BOB, opened.id, second)
    change(redis, seen, "declined", second)
    for registry in (first, second):
        assert not redis.hgetall("{registry}:feedback:open:alice")
        reopened = change(redis, store.thread(redis, BOB, opened.id, registry), "open", registry)
        assert store.open_thread(redis, ALICE, "sms", "again", registry)[0].id == opened.id
        seen = store.thread(redis, BOB, reopened.id, registry)
        change(redis, seen, "activated", registry)


def test_a_thread_is_open_by_each_name_of_its_module_and_does_not_open_again_beside_one_of_the_new_name(
    redis: Redis, thread: Thread
) -> None:
    for who, module, found in (
        (ALICE, STUB, thread.id),
        (ALICE, RENAMED.modules[0], thread.id),
        (ALICE, MAIL, None),
        (ZOE, STUB, None),
    ):
        assert store.open_with(redis, who, module) == found
    change(redis, thread, "declined")
    assert store.open_with(redis, ALICE, STUB) is None
    second, is_new = store.open_thread(redis, ALICE, "texts", "Please", RENAMED)
    assert is_new
    with pytest.raises(problems.AlreadyOpen):
        change(redis, store.thread(redis, BOB, thread.id, RENAMED), "answered", RENAMED)
    assert {found.id for found in store.own_threads(redis, ALICE, RENAMED).threads} == {thread.id, second.id}


def at_once(redis: Redis, number: int, act: Callable[[Client, int], Any]) -> list[Any]:
    """What so many threads get that share a client."""
    with ThreadPoolExecutor(number) as pool, closing(connect(redis.url)) as client:
        return list(pool.map(lambda one: act(client, one), range(number)))


def test_in_a_race_of_fifty_one_thread_is_opened(redis: Redis) -> None:
    answers = at_once(redis, 50, lambda client, _: store.open_thread(client, ALICE, "sms", "Please", BEFORE))
    assert len({thread.id for thread, _ in answers}) == 1
    assert sum(is_new for _, is_new in answers) == 1
    [thread] = store.own_threads(redis, ALICE, BEFORE).threads
    assert thread.message_count == 1


def test_messages_at_once_are_all_kept_once(redis: Redis, thread: Thread) -> None:
    by = acting(ALICE)
    at_once(redis, 20, lambda client, number: store.add_message(client, thread.id, f"{number}", BEFORE, by=by))
    found = store.thread(redis, ALICE, thread.id, BEFORE)
    assert sorted(message.text for message in found.messages[1:]) == sorted(map(str, range(20)))
    assert (found.version, found.message_count) == (21, 21)


def test_an_answer_to_what_was_seen_is_for_once_and_checked_in_the_same_order(redis: Redis, thread: Thread) -> None:
    for act in (
        lambda: store.add_message(redis, thread.id, "", BEFORE, by=acting(ZOE), etags=["x"]),
        lambda: store.add_message(redis, thread.id, "Me too", BEFORE, by=acting(ZOE)),
        lambda: store.change_status(redis, "0" * 16, "declined", ["x"], BEFORE, by=acting(BOB)),
        lambda: store.mark_read(redis, ZOE, thread.id),
    ):
        with pytest.raises(problems.UnknownThread):
            act()
    with pytest.raises(problems.InvalidField):
        answer(redis, thread, "")
    with pytest.raises(problems.ThreadChanged):
        store.add_message(redis, thread.id, "Yes", BEFORE, by=acting(BOB), etags=[])
    assert [message.text for message in answer(redis, thread).messages] == ["Please", "Yes"]
    with pytest.raises(problems.ThreadChanged):
        answer(redis, thread, "No")
    seen = store.thread(redis, BOB, thread.id, BEFORE)
    assert seen.message_count == 2
    assert answer(redis, seen, "Also").message_count == 3


def test_threads_are_listed_and_counted_by_what_they_read_as(redis: Redis, thread: Thread) -> None:
    store.open_thread(redis, ZOE, "sms", "Please", BEFORE)
    store.open_thread(redis, ZOE, "mail", "Please", Registry((MAIL,)))
    answer(redis, thread)
    nothing, registry = dict.fromkeys(Status, 0), Registry((*RENAMED.modules, MAIL))
    pages = [queue.threads(redis, BOB, registry, limit="1")]
    while pages[-1].next:
        pages.append(queue.threads(redis, BOB, registry, cursor=pages[-1].next, limit="1"))
    found = [(one.account.id, one.module, one.unread) for page in pages for one in page.threads]
    assert found == [("zoe", "mail", True), ("zoe", "texts", True), ("alice", "texts", False)]
    counts = queue.counts(redis, BOB, registry)
    assert counts.by_module == {
        "texts": nothing | {Status.OPEN: 1, Status.ANSWERED: 1},
        "mail": nothing | {Status.OPEN: 1},
    }
    assert (counts.by_status, counts.unread) == (nothing | {Status.OPEN: 2, Status.ANSWERED: 1}, 2)
    assert queue.counts(redis, BOB, Registry((MAIL,))).by_module["sms"] == nothing | {Status.DECLINED: 2}


@pytest.mark.usefixtures("twice")
def test_a_script_that_runs_twice_does_everything_once(redis: Redis) -> None:
    opened, is_new = store.open_thread(redis, ALICE, "sms", "one", BEFORE)
    assert (is_new, opened.message_count) == (True, 1)
    assert store.open_thread(redis, ALICE, "sms", "two", BEFORE)[0].message_count == 2
    assert store.add_message(redis, opened.id, "three", BEFORE, by=acting(BOB)).message_count == 3
    store.mark_read(redis, ALICE, opened.id)
    assert answer(redis, store.thread(redis, BOB, opened.id, BEFORE), "four").message_count == 4
    seen = store.thread(redis, BOB, opened.id, BEFORE)
    assert change(redis, seen, "activated").status == "activated"
    assert [message.text for message in seen.messages] == ["one", "two", "three", "four"]
    assert redis.xlen(EVENTS_KEY) == 3, "opened, answered, activated"


@pytest.mark.usefixtures("twice")
def test_a_message_takes_one_token_though_its_script_runs_twice(redis: Redis) -> None:
    limit = TokenBucket.of(3, 0.001)
    opened, _ = store.open_thread(redis, ALICE, "sms", "one", BEFORE, limit=limit)
    store.open_thread(redis, ALICE, "sms", "two", BEFORE, limit=limit)
    store.add_message(redis, opened.id, "three", BEFORE, by=acting(ALICE), limit=limit)
    store.add_message(redis, opened.id, "an admin's", BEFORE, by=acting(BOB), limit=limit)
    for say in (
        lambda: store.open_thread(redis, ALICE, "sms", "four", BEFORE, limit=limit),
        lambda: store.add_message(redis, opened.id, "four", BEFORE, by=acting(ALICE), limit=limit),
    ):
        with pytest.raises(problems.RateLimited, match="too many messages by this account: try again in"):
            say()
    assert store.thread(redis, ALICE, opened.id, BEFORE).message_count == 4


@pytest.mark.parametrize(
    "damage",
    [
        *("HSET THREAD version x", "HSET THREAD updated 999999999999999999999999999999", "HSET THREAD status odd"),
        *("HDEL THREAD name", "DEL MESSAGES", "RPUSH MESSAGES x", "SET MESSAGES x"),
        *("SET {registry}:feedback:of:alice x", "SET {registry}:feedback:sequence x"),
    ],
)
def test_what_is_damaged_is_503_and_a_refused_step_writes_nothing(redis: Redis, thread: Thread, damage: str) -> None:
    key = thread_key(thread.id)
    keys = {"THREAD": key, "MESSAGES": key.replace("thread", "messages")}
    redis.execute_command(*(keys.get(word, word) for word in damage.split()))
    for act in (
        lambda: store.thread(redis, ALICE, thread.id, BEFORE),
        lambda: store.own_threads(redis, ALICE, BEFORE),
        lambda: queue.threads(redis, BOB, BEFORE),
        lambda: store.add_message(redis, thread.id, "more", BEFORE, by=acting(ALICE)),
        lambda: store.open_thread(redis, ALICE, "sms", "more", BEFORE),
    ):
        before = without_audit(redis)
        try:
            act()
        except problems.StorageUnavailable as error:
            assert "alice" not in str(error)
            if "holds what cannot be right" in str(error) and "INCR" not in str(error.__cause__):
                assert without_audit(redis).keys() == before.keys()


ODD = ["\x00", "\x85", "\u2028a\u2029", "a\tb\r\nc", "\x1c", "\u202e", " \n", "\udc80"]


@given(st.text(max_size=30) | st.sampled_from(ODD) | st.none() | st.integers() | st.lists(st.text()))
def test_whatever_is_said_is_plain_text_or_refused(value: Any) -> None:
    try:
        text = checked_text(value)
    except problems.InvalidField as error:
        assert error.field == "message"
        assert str(error).isprintable()
        return
    assert text == text.strip()
    assert all(one.isprintable() or one in "\n\t" or ord(one) > 0x9F for one in text)
    assert checked_text(text) == text
