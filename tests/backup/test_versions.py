"""Backups of every format so far are read, whatever the form of the store is by now."""

from contextlib import closing

import pytest
from saving import FORMAT_1, taken, unordered
from support import AnyClient, run

from service.accounts.model import account_key
from service.accounts.sessions import Caller, status_of
from service.backup import format as form
from service.feedback import queue
from service.interest import maintenance
from service.interest.consistency import differences
from service.registry.model import Registry

#: What each has, without the restore itself.
HELD = {
    1: "6 accounts (1 admin), 19 votes, 5 requests, 21 acts",
    2: "3 accounts (1 admin), 1 vote, 1 request, 4 acts",
    3: "3 accounts (1 admin), 2 votes, 1 request, 6 acts",
}


@pytest.mark.parametrize("number", HELD)
def test_a_backup_of_each_format_comes_back(redis: AnyClient, valkey_url: str, number: int) -> None:
    path = FORMAT_1.with_name(f"format_{number}.gz")
    done = run("restore", str(path), "--yes", REDIS_URL=valkey_url)
    assert (done.returncode, done.stdout) == (0, f"restored into {redis.url.place}: {HELD[number]}\n")
    assert list(differences(redis)) == []
    with path.open("rb") as file, closing(taken(redis)) as again:
        assert unordered(form.lines(again, "again")) == unordered(form.lines(file, "file"))


def test_what_others_have_written_is_in_format_1_as_well(redis: AnyClient, valkey_url: str) -> None:
    run("restore", str(FORMAT_1), "--yes", REDIS_URL=valkey_url)
    assert redis.hget(account_key("bob"), "avatar") == r"\xff\xfe"  # as the client shows bytes that are no text
    assert redis.pexpiretime(account_key("guest")) == 4_000_000_000_123
    assert set(maintenance.voters(redis, "jobs", Registry(()))) == {"alice", "eve", "kim", "日本"}  # merged twice
    threads = queue.threads(redis, None, Registry(())).threads
    assert [f"{each.account.id} {each.module} {each.unread}" for each in threads[::3]] == [
        "日本 sms True",
        "alice fax False",
    ]


def test_whoever_was_signed_in_before_all_keys_moved_still_is(redis: AnyClient, valkey_url: str) -> None:
    """A backup of a store of form 2: sessions say the same of the accounts that were restored."""
    run("restore", str(FORMAT_1.with_name("format_2.gz")), "--yes", REDIS_URL=valkey_url)
    sessions = {
        Caller("alice", "Vr0FdjrgToOY6n2bwNYl0g"): "active",
        Caller("alice"): "active",
        Caller("alice", "of another"): "",
        Caller("root", "7bT_cVEiFt1mr7LjVVQ4CA"): "active",
        Caller("root"): "",  # whose sessions have to carry a generation
        Caller("eve"): "suspended",
    }
    assert {caller: status_of(redis, caller) for caller in sessions} == sessions
