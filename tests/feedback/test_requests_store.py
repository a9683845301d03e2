"""Requests as they are kept: through renames, races and scripts that run twice, as events, and until they are gone."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from support import OPERATOR, acting, add_accounts, connect, everything, without_audit

from service import problems
from service.accounts import store as accounts
from service.accounts.sessions import Caller
from service.audit import store as audit
from service.feedback import queue, store
from service.feedback.keys import EVENTS_KEY, of_key, thread_key
from service.feedback.model import Status, Thread, checked_text
from service.privacy import personal_data
from service.privacy.personal_data import erase_requests
from service.registry.model import Label, Module, Registry
from service.settings.token_bucket import TokenBucket
from service.storage.client import Client

STUB = Module(slug="sms", category="outreach", label=Label("SMS", "Texts"), is_on_demand=True)
BEFORE = Registry((STUB,))
RENAMED = Registry((replace(STUB, slug="texts", formerly=("sms",)),))
ACTIVE = Registry((replace(STUB, is_on_demand=False, api_endpoint="/api/sms"),))
RENAMED_ACTIVE = Registry((replace(ACTIVE.modules[0], slug="texts", formerly=("sms",)),))
GONE = Registry(())
STUBS = Registry(tuple(replace(STUB, slug=f"stub{number}") for number in range(5)))
ALICE, BOB, ZOE = Caller("alice"), Caller("bob"), Caller("zoe")


@pytest.fixture(autouse=True)
def people(redis: Redis) -> None:
    """Two members, Alice and Zoe, and an admin, Bob."""
    add_accounts(redis, "alice", name="Alice")
    add_accounts(redis, "zoe", name="Zoe")
    add_accounts(redis, "bob", role="admin", name="Bob")


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every script runs twice, as where a connection is lost with the first answer, and the second counts."""
    once = Client.run

    def run(self: Client, *args: Any, **options: Any) -> Any:
        once(self, *args, **options)
        return once(self, *args, **options)

    monkeypatch.setattr(Client, "run", run)


def ask(redis: Redis, text: str = "Please") -> Thread:
    return store.open_thread(redis, ALICE, "sms", text, BEFORE)[0]


@pytest.fixture
def thread(redis: Redis) -> Thread:
    """Alice's, open."""
    return ask(redis)


def change(redis: Redis, thread: Thread, status: str, registry: Registry = BEFORE) -> Thread:
    return store.change_status(redis, thread.id, status, [thread.etag], registry, by=acting(BOB))


def look(redis: Redis, thread: Thread, registry: Registry = BEFORE) -> Thread:
    """The thread as Bob sees it now."""
    return store.thread(redis, BOB, thread.id, registry)


