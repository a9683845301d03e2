"""Restoring into a store that holds something: what is there stays, what is missing comes, and twice is as once."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import pairwise
from unittest.mock import Mock

import pytest
from random_stores import EVENT
from saving import put_back, saved, taken
from support import OPERATOR, AnyClient, connect, empty, wait_until

from service.accounts import store as accounts
from service.accounts.model import account_key
from service.accounts.sessions import Caller
from service.accounts.store import Account
from service.audit import store as audit
from service.backup import acts, restoring
from service.backup import format as form
from service.backup.subjects import Line
from service.feedback import store as feedback
from service.history.form import compact
from service.history.keys import EVENTS_KEY, REGISTRY_KEY, REVISIONS_KEY
from service.interest import maintenance
from service.interest.consistency import differences
from service.interest.keys import RENAMES_KEY, interest_key, trend_key
from service.interest.store import today
from service.problems import StorageUnavailable
from service.registry.model import Label, Module, Registry
from service.storage.client import Client
from service.storage.script import Script

#: Which no store has.
CIRCLE = (Line("renamed", "a", {"to": "b"}), Line("renamed", "b", {"to": "a"}))
REGISTRY = Registry((Module(slug="sms", category="tools", label=Label("Un nom", "A name"), is_on_demand=True),))


@pytest.fixture
def elsewhere(valkey_url: str) -> Iterator[AnyClient]:
    """An empty store beside `redis`: another database of the same server."""
    client = connect(f"{valkey_url}{'&' if '?' in valkey_url else '?'}db=1")
    empty(client)
    yield client
    client.close()


def votes(client: AnyClient, feature: str, *voters: str, **days: int) -> None:
    client.sadd(interest_key(feature), *voters)
    client.hset(trend_key(feature), mapping={day.strip("d").replace("_", "-"): number for day, number in days.items()})


def ask(client: AnyClient, account_id: str, text: str) -> str:
    return feedback.open_thread(client, Caller(account_id), "sms", text, REGISTRY)[0].id


def check_again(client: AnyClient, file: object) -> None:
    before = saved(client)
    put_back(client, file)  # type: ignore[arg-type]
    assert saved(client) == before
    assert list(differences(client)) == []


def test_votes_are_united_and_days_that_are_missing_come(redis: AnyClient, elsewhere: AnyClient) -> None:
    votes(elsewhere, "crm", "ana", "bob", "eve", d2026_01_01=2, d2026_01_02=1)
    votes(elsewhere, "jobs", "ana", d2026_01_01=1)
    elsewhere.hset(RENAMES_KEY, mapping={"funding": "crm", "old": "older"})
    votes(redis, "crm", "ana", "zoe", d2026_01_02=2)
    votes(redis, "funding", "kim", "ana", d2026_01_03=2)
    votes(redis, "hiring", "zoe", d2026_01_01=1)
    redis.hset(RENAMES_KEY, mapping={"jobs": "hiring", "old": "other"})
    put_back(redis, file := taken(elsewhere))
    assert redis.smembers(interest_key("crm")) == {"ana", "bob", "eve", "zoe", "kim"}
    days = redis.hgetall(trend_key("crm"))
    assert (days.pop(today()), days) == ("-1", {"2026-01-01": "2", "2026-01-02": "2", "2026-01-03": "2"})
    assert redis.smembers(interest_key("hiring")) == {"zoe", "ana"}
    assert not redis.exists(interest_key("jobs"), interest_key("funding"))
    assert redis.hgetall(RENAMES_KEY) == {"jobs": "hiring", "old": "other", "funding": "crm"}
    check_again(redis, file)


def test_a_long_chain_of_renames_is_restored_in_its_order_at_once() -> None:
    client, names = Mock(), [f"f{number}" for number in range(20_000)]
    pairs = list(pairwise(names))
    told = [Line("renamed", old, {"to": new}) for old, new in random.Random(1).sample(pairs, len(pairs))]
    began = time.process_time()
    assert list(restoring._renames(client, iter([*told, *CIRCLE]))) == [1] * (len(told) + 2)
    assert time.process_time() < began + 5, "it took 16 s"
    order = [(old, new) for _, _, (old, new, _) in (call.args for call in client.run.call_args_list)]
    circle = [("a", "b"), ("b", "a")]
    assert [pair for pair in order if pair not in circle] == pairs
    assert sorted(order) == sorted([*pairs, *circle])


def test_accounts_that_are_there_stay_as_they_are(redis: AnyClient, elsewhere: AnyClient) -> None:
    for client, status in ((redis, "suspended"), (elsewhere, "active")):
        accounts.add(client, Account("ana", status), by=OPERATOR)
    accounts.add(elsewhere, Account("bob", "active", email="bob@example.com"), by=OPERATOR)
    kept = redis.hgetall(account_key("ana"))
    put_back(redis, file := taken(elsewhere))
    assert redis.hgetall(account_key("ana")) == kept
    assert redis.hgetall(account_key("bob")) == elsewhere.hgetall(account_key("bob"))
    check_again(redis, file)


def test_requests_that_are_there_stay_and_others_come_with_their_places(redis: AnyClient, elsewhere: AnyClient) -> None:
    for name in ("ana", "bob"):
        accounts.add(elsewhere, Account(name, "active"), by=OPERATOR)
    old, other = ask(elsewhere, "ana", "Mine"), ask(elsewhere, "bob", "Another")
    file = taken(elsewhere)
    put_back(redis, file)
    feedback.add_message(redis, old, "More", REGISTRY, by=OPERATOR)
    redis.delete(f"{{registry}}:feedback:thread:{other}", f"{{registry}}:feedback:messages:{other}")
    put_back(redis, file)
    assert feedback.thread(redis, Caller("ana"), old, REGISTRY).status == "answered"
    assert feedback.thread(redis, Caller("bob"), other, REGISTRY).messages[0].text == "Another"
    check_again(redis, file)


def test_acts_come_between_those_that_are_there(redis: AnyClient, elsewhere: AnyClient) -> None:
    """One person has one pseudonym afterwards, so that erasing them forgets all of it."""
    for act in (
        lambda: accounts.add(elsewhere, Account("ana", "active"), by=OPERATOR),
        lambda: accounts.add(redis, Account("ana", "active"), by=OPERATOR),
        lambda: accounts.set_details(elsewhere, "ana", name="Ana", by=OPERATOR),
        lambda: accounts.set_details(redis, "ana", role="admin", by=OPERATOR),
    ):
        act()
        ended = time.time_ns() // 1_000_000  # of acts of the same millisecond there is one afterwards
        wait_until(lambda ended=ended: time.time_ns() // 1_000_000 > ended)
    put_back(redis, file := taken(elsewhere))
    found = list(audit.entries(redis))[::-1]
    assert [entry.what for entry in found] == ["account-added", "account-added", "name-changed", "role-changed"]
    assert [entry.whom and entry.whom.account_id for entry in found] == ["ana"] * 4
    check_again(redis, file)
    assert audit.forget(redis, "ana")
    assert [entry.whom and entry.whom.account_id for entry in audit.entries(redis)] == [None] * 4


def test_an_act_while_acts_are_restored_is_there(redis: AnyClient, elsewhere: AnyClient) -> None:
    accounts.add(elsewhere, Account("ana", "active"), by=OPERATOR)
    lines = [each for each in form.lines(taken(elsewhere), "backup") if each.subject in ("pseudonym", "act")]
    steps = acts.restore(redis, iter(lines))
    next(steps)
    accounts.add(redis, Account("bob", "active"), by=OPERATOR)
    list(steps)
    assert [entry.whom and entry.whom.account_id for entry in audit.entries(redis)] == ["bob", "ana"]


def test_the_record_of_changes_is_taken_where_there_is_none(redis: AnyClient, elsewhere: AnyClient) -> None:
    """What a `serve` has recorded of the registry that it began with gives way, so that what changed since is told."""
    elsewhere.hset(REGISTRY_KEY, mapping={"revision": "0" * 64, "form": compact(REGISTRY), "seen": 1})
    elsewhere.zadd(REVISIONS_KEY, {"0" * 64: 1})
    elsewhere.xadd(EVENTS_KEY, {"event": EVENT}, id="5-1")
    redis.hset(REGISTRY_KEY, mapping={"revision": "1" * 64, "form": "y", "seen": 2})
    redis.zadd(REVISIONS_KEY, {"1" * 64: 2})
    put_back(redis, file := taken(elsewhere))
    assert redis.hget(REGISTRY_KEY, "revision") == "0" * 64
    assert redis.zrange(REVISIONS_KEY, 0, -1) == ["0" * 64]
    redis.hset(REGISTRY_KEY, "revision", "2" * 64)
    redis.xadd(EVENTS_KEY, {"event": EVENT}, id="6-1")
    put_back(redis, file)
    assert redis.hget(REGISTRY_KEY, "revision") == "2" * 64
    check_again(redis, file)


def test_a_restore_that_was_interrupted_goes_on(
    redis: AnyClient, elsewhere: AnyClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each of its steps the sums of trends are the numbers of votes, and at the end all is there."""
    for name in ("ana", "bob"):
        accounts.add(elsewhere, Account(name, "active"), by=OPERATOR)
    votes(elsewhere, "crm", "ana", "bob", d2026_01_01=2)
    maintenance.add_voters(elsewhere, "jobs", ["ana"])
    ask(elsewhere, "ana", "Mine")
    before, file = saved(elsewhere), taken(elsewhere)
    run = Client.run
    for steps in range(100):
        left = [steps]

        def failing(self: Client, script: Script, *args: object, left: list[int] = left, **options: bool) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise StorageUnavailable("Interrupted.")
            return run(self, script, *args, **options)  # type: ignore[arg-type]

        empty(redis)
        monkeypatch.setattr(Client, "run", failing)
        try:
            list(restoring.restore(redis, form.lines(file, "backup")))
            break
        except StorageUnavailable:
            monkeypatch.setattr(Client, "run", run)
            assert list(differences(redis)) == []
            put_back(redis, file)
            assert saved(redis) == before
    assert steps > 5
