"""Restore backups of the current and the previous format, also next to accounts of the platform and a `serve`."""

import time
from contextlib import closing
from pathlib import Path

import pytest
from random_stores import EVENT, OPENED
from saving import FORMAT_3, FORMAT_4, put_back, taken, unordered
from support import AnyClient, add_accounts, empty, run

from service.accounts.model import account_key
from service.accounts.sessions import Caller, status_of
from service.audit.store import PSEUDONYMS_KEY
from service.backup import format as form
from service.backup import restoring
from service.backup.subjects import Line
from service.feedback import queue
from service.feedback.keys import messages_key
from service.history.finding import compact
from service.history.store import EVENTS_KEY, REGISTRY_KEY, REVISIONS_KEY
from service.interest import maintenance
from service.interest import store as interest
from service.interest.consistency import differences
from service.interest.keys import RENAMES_KEY
from service.registry.model import Label, Module, Registry
from service.webhooks.store import QUEUES, REQUESTS

REGISTRY = Registry((Module(slug="sms", category="tools", label=Label("Un nom", "A name"), is_on_demand=True),))


def test_accounts_that_are_there_stay_as_they_are(redis: AnyClient) -> None:
    for name in ("ana", "bob"):
        add_accounts(redis, name, email=f"{name}@example.com")
    redis.hset(PSEUDONYMS_KEY, "eve", "0" * 12)  # who is being forgotten
    bob, file = redis.hgetall(account_key("bob")), taken(redis)
    empty(redis)
    redis.hset(account_key("ana"), mapping={"status": "suspended", "avatar": "x"})
    put_back(redis, file)
    assert redis.hkeys(PSEUDONYMS_KEY) == ["ana", "bob"]
    assert redis.hgetall(account_key("ana")) == {"status": "suspended", "avatar": "x"}
    assert redis.hgetall(account_key("bob")) == bob


def test_what_was_done_by_a_clock_that_was_ahead_comes_back(redis: AnyClient) -> None:
    redis.xadd(EVENTS_KEY, {"event": EVENT}, id=f"{int((time.time() + 10 * 366 * 86_400) * 1000)}-0")
    file = taken(redis)
    empty(redis)
    put_back(redis, file)
    again = form.lines(taken(redis), "backup")
    assert unordered(again) == unordered(form.lines(file, "backup"))


def test_the_record_of_changes_gives_way(redis: AnyClient) -> None:
    """That of a `serve` which began on the empty store, so that what changed since the backup is told."""

    def recorded(number: int) -> None:
        redis.hset(REGISTRY_KEY, mapping={"revision": f"{number}" * 64, "form": compact(REGISTRY), "seen": number})
        redis.zadd(REVISIONS_KEY, {f"{number}" * 64: number})
        for key, event in ((EVENTS_KEY, EVENT), (REQUESTS.stream, OPENED)):
            redis.xadd(key, {"event": event}, id=f"{number}-1")

    recorded(5)
    file = taken(redis)
    empty(redis)
    recorded(6)
    put_back(redis, file)
    assert redis.hget(REGISTRY_KEY, "revision") == "5" * 64
    assert redis.zrange(REVISIONS_KEY, 0, -1) == ["5" * 64]
    assert [[id for id, _ in redis.xrange(queue.stream)] for queue in QUEUES] == [["5-1"], ["5-1"]]


def test_renames_come_back_in_any_order_and_make_no_circle(redis: AnyClient) -> None:
    """By which every script that follows them would hold the server for ever."""
    pairs = [("b", "c"), ("a", "b"), ("c", "d"), ("x", "y"), ("y", "z"), ("z", "y"), ("e", "e")]
    list(restoring.restore(redis, [{"renamed": old, "to": new} for old, new in pairs]))
    assert redis.hgetall(RENAMES_KEY) == {"b": "c", "a": "b", "c": "d"}
    assert maintenance.canonical(redis, ["a"]) == {"a": ("d", 0)}
    chain = [(f"f{number}", f"f{number + 1}") for number in range(20_000)]  # which each script would walk
    list(restoring.restore(redis, [{"renamed": old, "to": new} for old, new in reversed(chain)]))
    assert [redis.hget(RENAMES_KEY, f"f{number}") for number in (0, 19_899, 19_900)] == [None, None, "f19901"]