def say(redis: Redis, thread: Thread, text: str, by: Caller = ALICE, **more: Any) -> Thread:
    return store.add_message(redis, thread.id, text, BEFORE, by=acting(by), **more)


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
def test_a_thread_follows_its_module_by_another_etag_and_nothing_of_that_is_written(
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
    now = store.thread(redis, ALICE, thread.id, registry)
    if (module, status) != ("sms", "open"):
        with pytest.raises(problems.ThreadChanged):
            change(redis, thread, "declined", registry)
    if status != "open":
        with pytest.raises(problems.ThreadChanged):
            change(redis, now, "declined", BEFORE)
    assert change(redis, now, "declined", registry).status == ("declined" if status == "open" else status)


@pytest.mark.parametrize(("first", "second"), [(BEFORE, RENAMED), (RENAMED, BEFORE)])
@pytest.mark.parametrize("module", ["sms", "texts"])
def test_one_thread_is_open_across_a_rename(redis: Redis, first: Registry, second: Registry, module: str) -> None:
    opened, is_new = store.open_thread(redis, ALICE, first.modules[0].slug, "one", first)
    assert is_new
    if module in {second.modules[0].slug, *second.modules[0].formerly}:
        found, is_new = store.open_thread(redis, ALICE, module, "two", second)
        assert (found.id, is_new) == (opened.id, False)
    change(redis, look(redis, opened, second), "declined", second)
    for registry in (first, second):
        assert not redis.hgetall("{registry}:feedback:open:alice")
        reopened = change(redis, look(redis, opened, registry), "open", registry)
        assert store.open_thread(redis, ALICE, "sms", "again", registry)[0].id == opened.id
        change(redis, look(redis, reopened, registry), "activated", registry)


def test_a_thread_follows_who_asks_anew_once_a_rename_was_taken_back(redis: Redis, twice: None) -> None:
    opened, _ = store.open_thread(redis, ALICE, "texts", "one", RENAMED)
    assert store.open_with(redis, ALICE, STUB, BEFORE) is None
    found, is_new = store.open_thread(redis, ALICE, "sms", "two", BEFORE)
    assert (found.id, is_new, found.module, found.status) == (opened.id, False, "sms", "open")
    assert store.open_with(redis, ALICE, STUB, BEFORE) == opened.id
    assert list(queue.counts(redis, BOB, BEFORE).by_module) == ["sms"]
    assert look(redis, opened, RENAMED).module == "texts"


def test_open_thread_is_found_in_one_round_trip(redis: Redis, thread: Thread) -> None:
    assert store.open_with(redis, ZOE, STUB, BEFORE) is None  # the script is loaded now
    before = redis.info("stats")["total_reads_processed"]
    assert store.open_with(redis, ALICE, STUB, BEFORE) == thread.id
    after = redis.info("stats")["total_reads_processed"]
    assert after - before == 2, "one call, and INFO"


def test_a_thread_stays_with_a_module_that_gave_its_former_name_away(redis: Redis) -> None:
    apart = Registry((STUB, replace(STUB, slug="texts")))
    opened, _ = store.open_thread(redis, ALICE, "texts", "one", RENAMED)
    assert store.open_with(redis, ALICE, STUB, apart) == opened.id
    assert store.open_thread(redis, ALICE, "sms", "two", apart)[0].module == "texts"


def test_a_thread_does_not_open_again_beside_one_of_the_new_name(redis: Redis, thread: Thread) -> None:
    change(redis, thread, "declined")
    second, is_new = store.open_thread(redis, ALICE, "texts", "Please", RENAMED)
    assert is_new
    with pytest.raises(problems.AlreadyOpen):
        change(redis, look(redis, thread, RENAMED), "answered", RENAMED)
    assert {found.id for found in store.own_threads(redis, ALICE, RENAMED).threads} == {thread.id, second.id}


def test_in_a_race_of_fifty_one_thread_is_opened_and_all_messages_are_kept_once(redis: Redis) -> None:
    with ThreadPoolExecutor(50) as pool, closing(connect(redis.url)) as client:
        asked = pool.map(lambda number: store.open_thread(client, ALICE, "sms", f"{number}", BEFORE), range(50))
        opened = [(thread.id, is_new) for thread, is_new in asked]
        id, by = opened[0][0], acting(ALICE)
        said = pool.map(lambda number: store.add_message(client, id, f"{number}", BEFORE, by=by), range(50, 70))
        assert {thread.id for thread in said} == {id}
    assert sorted(opened) == [(id, False)] * 49 + [(id, True)]
    now = store.thread(redis, ALICE, id, BEFORE)
    assert sorted(message.text for message in now.messages) == sorted(map(str, range(70)))
    assert (now.etag, now.message_count) == ("70-own-sms", 70)


@pytest.mark.usefixtures("twice")
def test_a_script_that_runs_twice_acts_once_and_takes_one_token(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = TokenBucket.of(3, 0.001)
    monkeypatch.setattr(store, "MOST_MESSAGES", 5)  # and the last of them is not refused by itself
    opened, is_new = store.open_thread(redis, ALICE, "sms", "one", BEFORE, limit=limit)
    assert (is_new, opened.message_count) == (True, 1)
    assert store.open_thread(redis, ALICE, "sms", "two", BEFORE, limit=limit)[0].message_count == 2
    say(redis, opened, "three", limit=limit)
    for one_more in (
        lambda: store.open_thread(redis, ALICE, "sms", "more", BEFORE, limit=limit),
        lambda: say(redis, opened, "more", limit=limit),
    ):
        with pytest.raises(problems.RateLimited, match="too many messages by this account: try again in"):
            one_more()
    assert say(redis, opened, "four", BOB, limit=limit).message_count == 4
    store.mark_read(redis, ALICE, opened.id)
    assert say(redis, opened, "five", BOB, etags=[look(redis, opened).etag]).message_count == 5
    seen = look(redis, opened)
    assert change(redis, seen, "activated").status == "activated"
    assert [message.text for message in seen.messages] == ["one", "two", "three", "four", "five"]
    assert redis.xlen(EVENTS_KEY) == 3, "opened, answered, activated"


@pytest.mark.parametrize(
    "damage",
    [
        *("HSET THREAD version x", "HSET THREAD updated 999999999999999999999999999999", "HSET THREAD status odd"),
        *("HDEL THREAD name", "DEL MESSAGES", "RPUSH MESSAGES x", "SET MESSAGES x"),
        *("SET {registry}:feedback:of:alice x", "SET {registry}:feedback:sequence x", f"SET {EVENTS_KEY} x"),
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
        lambda: say(redis, thread, "more"),
        lambda: store.open_thread(redis, ALICE, "sms", "more", BEFORE),
        lambda: change(redis, thread, "declined"),
    ):
        before = without_audit(redis)
        with suppress(problems.ThreadChanged):
            try:
                act()
            except problems.StorageUnavailable as error:
                assert "alice" not in str(error)
                if error.__cause__ and "INCR" not in str(error.__cause__):  # it was the script that found it
                    assert without_audit(redis) == before


def kept(redis: Redis) -> list[str]:
    """What is kept of the only thread, and that every entry is of it, and of nobody."""
    entries = [json.loads(fields["event"]) for _, fields in redis.xrange(EVENTS_KEY)]
    assert all(entry.keys() == {"kind", "thread", "module", "status"} for entry in entries)
    assert {(entry["thread"], entry["module"]) for entry in entries} == {(entries[0]["thread"], "sms")}
    assert not any(word in str(entries) for word in ("alice", "Alice", "bob", "Bob", "France"))
    return [f"{entry['kind']} {entry['status']}" for entry in entries]


def test_a_new_request_and_each_change_of_its_status_are_kept_in_order_and_nothing_about_a_person(redis: Redis) -> None:
    thread = ask(redis)
    ask(redis)
    store.mark_read(redis, BOB, thread.id)
    say(redis, thread, "It is urgent")
    assert kept(redis) == ["opened open"]
    say(redis, thread, "Which country?", BOB)
    thread = say(redis, thread, "It depends on it", BOB)
    assert change(redis, thread, "answered").etag == thread.etag
    with pytest.raises(problems.ThreadChanged):
        store.change_status(redis, thread.id, "declined", ["1-own-sms"], BEFORE, by=acting(BOB))
    assert store.thread(redis, ALICE, thread.id, ACTIVE).status == "activated"  # which the registry's own event says
    assert kept(redis)[1:] == ["status-changed answered"]
    ask(redis, "France")
    thread = say(redis, thread, "I call you", BOB)
    thread = say(redis, thread, "06 12 34 56 78")
    for status in ("activated", "open", "declined"):
        thread = change(redis, thread, status)
    told = ["open", "answered", "open", "activated", "open", "declined"]
    assert kept(redis)[2:] == [f"status-changed {status}" for status in told]
    assert ask(redis).id != thread.id


def test_the_newest_ten_thousand_are_kept(redis: Redis) -> None:
    redis.command("EVAL", "for i = 1, 10500 do redis.call('XADD', KEYS[1], '*', 'event', '{}') end", 1, EVENTS_KEY)
    thread = ask(redis)
    assert 10_000 <= redis.xlen(EVENTS_KEY) <= 10_100
    assert thread.id in str(redis.xrevrange(EVENTS_KEY, count=1))


def test_what_a_crash_has_left_is_erased_by_another_run_and_an_admins_answers_stay_without_the_name(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread, _ = store.open_thread(redis, ZOE, "stub0", "Please", STUBS)
    answered = store.add_message(redis, thread.id, "Bob will see to it", STUBS, by=acting(BOB))
    for module in STUBS.modules:
        store.open_thread(redis, BOB, module.slug, "Please", STUBS)
    monkeypatch.setattr(personal_data, "_BATCH", 2)
    asked, steps = Client.run, iter([True, False])

    def crashing(self: Client, *args: Any, **kwargs: Any) -> Any:
        if next(steps):
            return asked(self, *args, **kwargs)
        raise problems.StorageUnavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr(Client, "run", crashing)
        with pytest.raises(problems.StorageUnavailable):
            erase_requests(redis, "bob")
    assert redis.zcard(of_key("bob")) == 3
    accounts.remove(redis, "bob", by=OPERATOR)
    assert (erase_requests(redis, "bob"), erase_requests(redis, "bob")) == (3, 0)
    audit.forget(redis, "bob")
    [left] = store.own_threads(redis, ZOE, STUBS).threads
    assert left.etag != answered.etag
    said = store.thread(redis, ZOE, thread.id, STUBS).messages
    assert [(message.author, message.name, message.text) for message in said] == [
        ("member", "Zoe", "Please"),
        ("admin", "", "Bob will see to it"),
    ]
    assert "'bob'" not in str(everything(redis))


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
