"""Backups of every format so far are read, whatever the form of the store is by now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing

from saving import FORMAT_1, taken
from support import AnyClient, run

from service.accounts.model import account_key
from service.accounts.sessions import Caller, status_of
from service.audit import store as audit
from service.backup import format as form
from service.backup.subjects import Line
from service.feedback import queue
from service.feedback import store as feedback
from service.history.store import read_page
from service.interest import maintenance, own
from service.interest.consistency import differences
from service.registry.model import Label, Module, Registry
from service.webhooks import store as webhooks
from service.webhooks.store import QUEUES

FAX = Module(slug="telefax", category="tools", label=Label("Fax", "Fax"), is_on_demand=True, formerly=("fax",))
REGISTRY = Registry((FAX, Module(slug="sms", category="tools", label=Label("SMS", "SMS"), is_on_demand=True)))


def unordered(lines: Iterable[Line]) -> list[str]:
    """What lines tell, in no order; without the restore itself."""
    told = [{name: sorted(each) if isinstance(each, list) else each for name, each in line.items()} for line in lines]
    return sorted(json.dumps(each, sort_keys=True) for each in told if "store-restored" not in str(each))


def test_a_backup_of_format_1_comes_back(redis: AnyClient, valkey_url: str) -> None:
    done = run("restore", str(FORMAT_1), "--yes", REDIS_URL=valkey_url)
    assert (done.returncode, done.stdout) == (
        0,
        f"restored into {redis.url.place}: 6 accounts (1 admin), 19 votes, 5 requests, 21 acts\n",
    )
    assert redis.hget(account_key("bob"), "avatar") == r"\xff\xfe"  # as the client shows bytes that are no text
    assert redis.pexpiretime(account_key("guest")) == 4_000_000_000_123
    assert set(maintenance.voters(redis, "jobs", Registry(()))) == {"alice", "eve", "kim", "日本"}  # merged twice
    assert list(differences(redis)) == []

    threads = queue.threads(redis, None, REGISTRY).threads
    assert [f"{each.account.id} {each.module} {each.status} {each.unread}" for each in threads] == [
        "日本 sms open True",
        "eve telefax activated False",
        "日本 telefax declined False",
        "alice telefax answered False",
        "alice sms answered False",
    ]
    alice = Caller("alice")
    assert feedback.open_with(redis, alice, FAX) == threads[3].id
    messages = feedback.thread(redis, None, threads[4].id, REGISTRY).messages
    assert [each.text for each in messages] == ['Bonjour,\n\n- 800 envois\t("par mois")', "Pour quand ?"]
    assert sum(each.unread for each in feedback.own_threads(redis, alice, REGISTRY).threads) == 2
    entries = list(audit.entries(redis))
    assert [f"{each.what} {each.outcome} {each.whom and each.whom.text}" for each in entries[2:6]] == [
        "link-made done alice",
        "votes-deleted unconfirmed None",
        "votes-merged failed None",
        "locale-changed done alice",
    ]
    assert [event.slug for event in read_page(redis, None, 9).events] == ["scrap", "old"]
    assert [event.kind for event in read_page(redis, None, 9, ["scrap"]).events] == ["released"]
    states = [webhooks.state(redis, each) for each in QUEUES]
    assert [(each.waiting, each.given_up, each.failed and each.failed.reason) for each in states] == [
        (1, 1, "410"),
        (9, 1, "410"),
    ]
    with FORMAT_1.open("rb") as file, closing(taken(redis)) as again:
        assert unordered(form.lines(again, "again")) == unordered(form.lines(file, "file"))


def test_whoever_was_signed_in_before_all_keys_moved_still_is(redis: AnyClient, valkey_url: str) -> None:
    """A backup of a store of form 2: sessions say the same of the accounts that were restored."""
    done = run("restore", str(FORMAT_1.with_name("format_2.gz")), "--yes", REDIS_URL=valkey_url)
    assert (done.returncode, done.stdout) == (
        0,
        f"restored into {redis.url.place}: 3 accounts (1 admin), 1 vote, 1 request, 4 acts\n",
    )
    sessions = {
        Caller("alice", "Vr0FdjrgToOY6n2bwNYl0g"): "active",
        Caller("alice"): "active",
        Caller("alice", "of another"): None,
        Caller("root", "7bT_cVEiFt1mr7LjVVQ4CA"): "active",
        Caller("root"): None,  # whose sessions have to carry a generation
        Caller("eve"): "suspended",
    }
    assert {caller: status_of(redis, caller) for caller in sessions} == sessions
    assert set(maintenance.voters(redis, "linkedin", Registry(()))) == {"alice"}


def test_a_backup_of_format_3_comes_back(redis: AnyClient, valkey_url: str) -> None:
    """Which was the first with days of votes and reasons, and had no counts of who uses a name."""
    assert run("restore", str(FORMAT_1.with_name("format_3.gz")), "--yes", REDIS_URL=valkey_url).returncode == 0
    wanted = own.votes_of(redis, "alice", Registry((), ("crm", "linkedin")))
    assert [(each.feature, each.day, each.reason) for each in wanted] == [
        ("crm", "2026-11-29", "Pour relancer nos clients à l’heure"),
        ("linkedin", None, ""),
    ]
    assert list(differences(redis)) == []