def test_a_step_restores_as_many_accounts_as_memory_is_meant_to_hold(redis: AnyClient) -> None:
    def steps(number: int, fields: int) -> list[int]:
        account = {"status": "active"} | {f"field{each}": "x" for each in range(1, fields)}
        return [*restoring.restore(redis, [{"account": f"a{each}", "fields": account} for each in range(number)])]

    assert steps(25, 2) == [20, 5]
    assert steps(5, 600) == [2, 2, 1]


LABEL = Label("Un nom", "A name")
NEWER = Registry((Module(slug="lead2", category="tools", label=LABEL, coming_soon=True, formerly=("lead",)),))
OF_LEAD = [{"trend": "lead", "days": {"2026-01-01": 2}}, {"votes": "lead", "of": ["ana", "bob"]}]
OF_BOTH = [*OF_LEAD, {"trend": "lead2", "days": {"2026-01-01": 2}}, {"votes": "lead2", "of": ["bob", "eve"]}]
OTHER_WAY = [{"renamed": "lead2", "to": "lead"}, *OF_LEAD]


@pytest.mark.parametrize("step", range(5))
@pytest.mark.parametrize(("lines", "number"), [(OF_LEAD, 2), (OF_BOTH, 3), (OTHER_WAY, 2)])
def test_no_vote_is_hidden_by_renames_meanwhile(redis: AnyClient, lines: list[Line], number: int, step: int) -> None:
    """Its registry is newer than the backup, and somebody asks it for features before that step of the restore."""
    redis.hset(account_key("ana"), "status", "active")
    restored = restoring.restore(redis, lines)
    for at in range(5):
        if at == step:
            interest.read(redis, Caller("ana"), NEWER)
        next(restored, None)
    assert interest.read(redis, Caller("ana"), NEWER).counts == {"lead2": number}
    assert list(differences(redis)) == []


def test_a_request_that_a_file_has_twice_is_there_once(redis: AnyClient) -> None:
    with FORMAT_4.open("rb") as file:
        lines = [line for line in form.lines(file, "format_4.gz") if "request" in line]
    list(restoring.restore(redis, [*lines, *lines]))
    [messages] = {redis.llen(key) for key in redis.scan_iter(messages_key(lines[0]["request"]))}
    assert messages == 6 * sum(line["request"] == lines[0]["request"] for line in lines if "message" in line)


#: The contents of each file.
CONTENTS = {
    FORMAT_3: "3 accounts (1 admin), 2 votes, 1 request, 6 acts",
    FORMAT_4: "6 accounts (1 admin), 19 votes, 5 requests, 23 acts",
}


@pytest.mark.parametrize("path", CONTENTS, ids=lambda path: path.stem)
def test_restores_the_current_format_and_the_previous_one(redis: AnyClient, valkey_url: str, path: Path) -> None:
    done = run("restore", str(path), "--yes", REDIS_URL=valkey_url)
    assert (done.returncode, done.stdout) == (0, f"restored into {redis.url.place}: {CONTENTS[path]}\n")
    assert list(differences(redis)) == []
    with path.open("rb") as file, closing(taken(redis)) as again:
        assert unordered(form.lines(again, "again")) == unordered(form.lines(file, "file"))


def test_restores_what_others_have_written(redis: AnyClient, valkey_url: str) -> None:
    run("restore", str(FORMAT_4), "--yes", REDIS_URL=valkey_url)
    assert redis.hget(account_key("bob"), "avatar") == r"\xff\xfe"  # as the client shows bytes that are no text
    assert redis.pexpiretime(account_key("guest")) == 4_000_000_000_123
    assert set(maintenance.voters(redis, "jobs", Registry(()))) == {"alice", "eve", "kim", "日本"}  # merged twice
    threads = queue.threads(redis, None, Registry(())).threads
    assert [f"{each.account.id} {each.module} {each.unread}" for each in threads[::3]] == [
        "日本 sms True",
        "alice fax False",
    ]


def test_whoever_was_signed_in_before_all_keys_moved_still_is(redis: AnyClient, valkey_url: str) -> None:
    """Sessions of a store of form 2 are valid for the accounts that were restored from its backup."""
    run("restore", str(FORMAT_3), "--yes", REDIS_URL=valkey_url)
    sessions = {
        Caller("alice", "Vr0FdjrgToOY6n2bwNYl0g"): "active",
        Caller("alice"): "active",
        Caller("alice", "of another"): "",
        Caller("root", "7bT_cVEiFt1mr7LjVVQ4CA"): "active",
        Caller("root"): "",  # whose sessions have to carry a generation
        Caller("eve"): "suspended",
    }
    assert {caller: status_of(redis, caller) for caller in sessions} == sessions
